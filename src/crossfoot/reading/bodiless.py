"""Captions without rows → drafts: illegible, blank, absent, or with lost columns; and `label：value` forms."""

import re
from collections.abc import Sequence
from itertools import groupby

from crossfoot.labels import header_words
from crossfoot.reading.captions import CAPTION_KINDS
from crossfoot.reading.draft import GAPS, Draft, Text, notes_below
from crossfoot.tabletypes import Catalog


def bodiless(text: Text, drafts: Sequence[Draft], contents: frozenset[int]) -> list[Draft]:
    """Returns tables that have a caption but no rows: illegible, declared blank, or with lost columns."""
    taken = {index for draft in drafts for index in range(draft.first, draft.last + 1)}
    found: list[Draft] = []
    index = 0
    while index < len(text.kinds):
        if index in taken or text.kind(index) not in CAPTION_KINDS or index in contents:
            index += 1
            continue
        caption = _caption_from(text, index, taken)
        below = _below(text, caption[-1] + 1, taken)
        kinds = {text.kind(line) for line in caption}
        named = "title" in kinds and (
            bool(kinds & {"number", "unit"}) or bool(below.notes or below.body) or below.state == "illegible"
        )
        if named or ("number" in kinds and below.state == "illegible"):
            found.append(below._replace(caption=caption))
        index = max((*caption, *below.body, *below.notes)) + 1 if named else caption[-1] + 1
    return found


def _caption_from(text: Text, start: int, taken: set[int]) -> tuple[int, ...]:
    caption, seen, blanks = [start], {text.kind(start)}, 0
    for index in range(start + 1, len(text.kinds)):
        kind = text.kind(index)
        if kind in GAPS and blanks < 3:
            blanks += 1
        elif kind in CAPTION_KINDS and index not in taken and kind not in seen:
            caption.append(index)
            seen.add(kind)
            blanks = 0
        else:
            break
    return tuple(caption)


def _below(text: Text, start: int, taken: set[int]) -> Draft:
    """Returns what stands under a caption without rows."""
    index = text.after_gap(start)
    nothing = Draft((), (), (), "absent")
    if index >= len(text.kinds) or index in taken or index - start > 4:
        return nothing
    if text.kind(index) == "illegible":
        return Draft((), (index,), notes_below(text, index + 1), "illegible")
    if text.states_no_data(index):
        return Draft((), (), (index,), "blank")
    lost = _lost_columns(text, index, taken)
    return Draft((), lost, (), "present") if lost else nothing


def _lost_columns(text: Text, start: int, taken: set[int]) -> tuple[int, ...]:
    """Returns the lines of a table whose tabs became blanks: short lines, most with several numerals."""
    lines: list[int] = []
    for index in range(start, len(text.kinds)):
        if index in taken or text.kind(index) not in {"text", "aside", "blank", "title"}:
            break
        line = text.source.lines[index].text
        if text.kind(index) == "blank":
            if index + 1 < len(text.kinds) and text.kind(index + 1) == "blank":
                break
            continue
        if "。" in line:
            break
        lines.append(index)
    rich = [index for index in lines if len(re.findall(r"\d[\d,]*\.?\d*", text.source.lines[index].text)) >= 2]
    return tuple(lines) if len(rich) >= 2 and len(rich) >= 0.4 * len(lines) else ()


def statements(text: Text, catalog: Catalog, drafts: Sequence[Draft]) -> list[Draft]:
    """Returns forms printed as `label：value` lines (the cover's certificate): two or more known labels in a row."""
    known = frozenset(
        label for form in catalog.types if form.colon for block in form.blocks for field in block.fields.values()
        for label in field.known
    )  # fmt: skip
    taken = {index for draft in drafts for index in range(draft.first, draft.last + 1)}

    def is_statement(index: int) -> bool:
        label, *value = re.split("[:：]", text.source.lines[index].text)
        return index not in taken and bool(value) and header_words(label) in known

    filled = (index for index in range(len(text.kinds)) if text.kind(index) != "blank")
    runs = [tuple(run) for stated, run in groupby(filled, is_statement) if stated]
    return [Draft((), run, (), "present") for run in runs if len(run) > 1]
