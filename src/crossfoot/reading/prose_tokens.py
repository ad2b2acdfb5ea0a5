"""A passage → the tokens that say a number: numerals with their units, and words for nothing or no change.

A damaged numeral, a range, an approximate or a threshold is a token too, marked as such; it never becomes a fact.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from crossfoot.numerals import read_numeral
from crossfoot.reading.passages import Passage

TokenKind = Literal["money", "percent", "count", "bare", "none", "even"]

_COMPARED = r"(?:与|较|比|同)(?:上年度?|去年|上一年度?|20\d\d年度?)(?:同期)?(?:预算|决算|执行)?(?:数|额)?(?:相比)?,?"
#: A comparison with the year before, which makes what follows a change on it.
COMPARISON = re.compile(_COMPARED)
_TOKEN = re.compile(
    r"(?P<number>\d+(?:,\d+)*+(?:\.\d+)?)"
    r"(?:(?P<money>万元|亿元|百万元|千元|元)|(?P<percent>%)"
    r"|(?P<count>人次|批次|人|名|辆|台\(套\)|台/套|台套|台|套|批|个))?"
    rf"|(?P<even>{_COMPARED}(?:预算|决算)?(?:数|额)?(?:相比)?(?P<same>持平|无变化|无增减变化|无增减|没有变化|一致))"
    r"|(?P<none>未安排|未发生|未涉及|不涉及|没有|无)"
)
_DAMAGE = frozenset("□■�?_.-—–−~～]OolIl")
_AFTER = re.compile(r"\s*(?:至|到|-|—|~|以上|以下|以内|左右|余|多|几|[□■�?_O])")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_TORN = re.compile(r"[.,]\d")
_THRESHOLD = re.compile(r"(?:及|\(含\))?以上|(?:及|\(含\))?以下|以内")


class Token(NamedTuple):
    """Something that says a number: `start` and `end` are those of the numeral or word in the passage.

    `stop` is behind the unit. `is_clean` is False for a numeral that cannot be taken as it stands.
    """

    kind: TokenKind
    text: str
    unit: str
    start: int
    end: int
    stop: int
    is_clean: bool = True
    is_threshold: bool = False


def tokens_of(passage: Passage, source_text: str) -> Iterator[Token]:
    """Yields the tokens of a passage in order; plain numbers without a unit only where they look like an amount."""
    text = passage.text
    for match in _TOKEN.finditer(text):
        if match["even"]:
            yield Token("even", match["same"], "", *match.span("same"), match.end())
        elif match["none"]:
            yield Token("none", match["none"], "", *match.span(), match.end())
        else:
            token = _numeral(match, text)
            if token is not None:
                yield token._replace(is_clean=False) if _has_wide_comma(passage, token, source_text) else token


def _numeral(match: re.Match[str], text: str) -> Token | None:
    start, end = match.span("number")
    kind: TokenKind = (
        "money" if match["money"] else "percent" if match["percent"] else "count" if match["count"] else "bare"
    )
    if kind == "bare" and ("." not in match["number"] or text[end : end + 1] not in {",", ";", "。", "、"}):
        return None
    before = text[start - 1 : start]
    is_torn = before == "," and text[start - 2 : start - 1].isdigit()
    is_clean = not (before in _DAMAGE or is_torn or (before == " " and text[start - 2 : start - 1].isdigit()))
    unit = match["money"] or match["percent"] or match["count"] or ""
    after = _AFTER.match(text, match.end())
    is_grouped = "," not in match["number"] or _GROUPED.fullmatch(match["number"]) is not None
    is_read = read_numeral(match["number"]).value is not None
    is_clean = is_clean and is_read and is_grouped and not _TORN.match(text, end)
    threshold = bool(_THRESHOLD.match(text, match.end()))
    return Token(kind, match["number"], unit, start, end, match.end(), is_clean and after is None, threshold)


def _has_wide_comma(passage: Passage, token: Token, source_text: str) -> bool:
    """Says whether the commas in a number are punctuation of the text: `5，200万元` may be two numbers."""
    if "," not in token.text:
        return False
    start, end = passage.span(token.start, token.end)
    return "，" in source_text[start:end]
