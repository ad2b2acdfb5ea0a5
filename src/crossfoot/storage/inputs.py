"""Paths → the files that they mean, one after another: what they are called, and what is wrong with the others.

Folders are walked as they are asked for, so that an archive of any size takes no memory. Each file comes once.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from crossfoot.errors import SourceError


class Input(NamedTuple):
    """A file to structure; `name` is its path relative to what was given."""

    path: Path
    name: str


class Listed(NamedTuple):
    """How many files the paths mean, and what is wrong with the other paths."""

    files: int
    problems: tuple[SourceError, ...]
    unfollowed: tuple[str, ...]


class Inputs:
    """The files that some paths mean, folders searched for *.txt, in the order of their names.

    A link to a folder inside a folder is not followed: it may lead back or anywhere. A link to a file is that file.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._ambiguous: frozenset[str] = frozenset()

    def listed(self) -> Listed:
        """Returns what is there now; also finds out which names would be used twice, so it goes before iterating."""
        files, problems, unfollowed = 0, list[SourceError](), list[str]()
        names: Counter[str] = Counter()
        earlier = _Earlier()
        for path in self._paths:
            problem = _problem_of(path)
            if problem is not None:
                problems.append(problem)
                continue
            is_bare = True
            for entry in _entries(path, unfollowed):
                is_bare = False
                if isinstance(entry, SourceError):
                    problems.append(entry)
                elif not earlier.brought(entry, path):
                    files += 1
                    if len(self._paths) > 1:
                        names[entry.name] += 1
            if is_bare:
                problems.append(SourceError(f"{readable(path)}: holds no *.txt file"))
            earlier.add(path)
        self._ambiguous = frozenset(name for name, uses in names.items() if uses > 1)
        return Listed(files, tuple(problems), tuple(unfollowed))

    def __iter__(self) -> Iterator[Input]:
        there = self._there()
        folders = [path.resolve() if path.is_dir() else path.resolve().parent for path in there]
        common = os.path.commonpath(folders) if folders else ""
        earlier = _Earlier()
        for path in there:
            for entry in _entries(path, []):
                if isinstance(entry, SourceError) or earlier.brought(entry, path):
                    continue
                if entry.name in self._ambiguous:
                    real = entry.path.resolve()
                    inside = real.relative_to(common if real.is_relative_to(common) else real.anchor)
                    yield entry._replace(name=readable(inside))
                else:
                    yield entry
            earlier.add(path)

    @property
    def folders(self) -> tuple[str, ...]:
        """Returns the folders among the paths, as the store calls them."""
        return tuple(readable(path.resolve()) for path in self._there() if path.is_dir())

    def _there(self) -> list[Path]:
        return [path for path in self._paths if _problem_of(path) is None]


class _Earlier:
    """What the paths given earlier bring, so that no file comes twice."""

    def __init__(self) -> None:
        self._files: set[Path] = set()
        self._folders: list[Path] = []

    def add(self, path: Path) -> None:
        """Takes a path in that has been gone through."""
        if path.is_dir():
            self._folders.append(path.resolve())
        else:
            self._files.add(path.resolve())

    def brought(self, entry: Input, given: Path) -> bool:
        """Says whether the file came with an earlier path, or is a link to one that comes by itself."""
        is_link = entry.path.is_symlink()
        if not (is_link or self._files or self._folders):
            return False
        real = entry.path.resolve()
        folders = [*self._folders, given.resolve()] if is_link and given.is_dir() else self._folders
        inside = real.suffix.lower() == ".txt" and any(real.is_relative_to(folder) for folder in folders)
        return inside or real in self._files


def _problem_of(path: Path) -> SourceError | None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return SourceError(f"{readable(path)}: no such file or folder")
    except OSError as error:
        return _unreadable(path, error)
    return None


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(f"{readable(path)}: cannot be read: {error.strerror or error}")


def _entries(given: Path, unfollowed: list[str]) -> Iterator[Input | SourceError]:
    if not given.is_dir():
        yield Input(given, readable(PurePath(given.name)))
        return
    for found in _texts_below(given, unfollowed):
        yield found if isinstance(found, SourceError) else Input(found, readable(found.relative_to(given)))


def _texts_below(folder: Path, unfollowed: list[str]) -> Iterator[Path | SourceError]:
    """Yields the texts below the folder in the order of their names; of links to folders only the names are noted."""
    try:
        with os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(folder, error)
        return
    for entry in entries:
        path = folder / entry.name
        is_text = path.suffix.lower() == ".txt"
        try:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        except OSError as error:  # a link in a circle, or into a closed folder
            if is_text:
                yield _unreadable(path, error)
            continue
        if is_folder and entry.is_symlink():
            unfollowed.append(readable(path))
        elif is_folder:
            yield from _texts_below(path, unfollowed)
        elif is_file and is_text:
            yield path
        elif is_text and entry.is_symlink():
            yield SourceError(f"{readable(path)}: is a link to what is not there")


def readable(path: PurePath) -> str:
    """Returns the path as text; a name that is not UTF-8 is taken for GB18030, as in archives packed in China."""
    raw = os.fsencode(path.as_posix())
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def is_gone(path: str) -> bool:
    """Says whether there is no file of that readable path, whichever way its name is encoded; not if none can know."""
    for encoding in ("utf-8", "gb18030"):
        try:
            os.stat(path.encode(encoding))  # noqa: PTH116  a Path holds no bytes
        except (FileNotFoundError, NotADirectoryError, UnicodeEncodeError):
            continue
        except OSError:
            return False
        return False
    return True


def find_inputs(paths: Sequence[Path]) -> tuple[tuple[Input, ...], tuple[SourceError, ...]]:
    """Returns all the files at once, and what is wrong with the other paths."""
    inputs = Inputs(paths)
    problems = inputs.listed().problems
    return tuple(inputs), problems
