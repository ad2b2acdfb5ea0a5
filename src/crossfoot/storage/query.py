"""Read-only questions: which documents, which table. It never writes."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath

from crossfoot.errors import QueryError
from crossfoot.figures import Document, DocumentKind, Table
from crossfoot.labels import words
from crossfoot.reading.source import load
from crossfoot.storage.departments import are_one, fitting, in_region, nearest
from crossfoot.storage.store import Department, Store, Stored

_ID_PREFIX = re.compile(r"[0-9a-f]{6,64}")
#: More candidates than these help nobody.
_MOST_LISTED = 20


def find_documents(
    store: Store,
    who: str,
    year: int | None = None,
    kind: DocumentKind | None = None,
    region: str | None = None,
) -> tuple[Stored, ...]:
    """Returns the documents that `who` names: one by its path or id, or all of one department.

    Raises QueryError when nothing fits, or when a part of a name fits several departments.
    """
    named = _by_path(store, who) or _by_id(store, who) or _of_one(store, who, year, kind, region)
    fitting = _of(named, year, kind)
    if not fitting:
        wanted = " ".join(str(part) for part in (year, kind) if part is not None)
        raise QueryError(f"{who}: no document for {wanted}; stored are", _listed(named))
    return fitting


def find_all_documents(store: Store, who: str) -> tuple[Stored, ...]:
    """Returns one document by its path or id, or those of all departments whose names fit as well as any does."""
    named = _by_path(store, who) or _by_id(store, who)
    return named or tuple(entry for one in find_departments(store, who) for entry in store.of_department(one))


def find_departments(
    store: Store,
    who: str,
    year: int | None = None,
    kind: DocumentKind | None = None,
    region: str | None = None,
) -> tuple[Department, ...]:
    """Returns all departments whose names fit as well as any does; raises QueryError when none does."""
    if not words(who):
        raise QueryError("an empty name fits no document")
    everybody = store.departments()
    there = in_region(everybody, region) if region else everybody
    if everybody and not there:
        raise QueryError(f"no department of {region} in the store")
    found = fitting(there, who)
    if not found:
        shown = there if len(there) <= _MOST_LISTED else nearest(there, who, _MOST_LISTED)
        stored = "nothing is stored yet" if not there else "stored are" if shown == there else "the nearest are"
        raise QueryError(f"no department or document {who} in the store; {stored}", _called(store, shown))
    if year is None and kind is None:
        return found
    with_such = set(store.departments(year, kind))
    return tuple(department for department in found if department in with_such) or found


def find_table(document: Document, what: str) -> Table:
    """Returns the table that `what` names: its id, number (表5, 5, 公开03), type, or a part of its title.

    Raises QueryError with the candidates when none or several fit.
    """
    found = _called_so(document, what)
    if len(found) == 1:
        return found[0]
    if found:
        raise QueryError(f"{what} could be {len(found)} tables of {document.source.name}", _candidates(found))
    raise QueryError(f"{document.source.name} has no table {what}; its tables are", _candidates(document.tables))


def find_tables(documents: Sequence[Document], what: str) -> tuple[tuple[Document, Table], ...]:
    """Returns the table that `what` names in each of the documents that have one called so.

    Raises QueryError with the candidates when none has, or when one has several.
    """
    having = [document for document in documents if _called_so(document, what)]
    return tuple((document, find_table(document, what)) for document in having or documents)


def _called_so(document: Document, what: str) -> list[Table]:
    """Returns the tables that fit in the strictest way in which any does."""
    tests: tuple[Callable[[Table], bool], ...] = (
        lambda table: table.id == what,
        lambda table: same_number(table.number, what),
        lambda table: table.type == what,
        lambda table: words(table.title) == words(what),
        lambda table: bool(words(what)) and words(what) in words(table.title),
    )
    fits = ([table for table in document.tables if test(table)] for test in tests)
    return next((found for found in fits if found), [])


def comparable(documents: Sequence[Document], what: str | None) -> tuple[tuple[tuple[Document, Table], ...], ...]:
    """Returns the tables that can stand side by side: of one type, one in each document, two documents at least.

    `what` names one table, in the latest document that has it. Raises QueryError when there is nothing to compare.
    """
    ordered = sorted(documents, key=lambda one: (one.fiscal_year or 0, one.kind, one.source.name, one.id))
    latest = [table for document in reversed(ordered) for table in document.tables if _has_amounts(table)]
    if what:
        latest = [_latest(ordered, what)]
    found: dict[tuple[str, str], tuple[tuple[Document, Table], ...]] = {}
    for wanted in latest:
        key = (wanted.type, wanted.owner if _is_one_of_several(wanted, ordered) else "")
        if key not in found:
            pairs = ((document, _like(wanted, document)) for document in ordered)
            found[key] = tuple((document, table) for document, table in pairs if table is not None)
    several = tuple(tables for tables in found.values() if len(tables) > 1)
    if not several:
        years = tuple(
            f"{_year_of(one)}  {', '.join(dict.fromkeys(table.type for table in one.tables))}" for one in ordered
        )
        raise QueryError("no two documents have a table of one type with amounts; they have", years)
    return several


def _year_of(document: Document) -> str:
    return f"{document.fiscal_year or 'year unknown'} {document.kind}"


def _has_amounts(table: Table) -> bool:
    return table.family != "" and table.verdict.tally.amounts > 0


def _latest(ordered: Sequence[Document], what: str) -> Table:
    """Returns the table that `what` names in the latest document that has any so called."""
    having = [document for document in ordered if _called_so(document, what)]
    return find_table((having or ordered)[-1], what)


def _is_one_of_several(wanted: Table, documents: Iterable[Document]) -> bool:
    return any([table.type for table in document.tables].count(wanted.type) > 1 for document in documents)


def _like(wanted: Table, document: Document) -> Table | None:
    """Returns the document's table of that type; of several the one with the same owner, such as a project."""
    alike = [table for table in document.tables if table.type == wanted.type]
    if len(alike) > 1:
        alike = [table for table in alike if words(table.owner) == words(wanted.owner)]
    return alike[0] if len(alike) == 1 else None


def find_file(store: Store, path: Path) -> Stored | None:
    """Returns the entry that holds the file's present content, or None; raises SourceError if it is no text."""
    return store.by_content(load(path).sha256)


def existing_file(named: str) -> Path | None:
    """Returns the path if there is a file of that name; what is too long for a name is none."""
    return Path(named) if os.path.isfile(named) else None  # noqa: PTH113  Path.is_file raises on such names


def _by_path(store: Store, who: str) -> tuple[Stored, ...]:
    """Finds a file by its present content, one that is gone or was changed by the path or name it had."""
    path = existing_file(who)
    entry = find_file(store, path) if path else None
    if entry:
        return (entry,)
    called = {document for document, name in store.names_like(who) if who in _paths(name)} if who else set()
    by_name = (entry for document in sorted(called) for entry in store.by_id(document))
    found = tuple({entry.id: entry for entry in (*store.by_path(str(Path(who).resolve())), *by_name)}.values())
    if len(found) > 1:
        raise QueryError(f"{who} is the name of {len(found)} documents; which one?", _listed(found))
    return found


def _paths(name: str) -> tuple[str, ...]:
    path = PurePath(name)
    return name, str(path.with_suffix("")), path.name, path.stem


def _by_id(store: Store, who: str) -> tuple[Stored, ...]:
    if not _ID_PREFIX.fullmatch(who):
        return ()
    found = store.by_id(who)
    if len(found) > 1:
        raise QueryError(f"{who} begins the ids of several documents", _listed(found))
    return found


def _of_one(
    store: Store, who: str, year: int | None, kind: DocumentKind | None, region: str | None
) -> tuple[Stored, ...]:
    """Returns the documents of the one department whose name fits best."""
    found = find_departments(store, who, year, kind, region)
    if not are_one(found):
        raise QueryError(f"{who} fits several departments; which one?", _called(store, found))
    return tuple(entry for department in found for entry in store.of_department(department))


def _of(entries: Iterable[Stored], year: int | None, kind: DocumentKind | None) -> tuple[Stored, ...]:
    return tuple(
        entry
        for entry in entries
        if (year is None or entry.fiscal_year == year) and (kind is None or entry.kind == kind)
    )


def same_number(number: str, what: str) -> bool:
    """Says whether two ways to write a table's number are one: 5 and 表5, 03 and 公开03表."""
    asked, printed = _bare(what), _bare(number)
    if not printed or not re.search(r"\d", asked):
        return False
    return asked in {printed, printed.removeprefix("公开")}


def _bare(number: str) -> str:
    bare = words(number).removeprefix("附").removeprefix("表").removesuffix("表")
    return re.sub(r"0*(\d+)", r"\1", bare)


def _listed(entries: Sequence[Stored]) -> tuple[str, ...]:
    lines = ("  ".join((entry.id[:12], _year_and_kind(entry), _whose(entry))) for entry in entries[:_MOST_LISTED])
    return *lines, *_more(len(entries))


def _called(store: Store, departments: Sequence[Department]) -> tuple[str, ...]:
    """Returns a line for each department: what to call it, and which documents it has."""
    lines = (
        "  ".join((_full_name(one.region, one.name), ", ".join(map(_year_and_kind, store.of_department(one)))))
        for one in departments[:_MOST_LISTED]
    )
    return *lines, *_more(len(departments))


def _more(number: int) -> tuple[str, ...]:
    return (f"… and {number - _MOST_LISTED} more; say more of the name, or --region",) if number > _MOST_LISTED else ()


def _year_and_kind(entry: Stored) -> str:
    return f"{entry.fiscal_year or 'year unknown'} {entry.kind}"


def _whose(entry: Stored) -> str:
    return _full_name(entry.region, entry.department or entry.name)


def _full_name(region: str, name: str) -> str:
    return name if name.startswith(region) else f"{region} {name}"


def _candidates(tables: Iterable[Table]) -> tuple[str, ...]:
    return tuple(
        "  ".join(part for part in (table.id, table.number, table.title or table.type, table.owner) if part)
        for table in tables
    )
