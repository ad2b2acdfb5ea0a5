"""How commands speak: data to stdout or a file, remarks to stderr, and the exit status."""

import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from crossfoot.errors import CrossfootError, QueryError

if TYPE_CHECKING:
    from crossfoot.figures import Severity


def status_of(severities: "Iterable[Severity]") -> int:
    """Returns 1 if there is a warning or an error among the severities, else 0."""
    return 1 if any(severity != "note" for severity in severities) else 0


def write(out: Path | None, texts: Iterable[str]) -> None:
    """Writes the texts to the file, or to stdout when none is named."""
    if out is None:
        sys.stdout.writelines(texts)
        return
    with writing(out), out.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(texts)


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Makes the file's folder, and turns what the disk refuses into a sentence."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise CrossfootError(f"{out}: cannot be written: {error.strerror or error}") from None


def remark(problem: CrossfootError) -> None:
    """Prints what went wrong on stderr; only a bug of our own comes with its traceback."""
    say(str(problem))
    if isinstance(problem, QueryError):
        sys.stderr.writelines(f"  {candidate}\n" for candidate in problem.candidates)
    if problem.__cause__ is not None:
        traceback.print_exception(problem.__cause__)


def say(line: str) -> None:
    """Prints a remark on stderr; what is done does not depend on whether anybody is there to read it."""
    with suppress(OSError):
        sys.stderr.write(f"crossfoot: {line}\n")
        sys.stderr.flush()


def speak_utf8() -> None:
    """Makes pipes UTF-8 whatever the locale says, and a terminal show what it cannot instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if not hasattr(stream, "reconfigure"):
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
