"""Budget tables of every shape made from a seed and printed with tabs; every sum holds, exactly or within its rounding.

It knows nothing of crossfoot: forms, codes, names and figures are made here; the sums that the form declares are kept.
"""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from made_documents import linked_document
from made_panels import four_lists, three_code_lists, two_lists
from made_sheets import Field, MadeBudget, Sheet, Style, figure, printed, style_of
from made_tables import FORMS, Form

#: The header lines of the forms, as the disclosures print them.
HEADERS = {
    "function": ("功能科目编码\t功能科目名称\t合计\t人员经费支出\t公用经费支出\t专项业务经费支出\t备注",),
    "basic": ("功能科目编码\t功能科目名称\t合计\t人员经费支出\t公用经费支出\t备注",),
    "economic": (
        (
            "部门经济科目编码\t部门经济科目名称\t政府经济科目编码\t政府经济科目名称\t"
            "合计\t人员经费支出\t公用经费支出\t专项业务经费支出\t备注"
        ),
    ),
    "wide": (
        (
            "科目编码\t科目名称\t合计\t上年结转\t一般公共预算拨款收入\t政府性基金预算拨款收入\t国有资本经营预算拨款收入\t"
            "财政专户管理资金收入\t事业收入\t事业单位经营收入\t上级补助收入\t附属单位上缴收入\t其他收入"
        ),
    ),
    "one_column": ("部门经济科目编码\t部门经济科目名称\t合计\t备注",),
    "units": (
        "科目编码\t\t\t单位（科目名称）\t总计\t基本支出\t\t\t\t项目支出\t\t",
        "类\t款\t项\t\t\t小计\t行政人员经费\t事业人员经费\t公用经费\t小计\t一般性项目\t特定类项目",
        "**\t**\t**\t**\t1\t2\t3\t4\t5\t6\t7\t8",
    ),
    "revenue": (
        "项目\t\t本年收入合计\t财政拨款收入\t上级补助收入\t事业收入\t经营收入\t附属单位上缴收入\t其他收入",
        "科目代码\t科目名称\t\t\t\t\t\t\t",
        "\t栏次\t1\t2\t3\t4\t5\t6\t7",
    ),
    "outlay": (
        "项目\t\t本年支出合计\t基本支出\t项目支出\t上缴上级支出\t经营支出\t对附属单位补助支出",
        "科目代码\t科目名称\t\t\t\t\t\t",
        "\t栏次\t1\t2\t3\t4\t5\t6",
    ),
    "general": (
        "项目\t\t本年支出\t\t",
        "科目代码\t科目名称\t小计\t基本支出\t项目支出",
        "\t栏次\t1\t2\t3",
    ),
}  # fmt: skip
CLASSES = {
    "201": "一般公共服务支出", "205": "教育支出", "208": "社会保障和就业支出", "210": "卫生健康支出",
    "213": "农林水支出", "221": "住房保障支出",
}  # fmt: skip
ECONOMIC_CLASSES = {"301": "工资福利支出", "302": "商品和服务支出", "303": "对个人和家庭的补助", "310": "资本性支出"}
_NAMES = "综合业务管理事务行政运行医疗保障机关服务信息建设监督检查住房改革教育培训城乡社区农林水利交通运输就业补助"
WIDE = Form(
    "部门收入总表",
    (),
    (
        "total", "carry_over", "gpb", "gov_fund", "state_capital", "special_account", "business", "operating",
        "superior_subsidy", "subordinate", "other",
    ),
    ((0, tuple(range(1, 11))),),
)  # fmt: skip
ONE_COLUMN = Form("一般公共预算基本支出明细表（按支出经济分类科目）", (), ("total",), ())
#: Shapes whose rows are told apart by their codes, so that their order says nothing.
CODED = ("function", "basic", "economic", "revenue", "outlay", "general", "one_column", "wide")


class _Row(NamedTuple):
    """A row of a tree: its words before the figures, which row it is a part of (-1: the total), and exact figures."""

    words: tuple[str, ...]
    parent: int
    values: list[int]


def made_budget(seed: int, shape: str) -> MadeBudget:
    """Returns the budget of that seed and shape; exact if the seed is even, else each figure is rounded."""
    dice = random.Random(f"budget-{shape}-{seed}")
    style = style_of(dice, is_exact=seed % 2 == 0)
    return SHAPES[shape](dice, style, (shape, seed))


def name(dice: random.Random) -> str:
    """Returns a subject's name."""
    start = dice.randint(0, len(_NAMES) - 8)
    return _NAMES[start : start + dice.randint(3, 8)]


def coded(dice: random.Random, style: Style, named: tuple[str, int]) -> MadeBudget:
    """Returns a table whose rows are a tree of codes."""
    form = ONE_COLUMN if named[0] == "one_column" else FORMS[named[0]]
    is_economic = named[0] in {"economic", "one_column"}
    rows = _tree(dice, form, style, is_economic=is_economic, pairs=named[0] == "economic")
    before = 4 if named[0] == "economic" else 2
    sheet = _sheet(dice, (form, named[0]), rows, (before, style))
    return printed(named, [(sheet, style)], [])


def by_unit(dice: random.Random, style: Style, named: tuple[str, int]) -> MadeBudget:
    """Returns a table of units, each with its own codes."""
    form, rows = FORMS["units"], []
    used = _used(dice, form)
    for unit in range(dice.randint(1, 3)):
        rows.append(_Row(("", "", "", f"某某中心{'甲乙丙'[unit]}"), -1, []))
        head = len(rows) - 1
        codes = {(dice.choice(["208", "210", "221"]), dice.randint(1, 20), dice.randint(1, 20)) for _ in range(7)}
        for code, second, third in sorted(codes):
            words = (code, f"{second:02d}", f"{third:02d}", name(dice))
            rows.append(_Row(words, head, _leaf(dice, form, used, style)))
    sheet = _sheet(dice, (form, "units"), rows, (4, style._replace(total="first")))
    return printed(named, [(sheet, style)], [])


def wide(dice: random.Random, style: Style, named: tuple[str, int]) -> MadeBudget:
    """Returns a table of 11 money columns of some twenty rows."""
    return wide_budget(named[1], 12 + dice.randint(0, 12), style)


def wide_budget(seed: int, rows: int, style: Style) -> MadeBudget:
    """Returns a table of 11 money columns and that many rows, its total among them; four of five figures are filled."""
    dice, style = random.Random(f"wide-{seed}-{rows}"), style._replace(total="first")
    tree: list[_Row] = []
    head = middle = 0
    for index in range(rows - 1):
        if index % 15 == 0 and index < rows - 6:
            code = (*CLASSES, *map(str, range(222, 240)))[index // 15]
            head = index
            tree.append(_Row((code, CLASSES.get(code, name(dice))), -1, []))
        elif index - head in {1, 6, 11} and index < rows - 3:
            middle = index
            tree.append(_Row((f"{tree[head].words[0]}{index - head:02d}", name(dice)), head, []))
        else:
            values = [0, *(figure(dice, style) if dice.random() < 0.8 else 0 for _ in range(10))]
            values[0] = sum(values)
            tree.append(_Row((f"{tree[middle].words[0]}{index - head:02d}", name(dice)), middle, values))
    sheet = _sheet(dice, (WIDE, "wide"), tree, (2, style))
    return printed(("wide", seed), [(sheet, style)], [])


# --- trees ------------------------------------------------------------------------------------------------------------


def _used(dice: random.Random, form: Form) -> list[int]:
    parts = [place for place in range(len(form.keys)) if place not in {total for total, _ in form.sums}]
    return sorted(dice.sample(parts, dice.randint(min(2, len(parts)), len(parts))))


def _leaf(dice: random.Random, form: Form, used: Sequence[int], style: Style) -> list[int]:
    """Returns the exact figures of a row: some of the used parts filled, some below zero, the totals summed."""
    values = [0] * len(form.keys)
    for place in dice.sample(used, dice.choice([1, 1, 2, len(used)]) if len(used) > 1 else 1):
        sign = -1 if style.minus and dice.random() < 0.2 else 1
        values[place] = sign * figure(dice, style)
    for total, parts in form.sums:
        values[total] = sum(values[place] for place in parts)
    return values


def _tree(dice: random.Random, form: Form, style: Style, *, is_economic: bool, pairs: bool) -> list[_Row]:
    """Returns the rows of a tree of codes in their order, their parents' figures still empty."""
    used = _used(dice, form)
    rows: list[_Row] = []
    classes = ECONOMIC_CLASSES if is_economic else CLASSES
    more = ("", "") if pairs else ()
    for head in sorted(dice.sample(sorted(classes), dice.randint(1, 4))):
        top = len(rows)
        rows.append(_Row((head, classes[head], *more), -1, []))
        for second in sorted(dice.sample(range(1, 30), dice.randint(1, 8 if is_economic else 3))):
            code, middle = f"{head}{second:02d}", len(rows)
            if is_economic:
                rows.append(_Row((code, name(dice), *more), top, _leaf(dice, form, used, style)))
                continue
            rows.append(_Row((code, name(dice)), top, []))
            for third in sorted(dice.sample(range(1, 99), dice.randint(1, 4))):
                words = (f"{code}{third:02d}", name(dice))
                rows.append(_Row(words, middle, _leaf(dice, form, used, style)))
    return rows


def _sheet(dice: random.Random, form: tuple[Form, str], rows: list[_Row], how: tuple[int, Style]) -> Sheet:
    """Returns the sheet of a tree: parents summed, a total row first or last or not at all, all sums listed."""
    (known, shape), (before, style) = form, how
    columns = len(known.keys)
    children = {index: [i for i, row in enumerate(rows) if row.parent == index] for index in range(-1, len(rows))}
    for index in reversed(range(len(rows))):
        if children[index]:
            rows[index].values[:] = [sum(rows[i].values[k] for i in children[index]) for k in range(columns)]
    total = [sum(rows[i].values[k] for i in children[-1]) for k in range(columns)]
    words = [""] * before
    words[dice.choice([0, 1]) if before == 2 else 3 if shape == "units" else 0] = "合计"
    place = {"first": 0, "last": len(rows), "none": None}[style.total]
    lines = [(row.words, row.values) for row in rows]
    if place is not None:
        lines.insert(place, (tuple(words), total))
    at = {index: index + (place == 0) for index in range(len(rows))} | ({-1: place} if place is not None else {})
    sums = [
        (((row, before + whole), -1), *(((row, before + part), 1) for part in parts))
        for row in range(len(lines))
        for whole, parts in known.sums
    ]
    sums += [
        (((at[whole], before + k), -1), *(((at[part], before + k), 1) for part in parts))
        for whole, parts in children.items()
        for k in range(columns)
        if parts and whole in at
    ]
    note = [] if shape in {"units", "revenue", "outlay", "general", "wide"} else [""]
    fields: list[tuple[Field, ...]] = [(*words, *values, *note) for words, values in lines]
    keys = {before + k: key for k, key in enumerate(known.keys)}
    caption = (known.title, "", "单位：万元", "")
    return Sheet(caption, HEADERS[shape], tuple(fields), keys, tuple(sums))


Maker = Callable[[random.Random, Style, tuple[str, int]], MadeBudget]
SHAPES: dict[str, Maker] = {
    "function": coded, "basic": coded, "economic": coded, "one_column": coded, "units": by_unit,
    "revenue": coded, "outlay": coded, "general": coded, "wide": wide,
    "four_lists": four_lists, "two_lists": two_lists, "three_lists": three_code_lists, "document": linked_document,
}  # fmt: skip
