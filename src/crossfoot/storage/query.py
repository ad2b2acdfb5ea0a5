"""Read-only questions: which documents, which table. It never writes."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath

from rapidfuzz import fuzz

from crossfoot.errors import QueryError
from crossfoot.figures import Document, DocumentKind, Table
from crossfoot.labels import words
from crossfoot.reading.source import load
from crossfoot.storage.store import Store, Stored

_ID_PREFIX = re.compile(r"[0-9a-f]{6,64}")
#: A department's name may be misspelt in about one character of five.
_SIMILAR = 80.0


def find_documents(
    store: Store, who: str, year: int | None = None, kind: DocumentKind | None = None
) -> tuple[Stored, ...]:
    """Returns the documents that `who` names: one by its path or id, or all of one department.

    Raises QueryError when nothing fits, or when a part of a name fits several departments.
    """
    named = _by_path(store, who) or _by_id(store, who) or _by_department(store.documents(), who, year, kind)
    fitting = _of(named, year, kind)
    if not fitting:
        wanted = " ".join(str(part) for part in (year, kind) if part is not None)
        raise QueryError(f"{who}: no document for {wanted}; stored are", _listed(named))
    return fitting


def find_table(document: Document, what: str) -> Table:
    """Returns the table that `what` names: its id, number (表5, 5, 公开03), type, or a part of its title.

    Raises QueryError with the candidates when none or several fit.
    """
    tests: tuple[Callable[[Table], bool], ...] = (
        lambda table: table.id == what,
        lambda table: same_number(table.number, what),
        lambda table: table.type == what,
        lambda table: words(table.title) == words(what),
        lambda table: bool(words(what)) and words(what) in words(table.title),
    )
    for test in tests:
        found = [table for table in document.tables if test(table)]
        if len(found) == 1:
            return found[0]
        if found:
            raise QueryError(f"{what} could be {len(found)} tables of {document.source.name}", _candidates(found))
    raise QueryError(f"{document.source.name} has no table {what}; its tables are", _candidates(document.tables))


def find_file(store: Store, path: Path) -> Stored | None:
    """Returns the entry that holds the file's present content, or None; raises SourceError if it is no text."""
    sha256 = load(path).sha256
    return next((entry for entry in store.documents() if entry.sha256 == sha256), None)


def existing_file(named: str) -> Path | None:
    """Returns the path if there is a file of that name; what is too long for a name is none."""
    return Path(named) if os.path.isfile(named) else None  # noqa: PTH113  Path.is_file raises on such names


def _by_path(store: Store, who: str) -> tuple[Stored, ...]:
    """Finds a file by its present content, one that is gone or was changed by the path or name it had."""
    path = existing_file(who)
    entry = find_file(store, path) if path else None
    if entry:
        return (entry,)
    resolved = str(Path(who).resolve())
    found = tuple(entry for entry in store.documents() if who in _paths(entry) or resolved == entry.path)
    if len(found) > 1:
        raise QueryError(f"{who} is the name of {len(found)} documents; which one?", _listed(found))
    return found


def _paths(entry: Stored) -> tuple[str, ...]:
    name = PurePath(entry.name)
    return entry.name, str(name.with_suffix("")), name.name, name.stem


def _by_id(store: Store, who: str) -> tuple[Stored, ...]:
    if not _ID_PREFIX.fullmatch(who):
        return ()
    found = store.by_id(who)
    if len(found) > 1:
        raise QueryError(f"{who} begins the ids of several documents", _listed(found))
    return found


def _by_department(
    entries: Sequence[Stored], who: str, year: int | None, kind: DocumentKind | None
) -> tuple[Stored, ...]:
    """Returns the documents of the one department whose name fits best: exactly, in part, abbreviated, or misspelt."""
    asked = words(who)
    if not asked:
        raise QueryError("an empty name fits no document")
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name == asked,
        lambda name: asked in name,
        lambda name: _abbreviates(asked, name),
        lambda name: len(asked) > 2 and fuzz.partial_ratio(asked, name) >= _SIMILAR,
    )
    for test in tests:
        found = tuple(entry for entry in entries if any(test(name) for name in _names(entry)))
        wanted = _of(found, year, kind) or found
        if not all(_is_same_department(entry, wanted[0]) for entry in wanted):
            raise QueryError(f"{who} fits several departments; which one?", _listed(wanted))
        if found:
            return found
    stored = "stored are" if entries else "nothing is stored yet"
    raise QueryError(f"no department or document {who} in the store; {stored}", _listed(entries))


def _is_same_department(one: Stored, other: Stored) -> bool:
    """Says whether two documents are one department's; a region that one of them does not print tells nothing."""
    if _whose(one) != _whose(other):
        return False
    return one.region in other.region or other.region in one.region


def _whose(entry: Stored) -> str:
    return entry.department or entry.name


def _names(entry: Stored) -> tuple[str, ...]:
    if not entry.department:
        return (words(entry.name),)
    return words(entry.department), words(entry.region + entry.department)


def _abbreviates(short: str, name: str) -> bool:
    """Says whether the characters of `short` stand in this order in the name: 雁塔医保局 in 西安市雁塔区医疗保障局."""
    rest = iter(name)
    return len(short) > 2 and all(character in rest for character in short)


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


def _listed(entries: Iterable[Stored]) -> tuple[str, ...]:
    return tuple(
        "  ".join(
            (
                entry.id[:12],
                str(entry.fiscal_year or "year unknown"),
                entry.kind,
                f"{entry.region} {_whose(entry)}".strip(),
            )
        )
        for entry in entries
    )


def _candidates(tables: Iterable[Table]) -> tuple[str, ...]:
    return tuple(
        "  ".join(part for part in (table.id, table.number, table.title or table.type, table.owner) if part)
        for table in tables
    )
