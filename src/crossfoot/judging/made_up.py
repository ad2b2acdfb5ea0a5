"""An illegible table → the rows that links and sentences name, all of their amounts unknown.

Links by code name every row of a list: what they do not name has no amount. Other links name single rows.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crossfoot.figures import Cell, Column, Reading, Row, RowKind, Section, Source
from crossfoot.judging.fact_equations import Said, measure_of, stated_selectors
from crossfoot.judging.identities import Selector
from crossfoot.judging.ledger import Entry, Ledger
from crossfoot.numerals import SCALES
from crossfoot.tabletypes import Rule, TableType, relation

_TOTAL_NAMES = ("合计", "总计", "共计")
_LINKS = frozenset({"equal", "each code", "each name"})
#: Decimal places that the Ministry's forms ask for.
_FORM_PLACES = 2


class Place(NamedTuple):
    """A row that a link names: list, code, name and kind; `is_listed` if it gives all others of the list with it."""

    panel: str
    code: str
    name: str
    kind: RowKind
    level: int
    is_listed: bool = False


def can_be_made(entry: Entry, ledger: Ledger) -> bool:
    """Says whether an illegible table may be made up: a list or lists, of a known form, the only one of its type."""
    known = entry.known
    if known is None or known.shape not in {"records", "panels"}:
        return False
    return len(ledger.by_type(known.type, known.family)) == 1


def named_places(entry: Entry, ledger: Ledger, told: Said) -> list[Place]:
    """Returns the rows of a table that links and sentences name, totals first, then in the order of their lists."""
    known = entry.known
    if known is None:
        return []
    found: dict[tuple[str, str], Place] = {}
    for rule in ledger.catalog.links.get(known.family, ()):
        for place in _places_of_rule(rule, known, ledger, told):
            key = (place.panel, place.code or place.name)
            if key not in found or (place.is_listed and not found[key].is_listed):
                found[key] = place
    totals = [rule.names[0] for rule in known.identities if rule.kind == "grand total"]
    if found and totals and known.hierarchy == "code":
        found.setdefault(("", totals[0]), Place("", "", totals[0], "total", 0))
    return sorted(found.values(), key=lambda place: (place.panel, place.kind != "total"))


def _places_of_rule(rule: Rule, known: TableType, ledger: Ledger, told: Said) -> Iterator[Place]:
    if rule.kind == "stated":
        selectors = stated_selectors(rule) if measure_of(rule) in told.facts else []
        yield from (place for _, one in selectors if one.type == known.type for place in _place(one, known))
        return
    if rule.kind not in _LINKS or relation(rule.text)[1] != "=":
        return
    left, _, right = relation(rule.text)
    selectors = [(weight, Selector(name)) for weight, name in (*left, *right)]
    for _, mine in selectors:
        if mine.type != known.type:
            continue
        if rule.kind == "equal":
            yield from _place(mine, known)
        for _, other in selectors if rule.kind != "equal" else ():
            for entry in ledger.by_type(other.type, known.family)[:1] if other.type != known.type else ():
                yield from _listed(entry, rule, mine, other)


def _place(selector: Selector, known: TableType) -> Iterator[Place]:
    """Yields the row that a selector names by itself; one inside another row of a list is left out."""
    panel, _, name = selector.row.rpartition("/")
    panels = [key for key, columns in known.panels.items() if selector.column in columns and panel in {"", key}]
    if not name or "*" in name or bool(panels) != (known.shape == "panels"):
        return
    kind: RowKind = "total" if name.endswith(_TOTAL_NAMES) else "item"
    is_code = name.isdigit()
    level = 0 if kind == "total" else 1
    yield Place(panels[0] if panels else "", name if is_code else "", "" if is_code else name, kind, level)


def _listed(entry: Entry, rule: Rule, mine: Selector, other: Selector) -> Iterator[Place]:
    """Yields the rows that a list of another table gives: its codes, or the names of one of its lists."""
    for row in entry.reading.rows:
        if row.cell(other.column) is None:
            continue
        if rule.kind == "each code" and (row.code or row.kind in {"total", "unit"}):
            yield Place(row.panel, row.code, row.name, row.kind, row.level, is_listed=bool(row.code))
        elif rule.kind == "each name" and mine.panel and other.row == "类" and len(row.code) == 3:
            yield Place(mine.panel, "", row.name, "item", 1)


def made_up(source: Source, section: Section, entry: Entry, ledger: Ledger, places: Sequence[Place]) -> Reading | None:
    """Returns the reading of an illegible table with these rows and all amounts unknown; None without a money unit."""
    known = entry.known
    if known is None:
        return None
    number = section.body_lines[0] if section.body_lines else section.last
    start = source.line(number).start
    columns = tuple(_columns(known, section.unit or ""))
    if any(column.unit not in SCALES for column in columns if column.kind == "amount"):
        return None
    finest = {unit: _places_of_unit(ledger, unit) for unit in {column.unit for column in columns}}
    rows: list[Row] = []
    for place in places:
        cells = tuple(
            Cell(
                column=column.key, printed="", line=number, span=(start, start), state="illegible", kind="amount",
                places=finest[column.unit], unit=column.unit,
            )
            for column in columns
            if column.kind == "amount" and column.panel in {place.panel, ""}
        )  # fmt: skip
        rows.append(
            Row(
                index=len(rows) + 1, line=number, kind=place.kind, panel=place.panel, code=place.code, name=place.name,
                level=place.level, cells=cells,
            )
        )  # fmt: skip
    return entry.reading.model_copy(update={"columns": columns, "rows": tuple(rows)})


def _columns(known: TableType, unit: str) -> Iterator[Column]:
    for panel, columns in (known.panels or {"": known.columns}).items():
        for key, column in columns.items():
            is_money = column.kind == "amount"
            of_unit = (column.unit or unit) if is_money else "text"
            yield Column(key=key, header=column.headers[0], kind=column.kind, unit=of_unit, panel=panel)


def _places_of_unit(ledger: Ledger, unit: str) -> int:
    """Returns the finest place that money columns of the unit print; two, as the forms ask, where there is none."""
    printed = [
        ledger.places_of(ref)
        for ref, (_, _, cell) in ledger.cells.items()
        if cell.kind == "amount" and cell.unit == unit and cell.value is not None
    ]
    return max(printed, default=min(_FORM_PLACES, max(ledger.places.values(), default=0)))
