"""Passages → facts: reads the tokens of each in order. Numbers in reasons and purposes are nobody's facts."""

import re

from crossfoot.figures import Source
from crossfoot.reading.metadata import Metadata
from crossfoot.reading.passages import Passage
from crossfoot.reading.prose_amounts import amount, count, nothing
from crossfoot.reading.prose_changes import change, direction_of, percentage
from crossfoot.reading.prose_memory import Memory, Place
from crossfoot.reading.prose_tokens import Token, tokens_of
from crossfoot.statements import Fact

_WINDOW = 160
_MOST_REASONS = 12
_REASON = re.compile(r"原因|由于|因为|系因|,因(?!公)")
_PURPOSE = re.compile(r"(?:主要)?用于(?!以下)|主要[为是]")
_GOES_ON = re.compile(r"^(?:[二三四五六七八九]是|同时|另外|(?:\d|[(]\d[)])[.、])")


class Scan:
    """Reads the passages of one document; `facts` are those read so far."""

    def __init__(self, source: Source, about: Metadata) -> None:
        self._source = source
        self._memory = Memory(source, about)
        self.passed_over: list[tuple[Passage, Token]] = []  # tokens that became no fact

    @property
    def facts(self) -> list[Fact]:
        """Returns the facts so far, in the order of the text."""
        return self._memory.facts

    def read(self, passage: Passage) -> None:
        """Adds the facts of a passage."""
        memory = self._memory
        memory.begin(passage)
        previous = 0
        for token in tokens_of(passage, self._source.text):
            before = passage.text[max(previous, token.start - _WINDOW) : token.start]
            memory.open_lists(passage, before)
            fact = _fact(memory, Place(passage, token, before, passage.sentence(token.start)))
            if fact is not None:
                memory.add(fact)
            else:
                self.passed_over.append((passage, token))
            if fact is None and token.kind in {"money", "bare"} and not token.is_threshold:
                memory.is_lost = True
            if fact is not None or (token.kind not in {"none", "even"} and not token.is_threshold):
                previous = token.stop
        memory.end(passage, passage.text[previous:])


def _fact(memory: Memory, place: Place) -> Fact | None:
    token = place.token
    if not token.is_clean or token.is_threshold:
        return None
    clause = place.passage.text[_clause_start(place.passage.text, token.start) : token.start]
    is_reason = bool(_REASON.search(clause))
    if token.kind == "percent":
        return None if is_reason else percentage(memory, place)
    if is_reason or (token.kind != "even" and _PURPOSE.search(clause)):
        return None
    if token.kind == "even":
        return change(memory, place, "unchanged")
    if token.kind == "none":
        return nothing(memory, place)
    if token.kind == "count":
        return count(memory, place)
    direction = direction_of(place.before)
    return change(memory, place, direction) if direction else amount(memory, place)


def _clause_start(text: str, place: int) -> int:
    """Returns where the sentence of a place begins; `二是…` after a semicolon goes on with the reasons before it."""
    start = max(text.rfind("。", 0, place), text.rfind(";", 0, place)) + 1
    for _ in range(_MOST_REASONS):
        if not start or text[start - 1] != ";" or not _GOES_ON.match(text[start : start + 4]):
            break
        start = max(text.rfind("。", 0, start - 1), text.rfind(";", 0, start - 1)) + 1
    return start
