"""A line → what kind it is: a row, part of a caption (number, title, unit, owner), a note, a heading.

It looks at one line at a time; sections.py puts the lines together.
"""

import re
from typing import Literal, NamedTuple

from crossfoot.figures import Line
from crossfoot.labels import UNIT_STATED, words
from crossfoot.numerals import SCALES
from crossfoot.reading.fields import RULE, is_pipe_row, split_line

LineKind = Literal[
    "blank", "row", "rule", "page", "illegible", "number", "title", "unit", "owner", "year", "aside", "note", "heading",
    "text", "entry",
]  # fmt: skip

CAPTION_KINDS: frozenset[LineKind] = frozenset({"number", "title", "unit", "owner", "year", "aside"})

_ORDINAL = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:[-－—.]\d{1,2}){0,2}"
_NUMBER = re.compile(
    rf"^\(?(?:部门)?(?:公开|附|预算|决算|财决|部决|财预|预决算|附件)*(?:表{_ORDINAL}|{_ORDINAL}表)[::]?\)?$"
)
_NUMBERED_TITLE = re.compile(
    rf"^#*\s*((?:部门)?(?:公开|附|预算|决算|财决|部决|财预)*\s*(?:表\s*{_ORDINAL}|{_ORDINAL}\s*表))[\s:：、.]*(\D.*)$"
)
_UNIT_ASIDE = re.compile(r"\s*[(（](?:金额)?单位\s*[:：]?\s*(亿元|百万元|万元|千元|元)[)）]\s*$")
_PAGE = re.compile(
    r"^(?:[-—－·]*(?:\d{1,3}(?:of\d{1,3})?|page_?break)[-—－·]*|第\d+页(?:,?共\d+页)?|\d+/\d+|page\d+|<!--.*-->|\(?续表?\d?\)?)$",
    re.IGNORECASE,
)
_OWNER = re.compile(r"^\(?(?:编制|填报|公开)?(?:部门|单位)(?:\(单位\)|\(公章\))?(?:名称)?(?:\(.{1,6}\))?[::](.*)$")
_YEAR = re.compile(
    r"^\(?(?:\d{4}|[二〇○零一三四五六七八九]{4})年度?\)?$|^(?:编制|填报|公开)?日期[::]|^(?:编制|填报)(?:单位|部门)\(?盖章"
)
_ASIDE = re.compile(r"^\([^()]{2,40}\)$")
_TITLE = re.compile(r"(?:表|自评|清单|一览|名单)(?:\([^()]*\)){0,2}(?:\(续\)|续表)?$")
_NOTE = re.compile(r"^(?:\*?注\d?[::、.]|备注[::]|说明[::]|附注[::]|填表说明)")
_HEADING = re.compile(r"^第[一二三四五六七八九十\d]+(?:部分?|章)")
_SENTENCE = re.compile(r"[。;；！!?？]")
_ILLEGIBLE = re.compile(r"^\[?illegible\]?$", re.IGNORECASE)
_MARKUP = re.compile(r"\[bookmark:[^\]]*\]|</?[a-zA-Z][^<>]*>|\*\*|^\s*#+\s*")
_PLAIN_KINDS: tuple[tuple[LineKind, re.Pattern[str]], ...] = (
    ("illegible", _ILLEGIBLE),
    ("note", _NOTE),
    ("page", _PAGE),
)
NO_DATA = re.compile(
    r"(?:此|本|该)表(?:无|没有|为空|空)|^(?:无|无数据|空表|不涉及)$|(?:无|没有|未安排|不涉及|不存在).{0,30}(?:空表|此表|本表|故)"
)


class CaptionLine(NamedTuple):
    """A line's kind with what it says: the table number, title, unit or owner in it."""

    kind: LineKind
    number: str = ""
    title: str = ""
    unit: str | None = None
    owner: str = ""


_BLANK = CaptionLine("blank")
_ROW = CaptionLine("row")


def kind_of(line: Line, known_titles: frozenset[str]) -> CaptionLine:
    """Returns what the line is, by its text alone; `known_titles` are those of the table types."""
    text = line.text
    if not text.strip():
        return CaptionLine("row") if "\t" in text else _BLANK
    if RULE.match(text):
        return CaptionLine("rule")
    if not (is_pipe_row(text) or _has_columns(text)):
        return _of_text(text, known_titles)
    texts = [field.text for field in split_line(line) if field.text]
    if not texts or len(texts) > 3:
        return _ROW
    parts = [_of_text(part, known_titles) for part in texts]
    if all(part.kind in {"number", "unit", "owner", "year"} for part in parts):
        return _joined(parts)
    if len(texts) == 1 and parts[0].kind == "title" and text.count("\t") > 1:
        return parts[0]
    if len(texts) > 1 and all(part.kind in {"title", "number", "unit", "owner", "year"} for part in parts):
        return _joined_title(parts)
    return _ROW


def _has_columns(text: str) -> bool:
    """Says whether tabs make the line a row; one tab at the end of a heading does not."""
    tabs = text.count("\t")
    return tabs > 1 or (tabs == 1 and not text.rstrip(" \r").endswith("\t")) or text.startswith("\t")


def _joined(parts: list[CaptionLine]) -> CaptionLine:
    order = {kind: place for place, kind in enumerate(("number", "unit", "owner", "year"))}
    first = min(parts, key=lambda part: order.get(part.kind, 9))
    return CaptionLine(
        first.kind,
        next((part.number for part in parts if part.number), ""),
        "",
        next((part.unit for part in parts if part.unit), None),
        next((part.owner for part in parts if part.owner), ""),
    )


def _joined_title(parts: list[CaptionLine]) -> CaptionLine:
    """Returns a row that holds a whole caption; a bare number and title (`entry`) may be a register's row."""
    joined = _joined([part for part in parts if part.kind != "title"] or parts)
    titles = [part for part in parts if part.kind == "title"]
    if len(titles) != 1:
        return _ROW
    kind: LineKind = "title" if joined.unit or joined.owner else "entry"
    return joined._replace(kind=kind, title=titles[0].title, number=joined.number or titles[0].number)


def _of_text(text: str, known_titles: frozenset[str]) -> CaptionLine:
    plain = words(text)
    if not plain:
        return _BLANK
    if len(plain) > 90:
        return CaptionLine("note" if _NOTE.match(plain) else "text")
    for kind, pattern in _PLAIN_KINDS:
        if pattern.match(plain):
            return CaptionLine(kind)
    if _NUMBER.match(plain):
        return CaptionLine("number", number=plain.strip("()：:"))
    owner, unit = _OWNER.match(plain), UNIT_STATED.search(plain)
    if owner or (unit and unit.start() <= 1):
        who = UNIT_STATED.sub("", owner[1]) if owner else ""
        known = unit[1] if unit else None
        return CaptionLine("unit" if unit else "owner", unit=known, owner="" if who in SCALES else who)
    if _YEAR.match(plain):
        return CaptionLine("year")
    if _HEADING.match(plain):
        return CaptionLine("heading")
    return _title_or_text(text, plain, known_titles)


def _title_or_text(text: str, plain: str, known_titles: frozenset[str]) -> CaptionLine:
    aside = _UNIT_ASIDE.search(text) if "单位" in text else None
    if aside:
        return _title_or_text(text[: aside.start()], words(text[: aside.start()]), known_titles)._replace(unit=aside[1])
    numbered = _NUMBERED_TITLE.match(clean_title(text)) if "表" in text else None
    if numbered and _TITLE.search(words(numbered[2])) and not _SENTENCE.search(plain):
        return CaptionLine("title", number=words(numbered[1]), title=numbered[2])
    may_be_title = 4 <= len(plain) <= 80 and "," not in plain and not _SENTENCE.search(plain)
    if may_be_title and (_TITLE.search(plain) or _names_form(plain, known_titles)):
        return CaptionLine("title", title=text)
    if _ASIDE.match(plain):
        return CaptionLine("aside", title=text)
    return CaptionLine("heading" if text.lstrip().startswith("#") else "text")


def clean_title(text: str) -> str:
    """Returns a printed title without markup, bookmarks and blanks around it."""
    return _MARKUP.sub("", text.replace("\t", " ")).strip()


def _names_form(plain: str, known_titles: frozenset[str]) -> bool:
    """Says whether a short line has a known form's title in it, whatever follows the title."""
    return len(plain) <= 60 and ("表" in plain or "自评" in plain) and any(title in plain for title in known_titles)
