"""Facts judged: against each other and against the tables, by small documents with one slip each."""

from collections.abc import Callable

import pytest

from crossfoot.figures import Document
from crossfoot.output.narrative import print_facts
from crossfoot.output.terminal import console_for
from crossfoot.pipeline import judge_again
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog

Structured = Callable[[str], Document]

TABLE = """
某县水利局2023年部门综合预算
第二部分 收支情况
一、支出情况
{text}
第四部分 公开报表
表5
2023年部门综合预算一般公共预算支出明细表（按支出功能分类科目）
单位：万元
功能科目编码⇥功能科目名称⇥合计⇥人员经费支出⇥公用经费支出⇥专项业务经费支出⇥备注
⇥合计⇥17.30⇥10.00⇥4.10⇥3.20⇥
213⇥农林水支出⇥17.30⇥10.00⇥4.10⇥3.20⇥
21303⇥水利⇥17.30⇥10.00⇥4.10⇥3.20⇥
2130301⇥行政运行⇥14.10⇥10.00⇥4.10⇥⇥
2130399⇥其他水利支出⇥3.20⇥⇥⇥3.20⇥
"""


def findings_of(document: Document) -> list[tuple[str, str]]:
    return [(f.severity, f.message) for f in document.findings if f.cells and f.cells[0].cell.startswith("f")]


def test_a_sentence_that_agrees_with_its_table_is_proved(structured: Structured) -> None:
    """Amounts that restate a proved cell, and lists that add up, are proved; nothing is reported."""
    text = "本部门当年一般公共预算支出17.3万元，其中：行政运行（2130301）14.1万元；其他水利支出（2130399）3.2万元。"
    document = structured(TABLE.format(text=text))
    assert findings_of(document) == []
    assert [fact.proof for fact in document.facts] == ["proved"] * 3
    assert document.tables[0].verdict.outcome == "accepted"


def test_a_sentence_that_contradicts_its_table_gets_the_finding_itself(structured: Structured) -> None:
    """The finding is a warning about the sentence; the table stays accepted, the document is flagged."""
    document = structured(TABLE.format(text="机关运行经费预算安排4.70万元。"))
    ((severity, message),) = findings_of(document)
    assert severity == "warning"
    assert "4.70万元" in message
    assert "4.1" in message
    assert [table.verdict.outcome for table in document.tables] == ["accepted"]
    assert document.verdict.outcome == "flagged"
    assert next(check for check in document.checks if check.outcome == "fails").terms[0].cell == "f1"


SLIPS = [
    ("收入合计100万元，其中：财政拨款收入90万元，占90%；其他收入10万元，占10%。", 0),
    ("收入合计100万元，其中：财政拨款收入90万元，占90%；其他收入20万元，占10%。", 2),
    ("收入合计100万元，其中：财政拨款收入90万元；其他收入5万元。", 0),
    ("机关运行经费10.00万元，较上年增加2万元，增长25%。", 0),
    ("机关运行经费10.00万元，较上年增加2万元，增长35%。", 1),
    ("机关运行经费10.00万元，较上年增加2万元，增长25.01%。", 0),
    ("“三公”经费预算12万元，其中：因公出国（境）费0万元，公务用车购置及运行费10万元，公务接待费3.0万元。", 1),
    ("人员编制19人，其中行政编制4人、事业编制14人。", 1),
    ("人员编制19人，其中行政编制4人、事业编制15人。", 0),
    ("人员编制19人，其中行政编制4人。", 0),
    ("政府采购支出总额0.03万元，其中：政府采购货物支出0.01万元、政府采购工程支出0.01万元、政府采购服务支出0万元。", 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "slips"), SLIPS)
def test_sentences_are_checked_within_their_rounding(structured: Structured, text: str, slips: int) -> None:
    """Shares, rates, complete lists and headcounts are held to their digits; incomplete lists are not."""
    assert len(findings_of(structured(f"某县水利局2023年部门预算\n一、收支情况\n{text}\n"))) == slips


def test_a_list_with_an_unread_amount_is_not_judged(structured: Structured) -> None:
    """Where an amount of a list was not understood the list is untestable, and the amount is noted."""
    text = (
        "一、支出按功能分类的明细情况\n一般公共预算支出100万元，其中：行政运行（2130301）60万元；"
        "某专项补贴款20万元；其他水利支出（2130399）20万元。预算执行较好。"
    )
    document = structured(f"某县水利局2023年部门预算\n{text}\n")
    assert findings_of(document) == []
    assert [check.outcome for check in document.checks if "list of" in check.rule] == ["untestable"]
    assert [(f.code, f.severity) for f in document.findings if f.code == "unread_number"] == [("unread_number", "note")]


def test_facts_are_judged_again_alike(structured: Structured) -> None:
    """What was stored is judged again with its facts, and nothing differs."""
    text = TABLE.format(text="机关运行经费预算安排4.70万元，较上年增加1万元，增长20%。").replace("⇥", "\t")
    document = structured(text)
    again = judge_again(Document.model_validate_json(document.model_dump_json()), from_text(text), load_catalog())
    assert again == document


def test_facts_are_shown_with_their_state(structured: Structured, capsys: pytest.CaptureFixture[str]) -> None:
    """`show` prints what the text states, changes beside their amounts, and what failed."""
    import sys

    document = structured("某县水利局2023年部门预算\n一、收支情况\n机关运行经费10.00万元，较上年增加2万元，增长35%。\n")
    print_facts(console_for(sys.stdout), document)
    shown = capsys.readouterr().out
    assert "3 facts in the text, 0 proved" in shown
    assert "operating expenses" in shown
    assert "+2" in shown
    assert "+35%" in shown
    assert "failed" in shown


@pytest.mark.parametrize(("stated", "is_silent"), [("17.3", True), ("19.3", False)])
def test_a_sentence_beside_a_slip_of_the_table(structured: Structured, stated: str, *, is_silent: bool) -> None:
    """A sentence that says what the table's own sums imply is right; any other contradicts the table as well."""
    document = structured(
        TABLE.format(text=f"本部门当年一般公共预算支出{stated}万元。").replace("⇥合计⇥17.30", "⇥合计⇥18.30")
    )
    assert any(cell.implied == "17.30" for finding in document.findings for cell in finding.cells)
    told = [message for _, message in findings_of(document) if "says 18.3" in message]
    assert bool(told) is not is_silent
