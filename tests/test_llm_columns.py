"""Headers that no form knows: the model proposes, the table's sums decide; what they cannot decide is flagged."""

import json

from crossfoot.choosing import Readers
from crossfoot.figures import Document
from crossfoot.pipeline import structure
from crossfoot.reading.llm.asked import Asked, NoCalls, Reply
from crossfoot.reading.llm.prompts import load_prompt
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog

TABLE = """\
某市某局2023年部门预算公开说明

一般公共预算支出明细表（按支出功能分类科目）
单位：万元
功能科目编码⇥功能科目名称⇥合计⇥{first}⇥{second}⇥{third}
210⇥卫生健康支出⇥120.00⇥80.00⇥30.00⇥10.00
21015⇥医疗保障管理事务⇥120.00⇥80.00⇥30.00⇥10.00
2101501⇥行政运行⇥110.00⇥80.00⇥30.00⇥
2101502⇥一般行政管理事务⇥10.00⇥⇥⇥10.00
"""


class Namer:
    """Answers a question about columns with these fields."""

    name = identity = "namer"
    settings = known_settings = "scripted"
    concurrency = 1

    def __init__(self, *fields: str) -> None:
        self.fields = fields
        self.asked: list[Asked] = []

    def ask(self, asked: Asked) -> Reply:
        """Returns the fields, as many as are asked for."""
        self.asked.append(asked)
        return Reply(json.dumps({"columns": list(self.fields)}), "stop", 100, 10)


def read(text: str, model: Namer, catalog: Catalog) -> Document:
    desk = Desk(model, load_prompt("rows-1"), NoCalls(), Spending())
    return structure(from_text(text.replace("⇥", "\t")), catalog, Readers("auto", desk))


def test_one_unknown_header_is_named_and_the_sums_hold(catalog: Catalog) -> None:
    """A single strange header: only its own column and the one field left are asked for, and it is proved."""
    model = Namer("project")
    document = read(TABLE.format(first="人员经费支出", second="公用经费支出", third="履职专项安排"), model, catalog)
    (table,) = document.tables
    assert [column.key for column in table.columns][2:] == ["total", "personnel", "operating", "project"]
    assert table.verdict.outcome == "accepted"
    assert table.read_by is not None
    assert "履职专项安排" in model.asked[0].user
    assert "personnel" not in model.asked[0].user
    assert [f.severity for f in document.findings if f.code == "mapped_header"] == ["note"]


def test_a_mapping_that_breaks_the_sums_is_not_believed(catalog: Catalog) -> None:
    """A model that names the column wrongly changes nothing: the column stays what it was, and flagged."""
    text = TABLE.format(first="人员经费支出", second="公用经费支出", third="其他")
    document = read(text.replace("120.00⇥80.00⇥30.00⇥10.00", "120.00⇥80.00⇥40.00⇥10.00"), Namer("project"), catalog)
    (table,) = document.tables
    assert table.columns[-1].key == "c6"
    assert table.verdict.outcome == "flagged"


def test_columns_that_any_order_fits_are_flagged(catalog: Catalog) -> None:
    """Two strange headers over two parts of one sum: the sum holds either way, so the table is flagged."""
    document = read(
        TABLE.format(first="人头支出", second="日常开支", third="专项业务经费支出"),
        Namer("personnel", "operating"),
        catalog,
    )
    (table,) = document.tables
    assert table.verdict.outcome == "flagged"
    assert [f.severity for f in document.findings if f.code == "mapped_header"] == ["warning"]


def test_an_answer_of_none_or_one_field_twice_leaves_the_column_generic(catalog: Catalog) -> None:
    """Nothing is mapped by halves."""
    for answer in (("none", "none"), ("personnel", "personnel")):
        document = read(TABLE.format(first="甲", second="乙", third="专项业务经费支出"), Namer(*answer), catalog)
        assert [column.key for column in document.tables[0].columns][3:5] == ["c4", "c5"]


def test_known_headers_ask_nothing(catalog: Catalog) -> None:
    """In auto a table that code can read costs no call."""
    model = Namer("none")
    read(TABLE.format(first="人员经费支出", second="公用经费支出", third="专项业务经费支出"), model, catalog)
    assert model.asked == []


def test_a_table_of_no_known_form_is_read_as_the_nearest_whose_sums_hold(catalog: Catalog) -> None:
    """Without a title the headers that are known name the nearest form, the model the rest, the sums decide."""
    text = TABLE.format(first="人员经费支出", second="公用经费支出", third="履职专项安排")
    text = text.replace("一般公共预算支出明细表（按支出功能分类科目）", "某局2023年一般公共预算安排情况")
    document = read(text, Namer("project"), catalog)
    (table,) = document.tables
    assert (table.type, table.verdict.outcome) != ("unknown", "accepted")
