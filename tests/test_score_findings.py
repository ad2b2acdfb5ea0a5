"""Scoring findings and facts against labels, on small documents whose text stands here."""

from collections.abc import Callable
from decimal import Decimal

from crossfoot.evaluation.damages import Damage, undamaged
from crossfoot.evaluation.findings import FactScore, Lines, facts_hit, findings_hit, score_facts, score_findings
from crossfoot.evaluation.labelled import (
    FactLabels,
    FindingLabels,
    LabelledFact,
    LabelledFinding,
    OpenPlace,
    SilentPlace,
)
from crossfoot.figures import CitedCell, Document, Finding
from crossfoot.findingcodes import FindingCode
from crossfoot.statements import Fact, FactRole, Measure
from documents_by_hand import CLEAN, WRONG, document_of

#: Nine lines that all stand where they stood.
HERE: Lines = {number: (number,) for number in range(1, 10)}

TOTAL = LabelledFinding(
    id="A1",
    lines=(3, 5),
    printed=("12", "10"),
    against=(5,),
    codes=("source_inconsistency", "misread"),
    severity="error",
    scope="arithmetic",
    why="12 is 10.",
)
NAME = LabelledFinding(
    id="A2",
    lines=(7,),
    printed=("局",),
    codes=("name_code_mismatch",),
    severity="note",
    scope="meaning",
    why="A slip of a name.",
)
LABELS = FindingLabels(
    document="900",
    wrong=(TOTAL, NAME),
    silent=(SilentPlace(id="B1", lines=(3, 8), why="It is right."),),
    open=(OpenPlace(id="C1", lines=(8, 9), why="Who knows."),),
)


def finding(code: FindingCode, line: int, severity: str = "warning", cells: tuple[int, ...] = ()) -> Finding:
    cited = [CitedCell(cell="t1.r0.total", label="合计", line=number, printed="1") for number in cells]
    made = {"code": code, "severity": severity, "message": f"{code} at {line}", "line": line, "cells": tuple(cited)}
    return Finding.model_validate(made)


def document(*findings: Finding) -> Document:
    return document_of([], findings=findings)


def outcomes(made: Document | None, lines: Lines = HERE) -> list[tuple[str, str]]:
    return [(label.id, label.outcome) for label in score_findings(made, LABELS, lines).outcomes]


def test_a_finding_on_one_of_the_lines_with_one_of_the_codes_reports() -> None:
    for reports in (finding("source_inconsistency", 3), finding("misread", 5)):
        score = score_findings(document(reports), LABELS, HERE)
        assert score.outcomes[0].outcome == "reported"
        assert (score.matched, score.unmatched) == (1, ())


def test_the_lines_of_cited_cells_count_as_well() -> None:
    """A finding about a table stands on its first line and names the cells."""
    assert outcomes(document(finding("source_inconsistency", 1, cells=(2, 5))))[0] == ("A1", "reported")
    assert outcomes(document(finding("source_inconsistency", 1, cells=(2, 6))))[0] == ("A1", "missed")


def test_a_miss_says_what_stands_there_instead() -> None:
    made = document(finding("illegible", 3), finding("unchecked", 5, "note"))
    score = score_findings(made, LABELS, HERE)
    assert score.outcomes[0].outcome == "missed"
    assert score.outcomes[0].line == 3
    assert score.outcomes[0].reason == (
        "What cites lines 3, 5 is something else: illegible (warning), unchecked (note)."
    )
    assert score.outcomes[1].reason == "No finding cites line 7."


def test_a_note_is_no_report_unless_a_note_is_labelled() -> None:
    made = document(finding("source_inconsistency", 3, "note"), finding("name_code_mismatch", 7, "note"))
    score = score_findings(made, LABELS, HERE)
    assert [label.outcome for label in score.outcomes] == ["missed", "reported"]
    assert score.outcomes[0].reason == "Only a note says it: source_inconsistency at 3"
    assert (score.matched, score.unmatched) == (0, ())


def test_one_slip_reported_twice_is_counted_and_one_finding_may_report_two() -> None:
    twice = score_findings(document(finding("misread", 3), finding("misread", 5)), LABELS, HERE)
    assert (twice.outcomes[0].findings, twice.matched) == (2, 2)
    second = TOTAL.model_copy(update={"id": "A3"})
    labels = LABELS.model_copy(update={"wrong": (TOTAL, second)})
    both = score_findings(document(finding("misread", 3)), labels, HERE)
    assert [label.outcome for label in both.outcomes] == ["reported", "reported"]
    assert both.matched == 1


def test_a_finding_that_matches_no_label_is_given_back_with_its_place() -> None:
    made = document(finding("illegible", 6), finding("unit_conflict", 2, "error"), finding("unchecked", 6, "note"))
    score = score_findings(made, LABELS, HERE)
    assert [(found.code, found.severity, found.line, found.silent) for found in score.unmatched] == [
        ("unit_conflict", "error", 2, ()),
        ("illegible", "warning", 6, ()),
    ]
    assert score.violated == ()


def test_a_finding_without_a_line_stands_at_its_first_cell() -> None:
    score = score_findings(document(finding("illegible", 0, cells=(6, 4))), LABELS, HERE)
    assert score.unmatched[0].line == 4


def test_a_silent_place_is_violated_only_by_what_reports_nothing_wrong() -> None:
    """Line 3 is wrong and printed oddly: what reports the wrong is no violation, anything else above a note is."""
    made = document(finding("misread", 3), finding("illegible", 3), finding("illegible", 8, "note"))
    score = score_findings(made, LABELS, HERE)
    assert [(found.line, found.code, found.silent) for found in score.violated] == [(3, "illegible", ("B1",))]
    assert score.matched == 1


def test_what_the_text_leaves_open_counts_neither_way_but_silence_goes_first() -> None:
    score = score_findings(document(finding("illegible", 9), finding("illegible", 8)), LABELS, HERE)
    assert score.undecided == 1
    assert [(found.line, found.silent) for found in score.unmatched] == [(8, ("B1",))]


def test_lines_that_moved_are_followed() -> None:
    """Line 3 stands twice, as 4 and 6; what cites 3 now cites another line."""
    moved: Lines = {3: (4, 6), 5: (8,), 7: (10,)}
    for line, outcome in ((4, "reported"), (6, "reported"), (8, "reported"), (3, "missed"), (5, "missed")):
        assert outcomes(document(finding("misread", line)), moved)[0] == ("A1", outcome)
    score = score_findings(document(finding("illegible", 6)), LABELS, moved)
    assert score.unmatched[0].silent == ("B1",)


def test_a_side_that_is_gone_is_not_asked_for() -> None:
    """Without line 3, or without line 5 against which it stands, nothing is left to see; a report still counts."""
    for lost in (3, 5):
        lines = {number: now for number, now in HERE.items() if number != lost}
        score = score_findings(document(), LABELS, lines)
        assert score.outcomes[0].outcome == "gone"
        assert score.outcomes[0].reason == f"No longer in the text: what line {lost} said."
        assert score.by_scope()["arithmetic"] == (0, 0, 1)
        assert outcomes(document(finding("misread", 8 - lost)), lines)[0] == ("A1", "reported")


def test_a_side_whose_figure_was_hit_is_not_asked_for() -> None:
    """A line with the figure twice still shows it while one of them stands; a report counts all the same."""
    text = ["", "", "合计\t12\t1 2\t112", "", "小计\t10"]
    labels = LABELS.model_copy(update={"wrong": (TOTAL,)})

    def boxed(*places: tuple[int, int]) -> frozenset[tuple[str, int]]:
        marks = [Damage("boxes", line, start, text[line - 1][start], "□", "marked") for line, start in places]
        return findings_hit(labels, text, marks)

    assert boxed((3, 3)) == boxed((3, 6), (3, 10)) == boxed((5, 0)) == frozenset()
    assert boxed((3, 3), (3, 6)) == {("A1", 3)}
    hit = boxed((5, 3))
    assert hit == {("A1", 5)}
    silent, told = document(), document(finding("misread", 3))
    assert score_findings(silent, labels, HERE).outcomes[0].outcome == "missed"
    assert score_findings(silent, labels, HERE, hit).outcomes[0].outcome == "gone"
    assert score_findings(told, labels, HERE, hit).outcomes[0].outcome == "reported"


def test_recall_is_counted_by_scope() -> None:
    counts = score_findings(document(finding("misread", 3)), LABELS, HERE).by_scope()
    assert counts == {"arithmetic": (1, 0, 0), "statement": (0, 0, 0), "structure": (0, 0, 0), "meaning": (0, 1, 0)}
    assert [count.asked for count in counts.values()] == [1, 0, 0, 1]


def test_a_document_that_crashed_misses_everything() -> None:
    assert outcomes(None) == [("A1", "missed"), ("A2", "missed")]
    score = score_facts(None, FACTS, HERE, ())
    assert (score.right, len(score.missing), score.wrong) == (0, 3, ())


def test_what_crossfoot_says_of_a_text_is_scored(structured: Callable[[str], Document]) -> None:
    """677.44 printed as 679.44 is one slip: reported in the wrong text; in the clean one there is nothing to report."""
    line = 1 + WRONG[: WRONG.index("679.44")].count("\n")
    slip = TOTAL.model_copy(update={"lines": (line,), "against": (), "printed": ("679.44",)})
    labels = FindingLabels(document="900", wrong=(slip,))
    wrong = score_findings(structured(WRONG), labels, undamaged(WRONG).now())
    assert wrong.outcomes[0].outcome == "reported"
    assert wrong.matched >= 1
    clean = score_findings(structured(CLEAN), labels, undamaged(CLEAN).now())
    assert (clean.outcomes[0].outcome, clean.matched) == ("missed", 0)


REVENUE = LabelledFact(line=3, measure="revenue_total", role="amount", printed="12.50", unit="万元")
CHANGE = LabelledFact(line=3, measure="revenue_total", role="change", direction="increase", printed="2.5", unit="万元")
QUOTA = LabelledFact(line=5, measure="staff_quota", role="count", item="事业", printed="19", unit="人")
FACTS = FactLabels(document="900", facts=(REVENUE, CHANGE, QUOTA))
SENTENCES = ["", "", "本年收入12. 50万元，比上年增加2.5万元。", "", "事业编制19人，其中2.5人。"]


def fact(number: int, label: LabelledFact, **more: object) -> Fact:
    """Returns the fact that says what the label says; `more` is what it says instead."""
    made = label.model_dump() | {"id": f"f{number}", "value": Decimal(0), "span": (0, 1), "sentence": (0, 1)}
    return Fact.model_validate(made | {"section": "s1"} | more)


def scored(*facts: Fact, lines: Lines = HERE, gone: tuple[LabelledFact, ...] = ()) -> FactScore:
    return score_facts(document_of([], facts=facts), FACTS, lines, gone)


def test_facts_that_say_what_the_labels_say_are_right() -> None:
    score = scored(fact(1, QUOTA), fact(2, CHANGE), fact(3, REVENUE))
    assert (score.right, score.missing, score.wrong, score.gone, score.set_apart) == (3, (), (), 0, 0)


def test_a_fact_that_was_not_read_is_missing_with_its_line() -> None:
    score = scored(fact(1, REVENUE), fact(2, CHANGE))
    assert score.right == 2
    assert [(miss.kind, miss.line, miss.printed, miss.reason) for miss in score.missing] == [
        ("missing", 5, "19", "No fact was made of it.")
    ]


def test_a_fact_read_as_something_else_is_missing_and_wrong() -> None:
    measure: Measure = "expenditure_total"
    role: FactRole = "budget"
    cases: list[tuple[dict[str, object], str, str]] = [
        (
            {"measure": measure},
            "It was read as expenditure_total, amount.",
            "What is so printed there is revenue_total, amount.",
        ),
        ({"role": role}, "It was read as revenue_total, budget.", "What is so printed there is revenue_total, amount."),
        ({"printed": "1250"}, "No fact was made of it.", "No label has this number on its line."),
        ({"line": 5}, "No fact was made of it.", "No label has this number on its line."),
        (
            {"unit": "元"},
            "It was read with the unit “元” and the direction “”.",
            "Its unit is “万元” and its direction “”, or it was read once too often.",
        ),
    ]
    for more, missing, wrong in cases:
        score = scored(fact(1, REVENUE, **more), fact(2, CHANGE), fact(3, QUOTA))
        assert score.right == 2
        assert [miss.reason for miss in score.missing] == [missing], more
        assert [miss.reason for miss in score.wrong] == [wrong], more


def test_the_direction_of_a_change_is_part_of_it() -> None:
    score = scored(fact(1, REVENUE), fact(2, CHANGE, direction="decrease"), fact(3, QUOTA))
    assert (score.right, len(score.missing), len(score.wrong)) == (2, 1, 1)


def test_a_fact_read_twice_is_wrong_once_and_blanks_are_nothing() -> None:
    score = scored(fact(1, REVENUE), fact(2, REVENUE, printed="12. 50"), fact(3, CHANGE), fact(4, QUOTA))
    assert (score.right, len(score.wrong)) == (3, 1)
    assert score.wrong[0].reason.endswith("or it was read once too often.")


def test_a_line_that_stands_there_twice_may_be_read_twice() -> None:
    lines = {3: (3, 4), 5: (6,)}
    score = scored(
        fact(1, REVENUE), fact(2, REVENUE, line=4), fact(3, CHANGE, line=4), fact(4, QUOTA, line=6), lines=lines
    )
    assert (score.right, score.missing, score.wrong, score.set_apart) == (3, (), (), 1)


def test_what_is_gone_is_not_asked_for() -> None:
    """Line 5 is gone, and the amount of line 3 was hit: what was made of it in its place counts neither way."""
    lines = {3: (3,)}
    score = scored(fact(1, REVENUE, printed="72.50"), fact(2, CHANGE), lines=lines, gone=(REVENUE,))
    assert (score.right, score.missing, score.wrong) == (1, (), ())
    assert (score.gone, score.set_apart) == (2, 1)


def hit(line: int, start: int, before: str, after: str) -> frozenset[LabelledFact]:
    return facts_hit(FACTS, SENTENCES, [Damage("ocr", line, start, before, after, "marked")])


def test_a_damage_hits_the_facts_whose_printed_text_it_changes() -> None:
    sentence = SENTENCES[2]
    assert hit(3, sentence.index("12"), "1", "l") == {REVENUE}
    assert hit(3, sentence.index("50"), "0万", "O万") == {REVENUE}
    assert hit(3, sentence.index("2.5"), "2", "□") == {CHANGE}
    assert hit(3, sentence.index("收"), "收", "攻") == frozenset()
    assert hit(5, SENTENCES[4].index("2.5"), "2", "□") == frozenset()


def test_a_line_that_is_gone_is_hit_and_one_that_is_repeated_is_not() -> None:
    assert facts_hit(FACTS, SENTENCES, [Damage("lines", 3, 0, SENTENCES[2], "", "gone")]) == {REVENUE, CHANGE}
    assert facts_hit(FACTS, SENTENCES, [Damage("lines", 3, 0, SENTENCES[2], SENTENCES[2], "again")]) == frozenset()


def test_facts_printed_alike_on_a_line_are_hit_together() -> None:
    """Which 19 a label means is not said: neither is asked for once one is unreadable. 219, 19.5 and 190 are others."""
    text = ["编制19人，实有19人，共219人，占19.5%，另190人。"]
    staff: tuple[Measure, Measure] = ("staff_quota", "staff_actual")
    quota, actual = (LabelledFact(line=1, measure=name, role="count", printed="19", unit="人") for name in staff)
    labels = FactLabels(document="900", facts=(quota, actual))
    for number, hits in (("19人", {quota, actual}), ("219", set()), ("19.5", set()), ("190", set())):
        start = text[0].index(number) + number.index("19")
        assert facts_hit(labels, text, [Damage("ocr", 1, start, "19", "l9", "marked")]) == hits, number
