"""Source → Sections: every table with its caption, body and notes, and the narrative between them.

Sections do not overlap and together are the whole text. It finds tables by their lines; it reads no amounts.
"""

import re
from collections.abc import Sequence

from crossfoot.figures import Section, Source
from crossfoot.labels import words
from crossfoot.reading.captions import CaptionLine, clean_title, kind_of
from crossfoot.reading.draft import Draft, Text, contents_lines
from crossfoot.reading.drafts import find_drafts
from crossfoot.reading.spaced_lines import with_spaced_rows
from crossfoot.tabletypes import Catalog

_CONTENTS = re.compile(r"^#*目录$")
_OUTLINE_HEADING = re.compile(r"^[（(]?[一二三四五六七八九十]{1,3}[）)、.][^。；，,]{2,30}$")


def find_sections(source: Source, catalog: Catalog) -> tuple[Section, ...]:
    """Returns all sections in the order of the text, numbered s1, s2 and so on."""
    titles = frozenset(title for known in catalog.types for title in known.known_titles if len(title) > 4)
    kinds = with_spaced_rows(source, _settled([kind_of(line, titles) for line in source.lines]), catalog.headers)
    text = Text(source, kinds, catalog.headers)
    contents = contents_lines(text)
    tables = [_section(text, draft) for draft in find_drafts(text, catalog, contents)]
    return _numbered([*tables, *_narrative(text, tables, contents)])


def _settled(kinds: Sequence[CaptionLine]) -> tuple[CaptionLine, ...]:
    """Returns the kinds with each `number ⇥ title` line decided: a row among others like it, else a caption."""
    filled = [place for place, known in enumerate(kinds) if known.kind not in {"blank", "page"}]
    settled = list(kinds)
    for order, place in enumerate(filled):
        if kinds[place].kind != "entry":
            continue
        around = [filled[near] for near in (order - 1, order + 1) if 0 <= near < len(filled)]
        is_row = any(kinds[near].kind == "entry" or (kinds[near].kind == "row" and near < place) for near in around)
        settled[place] = CaptionLine("row") if is_row else kinds[place]._replace(kind="title")
    return tuple(settled)


def _section(text: Text, draft: Draft) -> Section:
    caption = [(index, text.kinds[index]) for index in draft.caption]
    titles = [(index, known) for index, known in caption if known.kind == "title"]
    title = clean_title(titles[0][1].title) if titles else _title_above(text, draft)
    asides = [index for index, known in caption if known.kind == "aside" and titles and index > titles[0][0]]
    if asides:
        title += clean_title(text.source.lines[asides[0]].text)
    unit = next(((index, known.unit) for index, known in caption if known.unit), (None, None))
    return Section(
        id="",
        kind="chart" if draft.kind == "chart" else "table",
        first=draft.first + 1,
        last=draft.last + 1,
        title=title,
        number=next((known.number for _, known in caption if known.number), ""),
        unit=unit[1],
        unit_line=None if unit[0] is None else unit[0] + 1,
        body=draft.state,
        caption_lines=tuple(index + 1 for index in draft.caption),
        body_lines=tuple(index + 1 for index in draft.body),
        note_lines=tuple(index + 1 for index in draft.notes),
        owner=next((known.owner for _, known in caption if known.owner), ""),
    )


def _title_above(text: Text, draft: Draft) -> str:
    """Returns the nearest heading above a table that has no title of its own, or nothing."""
    if draft.kind == "chart":
        return ""
    for index in range(draft.first - 1, max(draft.first - 12, -1), -1):
        plain = text.source.lines[index].text.strip()
        is_heading = plain.startswith("#") or _CONTENTS.match(words(plain)) or _OUTLINE_HEADING.match(plain)
        if is_heading and len(plain) <= 40:
            return clean_title(plain)
    return ""


def _narrative(text: Text, tables: Sequence[Section], contents: frozenset[int]) -> list[Section]:
    """Returns the runs of lines between tables, cut at headings and around tables of contents."""
    taken = {line for table in tables for line in range(table.first, table.last + 1)}
    sections: list[Section] = []
    run: list[int] = []

    def close() -> None:
        if any(text.source.lines[index].text.strip() for index in run):
            kind = "contents" if run[0] in contents or run[-1] in contents else "narrative"
            sections.append(
                Section(id="", kind="contents" if kind == "contents" else "narrative", first=run[0] + 1,
                        last=run[-1] + 1, title=_heading_of(text, run))
            )  # fmt: skip
        run.clear()

    for index in range(len(text.kinds)):
        if index + 1 in taken:
            close()
            continue
        starts = text.kind(index) == "heading" or ((index in contents) != (index - 1 in contents))
        if starts and run and not (index in contents and run[-1] in contents):
            close()
        run.append(index)
    close()
    return sections


def _heading_of(text: Text, run: Sequence[int]) -> str:
    first = next((index for index in run if text.source.lines[index].text.strip()), run[0])
    title = clean_title(text.source.lines[first].text)
    return title if len(title) <= 60 else ""


def _numbered(sections: list[Section]) -> tuple[Section, ...]:
    sections.sort(key=lambda section: section.first)
    return tuple(section.model_copy(update={"id": f"s{place}"}) for place, section in enumerate(sections, start=1))
