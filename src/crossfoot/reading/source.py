"""A path or a text → Source: numbered lines whose spans index the original text exactly.

It decodes and numbers; it never rewrites, and it refuses what is not text.
"""

import hashlib
import os
import re
import stat
from pathlib import Path

from crossfoot.errors import SourceError
from crossfoot.figures import LINE_END, Line, Source

#: Larger files are refused before they are read; the longest disclosures have about 2 MB.
LARGEST_FILE = 64 * 1024 * 1024
#: A longer line is not a line of a disclosure.
LONGEST_LINE = 1_000_000
#: The longest disclosures have some 20,000 lines; a line of a table takes about 13 KB of memory.
MOST_LINES = 200_000

_MAGIC = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "an office or zip file"), (b"\xd0\xcf\x11\xe0", "an old office file"))
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def load(path: Path, name: str | None = None) -> Source:
    """Returns the file's text with numbered lines; `name` is how the document calls it (default: the path as given).

    Raises SourceError with one sentence when the file is missing, empty, too large or not text.
    """
    try:
        _refuse(path)
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    return from_bytes(content, name or str(path))


def hash_of(path: Path) -> str:
    """Returns the hash of the file's content, by which a document is known; raises SourceError as `load` does."""
    try:
        _refuse(path)
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from None


def _refuse(path: Path) -> None:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise SourceError(f"{path}: is a directory; give a text file, or the directory to `structure`")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{path}: is not a regular file")
    if status.st_size > LARGEST_FILE:
        raise SourceError(f"{path}: {status.st_size:,} bytes; files over {LARGEST_FILE:,} bytes are refused")


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(f"{path}: {os.strerror(error.errno) if error.errno else error}")


def from_bytes(content: bytes, name: str) -> Source:
    """Returns the decoded source; UTF-8, UTF-16 with a mark, else GB18030 if it makes sense as Chinese."""
    for magic, what in _MAGIC:
        if content.startswith(magic):
            raise SourceError(f"{name}: is {what}; convert it to text first")
    text, encoding = _decode(content, name)
    if not text.strip():
        raise SourceError(f"{name}: is empty")
    if _CONTROL.search(text):
        raise SourceError(f"{name}: holds control characters; it is not a text file")
    return _numbered(text, name, hashlib.sha256(content).hexdigest(), encoding)


def from_text(text: str, name: str = "text") -> Source:
    """Returns the text as a source; its hash is that of its UTF-8 bytes."""
    return _numbered(text, name, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), "utf-8")


def _decode(content: bytes, name: str) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise SourceError(f"{name}: starts like UTF-16 but is not") from None
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        bad = content.count(b"\n", 0, error.start) + 1
    if b"\x00" in content:
        raise SourceError(f"{name}: holds NUL bytes; it is not a text file")
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        raise SourceError(f"{name}: is neither UTF-8 nor GB18030 text (line {bad} is no UTF-8)") from None
    if not _is_chinese(text):
        raise SourceError(f"{name}: is not UTF-8, and as GB18030 it makes no sense; convert it to UTF-8 first")
    return text, "gb18030"


def _is_chinese(text: str) -> bool:
    """Says whether a GB18030 decoding reads like Chinese: nearly all of its characters are common ones."""
    beyond_ascii = [character for character in text[:200_000] if ord(character) > 127]
    if not beyond_ascii:
        return True
    common = sum(1 for character in beyond_ascii if _is_common(character))
    return common >= 0.97 * len(beyond_ascii)


def _is_common(character: str) -> bool:
    try:
        encoded = character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    # Rows 1-9 are signs, 16-55 the 3,755 frequent characters, 56-87 the rarer ones.
    return encoded[0] <= 0xA9 or 0xB0 <= encoded[0] <= 0xD7 or character in "榄蓟圳漯涿亳璧綦"


def _numbered(text: str, name: str, sha256: str, encoding: str) -> Source:
    paged = "\f" in text
    page = 1
    lines: list[Line] = []
    start = 0
    for number, end in enumerate([*LINE_END.finditer(text), None], start=1):
        raw = text[start : end.start() if end else len(text)]
        if len(raw) > LONGEST_LINE:
            raise SourceError(f"{name}: line {number} has {len(raw):,} characters; it is not a text of lines")
        if number > MOST_LINES:
            raise SourceError(f"{name}: more than {MOST_LINES:,} lines; cut it into single documents")
        page += raw.count("\f")
        lines.append(Line(number=number, start=start, text=raw, page=page if paged else None))
        start = end.end() if end else start
    return Source(name=name, sha256=sha256, encoding=encoding, text=text, lines=tuple(lines))
