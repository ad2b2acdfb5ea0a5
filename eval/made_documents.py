"""A small document of five linked tables, made from a seed; the sums within them and between them are listed.

It knows nothing of crossfoot: 表4 to 表8 of a Shaanxi budget, all spent from the general public budget.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

from made_panels import FOUR_HEADER, FOUR_KEYS, FUNCTIONS, GOVERNMENT, List, beside, economics, functions, governments
from made_sheets import At, Field, MadeBudget, Sheet, Style, figure, printed, shares

_FUNCTION_TREE = (
    ("208", "社会保障和就业支出", "20805", "行政事业单位养老支出", ("2080505", "2080506")),
    ("210", "卫生健康支出", "21015", "医疗保障管理事务", ("2101501", "2101502", "2101506")),
    ("221", "住房保障支出", "22102", "住房改革支出", ("2210201",)),
)
_SUBJECTS = {
    "2080505": "机关事业单位基本养老保险缴费支出", "2080506": "机关事业单位职业年金缴费支出", "2101501": "行政运行",
    "2101502": "一般行政管理事务", "2101506": "医疗保障经办事务", "2210201": "住房公积金",
}  # fmt: skip
#: Economic classes: code, name, governmental code and name, items, and which of the three columns they fill.
_ECONOMIC_TREE = (
    ("301", "工资福利支出", "501", "机关工资福利支出", ("基本工资", "津贴补贴", "奖金"), (0,)),
    ("302", "商品和服务支出", "502", "机关商品和服务支出", ("办公费", "印刷费", "咨询费"), (1, 2)),
    ("303", "对个人和家庭的补助", "509", "对个人和家庭的补助", ("离休费", "退休费"), (0, 2)),
    ("310", "资本性支出", "503", "机关资本性支出（一）", ("房屋建筑物购建", "办公设备购置"), (2,)),
)
_COLUMNS = ("人员经费支出", "公用经费支出", "专项业务经费支出")
_KEYS = ("total", "personnel", "operating", "project")
#: A term of a link: which table, row and field, weight.
_Linked = tuple[int, At, int]


class _Codes(NamedTuple):
    """A table of codes: its sheet, the row of each code, and the rows whose cells are filled."""

    sheet: Sheet
    rows: dict[str, int]
    before: int


def linked_document(dice: random.Random, style: Style, named: tuple[str, int]) -> MadeBudget:
    """Returns five linked tables of one budget: four lists, by function and by economic code, all and basic."""
    style = style._replace(minus="", drops_zeros=False)
    items = {
        f"{code}{place:02d}": [figure(dice, style) if kind in kinds and dice.random() < 0.8 else 0 for kind in range(3)]
        for code, _, _, _, names, kinds in _ECONOMIC_TREE
        for place in range(1, len(names) + 1)
    }
    spent = [sum(values[kind] for values in items.values()) for kind in range(3)]
    split = [shares(dice, total, len(_SUBJECTS), style) for total in spent]
    leaves = {code: [split[kind][place] for kind in range(3)] for place, code in enumerate(_SUBJECTS)}
    by_function = [_function_table(leaves, spent, used, title) for used, title in _titles("功能")]
    by_economy = [_economic_table(items, spent, used, title) for used, title in _titles("经济")]
    four, rows = _four(items, leaves, spent)
    tables = [four, by_function[0], by_economy[0], by_function[1], by_economy[1]]
    links = [*_links_of_four(rows, tables), *_links_of_codes(tables)]
    kinds = [style._replace(commas=dice.random() < 0.5) for _ in tables]
    sheets = [four.sheet, *(table.sheet for table in tables[1:])]
    return printed(named, list(zip(sheets, kinds, strict=True)), links)


def _titles(by: str) -> list[tuple[tuple[int, ...], tuple[str, str]]]:
    first, second = ("表5", "表7") if by == "功能" else ("表6", "表8")
    return [
        ((0, 1, 2), (first, f"部门综合预算一般公共预算支出明细表（按支出{by}分类科目）")),
        ((0, 1), (second, f"部门综合预算一般公共预算基本支出明细表（按支出{by}分类科目）")),
    ]


def _row(words: Sequence[str], values: Sequence[int], used: Sequence[int]) -> tuple[Field, ...]:
    own = [values[kind] for kind in used]
    return (*words, sum(own), *own, "")


def _coded(
    rows: list[tuple[tuple[Field, ...], str]], used: Sequence[int], how: tuple[tuple[str, str], str, int]
) -> _Codes:
    """Returns a table of rows with their codes ("" for the total); a parent is the longest code one begins with."""
    (number, title), head, before = how
    at = {code: row for row, (_, code) in enumerate(rows)}
    children: dict[str, list[str]] = {}
    for code in at:
        if code:
            parent = next((code[:length] for length in range(len(code) - 1, 2, -1) if code[:length] in at), "")
            children.setdefault(parent, []).append(code)
    width = len(used) + 1
    sums = [(((row, before), -1), *(((row, before + part), 1) for part in range(1, width))) for row in range(len(rows))]
    sums += [
        (((at[parent], before + column), -1), *(((at[code], before + column), 1) for code in below))
        for parent, below in children.items()
        for column in range(width)
    ]
    header = "\t".join([head, "合计", *(_COLUMNS[kind] for kind in used), "备注"])
    keys = {before + column: _KEYS[column] for column in range(width)}
    sheet = Sheet(
        (number, "", title, "", "单位：万元", ""), (header,), tuple(row for row, _ in rows), keys, tuple(sums)
    )
    return _Codes(sheet, at, before)


def _function_table(
    leaves: dict[str, list[int]], spent: Sequence[int], used: tuple[int, ...], title: tuple[str, str]
) -> _Codes:
    rows = [(_row(("", "合计"), spent, used), "")]
    for head, name, middle, words, codes in _FUNCTION_TREE:
        total = [sum(leaves[code][kind] for code in codes) for kind in range(3)]
        rows += [(_row((head, name), total, used), head), (_row((middle, words), total, used), middle)]
        rows += [(_row((code, _SUBJECTS[code]), leaves[code], used), code) for code in codes]
    return _coded(rows, used, (title, "功能科目编码\t功能科目名称", 2))


def _economic_table(
    items: dict[str, list[int]], spent: Sequence[int], used: tuple[int, ...], title: tuple[str, str]
) -> _Codes:
    rows = [(_row(("", "合计", "", ""), spent, used), "")]
    for head, name, gov, gov_name, names, kinds in _ECONOMIC_TREE:
        if not set(kinds) & set(used):
            continue
        codes = [f"{head}{place:02d}" for place in range(1, len(names) + 1)]
        total = [sum(items[code][kind] for code in codes) for kind in range(3)]
        rows.append((_row((head, name, "", ""), total, used), head))
        for code, words in zip(codes, names, strict=True):
            rows.append((_row((code, words, f"{gov}01", gov_name), items[code], used), code))
    heads = "部门经济科目编码\t部门经济科目名称\t政府经济科目编码\t政府经济科目名称"
    return _coded(rows, used, (title, heads, 4))


def _class_of(items: dict[str, list[int]], code: str, kinds: Sequence[int]) -> int:
    return sum(values[kind] for item, values in items.items() if item.startswith(code) for kind in kinds)


def _four(
    items: dict[str, list[int]], leaves: dict[str, list[int]], spent: Sequence[int]
) -> tuple[_Codes, list[list[int]]]:
    """Returns the four lists and the row of each of their entries."""
    total = sum(spent)
    head: list[tuple[str, int | None]] = [("一、财政拨款", total), ("1、一般公共预算拨款", total)]
    head += [("其中：专项资金列入部门预算的项目", None), ("2、政府性基金拨款", 0), ("3、国有资本经营预算收入", 0)]
    foot: list[tuple[str, int | None]] = [("本年收入合计", total), ("上年结转", 0), ("收入总计", total)]
    revenue = List(head, foot, [[(0, -1), (1, 1), (3, 1), (4, 1)], [(5, -1), (0, 1)], [(7, -1), (5, 1), (6, 1)]])
    out: list[tuple[str, int | None]] = [("本年支出合计", total), ("结转下年", 0), ("支出总计", total)]
    classes = {name: sum(sum(leaves[code]) for code in codes) for _, name, _, _, codes in _FUNCTION_TREE}
    basic = [_class_of(items, code, (0, 1)) for code in ("301", "302", "303")]
    project = [_class_of(items, code, (2,)) for code in ("301", "302", "303")]
    special = [*project, 0, 0, _class_of(items, "310", (2,)), 0, 0, 0, 0]
    by_government = {name: _class_of(items, code, (0, 1, 2)) for code, _, _, name, _, _ in _ECONOMIC_TREE}
    lists = [
        revenue,
        functions(total, [classes.get(name, 0) for name in FUNCTIONS], out, "一、财政拨款"),
        economics(total, ([*basic, 0], special, [0, 0, 0]), out, "一、财政拨款"),
        governments(total, [by_government.get(name, 0) for name in GOVERNMENT], out, "一、财政拨款"),
    ]
    rows, sums, places = beside(lists, 2)
    ends = [(places[index][-1], 2 * index + 1) for index in range(4)]
    sums += [((second, -1), (first, 1)) for place, second in enumerate(ends) for first in ends[:place]]
    year = [(places[index][-3], 2 * index + 1) for index in (1, 2, 3)]
    sums += [((second, -1), (first, 1)) for place, second in enumerate(year) for first in year[:place]]
    caption = ("表4", "", "部门综合预算财政拨款收支总表", "", "单位：万元", "")
    sheet = Sheet(caption, FOUR_HEADER, tuple(map(tuple, rows)), FOUR_KEYS, tuple(sums))
    return _Codes(sheet, {}, 0), places


def _links_of_four(rows: list[list[int]], tables: Sequence[_Codes]) -> list[list[_Linked]]:
    """Returns what the four lists say that the other tables say too."""

    def cell(index: int, code: str, column: int) -> _Linked:
        return index, (tables[index].rows[code], tables[index].before + column), 1

    def four(panel: int, entry: int) -> _Linked:
        return 0, (rows[panel][entry], 2 * panel + 1), -1

    links = [[four(1, -1), cell(1, "", 0)]]
    links += [
        [four(1, 1 + FUNCTIONS.index(name)), cell(1, code, 0)] for code, name, _, _, _ in _FUNCTION_TREE
    ]  # fmt: skip
    links += [[four(2, 1), cell(4, "", 0)], [four(2, 1), cell(3, "", 0)], [four(2, 6), cell(2, "", 3)]]
    links += [[four(2, entry), cell(4, code, 0)] for entry, code in ((2, "301"), (3, "302"), (4, "303"))]
    links += [[four(2, entry), cell(2, code, 3)] for entry, code in ((7, "301"), (8, "302"), (9, "303"))]
    for code, _, _, name, names, _ in _ECONOMIC_TREE:
        parts = [cell(2, f"{code}{place:02d}", 0) for place in range(1, len(names) + 1)]
        links.append([four(3, 1 + GOVERNMENT.index(name)), *parts])
    return links


def _links_of_codes(tables: Sequence[_Codes]) -> list[list[_Linked]]:
    """Returns what the tables by code say of the same: all against basic expenditure, function against economy."""

    def cell(index: int, code: str, column: int, weight: int = 1) -> _Linked:
        return index, (tables[index].rows[code], tables[index].before + column), weight

    links = [[cell(1, "", column, -1), cell(2, "", column)] for column in range(4)]
    for whole, basic in ((1, 3), (2, 4)):
        for code in tables[basic].rows:
            links += [[cell(whole, code, column, -1), cell(basic, code, column)] for column in (1, 2)]
    return links + [[cell(3, code, 0, -1), cell(1, code, 1), cell(1, code, 2)] for code in tables[3].rows]
