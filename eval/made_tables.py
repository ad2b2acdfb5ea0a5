"""Budget tables made from a seed, every sum of which holds, printed with blanks instead of tabs; the truth is kept.

It knows nothing of crossfoot: codes, names, forms and figures are made here, in whole 分 of the printed unit.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

_SYLLABLES = "综合业务管理事务行政运行医疗保障机关服务信息建设监督检查住房改革教育培训城乡社区农林水利交通运输就业补助"
_LONG = "机关事业单位基本养老保险缴费及职业年金支出等其他社会保障性缴费项目补助资金"


_HEADS = {
    "201": "一般公共服务支出", "205": "教育支出", "208": "社会保障和就业支出", "210": "卫生健康支出",
    "213": "农林水支出", "221": "住房保障支出",
    "301": "工资福利支出", "302": "商品和服务支出", "303": "对个人和家庭的补助", "310": "资本性支出",
}  # fmt: skip


class MadeRow(NamedTuple):
    """One row: code, name, second code and name, and the printed figure of each amount column (blank: empty)."""

    code: str
    name: str
    second: tuple[str, str]
    figures: tuple[str, ...]


class MadeTable(NamedTuple):
    """A table: which form, its text without tabs, the keys of its amount columns, and its rows."""

    shape: str
    text: str
    keys: tuple[str, ...]
    rows: tuple[MadeRow, ...]


class Form(NamedTuple):
    """A form as printed: title, header lines, keys, and which parts make up which total, as column positions."""

    title: str
    header: tuple[str, ...]
    keys: tuple[str, ...]
    sums: tuple[tuple[int, tuple[int, ...]], ...]
    note: str = ""


FUNCTION = Form(
    "一般公共预算支出明细表（按支出功能分类科目）",
    ("功能科目编码 功能科目名称 合计 人员经费支出 公用经费支出 专项业务经费支出 备注",),
    ("total", "personnel", "operating", "project"),
    ((0, (1, 2, 3)),),
)
BASIC = Form(
    "一般公共预算基本支出明细表（按支出功能分类科目）",
    ("功能科目编码 功能科目名称 合计 人员经费 公用经费 备注",),
    ("total", "personnel", "operating"),
    ((0, (1, 2)),),
)
ECONOMIC = Form(
    "一般公共预算支出明细表（按支出经济分类科目）",
    (
        (
            "部门经济科目编码 部门经济科目名称 政府经济科目编码 政府经济科目名称 "
            "合计 人员经费支出 公用经费支出 专项业务经费支出 备注"
        ),
    ),
    ("total", "personnel", "operating", "project"),
    ((0, (1, 2, 3)),),
)
UNITS = Form(
    "部门支出总体情况表",
    (
        "科目编码 单位（科目名称） 总计 基本支出 项目支出",
        "类 款 项 小计 行政人员经费 事业人员经费 公用经费 小计 一般性项目 特定类项目",
        "** ** ** ** 1 2 3 4 5 6 7 8",
    ),
    (
        "total", "basic", "administrative_personnel", "institution_personnel", "operating",
        "project", "general_project", "specific_project",
    ),
    ((1, (2, 3, 4)), (5, (6, 7)), (0, (1, 5))),
)  # fmt: skip
REVENUE = Form(
    "收入决算表",
    (
        "项目 本年收入合计 财政拨款收入 上级补助收入 事业收入 经营收入 附属单位上缴收入 其他收入",
        "科目代码 科目名称 栏次 1 2 3 4 5 6 7",
    ),
    ("total", "fiscal", "superior_subsidy", "business", "operating", "subordinate", "other"),
    ((0, (1, 2, 3, 4, 5, 6)),),
)
OUTLAY = Form(
    "支出决算表",
    (
        "项目 本年支出合计 基本支出 项目支出 上缴上级支出 经营支出 对附属单位补助支出",
        "科目代码 科目名称",
        "栏次 1 2 3 4 5 6",
    ),
    ("total", "basic", "project", "superior", "operating", "subordinate"),
    ((0, (1, 2, 3, 4, 5)),),
)
GENERAL = Form(
    "一般公共预算财政拨款支出决算表",
    ("项目 本年支出", "科目代码 科目名称 小计 基本支出 项目支出", "栏次 1 2 3"),
    ("total", "basic", "project"),
    ((0, (1, 2)),),
)
FORMS = {
    "function": FUNCTION, "basic": BASIC, "economic": ECONOMIC, "units": UNITS,
    "revenue": REVENUE, "outlay": OUTLAY, "general": GENERAL,
}  # fmt: skip


class _Figures(NamedTuple):
    """A row before printing: code, name, second code and name, and exact figures in ten-thousandths."""

    code: str
    name: str
    second: tuple[str, str]
    values: tuple[int, ...]


class _Style(NamedTuple):
    """How a table is printed."""

    zero: str
    drops_zeros: bool
    commas: bool
    wrap: str
    width: int
    total: str
    is_exact: bool
    blanks: Callable[[], str]


def made_table(seed: int, shape: str) -> MadeTable:
    """Returns the table of that seed and shape."""
    dice = random.Random(f"{shape}-{seed}")
    form = FORMS[shape]
    style = _style(dice)
    rows = _tree(dice, form, shape, style) if shape != "units" else _by_unit(dice, form, style)
    printed = tuple(_printed(dice, row, style) for row in rows)
    return MadeTable(shape, _text(form, printed, style, shape), form.keys, printed)


def with_slip(table: MadeTable, seed: int) -> MadeTable:
    """Returns the table with one digit of one figure changed (not the zeros before its point), in text and truth."""
    dice = random.Random(seed)
    places = [
        (row, column)
        for row, made in enumerate(table.rows)
        for column, figure in enumerate(made.figures)
        if any(digit in "123456789" for digit in figure)
    ]
    row, column = dice.choice(places)
    figure = table.rows[row].figures[column]
    place = dice.choice([index for index, digit in enumerate(figure) if digit.isdigit()])
    digits = [digit for digit in "123456789" if digit != figure[place]]
    changed = f"{figure[:place]}{dice.choice(digits)}{figure[place + 1 :]}"
    return _replaced(table, (row, column), changed)


def _replaced(table: MadeTable, where: tuple[int, int], changed: str) -> MadeTable:
    row, column = where
    figures = table.rows[row].figures
    rows = list(table.rows)
    rows[row] = rows[row]._replace(figures=(*figures[:column], changed, *figures[column + 1 :]))
    lines = table.text.split("\n")
    at = _line_of(table, lines, row)
    before = sum(1 for figure in figures[:column] if figure)
    lines[at] = _with_numeral(lines[at], sum(1 for figure in figures if figure), before, changed)
    return table._replace(text="\n".join(lines), rows=tuple(rows))


def _line_of(table: MadeTable, lines: Sequence[str], row: int) -> int:
    """Returns the line that holds the figures of a row: rows with figures stand in order, and figures end a line."""
    wanted = [index for index, made in enumerate(table.rows) if any(made.figures)].index(row)
    start = next(index for index, line in enumerate(lines) if line.startswith(FORMS[table.shape].header[-1]))
    with_figures = [
        index for index, line in enumerate(lines) if index > start and line.split() and _is_figure(line.split()[-1])
    ]
    return with_figures[wanted]


def _is_figure(word: str) -> bool:
    return word.replace(",", "").replace(".", "", 1).isdigit()


def _with_numeral(line: str, count: int, place: int, changed: str) -> str:
    pieces = line.split(" ")
    filled = [index for index, piece in enumerate(pieces) if piece][-count:]
    pieces[filled[place]] = changed
    return " ".join(pieces)


def _style(dice: random.Random) -> _Style:
    gap = dice.choice([" ", " ", "  ", "random"])
    return _Style(
        zero=dice.choice(["blank", "blank", "blank", "0", "0.00", "mixed"]),
        drops_zeros=dice.random() < 0.2,
        commas=dice.random() < 0.3,
        wrap=dice.choice(["none", "none", "after", "before", "around", "between"]),
        width=dice.randint(8, 12),
        total=dice.choice(["first", "first", "last", "none"]),
        is_exact=dice.random() < 0.7,
        blanks=lambda: " " * dice.randint(1, 4) if gap == "random" else gap,
    )


# --- figures ----------------------------------------------------------------------------------------------------------


def _leaf(dice: random.Random, form: Form, used: Sequence[int], style: _Style) -> list[int]:
    """Returns the exact figures of a row: some of the used parts filled, the totals summed."""
    values = [0] * len(form.keys)
    totals = [total for total, _ in form.sums]
    parts = [place for place in used if place not in totals]
    filled = dice.sample(parts, dice.choice([1, 1, 1, 2, 2, len(parts)]) if len(parts) > 1 else 1)
    for place in filled:
        exact = dice.choice([dice.randint(1, 2_000), dice.randint(100, 90_000), dice.randint(1_000, 9_000_000)])
        values[place] = exact * 100 if style.is_exact else exact * 100 + dice.randint(0, 99)
    for total, own in form.sums:
        values[total] = sum(values[place] for place in own)
    return values


def _used(dice: random.Random, form: Form) -> list[int]:
    """Returns the part columns that the table uses; the wide forms mostly leave some blank in every row."""
    parts = [place for place in range(len(form.keys)) if place not in {total for total, _ in form.sums}]
    return sorted(dice.sample(parts, dice.randint(min(2, len(parts)), len(parts))))


def _summed(rows: Sequence[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)]


def _tree(dice: random.Random, form: Form, shape: str, style: _Style) -> list[_Figures]:
    used = _used(dice, form)
    rows: list[_Figures] = []
    tops: list[list[int]] = []
    classes = ["301", "302", "303", "310"] if shape == "economic" else ["201", "205", "208", "210", "213", "221"]
    for head in sorted(dice.sample(classes, dice.randint(1, 4))):
        below: list[_Figures] = []
        seconds: list[list[int]] = []
        for second in sorted(dice.sample(range(1, 30), dice.randint(1, 8 if shape == "economic" else 3))):
            code = f"{head}{second:02d}"
            if shape == "economic":
                values = _leaf(dice, form, used, style)
                pair = (
                    (f"50{dice.randint(1, 9)}{dice.randint(1, 9):02d}", _name(dice))
                    if dice.random() < 0.6
                    else ("", "")
                )
                below.append(_Figures(code, _name(dice), pair, tuple(values)))
            else:
                leaves = [
                    _Figures(f"{code}{third:02d}", _name(dice), ("", ""), tuple(_leaf(dice, form, used, style)))
                    for third in sorted(dice.sample(range(1, 99), dice.randint(1, 4)))
                ]
                values = _summed([leaf.values for leaf in leaves])
                below += [_Figures(code, _name(dice), ("", ""), tuple(values)), *leaves]
            seconds.append(values)
        tops.append(_summed(seconds))
        rows += [_Figures(head, _HEADS[head], ("", ""), tuple(tops[-1])), *below]
    return _with_total(rows, _summed(tops), style)


def _by_unit(dice: random.Random, form: Form, style: _Style) -> list[_Figures]:
    rows: list[_Figures] = []
    tops: list[list[int]] = []
    used = _used(dice, form)
    for unit in range(dice.randint(1, 3)):
        items = [
            _Figures(code, _name(dice), ("", ""), tuple(_leaf(dice, form, used, style)))
            for code in sorted(
                f"{dice.choice([208, 210, 221])} {dice.randint(1, 20):02d} {dice.randint(1, 20):02d}"
                for _ in range(dice.randint(2, 9))
            )
        ]
        tops.append(_summed([item.values for item in items]))
        rows += [_Figures("", f"某某中心{'甲乙丙'[unit]}", ("", ""), tuple(tops[-1])), *items]
    return _with_total(rows, _summed(tops), style._replace(total="first"))


def _with_total(rows: list[_Figures], total: list[int], style: _Style) -> list[_Figures]:
    row = _Figures("", "合计", ("", ""), tuple(total))
    return {"first": [row, *rows], "last": [*rows, row], "none": rows}[style.total]


def _name(dice: random.Random) -> str:
    if dice.random() < 0.3:
        start = dice.randint(0, 8)
        return _LONG[start : start + dice.randint(10, 24)]
    start = dice.randint(0, len(_SYLLABLES) - 8)
    return _SYLLABLES[start : start + dice.randint(3, 8)]


# --- printing ---------------------------------------------------------------------------------------------------------


def _printed(dice: random.Random, row: _Figures, style: _Style) -> MadeRow:
    return MadeRow(row.code, row.name, row.second, tuple(_figure(dice, value, style) for value in row.values))


def _figure(dice: random.Random, value: int, style: _Style) -> str:
    """Returns a figure rounded to two places, as the style prints it."""
    hundredths = (value + 50) // 100
    if hundredths == 0:
        zero = dice.choice(["", "", "0", "0.00"]) if style.zero == "mixed" else style.zero
        return "" if zero == "blank" else zero
    whole, part = divmod(hundredths, 100)
    text = f"{whole:,}" if style.commas else str(whole)
    if style.drops_zeros and part % 10 == 0:
        return text if part == 0 else f"{text}.{part // 10}"
    return f"{text}.{part:02d}"


def _text(form: Form, rows: Sequence[MadeRow], style: _Style, shape: str) -> str:
    lines = ["某某市水利局", "", form.title, "单位：万元", *form.header]
    may_wrap = shape != "economic"
    for row in rows:
        lines += _lines(row, style) if may_wrap else [_line((row.code, row.name, *row.second), row.figures, style)]
    return "\n".join([*lines, "", "注：本表由部门填报，数据四舍五入。", ""])


def _line(words: Sequence[str], figures: Sequence[str], style: _Style) -> str:
    filled = [word for word in (*words, *figures) if word]
    return "".join(f"{word}{style.blanks()}" for word in filled).rstrip()


def _lines(row: MadeRow, style: _Style) -> Iterator[str]:
    """Yields the lines of a row whose name may wrap at the width of its column."""
    name, width = row.name, style.width
    pieces = [name[start : start + width] for start in range(0, len(name), width)]
    if style.wrap == "none" or len(pieces) == 1:
        yield _line((row.code, name), row.figures, style)
    elif style.wrap == "after":
        yield _line((row.code, pieces[0]), row.figures, style)
        yield from pieces[1:]
    elif style.wrap == "before":
        yield _line((row.code, pieces[0]), (), style)
        yield from pieces[1:-1]
        yield _line(pieces[-1:], row.figures, style)
    elif style.wrap == "between":
        yield from pieces[:-1]
        yield _line((row.code, pieces[-1]), row.figures, style)
    else:
        half = len(pieces) // 2
        own = pieces[half : half + 1] if len(pieces) % 2 else []
        yield from pieces[:half]
        yield _line((row.code, *own), row.figures, style)
        yield from pieces[half + len(own) :]
