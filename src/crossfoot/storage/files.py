"""Which file has which content: a document is known by its content, and may be that of several files.

A file that gets another content keeps its history; a renamed or copied one is one more file of the same document.
"""

from crossfoot.figures import Document, Noun
from crossfoot.storage.database import Opened
from crossfoot.storage.inputs import is_gone

_AT_ONCE = 1000


class File(Noun):
    """A file and a content that it has (`current`), had (`replaced`), or had when it was last seen (`gone`).

    `run` is the run that found this content in it.
    """

    path: str
    document: str
    name: str
    state: str
    run: int | None


def files_of(database: Opened, document: str) -> tuple[File, ...]:
    """Returns the files that have or had the document's content."""
    return _files(database, "WHERE document = ? ORDER BY path", document)


def history_of(database: Opened, path: str) -> tuple[File, ...]:
    """Returns the contents that the file had, the latest last."""
    return _files(database, "WHERE path = ? ORDER BY state = 'current', run, document", path)


def _files(database: Opened, where: str, value: str) -> tuple[File, ...]:
    names = tuple(File.model_fields)
    rows = database.rows(f"SELECT {', '.join(names)} FROM files {where}", value)  # noqa: S608  written above
    return tuple(File.model_validate(dict(zip(names, row, strict=True))) for row in rows)


def is_current(database: Opened, path: str, name: str, document: str) -> bool:
    """Says whether the file is known by that name with that content, so that there is nothing to write."""
    query = "SELECT 1 FROM files WHERE path = ? AND document = ? AND name = ? AND state = 'current'"
    return bool(database.rows(query, path, document, name))


def attach(database: Opened, path: str, name: str, document: str, run: int | None) -> None:
    """Makes the document the file's present content; the one that it had is superseded if no other file has it."""
    before = [one.document for one in history_of(database, path) if one.document != document]
    database.write(
        "UPDATE files SET state = 'replaced' WHERE path = ? AND document <> ? AND state <> 'replaced'", path, document
    )
    database.write(
        "INSERT INTO files (path, document, name, state, run) VALUES (?, ?, ?, 'current', ?) "
        "ON CONFLICT (path, document) DO UPDATE SET name = excluded.name, state = 'current', run = excluded.run",
        path, document, name, run,
    )  # fmt: skip
    for other in files_of(database, document):
        if other.path != path and other.state == "current" and is_gone(other.path):
            _note_gone(database, other.path, document)
    for one in [document, *before]:
        _settle(database, one, successor=document)


def note_gone_below(database: Opened, folder: str) -> int:
    """Notes which files below the folder are gone, and returns how many; the documents stay."""
    gone, after, end = 0, f"{folder.rstrip('/')}/", f"{folder.rstrip('/')}0"  # in ASCII 0 is next to /
    query = "SELECT path, document FROM files WHERE path > ? AND path < ? AND state = 'current' ORDER BY path LIMIT ?"
    while rows := database.rows(query, after, end, _AT_ONCE):
        for path, document in rows:
            if is_gone(path):
                gone += 1
                with database.writing():
                    _note_gone(database, path, document)
                    _settle(database, document, successor="")
        after = rows[-1][0]
    return gone


def _note_gone(database: Opened, path: str, document: str) -> None:
    database.write("UPDATE files SET state = 'gone' WHERE path = ? AND document = ?", path, document)


def _settle(database: Opened, document: str, successor: str) -> None:
    """Names the document after the first file that has it, in whatever order they came, or supersedes it, if by any."""
    current = [one for one in files_of(database, document) if one.state == "current"]
    if not current:
        database.write("UPDATE documents SET superseded_by = ? WHERE id = ?", successor, document)
        return
    path, name = current[0].path, current[0].name
    ((old_path, old_name, superseded_by),) = database.rows(
        "SELECT path, name, superseded_by FROM documents WHERE id = ?", document
    )
    if (old_path, old_name, superseded_by) == (path, name, ""):
        return
    database.write("UPDATE documents SET path = ?, superseded_by = '' WHERE id = ?", path, document)
    if old_name != name:
        ((text,),) = database.rows("SELECT json FROM documents WHERE id = ?", document)
        kept = Document.model_validate_json(text)
        origin = kept.source.model_copy(update={"name": name})
        renamed = kept.model_copy(update={"source": origin}).model_dump_json()
        database.write("UPDATE documents SET name = ?, json = ? WHERE id = ?", name, renamed, document)
