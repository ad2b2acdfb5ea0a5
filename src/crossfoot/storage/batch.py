"""Paths → documents in the store: which files are meant, what they are called, and what need not be redone."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path, PurePath
from typing import NamedTuple

from crossfoot.choosing import Choice, Readers
from crossfoot.errors import CrossfootError, SourceError, StoreError
from crossfoot.figures import Document, Noun, Source
from crossfoot.pipeline import structure
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.source import load
from crossfoot.storage.store import Store
from crossfoot.tabletypes import Catalog


class Input(Noun):
    """A file to structure; `name` is its path relative to what was given."""

    path: Path
    name: str


class Structured(Noun):
    """A document with its source; `kept` says that the store already had it and nothing would change."""

    document: Document
    source: Source
    kept: bool = False


def find_inputs(paths: Iterable[Path]) -> tuple[tuple[Input, ...], tuple[SourceError, ...]]:
    """Returns the files that the paths mean, folders searched for *.txt, and what is wrong with the other paths."""
    found: dict[Path, Input] = {}
    problems: list[SourceError] = []
    for path in paths:
        files = _texts_below(path) if path.is_dir() else [path]
        if not path.exists():
            problems.append(SourceError(f"{_readable(path)}: no such file or folder"))
        elif not files:
            problems.append(SourceError(f"{_readable(path)}: holds no *.txt file"))
        else:
            for file in files:
                name = file.relative_to(path) if path.is_dir() else PurePath(file.name)
                found.setdefault(file.resolve(), Input(path=file, name=_readable(name)))
    return _told_apart(tuple(found.values())), tuple(problems)


def _texts_below(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() == ".txt" and file.is_file())


def _readable(path: PurePath) -> str:
    """Returns the path as text; a name that is not UTF-8 is taken for GB18030, as in archives packed in China."""
    raw = os.fsencode(path.as_posix())
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def _told_apart(inputs: Sequence[Input]) -> tuple[Input, ...]:
    """Returns the inputs with the path from their common folder as name where two would be called the same."""
    uses = Counter(given.name for given in inputs)
    if all(number == 1 for number in uses.values()):
        return tuple(inputs)
    folder = os.path.commonpath([given.path.resolve().parent for given in inputs])
    return tuple(
        given
        if uses[given.name] == 1
        else given.model_copy(update={"name": _readable(given.path.resolve().relative_to(folder))})
        for given in inputs
    )


class How(NamedTuple):
    """By what documents are structured: the table types, the choice of reader, and the desk of the model, if any."""

    catalog: Catalog
    choice: Choice = "grid"
    desk: Desk | None = None
    say: Callable[[str], None] = lambda _: None

    @property
    def fingerprint(self) -> str:
        """Returns what a document depends on besides its text: code, table types, and the prompt and model asked."""
        asked = b""
        if self.choice != "grid" and self.desk is not None:
            desk = self.desk
            by = (self.choice, desk.prompt.files.sha256, desk.model.identity, desk.model.known_settings)
            asked = "\0".join(by).encode()
        return hashlib.sha256(own_code() + self.catalog.digest + asked).hexdigest()


@cache
def own_code() -> bytes:
    """Returns a hash of the code that makes documents, not the version's number: a checkout changes without one."""
    package = Path(__file__).parents[1]
    beside = {"cli", "evaluation"}
    modules = sorted(path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in beside)
    return hashlib.sha256(b"".join(module.read_bytes() for module in modules)).digest()


def structure_input(given: Input, catalog: Catalog) -> Structured:
    """Returns the file's document, without looking at any store and without a model."""
    source = load(given.path, given.name)
    return Structured(document=structure(source, catalog), source=source)


def structure_all(
    store: Store, inputs: Iterable[Input], how: How, *, force: bool = False
) -> Iterator[Structured | CrossfootError]:
    """Yields each file's document, or why there is none: one bad file never stops the others.

    An error that is our own carries its cause. Only a store that cannot be written ends the batch.
    """
    for given in inputs:
        try:
            yield structure_into(store, given, how, force=force)
        except SourceError as error:
            yield error
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  the other documents must not suffer from a bug met in this one
            problem = CrossfootError(f"{given.name}: crossfoot failed on this document, please report it: {error!r}")
            problem.__cause__ = error
            yield problem


def structure_into(store: Store, given: Input, how: How, *, force: bool = False) -> Structured:
    """Returns the file's document and keeps it; one that the store has in this very form is taken from there.

    One of which a model did not read everything is kept too, but a rerun takes it up again: what was answered is not
    asked for twice.
    """
    source = load(given.path, given.name)
    path, made_with = _readable(given.path.resolve()), ""
    entry = None if force else store.made_from(source.sha256, how.fingerprint)
    if entry is None:
        readers = Readers(how.choice, how.desk, lambda line: how.say(f"{given.name}: {line}"))
        document = structure(source, how.catalog, readers)
        # Only now: the first question finds out settings of the model that belong to it.
        made_with = how.fingerprint if readers.finished else ""
        document = store.resolutions.applied_to(document, source, how.catalog)  # a person's work is never lost
    else:
        made_with = how.fingerprint
        document = store.load(entry.id)
        document = document.model_copy(update={"source": document.source.model_copy(update={"name": given.name})})
    if entry is None or (entry.path, entry.name, entry.superseded_by) != (path, given.name, ""):
        store.save(document, source, path, made_with)
    return Structured(document=document, source=source, kept=entry is not None)
