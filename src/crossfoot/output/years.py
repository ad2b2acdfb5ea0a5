"""Tables of one type from several years → lines side by side, with what changed.

Only what is printed or was derived is compared; a line that one year does not have stays empty there, it is not zero.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from crossfoot.figures import (
    Amount,
    Cell,
    CellState,
    Column,
    Document,
    DocumentKind,
    Noun,
    Outcome,
    Proof,
    Row,
    Table,
)
from crossfoot.labels import header_levels, header_words, label_of
from crossfoot.numerals import EXACT, SCALES, in_yuan
from crossfoot.output.facts import parents
from crossfoot.output.marks import marks_of
from crossfoot.output.places import column_of, columns_of

_TENTH = Decimal("0.1")
#: Where a line stands: list, parent, code or name, column, and which of several that are alike.
_Key = tuple[str, str, str, str, int]


class Entry(Noun):
    """A line's amount in one year: in the unit shown, in 元, as printed, and how far it is proved.

    `sign` is the mark that `crossfoot show` puts behind it, "" for a proved one.
    """

    value: Amount | None
    yuan: Amount | None
    printed: str
    unit: str
    state: CellState
    proof: Proof | None
    sign: str
    line: int


class Change(Noun):
    """What changed from one year to the next: the difference in the unit shown, and in percent with one decimal."""

    amount: Amount
    percent: Amount | None


class YearsLine(Noun):
    """One line of a table over the years; None where a year has no such line or no amount in it.

    `changes` has one for each year after the first, None where one of the two is missing.
    """

    panel: str
    code: str
    name: str
    column: str
    entries: tuple[Entry | None, ...]
    changes: tuple[Change | None, ...]


class Year(Noun):
    """The table of one year: `label` tells it from the others."""

    label: str
    document: str
    file: str
    fiscal_year: int | None
    kind: DocumentKind
    table: str
    number: str
    title: str
    unit: str | None
    outcome: Outcome


class SideBySide(Noun):
    """A table type over the years, its amounts in one unit."""

    type: str
    unit: str
    years: tuple[Year, ...]
    lines: tuple[YearsLine, ...]


def side_by_side(tables: Sequence[tuple[Document, Table]], column: str = "") -> SideBySide:
    """Returns tables of one type side by side, the earliest first, in the unit of the last.

    `column` names a column by its key or header, or is `all`; otherwise it is the first amount of each list.
    """
    read = [_entries(document, table, column) for document, table in tables]
    units = [entry.unit for entries in reversed(read) for _, _, entry in entries.values() if entry.unit in SCALES]
    unit = units[0] if units else ""
    lines: list[YearsLine] = []
    for key in _in_order(read):
        row, header = next((found[key][0], found[key][1]) for found in reversed(read) if key in found)
        entries = tuple(_in_unit(found[key][2], unit) if key in found else None for found in read)
        changes = tuple(_change(before, after) for before, after in pairwise(entries))
        made = YearsLine(panel=row.panel, code=row.code, name=row.name, column=header, entries=entries, changes=changes)
        lines.append(made)
    years = tuple(
        _year(document, table, label) for (document, table), label in zip(tables, _labels(tables), strict=True)
    )
    return SideBySide(type=tables[-1][1].type, unit=unit, years=years, lines=tuple(lines))


def _labels(tables: Sequence[tuple[Document, Table]]) -> Iterator[str]:
    """Yields the year of each, with the kind or the document's id where the year alone could be two."""
    short = [str(document.fiscal_year or "year unknown") for document, _ in tables]
    longer = [f"{year} {document.kind}" for year, (document, _) in zip(short, tables, strict=True)]
    for year, more, (document, _) in zip(short, longer, tables, strict=True):
        yield year if short.count(year) == 1 else more if longer.count(more) == 1 else f"{more} {document.id[:12]}"


def _year(document: Document, table: Table, label: str) -> Year:
    return Year(
        label=label,
        document=document.id,
        file=document.source.name,
        fiscal_year=document.fiscal_year,
        kind=document.kind,
        table=table.id,
        number=table.number,
        title=table.title,
        unit=table.unit,
        outcome=table.verdict.outcome,
    )


_Entries = Mapping[_Key, tuple[Row, str, Entry]]


def _entries(document: Document, table: Table, column: str) -> _Entries:
    """Returns the table's amounts, with their rows and headers, by where they stand."""
    above, columns, marks = parents(table), columns_of(table), marks_of(document)
    names = {row.code or row.name: label_of(row.name).name for row in table.rows}
    firsts = _first_amounts(table)
    found: dict[_Key, tuple[Row, str, Entry]] = {}
    for reference, row, cell in table.cells():
        place = column_of(columns, row, cell)
        if cell.kind != "amount" or (cell.value is None and cell.state == "blank"):
            continue
        if not _is_asked(place, column, firsts.get(place.panel, "")):
            continue
        # A list that is only a number says nothing of a line with a code, which may stand in another next year.
        panel = "" if row.panel.isdigit() and row.code else row.panel
        parent = "" if row.code else names.get(above[row.index], "")
        key = panel, parent, row.code or label_of(row.name).name, cell.column, 0
        while key in found:
            key = *key[:4], key[4] + 1
        mark = marks.get(reference)
        found[key] = row, _header(place), _entry(cell, mark.sign if mark else "")
    return found


def _first_amounts(table: Table) -> dict[str, str]:
    """Returns the key of each list's first column of amounts: the total, in every form."""
    found: dict[str, str] = {}
    for column in table.columns:
        if column.kind == "amount":
            found.setdefault(column.panel, column.key)
    return found


def _is_asked(column: Column, asked: str, first: str) -> bool:
    if not asked:
        return column.key == first
    return asked in {"all", column.key} or header_words(asked) in header_words(_header(column))


def _header(column: Column) -> str:
    levels = header_levels(column.header.removeprefix(f"{column.panel}/"))
    return " ".join(header_words(level) for level in levels) or column.key


def _entry(cell: Cell, sign: str) -> Entry:
    known = cell.value is not None and cell.unit in SCALES
    return Entry(
        value=cell.value,
        yuan=in_yuan(cell.value, cell.unit) if known and cell.value is not None else None,
        printed=cell.printed,
        unit=cell.unit,
        state=cell.state,
        proof=cell.proof,
        sign=sign,
        line=cell.line,
    )


def _in_unit(entry: Entry, unit: str) -> Entry:
    """Returns the entry with its value in that unit; one whose own unit is unknown has no value to compare."""
    if entry.unit == unit or entry.value is None:
        return entry
    value = None if entry.yuan is None or not unit else EXACT.divide(entry.yuan, SCALES[unit])
    return entry.model_copy(update={"value": value})


def _change(before: Entry | None, after: Entry | None) -> Change | None:
    if before is None or after is None or before.value is None or after.value is None:
        return None
    amount = EXACT.subtract(after.value, before.value)
    percent = EXACT.divide(amount * 100, abs(before.value)).quantize(_TENTH) if before.value else None
    return Change(amount=amount, percent=percent)


def _in_order(read: Sequence[_Entries]) -> list[_Key]:
    """Returns all lines, list by list, in the order of the last year.

    One that the last year lacks follows what it followed in its own year.
    """
    order: list[_Key] = list(read[-1])
    for entries in reversed(read[:-1]):
        known = set(order)
        place = 0
        for key in entries:
            if key in known:
                place = order.index(key) + 1
            else:
                # Among codes that neither year has beside the other, the numbers say which comes first.
                while place < len(order) and order[place] not in entries and order[place][2] < key[2]:
                    place += 1
                order.insert(place, key)
                place += 1
    # Lists that stand side by side in the source are read line by line; here each comes in one piece.
    panels = list(dict.fromkeys(panel for panel, *_ in order))
    return sorted(order, key=lambda key: panels.index(key[0]))
