"""Source + narrative sections → passages: paragraphs as they were before pages, marks and blanks broke them.

A passage keeps for each of its characters where it stands in the source; nothing here reads a number.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crossfoot.figures import Line, Section, Source
from crossfoot.labels import label_of, words
from crossfoot.noun import Span
from crossfoot.numerals import narrow

#: A longer paragraph is cut into several; no sentence of a disclosure comes near.
_LONGEST = 4_000
_LONGEST_HEADING = 60
_MARKUP = re.compile(r"\[bookmark:[^\]\n]{0,80}\]|</?[a-zA-Z][^<>\n]{0,40}>|\*\*|^\s*#+\s*|\$\\?[a-z]*")
_ENDS = re.compile(r"(?<![类款项][)])[。;；:：!！?？]$")
_CHAPTER = re.compile(r"^第[一二三四五六七八九十\d]+(?:部分?|章)")
_CHART = re.compile(r"^图\d+|(?:对比|结构|变动|变化|构成|示意|趋势)情?况?图(?:\(.{0,20}\))?$|^\((?:\d[:：])?\)?$")
_MONEY = re.compile(r"\d\s*(?:万|亿|百万|千)?元|\d\s*(?:%|人|辆|台|个)")
_LEVELLED = re.compile(r"[(][类款项][)]")
_PAGE = re.compile(r"^[-—－·]*\d{1,3}[-—－·]*$|^第\d+页")
_STARTS = re.compile(
    r"^\s*[-•·]?\s*(?:[（(]?[一二三四五六七八九十]{1,3}[）)、.．]|[（(]\d{1,2}[）)]|\d{1,2}[、.．](?!\d)|[①-⑳]|附件|注[:：])"
)
_QUOTES = str.maketrans("“”‘’", "\"\"''")
_SPLIT = re.compile(r"(?<=\d)\.\s+(?=\d+\s*(?:万元|亿元|元|%|％|[，,。;；]))")
_SAYS_NUMBER = re.compile(
    r"\d\s*(?:$|[万亿百千元%％人名辆台套个批])|\d[.．]\s*\d|无|未安排|未发生|未涉及|没有|不涉及|持平|一致"
)
#: Headings above what is no budget: duties, work done and planned, explanations of words.
_NUMBER_GOES_ON = re.compile(r"[\d.,]*+(?:%|万元|亿元|千元|元)?")
_NO_BUDGET = re.compile(
    r"职责|职能|工作任务|重点工作|主要工作|工作完成|工作总结|工作思路|名词解释|术语解释|专业名词|^名词|释义"
)


class Passage(NamedTuple):
    """A paragraph: half-width text without blanks and marks, and the source offset of each character.

    `headings` are those above it, the highest first, ready for comparing.
    """

    section: str
    text: str
    offsets: Sequence[int]
    headings: tuple[str, ...]

    def span(self, start: int, end: int) -> Span:
        """Returns where a part of the passage stands in the source."""
        return self.offsets[start], self.offsets[end - 1] + 1

    def sentence(self, place: int) -> Span:
        """Returns the sentence of the passage that holds a place; `。` and `；` end one."""
        first, last = max(0, place - _LONGEST), place + _LONGEST
        start = max(self.text.rfind("。", first, place), self.text.rfind(";", first, place), first - 1) + 1
        ends = [end for end in (self.text.find("。", place, last), self.text.find(";", place, last)) if end >= 0]
        return start, min(ends) + 1 if ends else min(last, len(self.text))


def passages_of(source: Source, sections: Sequence[Section]) -> list[Passage]:
    """Returns the paragraphs that may say a number of the budget, in the order of the text.

    Those under duties, tasks and explanations of words are left out, and those without a digit or a word for nothing.
    """
    found: list[Passage] = []
    outline = _Outline()
    for section in sections:
        if section.kind == "narrative":
            lines = [source.line(number) for number in range(section.first, section.last + 1)]
            found += [
                piece
                for run, headings in _paragraphs(lines, outline)
                if any(_SAYS_NUMBER.search(line.text) for line in run) and not any(map(_NO_BUDGET.search, headings))
                for piece in _pieces(_passage(section.id, run, headings))
            ]
    return found


class _Outline:
    """The headings above the current line; a style seen before returns to its level, a new one goes one deeper."""

    def __init__(self) -> None:
        self.open: list[tuple[str, str]] = []

    def add(self, plain: str) -> None:
        style = "chapter" if _CHAPTER.match(plain) else label_of(plain).style
        if style == "chapter":
            self.open = []
        styles = [known for known, _ in self.open]
        if style in styles:
            del self.open[styles.index(style) :]
        self.open.append((style, plain))

    def close(self, plain: str) -> None:
        """Ends what stands at the level of a labelled paragraph: `（四）…` ends the section （三）."""
        styles = [known for known, _ in self.open]
        style = label_of(plain).style
        if style != "none" and style in styles:
            del self.open[styles.index(style) :]

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(plain for _, plain in self.open)


_Paragraph = tuple[list[Line], tuple[str, ...]]


def _paragraphs(lines: Sequence[Line], outline: _Outline) -> Iterator[_Paragraph]:
    """Yields the lines of each paragraph: a line that ends no sentence goes on in the next one that starts none."""
    run: list[Line] = []
    above: tuple[str, ...] = ()
    for line in lines:
        plain = words(line.text)
        if not plain or _PAGE.match(plain) or "\t" in line.text.strip():
            continue
        is_heading = _is_heading(line.text, plain)
        if run and (is_heading or _CHART.search(plain) or _starts_anew(run, line, plain)):
            yield run, above
            run = []
        if is_heading:
            outline.add(plain.rstrip("。:"))
        elif not _CHART.search(plain):
            if not run:
                outline.close(plain)
                above = outline.headings
            run.append(line)
    if run:
        yield run, above


def _is_heading(text: str, plain: str) -> bool:
    if len(plain) > _LONGEST_HEADING or _MONEY.search(plain) or _LEVELLED.search(plain):
        return False
    if _CHAPTER.match(plain) or text.lstrip().startswith("#"):
        return True
    is_title = plain.endswith("报告") or (plain.startswith("(") and plain.endswith(")") and "项目" in plain)
    bare = plain.rstrip("。:")
    return (is_title or label_of(plain).style != "none") and not re.search(r"[,;。:]", bare) and "无" not in bare


def _starts_anew(run: Sequence[Line], line: Line, plain: str) -> bool:
    """Says whether a line starts a paragraph: the one before has ended, or this one is labelled or stands in a list."""
    before = words(run[-1].text)
    ended = bool(_ENDS.search(before))
    if line.number == run[-1].number + 1 and len(before) < 12 and not ended and not plain[0].isdigit():
        return True  # a loose short line: a label of a chart
    return ended or bool(_STARTS.match(line.text)) or sum(len(known.text) for known in run) > _LONGEST


def _passage(section: str, lines: Sequence[Line], headings: tuple[str, ...]) -> Passage:
    characters: list[str] = []
    offsets: list[int] = []
    for line in lines:
        text = line.text
        kept = _kept(text)
        plain = narrow(text).translate(_QUOTES)
        characters += [" " if plain[place].isspace() else plain[place] for place in kept]
        offsets += [line.start + place for place in kept]
    return Passage(section, "".join(characters), offsets, headings)


def _pieces(passage: Passage) -> Iterator[Passage]:
    """Yields a passage, or of one that is too long pieces that end between sentences and never in a number."""
    text = passage.text
    start = 0
    while len(text) - start > _LONGEST:
        end = text.rfind("。", start, start + _LONGEST) + 1 or start + _LONGEST
        tail = _NUMBER_GOES_ON.match(text, end)
        end = tail.end() if tail else end
        yield passage._replace(text=text[start:end], offsets=passage.offsets[start:end])
        start = end
    if start < len(text):
        yield passage._replace(text=text[start:], offsets=passage.offsets[start:])


def _kept(text: str) -> list[int]:
    """Returns the places of the characters that count: no markup, and no blanks but those that hold numbers apart."""
    dropped = bytearray(len(text))
    for match in _MARKUP.finditer(text):
        dropped[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    for match in _SPLIT.finditer(text):
        if match.start() < 4 and text[: match.start()].strip().isdigit():
            continue  # the number of a list entry
        dropped[match.start() + 1 : match.end()] = b"\1" * (match.end() - match.start() - 1)
    for match in re.finditer(r"\s+", text):
        before, after = text[max(match.start() - 1, 0) : match.start()], text[match.end() : match.end() + 1]
        keeps = after.isdigit() and before != "" and (before.isdigit() or before in ".,．，")
        first = match.start() + (1 if keeps else 0)
        dropped[first : match.end()] = b"\1" * (match.end() - first)
    return [place for place in range(len(text)) if not dropped[place]]


def line_at(source: Source, offset: int) -> int:
    """Returns the number of the line that holds an offset."""
    return bisect_right(source.lines, offset, key=lambda line: line.start)
