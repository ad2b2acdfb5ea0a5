"""The classified lines of one text, and what a draft of a table is: the common ground of drafts.py and bodiless.py."""

import re
from typing import NamedTuple

from crossfoot.figures import BodyState, Source
from crossfoot.labels import words
from crossfoot.reading.captions import NO_DATA, CaptionLine

_NOTE_GOES_ON = re.compile(r"^\s*(?:\(?\d{1,2}[)、.．）]|（\d{1,2}）|[一二三四五六七八九十]、)")
_LEADERS = re.compile(r"(?:…|\.{3})\d*$")
_CONTENTS = re.compile(r"^#*目录$")
GAPS = frozenset({"blank", "page"})


class Draft(NamedTuple):
    """A table section being put together: indices are 0-based line positions."""

    caption: tuple[int, ...]
    body: tuple[int, ...]
    notes: tuple[int, ...]
    state: BodyState
    kind: str = "table"

    @property
    def first(self) -> int:
        """Returns the first line's position."""
        return min((*self.caption, *self.body, *self.notes))

    @property
    def last(self) -> int:
        """Returns the last line's position."""
        return max((*self.caption, *self.body, *self.notes))


class Text(NamedTuple):
    """The classified lines of one source, with what is needed to judge neighbours."""

    source: Source
    kinds: tuple[CaptionLine, ...]
    headers: frozenset[str]

    def is_gap(self, index: int) -> bool:
        """Says whether a line is blank or a page's number."""
        return self.kind(index) in GAPS

    def after_gap(self, start: int) -> int:
        """Returns the first position from `start` on that is neither blank nor a page's number."""
        while self.is_gap(start):
            start += 1
        return start

    def states_no_data(self, index: int) -> bool:
        """Says whether a line says that the table is blank."""
        line = self.source.lines[index].text
        return self.kind(index) in {"text", "aside", "title"} and len(line) < 60 and bool(NO_DATA.search(words(line)))

    def kind(self, index: int) -> str:
        """Returns a line's kind; beyond the ends there is only text."""
        return self.kinds[index].kind if 0 <= index < len(self.kinds) else "text"


def notes_below(text: Text, start: int) -> tuple[int, ...]:
    """Returns the 注： lines below a body with what continues them, or a sentence that says the table is blank."""
    index = text.after_gap(start)
    if index >= len(text.kinds) or index - start > 4:
        return ()
    if text.kind(index) == "note":
        return _note_lines(text, index)
    return (index,) if text.states_no_data(index) else ()


def _note_lines(text: Text, index: int) -> tuple[int, ...]:
    notes = [index]
    blanks = 0
    for position in range(index + 1, len(text.kinds)):
        kind = text.kind(position)
        if kind == "blank":
            blanks += 1
        elif kind in {"text", "note"} and (blanks == 0 or _goes_on_as_note(text, position, notes[0])):
            notes.append(position)
            blanks = 0
        else:
            break
        if blanks > 1:
            break
    return tuple(notes)


def _goes_on_as_note(text: Text, position: int, first: int) -> bool:
    line = text.source.lines[position].text
    is_chapter = re.match(r"^\s*[一二三四五六七八九十]、", line) and not re.search(
        r"[::][一1]", text.source.lines[first].text
    )
    return bool(_NOTE_GOES_ON.match(line)) and not is_chapter


def contents_lines(text: Text) -> frozenset[int]:
    """Returns the lines of tables of contents: 目录 and the short list entries below it."""
    found: set[int] = set()
    for index, line in enumerate(text.source.lines):
        if not _CONTENTS.match(words(line.text)):
            continue
        seen: set[str] = set()
        found.add(index)
        for below in range(index + 1, len(text.kinds)):
            plain = words(text.source.lines[below].text)
            is_row = text.kind(below) == "row" and not _LEADERS.search(plain)
            if is_row or len(plain) > 45 or "。" in plain or plain in seen:
                break
            if plain:
                seen.add(plain)
            found.add(below)
    return frozenset(found)
