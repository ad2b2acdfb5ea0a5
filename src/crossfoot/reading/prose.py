"""Narrative → facts, by the patterns of budget sentences; and the numerals that no pattern took.

A number becomes a fact only where the words right before it say what it measures; everything else stays unread.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from crossfoot.figures import Section, Source
from crossfoot.numerals import narrow, read_numeral
from crossfoot.reading.metadata import Metadata
from crossfoot.reading.passages import Passage, line_at, passages_of
from crossfoot.reading.prose_scan import Scan
from crossfoot.reading.prose_tokens import Token, tokens_of
from crossfoot.statements import Fact, FactRole, Measure, Unread

_IS_BUDGET = re.compile(r"预算|决算|收入|支出|经费|拨款|财政")


def read_narrative(
    source: Source, sections: Sequence[Section], about: Metadata
) -> tuple[tuple[Fact, ...], tuple[Unread, ...]]:
    """Returns the facts of the narrative, numbered f1, f2 in the order of the text, and what no pattern took."""
    scan = Scan(source, about)
    for passage in passages_of(source, sections):
        scan.read(passage)
    return tuple(scan.facts), tuple(_unread(source, scan.passed_over))


def unread_numerals(source: Source, sections: Sequence[Section], facts: Sequence[Fact]) -> tuple[Unread, ...]:
    """Returns the amounts and percentages of budget sentences that are in no fact, in the order of the text."""
    taken = {fact.span[0] for fact in facts}
    left = [
        (passage, token)
        for passage in passages_of(source, sections)
        for token in tokens_of(passage, source.text)
        if passage.offsets[token.start] not in taken
    ]
    return tuple(_unread(source, left))


def _unread(source: Source, left: Iterable[tuple[Passage, Token]]) -> Iterator[Unread]:
    for passage, token in left:
        if token.kind not in {"money", "percent"} or token.is_threshold:
            continue
        start, end = passage.sentence(token.start)
        around = passage.text.rfind("。", 0, token.start) + 1, passage.text.find("。", token.stop)
        if not _IS_BUDGET.search(passage.text[around[0] : around[1] if around[1] >= 0 else len(passage.text)]):
            continue
        span = passage.span(token.start, token.end)
        yield Unread(
            section=passage.section,
            sentence=passage.span(start, end),
            span=span,
            line=line_at(source, span[0]),
            printed=token.text,
            unit=token.unit,
        )


def fact_from_answer(source: Source, unread: Unread, number: int, said: tuple[Measure, FactRole, str]) -> Fact | None:
    """Returns a fact made of an answer about an unread numeral, or None if numeral or item do not stand there.

    `number` gives its id; `said` is the measure, the role and the item's name, which must be words of the sentence.
    """
    measure, role, item = said
    start, end = unread.span
    printed = _joined(source.text[start:end])
    sentence = source.text[unread.sentence[0] : unread.sentence[1]]
    numeral = read_numeral(printed)
    is_whole = not source.text[start - 1 : start].isdigit() and not source.text[end : end + 1].isdigit()
    inside = unread.sentence[0] <= start < end <= unread.sentence[1]
    if printed != unread.printed or numeral.value is None or not is_whole or not inside:
        return None
    if _joined(item) not in _joined(sentence) or not _joined(narrow(source.text[end : end + 12])).startswith(
        narrow(unread.unit)
    ):
        return None
    return Fact(
        id=f"f{number}", measure=measure, role=role, item=item, printed=printed, value=numeral.value,
        places=numeral.places, unit=unread.unit, line=unread.line, span=unread.span, sentence=unread.sentence,
        section=unread.section, reader="llm",
    )  # fmt: skip


def _joined(text: str) -> str:
    return re.sub(r"\s+", "", text)
