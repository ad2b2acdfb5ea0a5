"""The labelled findings and facts (eval/cases) against the texts: each label is of a known kind and stands."""

from pathlib import Path

import pytest

from crossfoot.errors import LabelError
from crossfoot.evaluation.damages import Damage
from crossfoot.evaluation.findings import facts_hit, findings_hit
from crossfoot.evaluation.labelled import FindingLabels, Place, load_facts, load_findings
from crossfoot.figures import Source

CASES = Path(__file__).parents[1] / "eval" / "cases"
EXAMPLES = ["000", "001", "002", "003", "004"]
INVENTED = ["100", "101", "102", "103", "104"]
DOCUMENTS = EXAMPLES + INVENTED
each_document = pytest.mark.parametrize("name", DOCUMENTS)

WRONG = """
document: '000'
wrong:
  - id: A1
    lines: [3, 4]
    printed: ['1', '2']
    codes: [source_inconsistency]
    severity: error
    scope: arithmetic
    why: It is.
silent:
  - {id: B1, lines: [5], why: It is not.}
"""
FACTS = """
document: '000'
facts:
  - {line: 3, measure: revenue_total, role: amount, printed: '1.5', unit: 万元}
"""


def places(labels: FindingLabels) -> list[Place]:
    return [*labels.wrong, *labels.silent, *labels.open]


def test_every_text_is_labelled(texts: dict[str, Source]) -> None:
    """Examples and invented documents have their files, and no file is of another document."""
    assert sorted(texts) == DOCUMENTS
    for folder in ("findings", "facts"):
        assert sorted(path.stem for path in (CASES / folder).glob("*.yaml")) == DOCUMENTS


def test_enough_is_labelled() -> None:
    """What is wrong, what only looks so, and facts, in every example."""
    for name in EXAMPLES:
        labels = load_findings(CASES / "findings", name)
        assert len(labels.wrong) >= 5, name
        assert len(labels.silent) >= 15, name
        assert len(load_facts(CASES / "facts", name).facts) >= 40, name


def test_enough_is_labelled_in_the_invented_documents() -> None:
    """They are shorter, and two of them have nothing wrong: their false alarms are what is measured."""
    findings = [load_findings(CASES / "findings", name) for name in INVENTED]
    assert [len(labels.wrong) for labels in findings] == [2, 4, 0, 2, 0]
    assert {label.scope for labels in findings for label in labels.wrong} == {"arithmetic", "structure"}
    assert all(len(labels.silent) >= 10 for labels in findings)
    assert all(len(load_facts(CASES / "facts", name).facts) >= 25 for name in INVENTED)


@each_document
def test_every_line_of_a_finding_has_text(name: str, texts: dict[str, Source]) -> None:
    """No label points beyond the end or at a blank line, where nothing could be found."""
    lines = texts[name].lines
    for place in places(load_findings(CASES / "findings", name)):
        for number in place.lines:
            assert number <= len(lines), (place.id, number)
            assert lines[number - 1].text.strip(), (place.id, number)


@each_document
def test_what_a_finding_is_about_stands_on_its_lines(name: str, texts: dict[str, Source]) -> None:
    for finding in load_findings(CASES / "findings", name).wrong:
        for number, printed in zip(finding.lines, finding.printed, strict=True):
            assert printed in texts[name].line(number).text, (finding.id, number)


@each_document
def test_every_fact_is_printed_on_its_line(name: str, texts: dict[str, Source]) -> None:
    """The printed text stands there, blanks apart; the unit as well, or on the next lines where a page ends between."""
    labels = load_facts(CASES / "facts", name).facts
    assert [fact.line for fact in labels] == sorted(fact.line for fact in labels)
    for fact in labels:
        near = ["".join(line.text.split()) for line in texts[name].lines[fact.line - 1 : fact.line + 2]]
        assert fact.printed in near[0], fact
        assert fact.unit in "".join(near), fact


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("findings", "source_inconsistency", "source_mistake"),
        ("findings", "scope: arithmetic", "scope: sums"),
        ("findings", "severity: error", "severity: fatal"),
        ("findings", "id: B1", "id: A1"),
        ("findings", "lines: [3, 4]", "lines: [3, 3]"),
        ("findings", "printed: ['1', '2']", "printed: ['1']"),
        ("findings", "lines: [5]", "lines: []"),
        ("findings", "lines: [3, 4]", "lines: [3, 4]\n    against: [5]"),
        ("findings", "lines: [3, 4]", "lines: [3, 4]\n    against: [3]"),
        ("findings", "why: It is.", "because: It is."),
        ("findings", "document: '000'", "document: '001'"),
        ("findings", "document: '000'", "document: ["),
        ("facts", "measure: revenue_total", "measure: money"),
        ("facts", "role: amount", "role: sum"),
        ("facts", "printed: '1.5'", "printed: 1.5"),
        ("facts", "printed: '1.5'", "printed: '1.5', value: 1.5"),
        ("facts", "line: 3", "line: 0"),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, kind: str, before: str, after: str) -> None:
    """An unknown word is an error that names the file, so that no label is dropped for a slip of the pen."""
    text, load = (WRONG, load_findings) if kind == "findings" else (FACTS, load_facts)
    path = tmp_path / "000.yaml"
    path.write_text(text, encoding="utf-8")
    load(tmp_path, "000")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(LabelError, match=r"000\.yaml"):
        load(tmp_path, "000")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"007\.yaml"):
        load_findings(tmp_path, "007")


@each_document
def test_every_labelled_fact_can_be_hit(name: str, texts: dict[str, Source]) -> None:
    """Where each fact stands on its line is found: a line of boxes hits every fact of it, and no other."""
    labels = load_facts(CASES / "facts", name)
    text = [line.text for line in texts[name].lines]
    for number in sorted({fact.line for fact in labels.facts}):
        boxes = Damage("boxes", number, 0, text[number - 1], "□" * len(text[number - 1]), "marked")
        assert facts_hit(labels, text, [boxes]) == {fact for fact in labels.facts if fact.line == number}


@each_document
def test_every_labelled_finding_can_be_hit(name: str, texts: dict[str, Source]) -> None:
    """Where each printed text stands is found: a line of boxes hits a label, a box beyond its end does not."""
    labels = load_findings(CASES / "findings", name)
    text = [line.text for line in texts[name].lines]
    everywhere = {(label.id, number) for label in labels.wrong for number in label.lines}
    boxes = [Damage("boxes", number, 0, text[number - 1], "□", "marked") for _, number in sorted(everywhere)]
    assert findings_hit(labels, text, boxes) == everywhere
    beyond = [Damage("boxes", number, len(text[number - 1]), "", "□", "marked") for _, number in sorted(everywhere)]
    assert findings_hit(labels, text, beyond) == frozenset()
