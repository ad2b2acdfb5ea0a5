"""Compares two labellings of the same tables, made apart from each other, and writes how far they agree.

`eval/cases/raw/first` and `eval/cases/raw/second` are the labels as each came, never edited; `resolved.yaml` beside
them says for each disagreement who is right, decided by reading the text again. Run it with `make agreement`.
"""

import math
import sys
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from crossfoot.evaluation.cases import Case, Record, Row, load_cases
from crossfoot.tabletypes import Catalog, load_catalog

ROOT = Path(__file__).parents[1]
RAW = ROOT / "eval" / "cases" / "raw"
REPORT = ROOT / "eval" / "reports" / "agreement.md"

PROPERTIES = ("type", "family", "shape", "unit", "title", "lines", "columns")
_NOTHING = "—"
_OPENING = """\
# How far two labellings of the same tables agree

Command: `make agreement`. {tables} of the tables in `eval/cases/` were labelled a second time by someone who saw the
texts, the forms in `schemas/`, the written format and a description of the forms, neither the first labels nor anything
that crossfoot printed. Both came as they are in `eval/cases/raw/`, the second with
[what was in doubt](../cases/raw/second/doubts.md).

A cell is the same when table, line, panel or block, column and text are; each rate is what both say over the union
of what either says, with Wilson's 95 % interval. Of tables: type to columns. Of lines: role is row, header or no data,
reason is why no data; levels, labels and header are what a row says beside its cells.

How to read it: the cells of one table are not independent of each other (one convention decides a whole column), so
the interval of the last line, by table, is the one to lean on. Both split lines at their tabs by script and followed
the same written conventions, and the description of the forms names some of the lines whose cells moved: equal
characters, and columns of rows that lie straight, prove little, and an error in a convention would be shared. Where
the two were free to differ is the meaning of moved cells (`cells of moved rows`: rows that either marks so), levels,
totals, and which lines are data.
"""


class Resolution(BaseModel):
    """What the text says about one disagreement; `substance` is one that changes what a table means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    line: int = 0
    about: str
    kind: Literal["substance", "convention"]
    right: Literal["first", "second", "both_wrong", "both_fine"]
    why: str


class Disagreement(NamedTuple):
    """One thing about which the two say different things: of a table (line 0) or of a line of it."""

    table: str
    line: int
    about: str
    first: str
    second: str


class Agreed(NamedTuple):
    """How many things of one sort both say, and how many there are in the union of what either says."""

    sort: str
    both: int
    union: int


class Pair(NamedTuple):
    """One table as both labelled it."""

    first: Case
    second: Case


def labelled(folder: Path, catalog: Catalog) -> Mapping[str, Case]:
    """Returns the cases of a raw folder by name; a record of several lines that names no `line` stands on the first."""
    with tempfile.TemporaryDirectory() as name:
        for path in folder.glob("*.yaml"):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            for entry in [*content["header"], *content["rows"]]:
                if isinstance(entry, dict) and "lines" in entry:
                    entry.setdefault("line", entry["lines"][0])
            Path(name, path.name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        cases = load_cases(Path(name), [ROOT / "examples"], catalog).cases
    return {case.name: case for case in cases}


def pairs(raw: Path, catalog: Catalog) -> Mapping[str, Pair]:
    """Returns the tables that both labelled, by name; it is an error when one has a table that the other has not."""
    first, second = labelled(raw / "first", catalog), labelled(raw / "second", catalog)
    if first.keys() != second.keys():
        raise SystemExit(f"labelled by one alone: {', '.join(sorted(first.keys() ^ second.keys()))}")
    return {name: Pair(first[name], second[name]) for name in sorted(first)}


def counts(found: Mapping[str, Pair]) -> list[Agreed]:
    """Returns how far they agree, by sort: first the cells, then what is said of tables and of lines."""
    cells = [_cells_agreed(name, found.values()) for name in ("cells", "numbers", "texts", "cells of moved rows")]
    said: Counter[str] = Counter()
    same: Counter[str] = Counter()
    for pair in found.values():
        one, two = _said(pair.first), _said(pair.second)
        for key in one.keys() | two.keys():
            said[key[1]] += 1
            same[key[1]] += one.get(key) == two.get(key)
    order = [*PROPERTIES, "role", "levels", "labels", "header", "reason"]
    return [*cells, *(Agreed(about, same[about], said[about]) for about in order)]


def disagreements(found: Mapping[str, Pair]) -> list[Disagreement]:
    """Returns everything that the two say differently, by table and line; the cells of a line are one disagreement."""
    listed: list[Disagreement] = []
    for name, pair in found.items():
        one, two = Counter(_keys(pair.first)), Counter(_keys(pair.second))
        only = (list((one - two).elements()), list((two - one).elements()))
        for line in {key[0] for side in only for key in side}:
            sides = ["; ".join(_cell(key) for key in sorted(side) if key[0] == line) for side in only]
            listed.append(Disagreement(name, line, "cells", sides[0] or _NOTHING, sides[1] or _NOTHING))
        said = (_said(pair.first), _said(pair.second))
        for key in said[0].keys() | said[1].keys():
            left, right = (side.get(key, _NOTHING) for side in said)
            if left != right:
                listed.append(Disagreement(name, *key, left, right))
    return sorted(listed)


def resolutions(raw: Path) -> Mapping[tuple[str, int, str], Resolution]:
    """Returns the resolutions by table, line and what they are about."""
    content = yaml.safe_load((raw / "resolved.yaml").read_text(encoding="utf-8"))
    found = TypeAdapter(list[Resolution]).validate_python(content)
    return {(one.table, one.line, one.about): one for one in found}


def interval(hits: int, of: int) -> tuple[float, float]:
    """Returns the 95 % interval of a rate by Wilson's score, E. B. Wilson, JASA 22 (1927), as if trials were apart."""
    z = 1.959964
    rate, spread = hits / of, z * z / of
    middle = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / of + spread / (4 * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def report(raw: Path, catalog: Catalog) -> str:
    """Returns the report as Markdown; the same labels give the same text."""
    found = pairs(raw, catalog)
    listed = disagreements(found)
    solved = resolutions(raw)
    unsolved = [one for one in listed if one[:3] not in solved]
    if unsolved:
        raise SystemExit(f"not resolved: {unsolved}")
    substance = [one for one in listed if solved[one[:3]].kind == "substance"]
    convention = [one for one in listed if solved[one[:3]].kind == "convention"]
    whole = sum(Counter(_keys(pair.first)) == Counter(_keys(pair.second)) for pair in found.values())
    return "\n".join(
        [
            *_OPENING.format(tables=len(found)).splitlines(),
            "",
            *_table_of_counts([*counts(found), Agreed("tables with every cell equal", whole, len(found))]),
            "",
            f"{len(listed)} disagreements: {len(substance)} of substance, {len(convention)} of convention.",
            "",
            "## Of substance",
            "",
            *_table_of_disagreements(substance, solved),
            "",
            "## Of convention",
            "",
            *_table_of_disagreements(convention, solved),
            "",
            "## By table",
            "",
            *_table_by_table(found, listed),
            "",
        ]
    )


def _keys(case: Case) -> Iterator[tuple[int, str, str, str, str]]:
    for cell in case.cells:
        yield cell.line, cell.panel, cell.column, cell.printed, cell.kind


def _cell(key: tuple[int, str, str, str, str]) -> str:
    _, panel, column, printed, _ = key
    return f"{panel}.{column} = {printed}" if panel else f"{column} = {printed}"


def _cells_agreed(sort: str, found: Iterable[Pair]) -> Agreed:
    both = union = 0
    for pair in found:
        moved = {row.line for case in pair for row in _records(case.label.rows) if row.moved}
        sides: list[Counter[Hashable]] = []
        for case in pair:
            wanted = [
                key
                for cell, key in zip(case.cells, _keys(case), strict=True)
                if sort == "cells"
                or (sort == "numbers" and cell.is_number)
                or (sort == "texts" and not cell.is_number)
                or (sort == "cells of moved rows" and cell.line in moved)
            ]
            sides.append(Counter(wanted))
        both += (sides[0] & sides[1]).total()
        union += (sides[0] | sides[1]).total()
    return Agreed(sort, both, union)


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    for row in rows:
        yield row if isinstance(row, Record) else Record(line=row[0], printed=row[1])


def _said(case: Case) -> dict[tuple[int, str], str]:
    """Returns what is said beside the cells, by line (0: of the whole table) and what it is about."""
    label = case.label
    said = {(0, about): str(getattr(label, about)) for about in PROPERTIES}
    for record in _records(label.header):
        said |= {(line, "role"): "header" for line in range(record.line, record.last + 1)}
        said[record.line, "header"] = " | ".join(record.printed)
    for record in _records(label.rows):
        said |= {(line, "role"): "row" for line in range(record.line, record.last + 1)}
        if record.under:
            said[record.line, "levels"] = " > ".join(record.under)
        if record.labels or record.label:
            said[record.line, "labels"] = " | ".join(filter(None, [*sorted(record.labels), record.label]))
    for line, reason in label.not_data:
        said[line, "role"] = "not_data"
        said[line, "reason"] = reason
    return said


def _table_of_counts(agreed: Sequence[Agreed]) -> list[str]:
    lines = ["| what | both | union | agreement | 95 % interval |", "| --- | ---: | ---: | ---: | ---: |"]
    for sort, both, union in agreed:
        low, high = interval(both, union)
        lines.append(f"| {sort} | {both} | {union} | {both / union:.2%} | {low:.2%} to {high:.2%} |")
    return lines


def _table_of_disagreements(
    listed: Sequence[Disagreement], solved: Mapping[tuple[str, int, str], Resolution]
) -> list[str]:
    lines = ["| table | line | about | first | second | right | why |", "| --- | ---: | --- | --- | --- | --- | --- |"]
    for one in listed:
        resolution = solved[one[:3]]
        said = (text.replace("|", "¦") for text in (one.first, one.second))
        right = resolution.right.replace("_", " ")
        where = str(one.line) if one.line else "all"
        lines.append(f"| {one.table} | {where} | {one.about} | {' | '.join(said)} | {right} | {resolution.why} |")
    return lines


def _table_by_table(found: Mapping[str, Pair], listed: Sequence[Disagreement]) -> list[str]:
    lines = ["| table | cells of both | in the union | disagreements |", "| --- | ---: | ---: | ---: |"]
    for name, pair in found.items():
        _, both, union = _cells_agreed("cells", [pair])
        lines.append(f"| {name} | {both} | {union} | {sum(one.table == name for one in listed)} |")
    return lines


def main() -> None:
    """Writes the report and prints where it is."""
    REPORT.write_text(report(RAW, load_catalog()), encoding="utf-8")
    sys.stdout.write(f"written to {REPORT.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
