"""The facts of a document's narrative → a short block on a terminal, each with how far it is proved."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from crossfoot.figures import Document
from crossfoot.output.terminal import print_grid, say
from crossfoot.statements import Fact

_MOST = 60
_STATED = frozenset({"amount", "budget", "previous", "count"})
_STYLES = {"proved": "green", "failed": "bold red"}
_SIGNS = {"increase": "+", "decrease": "−", "unchanged": "", "": ""}
_HEADS = (">line", "fact", "item", ">printed", "unit", ">change", ">rate", ">share", ">done", "state")


def print_facts(console: Console, document: Document) -> None:
    """Prints the amounts and counts that the text states, each once, with changes and shares beside them."""
    if not document.facts:
        return
    failing = {term.cell for check in document.checks if check.outcome == "fails" for term in check.terms}
    beside: dict[str, dict[str, Fact]] = {}
    for fact in document.facts:
        if fact.of and fact.role not in _STATED:
            beside.setdefault(fact.of, {}).setdefault(fact.role, fact)
    stated = _distinct([fact for fact in document.facts if fact.role in _STATED])
    proved = sum(1 for fact in document.facts if fact.proof == "proved")
    say(console, Text(f"\n{len(document.facts)} facts in the text, {proved} proved", style="bold"))
    print_grid(console, _HEADS, [_row(fact, beside.get(fact.id, {}), failing) for fact in stated[:_MOST]])
    if len(stated) > _MOST:
        say(console, f"… and {len(stated) - _MOST} more; the JSON has them all", style="dim")


def _distinct(facts: Sequence[Fact]) -> list[Fact]:
    """Returns each statement once, where it is first made."""
    found: dict[tuple[str, ...], Fact] = {}
    for fact in facts:
        found.setdefault((fact.measure, fact.item, fact.role, fact.printed, fact.unit), fact)
    return list(found.values())


def _row(fact: Fact, beside: Mapping[str, Fact], failing: set[str]) -> tuple[str | Text, ...]:
    own = {fact.id, *(other.id for other in beside.values())}
    state = "failed" if own & failing else fact.proof or ""
    role = "" if fact.role in {"amount", "count"} else f" ({fact.role})"
    return (
        str(fact.line),
        f"{fact.measure.replace('_', ' ')}{role}",
        " ".join(part for part in (fact.code, fact.item) if part),
        fact.printed,
        fact.unit,
        *(_beside(beside.get(name)) for name in ("change", "rate", "share", "completion")),
        Text(state, style=_STYLES.get(state, "")),
    )


def _beside(fact: Fact | None) -> str:
    if fact is None:
        return ""
    return f"{_SIGNS[fact.direction]}{fact.printed}{fact.unit if fact.role != 'change' else ''}"
