"""The facts of a document judged: grounded in the text, checked against each other and against the tables.

Pure, as all judging. A sentence never flags a table: its findings are its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from crossfoot.figures import Check, Finding, Proof, Source
from crossfoot.judging.explain import implied_by
from crossfoot.judging.ledger import Ledger
from crossfoot.judging.sentences import sentence_checks
from crossfoot.judging.stated import Judged, stated_checks
from crossfoot.judging.statement_book import Book, Statements, Tested
from crossfoot.statements import Fact

if TYPE_CHECKING:
    from decimal import Decimal


class NarrativeJudgement(NamedTuple):
    """What judging says of the facts: how far each is proved, the checks, and the findings."""

    facts: tuple[Fact, ...]
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]


class OfTables(NamedTuple):
    """What judging says of the tables, which are judged before: their checks, what these find, and the proofs."""

    checks: Sequence[Check]
    findings: Sequence[Finding]
    proofs: Mapping[str, Proof]


def judge_narrative(source: Source, statements: Statements, ledger: Ledger, said: OfTables) -> NarrativeJudgement:
    """Returns the judged facts, checked against each other and against the tables."""
    tables = _judged(ledger, said)
    ungrounded = dict(_ungrounded(source, statements.facts))
    book = Book(source, statements)
    tested = {one.check.id: one for one in (*sentence_checks(book), *stated_checks(book, tables))}
    findings = [*ungrounded.values(), *_distinct([one.finding for one in tested.values() if one.finding])]
    proved = _proofs(statements.facts, list(tested.values()), ungrounded)
    return NarrativeJudgement(
        facts=tuple(fact.model_copy(update={"proof": proved[fact.id]}) for fact in statements.facts),
        checks=tuple(one.check for one in tested.values()),
        findings=(*findings, *_unread(statements), *_said_by_a_model(statements.facts, proved)),
    )


def _judged(ledger: Ledger, said: OfTables) -> Judged:
    """Returns the tables as sentences are held against them: figures that failing sums correct, and those in doubt."""
    corrected: dict[str, Decimal] = {}
    explained: set[str] = set()
    for finding in said.findings:
        values = implied_by(finding)
        if finding.code in {"source_inconsistency", "unit_conflict"} and values:
            corrected |= values
            explained.update(finding.checks)
    failing = [check for check in said.checks if check.outcome == "fails" and check.id not in explained]
    return Judged(
        ledger=ledger,
        suspects=frozenset(term.cell for check in failing for term in check.terms),
        corrected=corrected,
        proved=frozenset(ref for ref, proof in said.proofs.items() if proof == "proved"),
    )


def _ungrounded(source: Source, facts: Sequence[Fact]) -> Iterator[tuple[str, Finding]]:
    """Yields a finding for each fact whose printed text does not stand at its place, or shares it."""
    taken: dict[int, str] = {}
    for fact in facts:
        start, end = fact.span
        slice_of = "".join(source.text[start:end].split())
        whole = not source.text[start - 1 : start].isdigit() and not source.text[end : end + 1].isdigit()
        first = taken.setdefault(start, fact.id)
        if slice_of != fact.printed or (fact.state == "printed" and not whole) or first != fact.id:
            why = f"the source reads {slice_of[:30]!r} there" if first == fact.id else f"{first} stands there already"
            message = f"{fact.id} {fact.printed!r}: {why}"
            yield fact.id, Finding(code="ungrounded", severity="error", line=fact.line, message=message)


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """Returns the findings with each message of one line once."""
    return list({(finding.line, finding.message): finding for finding in findings}.values())


def _proofs(facts: Sequence[Fact], tested: Sequence[Tested], ungrounded: dict[str, Finding]) -> dict[str, Proof]:
    """Returns for each fact whether it is proved: pinned by a check that holds, and in none that fails."""
    pinned = {fact for one in tested for fact in one.proves}
    failing = {term.cell for one in tested if one.check.outcome == "fails" for term in one.check.terms}
    return {
        fact.id: "neither"
        if fact.id in ungrounded
        else "proved"
        if fact.id in pinned and fact.id not in failing and fact.value
        else "grounded"
        for fact in facts
    }


def _said_by_a_model(facts: Sequence[Fact], proved: Mapping[str, Proof]) -> Iterator[Finding]:
    """Yields a note on the numbers of which only a model says what they measure."""
    said = [fact for fact in facts if fact.reader == "llm" and proved[fact.id] != "proved"]
    if said:
        places = ", ".join(f"{fact.printed}{fact.unit} (L{fact.line}) as {fact.measure}" for fact in said[:4])
        more = f", and {len(said) - 4} more" if len(said) > 4 else ""
        message = f"a model says what these measure, and no check does: {places}{more}"
        yield Finding(code="unread_number", severity="note", line=said[0].line, message=message)


def _unread(statements: Statements) -> Iterator[Finding]:
    """Yields a note per section whose budget sentences hold amounts of money that are in no fact."""
    money = [one for one in statements.unread if one.unit not in {"%", "％"}]
    for _, group in groupby(money, key=lambda one: one.section):
        unread = list(group)
        places = ", ".join(f"{one.printed}{one.unit} (L{one.line})" for one in unread[:4])
        more = f", and {len(unread) - 4} more" if len(unread) > 4 else ""
        amounts = "1 amount" if len(unread) == 1 else f"{len(unread)} amounts"
        yield Finding(
            code="unread_number", severity="note", line=unread[0].line,
            message=f"{amounts} of budget sentences in no fact: {places}{more}",
        )  # fmt: skip
