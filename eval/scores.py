"""A structured document against the truth of its one table: cells right, missing and wrong.

A cell is right when it stands under its column in its record with the text that is printed there, blanks aside, and its
value, if it has one, is the number that the undamaged document prints. What was repaired must be that number.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from smalltables import NUMBERS, Small, TrueCell, bare, number_in

from crossfoot.figures import Cell, Document, Row

_RANK = ("accepted", "repaired", "flagged")


class Score(NamedTuple):
    """Cells that are not blank; a misplaced one counts as missing and as wrong. `…_numbers` are the numbers of them."""

    cells: int
    right: int
    missing: int
    wrong: int
    wrong_numbers: int
    missing_numbers: int
    verdict: str
    wrong_cells: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Says whether the answer was given out as good."""
        return self.verdict in {"accepted", "repaired", "validated"}

    @property
    def silent(self) -> int:
        """Returns the cells wrong or missing in what was given out as good."""
        return self.wrong + self.missing if self.passed else 0

    @property
    def silent_numbers(self) -> int:
        """Returns the numbers among them."""
        return self.wrong_numbers + self.missing_numbers if self.passed else 0


class Read(NamedTuple):
    """A cell as read, by record and column, with what it is taken to be."""

    record: int
    column: str
    cell: Cell


def score_document(document: Document, truth: Small) -> Score:
    """Returns the score of all tables that were made of the text; a text of which no table was made is `not found`."""
    wanted: dict[tuple[int, str], list[TrueCell]] = {}
    for true in truth.truth:
        if true.printed:
            wanted.setdefault((true.record, _path(true.block, true.column, truth)), []).append(true)
    cells = sum(len(entries) for entries in wanted.values())
    numbers = sum(1 for entries in wanted.values() for true in entries if true.kind in NUMBERS)
    right: Counter[bool] = Counter()
    wrong: list[Read] = []
    for read in _read(document, truth):
        entries = wanted.get((read.record, read.column), [])
        match = next((true for true in entries if _is_right(read.cell, true)), None)
        if match is None:
            wrong.append(read)
        else:
            entries.remove(match)
            right[match.kind in NUMBERS] += 1
    found = [table.verdict.outcome for table in document.tables]
    return Score(
        cells=cells,
        right=right.total(),
        missing=cells - right.total(),
        wrong=len(wrong),
        wrong_numbers=sum(1 for read in wrong if read.cell.kind in NUMBERS),
        missing_numbers=numbers - right[True],
        verdict=max(found, key=_RANK.index, default="not found"),
        wrong_cells=tuple(f"{read.record} {read.column} {read.cell.printed}" for read in wrong),
    )


def _is_right(cell: Cell, true: TrueCell) -> bool:
    if cell.state in {"repaired", "derived"}:
        return cell.value is not None and cell.value == number_in(true.printed)
    if bare(cell.printed) != bare(true.shown):
        return False
    return cell.kind not in NUMBERS or cell.value is None or cell.value == number_in(true.printed)


def _read(document: Document, truth: Small) -> Iterator[Read]:
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                if cell.printed:
                    number = truth.numbers[cell.line - 1]
                    yield Read(truth.records.get(number, number), _column(row, cell, truth), cell)


def _column(row: Row, cell: Cell, truth: Small) -> str:
    """Returns the column as the truth calls it; a total whose name stands in the code cell is taken by its name."""
    named = cell.column == "code" and cell.printed == row.name and not cell.printed[:1].isdigit()
    return _path(row.panel, "name" if named else cell.column, truth)


def _path(panel: str, column: str, truth: Small) -> str:
    return f"{panel}.{column}" if truth.known.shape == "panels" else column
