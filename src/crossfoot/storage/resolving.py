"""A person's decision about a finding → a new row, and the document judged again with it, both or neither."""

from collections.abc import Sequence
from typing import NamedTuple

from crossfoot.errors import QueryError
from crossfoot.figures import NUMERIC_KINDS, Cell, CitedCell, Document, Finding, Row, Table
from crossfoot.numerals import read_numeral
from crossfoot.pipeline import cells_as_read
from crossfoot.storage.resolutions import Decided, Decision, in_force, now
from crossfoot.storage.store import Store
from crossfoot.tabletypes import Catalog


class Wish(NamedTuple):
    """What a person wants to record; `printed` belongs to a value, `cell` to a value or to taking one back."""

    decision: Decision
    note: str
    by: str
    cell: str = ""
    printed: str = ""


class Named(NamedTuple):
    """The finding that was named: its id and document, and what it says, or said when it was decided on."""

    id: str
    document: str
    code: str
    message: str
    line: int
    finding: Finding | None
    decided: tuple[Decided, ...]


class Recorded(NamedTuple):
    """What was recorded, which earlier decisions it ends, and the document before and after."""

    rows: tuple[Decided, ...]
    ended: tuple[Decided, ...]
    before: Document
    after: Document


def record(store: Store, finding: str, wish: Wish, catalog: Catalog) -> Recorded:
    """Records a decision about the finding of that id, or of an id that starts so, and judges its document again.

    Raises QueryError when none or several start so, or when the decision does not fit the finding.
    """
    with store.writing():
        named = _named(store, finding)
        before, source = store.load(named.document), store.source(named.document)
        _refuse_unknown_types(before, catalog)
        rows = tuple(_rows(named, before, wish))
        left = in_force([*named.decided, *rows])
        ended = tuple(row for row in in_force(named.decided) if row not in left)
        for row in rows:
            store.resolutions.add(row)
        after = store.resolutions.applied_to(before, source, catalog)
        store.put_judgement(after, source)
    return Recorded(rows, ended, before, after)


def _named(store: Store, prefix: str) -> Named:
    """Returns the finding that is named, among those of today and those that were decided on before."""
    asked = prefix.strip().lower()
    flagged = {one.id: one for one in store.queue.by_id(asked)} if asked else {}
    earlier = {one.finding: one for one in store.resolutions.about(asked)} if asked else {}
    ids = sorted(flagged.keys() | earlier.keys())
    if not ids:
        raise QueryError(f"no finding {prefix!r}; `crossfoot flags --all` lists them with their ids")
    if len(ids) > 1:
        said = tuple(f"{one}  {flagged[one].message if one in flagged else earlier[one].message}" for one in ids)
        raise QueryError(f"{prefix} begins the ids of {len(ids)} findings; type more of it", said)
    (name,) = ids
    if name in flagged:
        one = flagged[name]
        decided = store.resolutions.of_document(one.document_id)
        return Named(name, one.document_id, one.code, one.message, one.line, one.finding, decided)
    row = earlier[name]
    return Named(name, row.document, row.code, row.message, row.line, None, store.resolutions.of_document(row.document))


def _refuse_unknown_types(document: Document, catalog: Catalog) -> None:
    unknown = sorted({t.type for t in document.tables if t.family} - {known.type for known in catalog.types})
    if unknown:
        types = ", ".join(unknown)
        raise QueryError(f"the document was structured with the table types {types}; give their folder with --schemas")


def _rows(named: Named, document: Document, wish: Wish) -> Sequence[Decided]:
    if wish.decision == "accept":
        return [_accepted(named, wish)]
    if wish.decision == "undo":
        return _taken_back(named, wish)
    return [_valued(named, document, wish)]


def _plain(named: Named, wish: Wish) -> Decided:
    return Decided(
        named.document, named.id, named.code, named.message, named.line, wish.decision, wish.note, wish.by, now()
    )


def _accepted(named: Named, wish: Wish) -> Decided:
    finding = named.finding
    if finding is None:
        raise QueryError(f"{named.id}: the finding is not there any more, so there is nothing to accept")
    if finding.severity == "note" and finding.accepted_from is None:
        raise QueryError(f"{named.id}: a note flags nothing, so there is nothing to accept")
    if finding.code == "resolution_lost":
        raise QueryError(f"{named.id}: is about an earlier decision; take that back with --undo")
    return _plain(named, wish)


def _taken_back(named: Named, wish: Wish) -> list[Decided]:
    """Returns the rows that take back what is in force about the finding, or about the one cell that is named."""
    cited = {one.cell for one in named.finding.cells} if named.finding and named.finding.code == "resolved" else set()
    own = [
        row
        for row in in_force(named.decided)
        if (row.finding == named.id or row.cell in cited) and (not wish.cell or row.cell == wish.cell)
    ]
    if not own:
        about = f" about {wish.cell}" if wish.cell else ""
        raise QueryError(f"{named.id}: there is no decision{about} to take back")
    return [row._replace(decision="undo", printed="", note=wish.note, made_by=wish.by, made_at=now()) for row in own]


# --- a value ----------------------------------------------------------------------------------------------------------


def _valued(named: Named, document: Document, wish: Wish) -> Decided:
    cells = cells_as_read(document)
    ref = wish.cell or _only_cell(named)
    if ref not in cells:
        raise QueryError(f"{document.source.name} has no cell {ref} that was read; the finding names", _cited(named))
    cell = cells[ref]
    _refuse_illegible(cell, wish.printed)
    table, row = _place_of(document, ref)
    return _plain(named, wish)._replace(
        line=cell.line,
        cell=ref,
        span_start=cell.span[0],
        span_end=cell.span[1],
        column_key=cell.column,
        table_type=table.type,
        table_title=table.title,
        unit=cell.unit,
        panel=row.panel,
        row_code=row.code,
        row_name=row.name,
        was_read=cell.printed,
        printed=wish.printed.strip(),
    )


def _only_cell(named: Named) -> str:
    """Returns the cell that the finding is about: the only one it corrects, or names; or the one decided on before."""
    finding = named.finding
    before = [row.cell for row in named.decided if row.finding == named.id and row.cell]
    if finding is None:
        if before:
            return before[-1]
        raise QueryError(f"{named.id}: the finding is not there any more; say which cell with --cell")
    cited = [one for one in finding.cells if _is_of_table(one)]
    if finding.cells and not cited:
        raise QueryError(f"{named.id}: a sentence has no cell to correct; --accept says that it is known")
    for cells in ([one.cell for one in cited if one.implied], [one.cell for one in cited]):
        if len(set(cells)) == 1:
            return cells[0]
    what = "names several cells" if cited else "names no cell"
    raise QueryError(f"{named.id} {what}; say which with --cell, as t5.r3.total (table, row, column)", _cited(named))


def _cited(named: Named) -> tuple[str, ...]:
    cells: tuple[CitedCell, ...] = named.finding.cells if named.finding else ()
    return tuple(
        f"{one.cell}  line {one.line}  {one.label}: {one.printed or 'blank'}"
        + (f" (implied {one.implied})" if one.implied else "")
        for one in cells
        if _is_of_table(one)
    )


def _is_of_table(cited: CitedCell) -> bool:
    return "." in cited.cell  # a sentence's figure is cited by its fact, as f12


def _refuse_illegible(cell: Cell, printed: str) -> None:
    """Refuses what is no numeral where one belongs; nothing, or a dash, says that the paper shows nothing."""
    if cell.kind not in NUMERIC_KINDS:
        return
    numeral = read_numeral(printed)
    if numeral.legibility not in {"printed", "blank"}:
        raise QueryError(f"{printed!r} is no number; give it as printed, like 1,292.44, or '' if nothing stands there")
    if numeral.percent and cell.kind == "amount":
        raise QueryError(f"{printed!r} is a percentage, and the cell is an amount")


def _place_of(document: Document, ref: str) -> tuple[Table, Row]:
    for table in document.tables:
        for reference, row, _ in table.cells():
            if reference == ref:
                return table, row
    raise QueryError(f"{document.source.name} has no cell {ref}")
