"""What a scan of the narrative keeps in mind: the facts so far, the lists that are open, and where it stands."""

import re
from typing import TYPE_CHECKING, NamedTuple

from crossfoot.figures import Source
from crossfoot.noun import Span
from crossfoot.numerals import read_numeral
from crossfoot.reading.metadata import Metadata
from crossfoot.reading.passages import Passage, line_at
from crossfoot.reading.prose_parts import is_part
from crossfoot.reading.prose_tokens import Token
from crossfoot.statements import Fact, FactRole, Measure

if TYPE_CHECKING:
    from crossfoot.reading.prose_counts import Counted

_OPENS = re.compile(r"其中|以下方面|包括|如下")
_OF_THREE = re.compile(r"三公[\"']?经费[^,;。]{0,20}中,")
_EXHAUSTIVE = re.compile(r"功能|经济|以下方面|明细|具体情况|结构")
_YEAR = re.compile(r"(?<![比较与从])(20\d\d)年(?![底末初\d])(?!度?(?:预算|决算)?相比)")


class Place(NamedTuple):
    """A token with its passage, the words before it since the last number, and the sentence it stands in."""

    passage: Passage
    token: Token
    before: str
    sentence: Span

    @property
    def year(self) -> int | None:
        """Returns the year that the sentence speaks of before the token; one that is compared with is not it."""
        years = _YEAR.findall(self.passage.text[self.sentence[0] : self.token.start])
        return int(years[-1]) if years else None


class Memory:
    """The facts of one document so far, and what is being spoken of."""

    def __init__(self, source: Source, about: Metadata) -> None:
        self.facts: list[Fact] = []
        self.about = about
        self.here: list[Fact] = []  # the facts of this passage
        self.opened: list[Fact] = []  # totals of which a part may follow
        self.is_complete = False  # the open list holds all parts
        self.counted: Counted | None = None
        self.is_lost = False  # an amount was passed over, so what follows may be said of it
        self._latest: dict[tuple[Measure, FactRole], Fact] = {}
        self._latest_item: dict[tuple[Measure, FactRole, str], Fact] = {}
        self._source = source
        self._carried: list[Fact] = []  # totals whose parts stand in the paragraphs below them
        self._headings: tuple[str, ...] = ()

    def begin(self, passage: Passage) -> None:
        """Turns to a passage; under another heading no list from above goes on."""
        if passage.headings != self._headings:
            self._headings, self._carried = passage.headings, []
        self.here, self.opened, self.counted, self.is_lost = [], list(self._carried), None, False
        self.is_complete = bool(self._carried) and self.is_complete

    def open_lists(self, passage: Passage, before: str) -> None:
        """Opens the lists of the amounts so far where the words say 其中; the end of a sentence closes them."""
        amounts = [fact for fact in self.here if fact.role in {"amount", "budget", "previous"}]
        if "。" in before and not _OPENS.search(before.rpartition("。")[2]):
            self.opened = list(self._carried)
        if _OF_THREE.search(before):
            total = self.latest("three_public_total", "amount")
            self.opened = [*self.opened, *([total] if total else [])]
        if _OPENS.search(before):
            self.opened = [*self._carried, *amounts]
            self.is_complete = _says_all(passage, before)

    def end(self, passage: Passage, rest: str) -> None:
        """Remembers totals whose list goes on below (`其中：`); a total of its own ends the list above."""
        totals = [fact for fact in self.here if fact.role in {"amount", "budget"} and not fact.of]
        if _OPENS.search(rest[-8:]):
            self._carried = totals or self._carried
            self.is_complete = _says_all(passage, passage.text[-30:])
        elif totals and self._carried:
            self._carried = []

    def add(self, fact: Fact) -> None:
        """Remembers a fact of this passage."""
        self.facts.append(fact)
        self._latest[fact.measure, fact.role] = fact
        self._latest_item[fact.measure, fact.role, fact.item] = fact
        if fact.role in {"amount", "budget", "previous"}:
            self.is_lost = False
        self.here.append(fact)

    def latest(self, measure: Measure, role: FactRole, item: str = "") -> Fact | None:
        """Returns the last fact of the document that says this of the measure, or of the one item of it."""
        return self._latest_item.get((measure, role, item)) if item else self._latest.get((measure, role))

    def last(self, *roles: FactRole) -> Fact | None:
        """Returns the last fact of this passage in one of the roles, or None after an amount that was passed over."""
        if self.is_lost:
            return None
        return next((fact for fact in reversed(self.here) if fact.role in roles), None)

    def total_of(self, measure: Measure) -> Fact | None:
        """Returns the total of the open list that the measure can be a part of."""
        return next((fact for fact in reversed(self.opened) if is_part(fact.measure, measure)), None)

    def make(self, place: Place, measure: Measure, role: FactRole, **more: object) -> Fact:
        """Returns a fact of the token, numbered after the last one; `more` are the fact's other fields."""
        token, passage = place.token, place.passage
        is_word = token.kind in {"none", "even"}
        numeral = read_numeral("0" if is_word else token.text)
        span = passage.span(token.start, token.end)
        fields: dict[str, object] = {
            "id": f"f{len(self.facts) + 1}",
            "measure": measure,
            "role": role,
            "printed": token.text,
            "value": numeral.value,
            "places": numeral.places,
            "unit": self._unit(place),
            "state": "words" if is_word else "printed",
            "line": line_at(self._source, span[0]),
            "span": span,
            "sentence": passage.span(*place.sentence),
            "section": passage.section,
            "year": place.year,
        } | more
        fields["item"] = self._as_printed(place, str(fields.get("item", "")))
        return Fact.model_validate(fields)

    def _as_printed(self, place: Place, item: str) -> str:
        """Returns the item's name as the source prints it, without blanks; one said further away stays as it is."""
        passage = place.passage
        start = passage.text.rfind(item, 0, place.token.stop + 40) if item else -1
        if start < 0:
            return item
        return "".join(self._source.text[offset] for offset in passage.offsets[start : start + len(item)]).strip()

    def _unit(self, place: Place) -> str:
        """Returns the unit as printed, full-width signs and all."""
        token = place.token
        if not token.unit:
            return ""
        start, end = place.passage.span(token.stop - len(token.unit), token.stop)
        return re.sub(r"\s+", "", self._source.text[start:end])


def _says_all(passage: Passage, words: str) -> bool:
    """Says whether a list is one of all subjects: by function or economic class, 明细, 具体情况, 结构."""
    last = passage.headings[-1] if passage.headings else ""
    return bool(_EXHAUSTIVE.search(words) or _EXHAUSTIVE.search(last))
