"""What a model leaves out, cuts off or mixes up is said, and is never the document's fault."""

import json

import pytest

from crossfoot.choosing import Readers
from crossfoot.figures import Document
from crossfoot.pipeline import structure
from crossfoot.reading.fields import Field
from crossfoot.reading.llm.asked import Asked, NoCalls, Reply
from crossfoot.reading.llm.prompts import load_prompt
from crossfoot.reading.llm.sheets import Record, lay
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog

TABLE = """\
某某市水利局2023年部门预算公开

一般公共预算支出明细表（按支出功能分类科目）
单位：万元
功能科目编码⇥功能科目名称⇥合计⇥人员经费支出⇥公用经费支出⇥专项业务经费支出
213⇥农林水支出⇥120.00⇥80.00⇥30.00⇥10.00
21303⇥水利⇥120.00⇥80.00⇥30.00⇥10.00
2130301⇥行政运行⇥110.00⇥80.00⇥30.00⇥
2130302⇥一般行政管理事务⇥10.00⇥⇥⇥10.00
"""


COVER = """\
某某市水利局2023年部门预算

部门名称：⇥某某市水利局
保密审查情况：⇥已审查
部门主要负责人审签情况：⇥已审签

"""


class Copyist:
    """Copies every record as it is shown, but for those that `change` changes; None leaves the record out."""

    name = "copyist"
    settings = known_settings = identity = "scripted"
    concurrency = 1

    def __init__(self, change: dict[str, str | None]) -> None:
        self.change = change

    def ask(self, asked: Asked) -> Reply:
        """Returns the records, as many as were asked for, the last one twice where one is left out."""
        records = [line for line in asked.user.splitlines() if line.startswith("L")]
        answered = [self.change.get(line.split("|")[0], line) for line in records]
        rows = [row for row in answered if row is not None]
        rows += [records[0]] * (len(records) - len(rows))
        return Reply(json.dumps({"rows": rows}, ensure_ascii=False), "stop", 100, 100)


def read(text: str, change: dict[str, str | None], catalog: Catalog) -> Document:
    desk = Desk(Copyist(change), load_prompt("rows-1"), NoCalls(), Spending())
    return structure(from_text(text.replace("⇥", "\t")), catalog, Readers("llm", desk))


def codes(document: Document) -> set[str]:
    return {finding.code for finding in document.findings}


def test_a_record_left_out_is_not_the_documents_fault(catalog: Catalog) -> None:
    """The sums that miss it are not executed; the finding is that it was not read."""
    document = read(TABLE, {"L8": None}, catalog)
    assert document.tables[0].verdict.outcome == "flagged"
    assert "reader_failed" in codes(document)
    assert "source_inconsistency" not in codes(document)


def test_a_dropped_amount_is_not_the_documents_fault(catalog: Catalog) -> None:
    """A cell that the answer lacks is misread, and its row stands in no sum."""
    document = read(TABLE, {"L8": "L8|2130301|行政运行|110.00||30.00"}, catalog)
    assert document.tables[0].verdict.outcome == "flagged"
    assert {"misread", "uncovered_number"} <= codes(document)
    assert "source_inconsistency" not in codes(document)


@pytest.mark.parametrize(
    "pieces",
    [
        ("213", "农林水支出", "20.00", "15.00", "5.00"),  # the signs
        ("213", "农林水支出", "-", "20.00", "-", "15.00", "-", "5.00"),  # the signs apart
        ("213", "林水支出", "-20.00", "-15.00", "-5.00"),  # the beginning of the name
        ("213", "农林水", "-20.00", "-15.00", "-5.00"),  # its end
        ("213", "农林水支出", "-20", ".00", "-15.00", "-5.00"),  # a numeral cut at its point
        ("213", "农林水支出", "-20.00", "-5.00", "-15.00"),  # another order
        ("213", "农林水支出", "-20.00", "-15.00"),  # one left out
    ],
)
def test_a_lost_record_is_taken_whole_or_not_at_all(pieces: tuple[str, ...]) -> None:
    """No sign, damage or part of a word is cut off; half a record could foot as well as a whole one."""
    text = "213 农林水支出 -20.00 -15.00 -5.00"
    record = Record(9, (Field(text, 9, 0, len(text)),), lost=True)
    assert lay(record, pieces).fields == ()
    assert lay(record, pieces).problems


def test_a_lost_record_keeps_the_blanks_inside_a_name() -> None:
    """The printed text is the source's own slice."""
    text = "21303 水利 2022 专项 20.00"
    record = Record(9, (Field(text, 9, 0, len(text)),), lost=True)
    laid = lay(record, ("21303", "水利2022专项", "20.00"))
    assert [field.text for field in laid.fields] == ["21303", "水利 2022 专项", "20.00"]
    assert all(text[field.start : field.end] == field.text for field in laid.fields)


def test_a_label_that_the_answer_lacks_is_no_crash(catalog: Catalog) -> None:
    """A `label：` line whose value stands after a tab is read, and an answer without the label is flagged."""
    whole = read(COVER + TABLE, {}, catalog).tables[0]
    assert (whole.rows[0].name, whole.rows[0].cells[0].printed) == ("部门名称", "某某市水利局")
    assert read(COVER + TABLE, {"L3": "L3||某某市水利局"}, catalog).tables[0].verdict.outcome == "flagged"


class Teller:
    """Says what numbers of sentences measure, in this order of sentences."""

    name = "teller"
    settings = known_settings = identity = "scripted"
    concurrency = 1

    def __init__(self, *order: int) -> None:
        self.order = order

    def ask(self, asked: Asked) -> Reply:
        """Returns 会议费 of the first sentence and 培训费 of the second, in the given order."""
        del asked
        measures = {1: "meeting", 2: "training"}
        facts = [{"n": n, "measure": measures.get(n, "other"), "role": "amount", "item": ""} for n in self.order]
        return Reply(json.dumps({"facts": facts}), "stop", 10, 10)


SENTENCES = """\
某某市水利局2023年部门预算公开

一、收支情况
2023年预算里，另行安排的信息化运维支出约12.50万元。某某事项2022年预算的结果大约是77.10万元。
"""


@pytest.mark.parametrize(("order", "read_as"), [((1, 2), 2), ((2, 1), 2), ((1, 1), 0), ((2, 3), 0)])
def test_a_sentence_is_answered_by_its_number(catalog: Catalog, order: tuple[int, int], read_as: int) -> None:
    """Answers in another order reach their own numerals; those of which it is not certain reach none."""
    desk = Desk(Teller(*order), load_prompt("rows-1"), NoCalls(), Spending())
    document = structure(from_text(SENTENCES), catalog, Readers("auto", desk))
    told = {fact.printed: fact.measure for fact in document.facts if fact.reader == "llm"}
    assert told == ({"12.50": "meeting", "77.10": "training"} if read_as else {})
    assert "unread_number" in codes(document)
