"""Findings → short ids that a person can type, the same for the same finding whenever the content is structured again.

An id is made of the document, the code and the place, not of what else was found or of the amount.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable

from crossfoot.figures import Finding

#: No vowel, so that no id is a word; no digit and no l, so that none is mistaken for a number or another letter.
_LETTERS = "bcdfghjkmnpqrstvwxyz"
_LENGTH = 10


def finding_ids(document: str, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Returns the ids of a document's findings, in their order; `document` is its id."""
    seen = Counter[tuple[str, ...]]()
    found: list[str] = []
    for finding in findings:
        place = _place(finding)
        seen[place] += 1
        found.append(_letters("\0".join((document, *place, str(seen[place])))))
    return tuple(found)


def _place(finding: Finding) -> tuple[str, ...]:
    """Returns what names a finding: its lines and columns, which stay when tables and rows are numbered otherwise.

    One that cites no cell is named by what it says, so that two of one line are never taken for each other.
    """
    cited = sorted(f"{cell.line}:{cell.cell.split('.', 2)[-1]}" for cell in finding.cells)
    return finding.code, str(finding.line), *(cited or [finding.message])


def _letters(text: str) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    letters: list[str] = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)
