"""Which cases of the examples are held out, by a rule that looks at names and shapes alone; printed with `python`.

The rule stands in eval/cases/README.md. The cases of later documents (`document` starts with 1) are not chosen here.
"""

import hashlib
import sys
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import yaml

CASES = Path(__file__).parent / "cases"
EXAMPLES = "0"
LEAST = 2


class Named(NamedTuple):
    """What the rule looks at: the file's name, the document and the shape."""

    file: str
    document: str
    shape: str


def named(folder: Path) -> list[Named]:
    """Returns what the rule looks at, of each case of the examples."""
    found: list[Named] = []
    for path in sorted(folder.glob(f"{EXAMPLES}*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append(Named(path.name, content["document"], content["shape"]))
    return found


def chosen(cases: Iterable[Named]) -> frozenset[str]:
    """Returns the names of the files that are held out: a third, spread over documents and shapes."""
    cases = list(cases)
    found: set[str] = set()
    documents = shares(len(cases) // 3, _sizes(case.document for case in cases), LEAST)
    for document, wanted in documents.items():
        own = [case for case in cases if case.document == document]
        for shape, few in shares(wanted, _sizes(case.shape for case in own)).items():
            files = sorted((case.file for case in own if case.shape == shape), key=_digest)
            found.update(files[:few])
    return frozenset(found)


def shares(total: int, sizes: Mapping[str, int], least: int = 0) -> dict[str, int]:
    """Returns a total parted by size with largest remainders, equal ones by name; nobody gets below `least`."""
    given: dict[str, int] = {}
    while True:
        free = {name: size for name, size in sorted(sizes.items()) if name not in given}
        left = total - sum(given.values())
        exact = {name: Fraction(left * size, sum(free.values())) for name, size in free.items()}
        short = {name: min(least, size) for name, size in free.items() if exact[name] < min(least, size)}
        if not short:
            break
        given |= short
    rounded = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(free, key=lambda name: (rounded[name] - exact[name], name))
    for name in by_remainder[: left - sum(rounded.values())]:
        rounded[name] += 1
    return given | rounded


def _sizes(names: Iterable[str]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for name in names:
        sizes[name] = sizes.get(name, 0) + 1
    return sizes


def _digest(file: str) -> str:
    return hashlib.sha256(file.encode()).hexdigest()


if __name__ == "__main__":
    sys.stdout.writelines(f"{file}\n" for file in sorted(chosen(named(CASES))))
