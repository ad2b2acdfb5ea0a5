"""Words as printed → words to compare: markup, widths, outline labels and units taken off.

This module only compares; nothing it returns is ever stored as printed text.
"""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from crossfoot.numerals import narrow

OutlineStyle = Literal["chinese", "bracketed_chinese", "dotted", "arabic", "bracketed_arabic", "circled", "none"]

_CHINESE = "一二三四五六七八九十"
_OUTLINE: tuple[tuple[OutlineStyle, re.Pattern[str]], ...] = (
    ("chinese", re.compile(rf"^([{_CHINESE}]+)[、.．]\s*")),
    ("bracketed_chinese", re.compile(rf"^\(([{_CHINESE}]+)\)[、.]?\s*")),
    ("dotted", re.compile(r"^(\d+\.\d+)[、.]?\s*(?=\D)")),
    ("bracketed_arabic", re.compile(r"^\((\d{1,2})\)[、.]?\s*")),
    ("arabic", re.compile(r"^(\d{1,2})[、.]\s*(?=\D)")),
    ("circled", re.compile(r"^([①-⑳])\s*")),
)
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,40}>|\[bookmark:[^\[\]]*\]|\*\*|^#+\s*")
_MAY_BE_MARKED = re.compile(r"[<*\[#]")
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": '"', "’": '"', "「": '"', "」": '"', "〔": "[", "〕": "]", "'": '"'})
_UNIT_SUFFIX = re.compile(r"\((?:单位[::]?)?(?:亿元|百万元|万元|千元|元|%)\)$")
_FORMULA = re.compile(r"\([A-Z][A-Z/÷×=+\-]*\)$")
_YEAR_BEFORE = re.compile(r"^(?:\d{4}|\*)年度?")
#: A statement of the money unit, in words ready for comparing.
UNIT_STATED = re.compile(r"(?:金额|计量)?单位:?\(?(?:人民币)?(亿元|百万元|万元|千元|元)")
_LEVELS = re.compile(r"/(?![^(（]*[)）])")
_UNIT_INSIDE = re.compile(r"\((?:单位[::]?)?(亿元|百万元|万元|千元|元)\)")
_OF_WHICH = re.compile(r"^其中[::]?")


class Label(NamedTuple):
    """A printed label taken apart: `（1）公务用车购置` is bracketed_arabic, ordinal 1, name 公务用车购置.

    `of_which` is True for a label that starts with 其中.
    """

    style: OutlineStyle
    ordinal: str
    name: str
    of_which: bool


@lru_cache(maxsize=65536)
def words(text: str) -> str:
    """Returns the text without markup and blanks, half-width, for comparing: `项 目` and `项目` are one."""
    return _SPACE.sub("", narrow(_MARKUP.sub("", text)).translate(_QUOTES))


@lru_cache(maxsize=65536)
def header_words(text: str) -> str:
    """Returns a header for comparing: also without year, unit or formula in brackets, and final colon."""
    plain = _FORMULA.sub("", _UNIT_SUFFIX.sub("", words(text).rstrip(":")))
    return _YEAR_BEFORE.sub("", plain) or plain


@lru_cache(maxsize=65536)
def label_of(text: str) -> Label:
    """Returns the label taken apart, its name ready for comparing."""
    rest = words(text)
    of_which = bool(_OF_WHICH.match(rest))
    if of_which:
        rest = _OF_WHICH.sub("", rest)
    for style, pattern in _OUTLINE:
        match = pattern.match(rest)
        if match:
            return Label(style, match[1], rest[match.end() :].rstrip(":"), of_which)
    return Label("none", "", rest.rstrip(":"), of_which)


def header_levels(header: str) -> list[str]:
    """Returns the levels of a printed header path; a slash in brackets, as in 执行率（B/A）, separates nothing."""
    return _LEVELS.split(header)


def unit_in(text: str) -> str | None:
    """Returns the money unit in brackets inside a header (`预算金额（万元）`), or None."""
    match = _UNIT_INSIDE.search(words(text))
    return match[1] if match else None


def may_be_marked(text: str) -> bool:
    """Says whether there may be markup in the text; without it what stands there is what is left without blanks."""
    return _MAY_BE_MARKED.search(text) is not None


def unmark(text: str) -> tuple[int, int]:
    """Returns where the text stands without blanks and markup around it, as offsets into it.

    A cell that is nothing but asterisks is a placeholder and keeps them.
    """
    stripped = text.strip()
    if not may_be_marked(stripped):
        start = text.find(stripped)
        return start, start + len(stripped)
    start, end = 0, len(text)
    while True:
        before = (start, end)
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        inner = text[start:end]
        if inner.strip("*") == "" and inner:
            return start, end
        opening = re.match(r"</?[a-zA-Z][^<>]{0,40}>|\[bookmark:[^\]]*\]|\*\*|#+\s+", inner)
        if opening:
            start += opening.end()
        closing = re.search(r"(?:</?[a-zA-Z][^<>]{0,40}>|\[bookmark:[^\]]*\]|\*\*)$", text[start:end])
        if closing:
            end = start + closing.start()
        if (start, end) == before:
            return start, end
