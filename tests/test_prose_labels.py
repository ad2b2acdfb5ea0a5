"""The facts of the examples against labels made by hand from the texts (eval/cases/facts)."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from crossfoot.evaluation.labelled import LabelledFact, load_facts
from crossfoot.figures import Document, Source
from crossfoot.statements import Fact

LABELS = Path(__file__).parents[1] / "eval" / "cases" / "facts"
NAMES = ["000", "001", "002", "003", "004"]
#: What has been reached; less is a step back. Every budget sentence of 000, 002 and 004 is labelled.
RECALL_FLOOR = {"000": 1.0, "001": 1.0, "002": 1.0, "003": 1.0, "004": 1.0}

Label = tuple[int, str, str, str, str, str]


def labels_of(name: str) -> tuple[LabelledFact, ...]:
    return load_facts(LABELS, name).facts


def label(fact: LabelledFact) -> Label:
    return fact.line, fact.measure, fact.role, fact.printed, fact.unit, fact.direction


def said(fact: Fact) -> Label:
    return fact.line, fact.measure, fact.role, fact.printed, fact.unit.replace("％", "%"), fact.direction


def test_enough_is_labelled() -> None:
    """At least 150 facts are labelled by hand over the five documents."""
    assert sum(len(labels_of(name)) for name in NAMES) >= 150


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_as_a_person_read_them(name: str, examples: dict[str, Document]) -> None:
    """No fact says another value, unit, measure or direction than a person read, and none is lost again."""
    wanted = Counter(label(fact) for fact in labels_of(name))
    found = Counter(said(fact) for fact in examples[name].facts)
    hits = sum((wanted & found).values())
    recall, precision = hits / sum(wanted.values()), hits / sum(found.values())
    sys.stdout.write(f"{name}: recall {recall:.3f}, precision {precision:.3f} of {sum(found.values())} facts\n")
    assert sorted((found - wanted).elements()) == []
    assert recall >= RECALL_FLOOR[name]


@pytest.mark.parametrize("name", NAMES)
def test_items_are_named_as_printed(name: str, examples: dict[str, Document]) -> None:
    """A fact about an item carries the name that stands in the text."""
    wanted = {(label(fact), fact.item) for fact in labels_of(name) if fact.item}
    found = {(said(fact), fact.item) for fact in examples[name].facts}
    assert sorted(wanted - found) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_fact_stands_at_its_place(name: str, examples: dict[str, Document], sources: dict[str, Source]) -> None:
    """The printed text is the source's at the span, blanks of a split number apart, inside its sentence and line."""
    text = sources[name].text
    for fact in examples[name].facts:
        start, end = fact.span
        assert "".join(text[start:end].split()) == fact.printed
        assert fact.sentence[0] <= start < end <= fact.sentence[1]
        line = sources[name].line(fact.line)
        assert line.start <= start <= line.start + len(line.text)
