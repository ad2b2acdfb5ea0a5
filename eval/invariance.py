"""What must change no answer: the order of the rows of a table of codes, and every figure times a power of ten.

A damaged table is changed so and read again; what was found of each cell and in each finding must be the same.
"""

import random
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from corrupt import Damage, damaged, reading
from subjects import Subject

from crossfoot.figures import Document
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog

#: Kinds whose trace in a numeral is the same after its point was moved.
_TRIED = (
    "mask_one", "letter", "illegible", "substituted", "transposed", "swapped_in_row", "swapped_in_column", "copied",
)  # fmt: skip
#: So many candidates are named at most; which of more stand first depends on the order of the rows.
_CUT = 8
_TAIL = re.compile(r"(?P<before>.*)\.(?P<first>.)(?P<rest>.+)")

#: Of each cell its row and column, state and value; of each finding its code and the cells it names, with their values.
Answer = tuple[tuple[str, ...], ...]


class Unchanged(NamedTuple):
    """Whether an answer stayed the same, and what was done: the rows permuted or the figures scaled, after a damage."""

    what: str
    shape: str
    kind: str
    seed: int
    is_same: bool


def unchanged(subject: Subject, seed: int, catalog: Catalog) -> list[Unchanged]:
    """Returns whether the answer to a damaged table is the same with its rows permuted and its figures scaled."""
    dice = random.Random(f"unchanged-{subject.name}-{seed}")
    kind = dice.choice(_TRIED)
    damage = damaged(subject.text, kind, subject.tables[0], dice)
    if damage is None:
        return []
    first = answer(structure(from_text(damage.text), catalog), Decimal(1))
    found: list[Unchanged] = []
    tried: Mapping[str, tuple[str | None, Decimal]] = {
        "rows permuted": (_permuted(subject, damage, dice), Decimal(1)),
        "figures × 10": (_scaled(subject, damage), Decimal(10)),
    }
    for what, (text, scale) in tried.items():
        if text is not None:
            same = answer(structure(from_text(text), catalog), scale) == first
            found.append(Unchanged(what, subject.name, kind, seed, same))
    return found


def answer(document: Document, scale: Decimal) -> Answer:
    """Returns what was found, without lines and sentences; figures divided by the scale."""
    names: dict[str, str] = {}
    cells: list[tuple[str, ...]] = []
    for table in document.tables:
        for ref, row, cell in table.cells():
            if cell.kind == "amount":
                names[ref] = f"{row.code} {row.name} {cell.column}"
                value = "" if cell.value is None else str((cell.value / scale).normalize())
                cells.append((names[ref], cell.state, value))
        cells.append((table.type, table.verdict.outcome, *sorted(table.verdict.reasons)))
    for finding in document.findings:
        named = sorted(
            f"{names.get(cited.cell, cited.cell)}={_over(cited.implied, scale)}" for cited in finding.cells
        )  # fmt: skip
        cells.append((finding.code, finding.severity, *(named if len(named) < _CUT else ())))
    return tuple(sorted(cells))


def _over(implied: str, scale: Decimal) -> str:
    value = reading(implied) if implied else None
    return implied if value is None else str((value / scale).normalize())


def _permuted(subject: Subject, damage: Damage, dice: random.Random) -> str:
    """Returns the damaged text with the rows below its total, or above it, in another order."""
    lines = damage.text.split("\n")
    own = [place.line for place in subject.figures]
    body = [line for line in range(min(own), max(own) + 1) if "合计" not in lines[line - 1].split("\t")[:2]]
    order = dice.sample(body, len(body))
    moved = {line: lines[other - 1] for line, other in zip(body, order, strict=True)}
    return "\n".join(moved.get(number, line) for number, line in enumerate(lines, start=1))


def _scaled(subject: Subject, damage: Damage) -> str | None:
    """Returns the damaged text with every point one digit further right; None unless each figure has two decimals."""
    return _everywhere(subject, damage.text, lambda printed: _TAIL.sub(r"\g<before>\g<first>.\g<rest>", printed))


def _everywhere(subject: Subject, text: str, change: Callable[[str], str]) -> str | None:
    lines = text.split("\n")
    for place in subject.figures:
        fields = lines[place.line - 1].split("\t")
        printed = fields[place.field]
        if not _may_scale(printed, subject.figures[place]):
            return None
        fields[place.field] = change(printed)
        lines[place.line - 1] = "\t".join(fields)
    return "\n".join(lines)


def _may_scale(printed: str, original: str) -> bool:
    return printed in {"", "[illegible]"} or ("," not in original and re.search(r"\...$", printed) is not None)
