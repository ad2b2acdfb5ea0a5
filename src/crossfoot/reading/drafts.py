"""Classified lines → drafts of tables: body, caption above, notes below, pages joined, tables without rows.

A draft is a table section before it has a name; positions are 0-based lines. No amounts are read.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from crossfoot.labels import header_words, words
from crossfoot.numerals import read_numeral
from crossfoot.reading.bodiless import bodiless, statements
from crossfoot.reading.captions import CAPTION_KINDS
from crossfoot.reading.draft import GAPS, Draft, Text, notes_below
from crossfoot.reading.fields import is_vertical, split_line
from crossfoot.reading.tokens import words_of
from crossfoot.tabletypes import Catalog

_LOOSE = re.compile(r"^[^。；;:：，,]{2,20}$")
_NOTE_NUMBER = re.compile(r"^\s*(?:[（(]\d{1,2}[）)]|[*＊]).*[。；]$")
#: A row whose tabs became blanks, or an amount alone on its line.
_LOST_TABS = re.compile(r"[^。；;，：]{0,40}(?:\s+|^)\d[\d,]*\.\d+(?:\s+\d[\d,]*\.\d+)*$")
_DIGIT = re.compile(r"\d")


#: A code of the functional (201 …) or economic (301 …, 501 …) classification: 类, 款 or 项.
_SUBJECT_CODE = re.compile(r"(?:2[0-3]\d|3[01]\d|399|50\d|51\d|599)(?:\d\d){0,2}")


def find_drafts(text: Text, catalog: Catalog, contents: frozenset[int]) -> list[Draft]:
    """Returns the drafts of all tables and charts in the order of the text; `contents` are the lines of its 目录."""
    bodies = [body for body in _bodies(text) if not contents.issuperset(body)]
    drafts = _without_overlap([_draft_of_body(text, body) for body in bodies])
    drafts += bodiless(text, drafts, contents)
    drafts += statements(text, catalog, drafts)
    drafts.sort(key=lambda draft: draft.first)
    return _joined_pages(text, _with_units_below(text, drafts))


# --- bodies: runs of rows ---------------------------------------------------------------------------------------------


def _bodies(text: Text) -> list[tuple[int, ...]]:
    """Returns the line positions of each table body, gaps of blank or loose lines inside it bridged."""
    bodies: list[tuple[int, ...]] = []
    for run in _runs(text):
        if bodies and _goes_on(text, bodies[-1], run):
            gap = range(bodies[-1][-1] + 1, run[0])
            bodies[-1] = (
                *bodies[-1],
                *(index for index in gap if not (text.kind(index) == "page" or _is_note(text, index))),
                *run,
            )
        else:
            bodies.append(run)
    return bodies


def _runs(text: Text) -> list[tuple[int, ...]]:
    runs: list[list[int]] = []
    previous = -2
    for index, known in enumerate(text.kinds):
        follows = previous == index - 1
        if known.kind == "row" or (known.kind == "rule" and follows and runs):
            if not follows:
                runs.append([index - 1] if _cut_header(text, index) else [])
            runs[-1].append(index)
            previous = index
        elif follows and _belongs(text, runs[-1], index):
            runs[-1].append(index)
            previous = index
    return [tuple(run) for run in runs if any(text.kind(index) == "row" for index in run)]


def _belongs(text: Text, run: Sequence[int], index: int) -> bool:
    """Says whether a line without columns right below a row is still of the table."""
    kind, line = text.kind(index), text.source.lines[index].text
    if kind not in {"text", "aside", "title", "illegible"}:
        return False
    is_last_blank = line.rstrip(" ").endswith("\t") and len(_row_words(text, run[-1])) == 2
    is_cut = kind != "title" and _cut_cell(text, index)
    has_lost_tabs = kind == "text" and _LOST_TABS.match(line.strip())
    return kind == "illegible" or bool(has_lost_tabs) or is_last_blank or is_cut or _one_cell(text, run, index - 1)


def _one_cell(text: Text, run: Sequence[int], index: int) -> bool:
    """Says whether the line before is (part of) a cell printed on a line of its own, which the next may continue."""
    while index in run and text.kind(index) != "row":
        index -= 1
    line = text.source.lines[index].text
    return line.startswith("\t") and line.count("\t") == 1 and bool(line.strip())


def _cut_cell(text: Text, index: int) -> bool:
    """Says whether a short line right between two rows is the rest of a cell that a line break cut."""
    line = text.source.lines[index].text.strip()
    is_short = _LOOSE.match(line) or re.fullmatch(r"[一-鿿]", line)
    return text.kind(index + 1) == "row" and text.kind(index - 1) == "row" and bool(is_short)


def _cut_header(text: Text, index: int) -> bool:
    """Says whether the line above a row is the beginning of its first header cell: 科目 over 编码 ⇥ 科目名称."""
    first = split_line(text.source.lines[index])[0].text
    above = text.source.lines[index - 1].text.strip() if text.kind(index - 1) == "text" else ""
    return bool(first and _LOOSE.match(above)) and header_words(above + first) in text.headers


def _goes_on(text: Text, body: Sequence[int], run: Sequence[int]) -> bool:
    """Says whether a run of rows continues the body before it, across blank lines and loose level labels."""
    gap = range(body[-1] + 1, run[0])
    if len(gap) > 8:
        return False
    if any(_is_note(text, index) for index in gap) and _is_data_of(text, body, run):
        return all(_is_note(text, index) or text.is_gap(index) for index in gap)
    loose = [index for index in gap if text.kind(index) not in {*GAPS, "rule"}]
    if any(
        text.kind(index) not in {"text", "illegible"} or not _LOOSE.match(text.source.lines[index].text.strip())
        for index in loose
    ):
        return False
    if loose and (len(body) < 3 or any(_DIGIT.search(text.source.lines[index].text) for index in loose)):
        return False
    first_row, next_row = _row_words(text, body[0]), _row_words(text, run[0])
    return not _starts_table(text, next_row) or next_row == first_row


def _is_note(text: Text, index: int) -> bool:
    is_numbered = text.kind(index) == "text" and _NOTE_NUMBER.match(text.source.lines[index].text)
    return text.kind(index) in {"note", "aside"} or bool(is_numbered)


def _is_data_of(text: Text, body: Sequence[int], run: Sequence[int]) -> bool:
    """Says whether a run begins with a row of data as wide as the body's: below a note the table goes on."""
    row = _row_words(text, run[0])
    widths = Counter(len(_row_words(text, index)) for index in body if text.kind(index) == "row")
    has_figure = any(read_numeral(word).legibility == "printed" for word in row)
    return len(row) > 2 and has_figure and len(row) == widths.most_common(1)[0][0]


def _row_words(text: Text, index: int) -> tuple[str, ...]:
    line = text.source.lines[index]
    fields = split_line(line)
    return tuple(header_words(field.text) for field in (fields if len(fields) > 1 else words_of(line)))


def _starts_table(text: Text, row: Sequence[str]) -> bool:
    """Says whether a row is a header row: at least two header words and nothing else."""
    filled = [word for word in row if word]
    return len(filled) >= 2 and all(word in text.headers for word in filled)


# --- captions and notes around a body ---------------------------------------------------------------------------------


def _draft_of_body(text: Text, body: tuple[int, ...]) -> Draft:
    caption = _caption_above(text, body[0])
    notes = notes_below(text, body[-1] + 1)
    if not caption and _is_chart(text, body):
        return Draft((), body, (), "present", "chart")
    return Draft(caption, body, notes, "present")


def _caption_above(text: Text, start: int) -> tuple[int, ...]:
    """Returns the caption lines right above: number, title with aside, unit, owner, year, in any order."""
    found: list[int] = []
    seen: set[str] = set()
    index, blanks = start - 1, 0
    while index >= 0 and blanks <= 6:
        kind = text.kind(index)
        if kind in GAPS:
            blanks += 1
        elif kind in CAPTION_KINDS and not (kind in seen and kind in {"title", "number", "unit"}):
            if kind == "aside" and not _aside_of_title(text, index):
                break
            if kind == "title" and "number" in seen and _far_above(text, index, found):
                break
            found.append(index)
            seen.add(kind)
            blanks = 0
        else:
            break
        index -= 1
    return tuple(reversed(found)) if seen & {"title", "number", "unit"} else ()


def _aside_of_title(text: Text, index: int) -> bool:
    return text.kind(index - 1) == "title" or (text.kind(index - 1) == "blank" and text.kind(index - 2) == "title")


def _far_above(text: Text, index: int, found: Sequence[int]) -> bool:
    """Says whether a title above a number belongs to something else: the caption below already has a title."""
    return any(text.kind(known) == "title" for known in found) or found[-1] - index > 4


def _is_chart(text: Text, body: Sequence[int]) -> bool:
    """Says whether rows without any caption are the cached data of a chart; without a sign of one they are a table."""
    rows = [_row_words(text, index) for index in body if text.kind(index) == "row"]
    if any(_SUBJECT_CODE.fullmatch(word) for row in rows for word in row[:3]):
        return False
    if _starts_table(text, rows[0]) or any("合计" in word for row in rows for word in row):
        return False
    return any(_is_series(row) for row in rows)


def _is_series(row: Sequence[str]) -> bool:
    """Says whether a row is a chart's: its categories and then as many numbers, a share, or a sample's leftover."""
    filled = [word for word in row if word]
    half = len(filled) // 2
    is_number = [read_numeral(word).value is not None for word in filled]
    is_paired = half > 1 and is_number == [False] * half + [True] * half
    return is_paired or any(re.search(r"占\s*[\d.]+%|^第一季度$", word) for word in filled)


def _with_units_below(text: Text, drafts: list[Draft]) -> list[Draft]:
    """Returns the drafts, unit lines that stand below their tables counted to them.

    One that touches the table above and begins the caption below may be either's; it is counted upwards where that
    leaves fewer tables without a unit.
    """
    upwards = _with_trailing_units(text, _with_touching_units(text, drafts))
    as_printed = _with_trailing_units(text, drafts)
    return min(as_printed, upwards, key=lambda made: sum(not _has_unit(text, draft) for draft in made))


def _with_touching_units(text: Text, drafts: list[Draft]) -> list[Draft]:
    moved = list(drafts)
    for place, (draft, following) in enumerate(pairwise(drafts)):
        if _has_unit(text, draft) or len(following.caption) < 2 or following.caption[0] != draft.last + 1:
            continue
        if text.kind(draft.last + 1) == "unit":
            moved[place] = moved[place]._replace(caption=(*draft.caption, draft.last + 1))
            moved[place + 1] = following._replace(caption=following.caption[1:])
    return moved


def _with_trailing_units(text: Text, drafts: list[Draft]) -> list[Draft]:
    """Returns the drafts, a free unit line below a table that has none counted to that table's caption."""
    mended: list[Draft] = []
    taken = {index for draft in drafts for index in (*draft.caption, *draft.body, *draft.notes)}
    for draft in drafts:
        index = text.after_gap(draft.last + 1)
        if index not in taken and text.kind(index) == "unit" and not _has_unit(text, draft):
            mended.append(draft._replace(caption=(*draft.caption, index)))
        else:
            mended.append(draft)
    return mended


def _has_unit(text: Text, draft: Draft) -> bool:
    return any(text.kinds[index].unit for index in draft.caption)


def _without_overlap(drafts: list[Draft]) -> list[Draft]:
    """Returns the drafts with each caption line counted to the body that follows it, not to notes before."""
    claimed = {index for draft in drafts for index in draft.caption}
    return [draft._replace(notes=tuple(index for index in draft.notes if index not in claimed)) for draft in drafts]


# --- pages of one table -----------------------------------------------------------------------------------------------


def _joined_pages(text: Text, drafts: list[Draft]) -> list[Draft]:
    """Returns the drafts, a page that repeats title and header of the one before joined to it."""
    joined: list[Draft] = []
    for draft in drafts:
        if joined and _is_next_page(text, joined[-1], draft):
            before = joined[-1]
            joined[-1] = before._replace(
                caption=(*before.caption, *draft.caption),
                body=(*before.body, *draft.body),
                notes=(*before.notes, *draft.notes),
            )
        else:
            joined.append(draft)
    return joined


def _is_next_page(text: Text, before: Draft, draft: Draft) -> bool:
    if before.kind != "table" or draft.kind != "table" or not before.body or not draft.body or not draft.caption:
        return False
    if any(not text.is_gap(index) for index in range(before.last + 1, draft.first)):
        return False
    if not _repeats_caption(text, before, draft) or is_vertical(
        text.source, [text.source.lines[index].number for index in draft.body]
    ):
        return False
    first, second = _row_words(text, before.body[0]), _row_words(text, draft.body[0])
    totals = _totals(text, draft)
    return first == second and len([word for word in first if word]) >= 2 and totals <= _totals(text, before)


def _repeats_caption(text: Text, before: Draft, draft: Draft) -> bool:
    """Says whether a page's caption is that of the page before; one marked 续 need not repeat all of it."""
    first, second = _caption_words(text, before), _caption_words(text, draft)
    is_marked = any("续" in text.source.lines[index].text for index in draft.caption)
    if not (first == second or (is_marked and second and second <= first)):
        return False
    return not any(
        ours and theirs and ours != theirs
        for ours, theirs in zip(_owner_and_unit(text, before), _owner_and_unit(text, draft), strict=True)
    )


def _owner_and_unit(text: Text, draft: Draft) -> tuple[frozenset[str], frozenset[str]]:
    """Returns whose table a caption says it is, and in which units; a different one means a different table."""
    known = [text.kinds[index] for index in draft.caption]
    return frozenset(words(line.owner) for line in known if line.owner), frozenset(
        line.unit for line in known if line.unit
    )


def _caption_words(text: Text, draft: Draft) -> frozenset[str]:
    """Returns number and title of a draft's first page; further pages repeat them."""
    return frozenset(
        re.sub(r"\(续表?\d?\)|^续表|续表$", "", words(text.source.lines[index].text))
        for index in draft.caption
        if text.kind(index) in {"title", "number"}
    )


def _totals(text: Text, draft: Draft) -> frozenset[tuple[str, ...]]:
    rows = (_row_words(text, index) for index in draft.body)
    return frozenset(
        tuple(word for word in row if word)
        for row in rows
        if any(word.endswith(("合计", "总计")) for word in row[:3]) and any(map(_DIGIT.search, row))
    )
