"""A model file while it is fetched: it grows, is hashed as it grows, and can be taken up again after a kill.

Knows nothing of where the bytes come from, and trusts none of them: whoever fetched compares the hash.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from crossfoot.errors import ModelUnavailable

#: Called with the bytes that are there and the bytes that there will be.
Progress = Callable[[int, int], None]

#: How much is read, hashed and written at a time, in bytes.
CHUNK = 1 << 20


class SourceFailedError(Exception):
    """One source did not give the file; the message is one line, and the next source may do better."""


def refused(path: Path, error: OSError) -> ModelUnavailable:
    """Returns what the disk refused as an error that says what to do; no other source would help."""
    words = error.strerror or str(error)
    reason = words[:1].lower() + words[1:]
    return ModelUnavailable(
        f"{path}: cannot be written: {reason}; make room there, or name another folder with CROSSFOOT_MODEL_DIR"
    )


class Partial:
    """The first bytes of a file of a known size, on disk, with their SHA-256; used as a context manager."""

    def __init__(self, path: Path, size: int, progress: Progress) -> None:
        self.path = path
        self.size = size
        self.done = 0
        self._progress = progress
        self._hash = hashlib.sha256()
        try:
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0)
            self.found = os.fstat(self._file.fileno()).st_size
        except OSError as error:
            raise refused(path, error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def begin(self, kept: int) -> None:
        """Keeps the first bytes of what was found, hashes them, and goes on from there."""
        try:
            if os.fstat(self._file.fileno()).st_size != kept:
                self._file.truncate(kept)
            self._hash = hashlib.sha256()
            self._file.seek(0)
            self.done = 0
            while self.done < kept:
                chunk = self._file.read(min(CHUNK, kept - self.done))
                self._hash.update(chunk)
                self.done += len(chunk)
        except OSError as error:
            raise refused(self.path, error) from None

    def write(self, chunk: bytes) -> None:
        """Appends a chunk; a source that gives more than the file's size is refused."""
        if self.done + len(chunk) > self.size:
            raise SourceFailedError(f"it gives more than the {self.size} bytes of the file")
        rest = memoryview(chunk)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise refused(self.path, error) from None
        self._hash.update(chunk)
        self.done += len(chunk)
        self._progress(self.done, self.size)

    def digest(self) -> str:
        """Returns the SHA-256 of the bytes so far, in hexadecimal."""
        return self._hash.hexdigest()
