"""The document's own list of its tables → which section is which entry, what is declared blank, what is missing.

The list is a table (报表 … 是否空表) or, where there is none, the outline's lines that name tables.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from crossfoot.figures import Reading, RegisterState, Section, Source
from crossfoot.labels import label_of, words
from crossfoot.tabletypes import Catalog

_YEAR = re.compile(r"\d{4}年度?")
_ASIDE = re.compile(r"[-(]?不含上年结转\)?")
_CHAPTER = re.compile(r"(?:部门|单位)?(?:综合)?(?:预算|决算)(?:公开)?(?:情况)?(?:报)?表(?:\([^()]*\))?$")
_TABLE_LINE = re.compile(r"表(?:\([^()]*\))?$")
_ALIKE, _ALIKE_WITH_NUMBER = 80, 55
_MOST_PAIRS = 20_000


class Entry(NamedTuple):
    """One line of the list: its number (表5, or empty), title, and what it says about blankness."""

    line: int
    number: str
    title: str
    state: RegisterState
    reason: str
    span: tuple[int, int]


def register_entries(source: Source, sections: Sequence[Section], readings: Sequence[Reading]) -> list[Entry]:
    """Returns the entries of the document's list of tables, from its register if it has one, else its outline."""
    registers = [reading for reading in readings if reading.type == "table_register"]
    if registers:
        return [entry for reading in registers for entry in _of_register(reading)]
    return _of_outline(source, sections)


def _of_register(reading: Reading) -> list[Entry]:
    entries: list[Entry] = []
    says_blank = any((cell := row.cell("is_blank")) is not None and cell.printed for row in reading.rows)
    for row in reading.rows:
        cells = {cell.column: cell for cell in row.cells}
        title = cells.get("title")
        if title is None or not title.printed:
            continue
        number = cells["number"].printed if "number" in cells else ""
        answer = words(cells["is_blank"].printed) if "is_blank" in cells else ""
        state: RegisterState = "blank" if answer.startswith("是") else "not_blank" if says_blank else "unstated"
        reason = cells["reason"].printed if "reason" in cells else ""
        entries.append(Entry(row.line, number, title.printed, state, reason, title.span))
    return entries


def _of_outline(source: Source, sections: Sequence[Section]) -> list[Entry]:
    entries: list[Entry] = []
    for section in sections:
        if section.kind != "contents":
            continue
        for number in range(section.first, section.last + 1):
            line = source.line(number)
            label = label_of(line.text)
            is_chapter = bool(re.search(r"(?:部门|单位)", label.name)) and _CHAPTER.search(label.name)
            if label.style != "none" and _TABLE_LINE.search(label.name) and len(label.name) >= 5 and not is_chapter:
                end = line.start + len(line.text)
                entries.append(Entry(number, "", line.text.strip().lstrip("-* "), "unstated", "", (line.start, end)))
    return entries


class Registered(NamedTuple):
    """The sections with what the list says of them, and the entries that no section answers to."""

    sections: tuple[Section, ...]
    missing: tuple[Entry, ...]


class _Name(NamedTuple):
    """What an entry or a section is compared by: number, title without year and label, table types of that title."""

    id: str
    number: str
    title: str
    types: frozenset[str]


def match_register(sections: Sequence[Section], entries: Sequence[Entry], catalog: Catalog) -> Registered:
    """Returns the table sections with their register state; the best pairs of entry and section are made first.

    A number that is only in the list is taken over and marked as inferred.
    """
    tables = [section for section in sections if section.kind == "table" and section.caption_lines]
    listed = [_name(str(place), entry.number, entry.title, catalog) for place, entry in enumerate(entries)]
    found = [_name(section.id, section.number, section.title, catalog) for section in tables]
    pairs = _same_names(listed, found)
    pairs.update(
        _alike_names([n for n in listed if n.id not in pairs.values()], [n for n in found if n.id not in pairs])
    )
    used = {int(place) for place in pairs.values()}
    again = {name.title: place for name, place in ((listed[int(p)], p) for p in pairs.values())}
    for name in found:  # further tables under one entry, e.g. one form per project
        if name.id not in pairs and name.number and (place := _entry_of_number(name, listed)) is not None:
            pairs[name.id] = place
        elif name.id not in pairs and name.title in again:
            pairs[name.id] = again[name.title]
    by_section = {section_id: entries[int(place)] for section_id, place in pairs.items()}
    marked = tuple(_marked(section, by_section.get(section.id), bool(entries)) for section in sections)
    return Registered(marked, tuple(entry for place, entry in enumerate(entries) if place not in used))


def _name(identity: str, number: str, title: str, catalog: Catalog) -> _Name:
    core = _core(title)
    return _Name(identity, words(number) if words(number).startswith("表") else "", core, _types(core, catalog))


def _same_names(listed: Sequence[_Name], found: Sequence[_Name]) -> dict[str, str]:
    """Returns section id → entry place where number and title are the same, in the order of the document."""
    waiting: dict[tuple[str, str], list[str]] = {}
    for name in reversed(found):
        waiting.setdefault((name.number, name.title), []).append(name.id)
    pairs: dict[str, str] = {}
    for entry in listed:
        same = waiting.get((entry.number, entry.title)) or []
        if same:
            pairs[same.pop()] = entry.id
    return pairs


def _alike_names(listed: Sequence[_Name], found: Sequence[_Name]) -> dict[str, str]:
    """Returns section id → entry place for the rest, the most alike pairs first; too many to compare stay unpaired."""
    if len(listed) * len(found) > _MOST_PAIRS:
        return {}
    scored = sorted(
        (-_likeness(entry, name), row, column, entry.id, name.id)
        for row, entry in enumerate(listed)
        for column, name in enumerate(found)
    )
    pairs: dict[str, str] = {}
    used: set[str] = set()
    for score, _, _, place, section_id in scored:
        if score < 0 and place not in used and section_id not in pairs:
            pairs[section_id] = place
            used.add(place)
    return pairs


def _entry_of_number(name: _Name, listed: Sequence[_Name]) -> str | None:
    """Returns the entry under whose number and like title a further table stands."""
    same = [entry for entry in listed if entry.number == name.number]
    return next((entry.id for entry in same if fuzz.ratio(entry.title, name.title) >= _ALIKE_WITH_NUMBER), None)


def _marked(section: Section, entry: Entry | None, has_list: bool) -> Section:
    if section.kind != "table" or not section.caption_lines:
        return section
    if entry is None:
        return section.model_copy(update={"register_state": "unlisted" if has_list else "unstated"})
    inferred = not section.number and entry.number.startswith("表")
    return section.model_copy(
        update={
            "register_state": entry.state,
            "register_reason": entry.reason,
            "number": entry.number if inferred else section.number,
            "number_inferred": inferred,
        }
    )


def _likeness(entry: _Name, name: _Name) -> float:
    """Returns how surely an entry means a section: by number and title, by title, or by table type; 0 for not."""
    alike = fuzz.ratio(entry.title, name.title)
    if entry.number and entry.number == name.number:
        return 100 + alike if alike >= _ALIKE_WITH_NUMBER else 0.0
    if entry.number and name.number:
        return 0.0
    if alike >= _ALIKE or (entry.title and entry.title in name.title):
        return alike
    return 50.0 if entry.types & name.types else 0.0


def _core(title: str) -> str:
    return _ASIDE.sub("", _YEAR.sub("", label_of(title).name))


def _types(title: str, catalog: Catalog) -> frozenset[str]:
    """Returns the table types whose longest title stands in this one."""
    found: dict[str, int] = {}
    for known in catalog.types:
        for wanted in known.known_titles:
            if wanted in title:
                found[f"{known.family}/{known.type}"] = max(found.get(f"{known.family}/{known.type}", 0), len(wanted))
    longest = max(found.values(), default=0)
    return frozenset(name for name, length in found.items() if length == longest)
