"""Classified lines of a text without tabs → the same, the lines of its tables marked as rows.

A table begins with a line of header words above a line of figures, or with three coded lines of figures; sentences
never begin one. What is uncertain at its end is left out of it only if it holds no figure.
"""

import re
from collections.abc import Iterator, Sequence

from crossfoot.figures import Line, Source
from crossfoot.reading.captions import CAPTION_KINDS, CaptionLine
from crossfoot.reading.fields import RULE, is_pipe_row
from crossfoot.reading.spaced_header import is_header_line
from crossfoot.reading.tokens import SUBJECT_CODE, LinePieces, is_numeral, take_apart, words_of

#: Kinds of lines that may turn out to be rows.
_OPEN = frozenset({"text", "aside", "title", "heading"})
_SENTENCE = re.compile(r"[。；;！？]|，.*，")
_STARTS_WITH_CODE = re.compile(r"\s*\d{3}")
_NUMBERED = re.compile(r"\s*(?:公开|附|预算)?表?\s*\d+\s*表?\s")
_LONGEST_HEADER, _LONGEST_NAME, _LONGEST_FRAGMENT = 200, 60, 30
_MOST_HEADER_LINES = 6
_MOST_BLANKS = 4
_SMALLEST_FORM = 4
#: A first header line without blanks is at least this long.
_RUN_TOGETHER = 12
_ROW = CaptionLine("row")


def with_spaced_rows(source: Source, kinds: Sequence[CaptionLine], headers: frozenset[str]) -> tuple[CaptionLine, ...]:
    """Returns the kinds, the lines of tables whose tabs became blanks made rows."""
    marked = list(kinds)
    index = 0
    while index < len(marked):
        run = _run_from(source, marked, index, headers)
        for line in run:
            marked[line] = _ROW
        index = max(run, default=index) + 1
    return tuple(marked)


def looks_like_row(line: Line) -> bool:
    """Says whether a line without tabs has a code or a short name and then figures, or a code and a name."""
    pieces = take_apart(line)
    if not pieces.is_whole or not pieces.is_anchor:
        return False
    name = pieces.name.text if pieces.name is not None else ""
    if len(name) > _LONGEST_NAME or _SENTENCE.search(name):
        return False
    if not pieces.numerals:
        return _has_subject_code(pieces) and not pieces.rest
    return pieces.rest is None or bool(pieces.codes) or len(name) <= _LONGEST_FRAGMENT


def is_coded_row(line: Line) -> bool:
    """Says whether a line is a subject's code, a name, and amounts with decimals to its end."""
    if not _STARTS_WITH_CODE.match(line.text):
        return False
    pieces = take_apart(line)
    amounts = [word for word in pieces.numerals if "." in word.text]
    return (
        _has_subject_code(pieces)
        and bool(amounts)
        and pieces.name is not None
        and pieces.is_whole
        and pieces.rest is None
    )


def _has_subject_code(pieces: LinePieces) -> bool:
    return bool(pieces.codes) and SUBJECT_CODE.fullmatch(pieces.codes[0].text) is not None


def _run_from(source: Source, kinds: Sequence[CaptionLine], start: int, headers: frozenset[str]) -> list[int]:
    """Returns the lines of the table that begins here, or none."""
    if not _is_open(source, kinds, start):
        return []
    head = list(_header_from(source, kinds, start, headers))
    if head:
        is_table = _is_captioned(kinds, start) or _has_row_below(source, kinds, head[-1] + 1)
        return _extended(source, kinds, head, headers) if is_table else []
    block = _block_below_caption(source, kinds, start)
    if block:
        return block
    first = range(start, min(start + 3, len(kinds)))
    if len(first) == 3 and all(_is_open(source, kinds, i) and is_coded_row(source.lines[i]) for i in first):
        return _extended(source, kinds, list(first), headers)
    return []


def _is_open(source: Source, kinds: Sequence[CaptionLine], index: int) -> bool:
    text = source.lines[index].text
    return kinds[index].kind in _OPEN and "\t" not in text and not is_pipe_row(text) and not RULE.match(text)


def _header_from(source: Source, kinds: Sequence[CaptionLine], start: int, headers: frozenset[str]) -> Iterator[int]:
    """Yields the lines of header words from here on; the first must have two words at least."""
    for index in range(start, min(start + _MOST_HEADER_LINES, len(kinds))):
        line = source.lines[index]
        if len(line.text) > _LONGEST_HEADER or not _is_open(source, kinds, index):
            return
        is_long = index > start or len(line.text) >= _RUN_TOGETHER or len(words_of(line)) > 1
        if not is_long or not is_header_line(line, headers, first=index == start):
            return
        yield index


def _is_captioned(kinds: Sequence[CaptionLine], start: int) -> bool:
    """Says whether a caption with a title or a number ends right above a line, blank lines aside."""
    above, blanks = start - 1, 0
    while above >= 0 and blanks < _MOST_BLANKS and (kinds[above].kind == "blank" or kinds[above].kind in CAPTION_KINDS):
        if kinds[above].kind in {"title", "number"}:
            return True
        blanks = blanks + 1 if kinds[above].kind == "blank" else 0
        above -= 1
    return False


def _block_below_caption(source: Source, kinds: Sequence[CaptionLine], start: int) -> list[int]:
    """Returns the lines of a form in a text that has no tabs at all: right below a title, most of several words."""
    if "\t" in source.text or not _is_captioned(kinds, start):
        return []
    end = start
    while end < len(kinds) and kinds[end].kind not in {"blank", "page", "number", "row"}:
        end += 1
    lines = range(start, end)
    wide = [index for index in lines if len(words_of(source.lines[index])) > 1]
    is_prose = any(_SENTENCE.search(source.lines[index].text) for index in list(lines)[:2])
    is_list_of_tables = sum(1 for index in lines if _NUMBERED.match(source.lines[index].text)) > 1
    is_form = len(lines) >= _SMALLEST_FORM and 2 * len(wide) >= len(lines)
    return list(lines) if is_form and not is_prose and not is_list_of_tables else []


def _has_row_below(source: Source, kinds: Sequence[CaptionLine], start: int) -> bool:
    """Says whether a row follows the header, at most two pieces of a wrapped name between."""
    for index in range(start, min(start + 3, len(kinds))):
        if not _is_open(source, kinds, index):
            return False
        if looks_like_row(source.lines[index]):
            return True
        if not _is_fragment(source, kinds, index):
            return False
    return False


def _extended(source: Source, kinds: Sequence[CaptionLine], run: list[int], headers: frozenset[str]) -> list[int]:
    """Returns the run with the rows, repeated header lines and pieces of names that follow it."""
    found = list(run)
    index = run[-1] + 1
    while index < len(kinds):
        is_row = _is_open(source, kinds, index) and _belongs(source, kinds, (found[0], index), headers)
        if is_row or _is_lone_figure(source, kinds, index):
            found.append(index)
        elif not (kinds[index].kind in {"blank", "page"} and _goes_on(source, kinds, index)):
            break
        index += 1
    return found


def _is_lone_figure(source: Source, kinds: Sequence[CaptionLine], index: int) -> bool:
    """Says whether a number that could be a page's stands right below a code and a name that have no figures."""
    if kinds[index].kind != "page" or not source.lines[index].text.strip().isdigit():
        return False
    above = take_apart(source.lines[index - 1])
    return bool(above.codes) and not above.numerals


def _belongs(source: Source, kinds: Sequence[CaptionLine], place: tuple[int, int], headers: frozenset[str]) -> bool:
    first, index = place
    line = source.lines[index]
    if kinds[index].kind == "heading":
        return False
    if looks_like_row(line) or _is_fragment(source, kinds, index) or _is_of_lists(source, kinds, index):
        return True
    is_header = len(line.text) <= _LONGEST_HEADER and is_header_line(line, headers, first=False)
    return is_header and (index - first < _MOST_HEADER_LINES or _repeats(source, index, first))


def _repeats(source: Source, index: int, first: int) -> bool:
    """Says whether a header line is one of those at the top of the table."""
    said = [word.text for word in words_of(source.lines[index])]
    tops = source.lines[first : first + _MOST_HEADER_LINES]
    return any([word.text for word in words_of(line)] == said for line in tops)


def _is_fragment(source: Source, kinds: Sequence[CaptionLine], index: int) -> bool:
    """Says whether a line may be a piece of a wrapped name: short, right below a line of the table, no sentence."""
    text = source.lines[index].text.strip()
    touches = index > 0 and kinds[index - 1].kind not in {"blank", "page"}
    return (
        touches
        and len(text) <= _LONGEST_FRAGMENT
        and kinds[index].kind in {"text", "aside", "title"}
        and not _SENTENCE.search(text)
    )


def _is_of_lists(source: Source, kinds: Sequence[CaptionLine], index: int) -> bool:
    """Says whether a line may be one of lists side by side: right below a line of the table, no sentence."""
    text = source.lines[index].text.strip()
    touches = kinds[index - 1].kind not in {"blank", "page"} and kinds[index].kind == "text"
    return touches and len(words_of(source.lines[index])) > 1 and not _SENTENCE.search(text)


def _goes_on(source: Source, kinds: Sequence[CaptionLine], gap: int) -> bool:
    """Says whether a row of figures follows a gap of blank lines and page numbers."""
    index = gap
    while index < len(kinds) and kinds[index].kind in {"blank", "page"} and index - gap < _MOST_BLANKS:
        index += 1
    if index >= len(kinds) or not _is_open(source, kinds, index):
        return False
    line = source.lines[index]
    ends_in_figure = bool(words_of(line)) and is_numeral(words_of(line)[-1])
    return looks_like_row(line) and (ends_in_figure or bool(take_apart(line).codes))
