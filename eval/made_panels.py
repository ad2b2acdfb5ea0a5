"""Lists side by side, made from a seed; every sum of theirs is listed.

It knows nothing of crossfoot: labels and codes are those of the printed forms.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

from made_sheets import At, Field, MadeBudget, Sheet, Style, figure, printed, shares

Terms = tuple[tuple[At, int], ...]
#: A label and its exact figure; None where the form prints none.
Entry = tuple[str, int | None]

FUNCTIONS = (
    "一般公共服务支出 外交支出 国防支出 公共安全支出 教育支出 科学技术支出 文化旅游体育与传媒支出 社会保障和就业支出 "
    "社会保险基金支出 卫生健康支出 节能环保支出 城乡社区支出 农林水支出 交通运输支出 资源勘探工业信息等支出 "
    "商业服务业等支出 金融支出 援助其他地区支出 自然资源海洋气象等支出 住房保障支出 粮油物资储备支出 "
    "灾害防治及应急管理支出 其他支出"
).split()
GOVERNMENT = (
    "机关工资福利支出 机关商品和服务支出 机关资本性支出（一） 机关资本性支出（二） 对事业单位经常性补助 "
    "对事业单位资本性补助 对企业补助 对企业资本性支出 对个人和家庭的补助 对社会保障基金补助 其他支出"
).split()
BASIC = ("(1)工资福利支出", "(2)商品和服务支出", "(3)对个人和家庭的补助", "(4)资本性支出")
SPECIAL = (
    "(1)工资福利支出", "(2)商品和服务支出", "(3)对个人和家庭补助", "(4)债务利息及费用支出", "(5)资本性支出(基本建设)",
    "(6)资本性支出", "(7)对企业补助(基本建设)", "(8)对企业补助", "(9)对社会保障基金补助", "(10)其他支出",
)  # fmt: skip
LAST = ("3、上缴上级支出", "4、事业单位经营支出", "5、对附属单位补助支出")
OWN = ("上级补助收入", "事业收入", "事业单位经营收入", "附属单位上缴收入", "其他收入")
FOUR_HEADER = (
    "收 入\t\t支 出\t\t\t\t\t",
    (
        "项 目\t预算数\t支出功能分类科目（按大类）\t预算数\t"
        "部门预算支出经济分类科目（按大类）\t预算数\t政府预算支出经济分类科目（按大类）\t预算数"
    ),
)
FOUR_KEYS = {
    1: "收入.amount",
    3: "支出功能分类.amount",
    5: "部门预算支出经济分类.amount",
    7: "政府预算支出经济分类.amount",
}
SOURCES = (
    "一般公共预算财政拨款收入 政府性基金预算财政拨款收入 国有资本经营预算财政拨款收入 上级补助收入 事业收入 经营收入 "
    "附属单位上缴收入 其他收入"
).split()
CHINESE = "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十 二十一 二十二 二十三".split()
CODE_LISTS = (
    (
        ("301", "工资福利支出", "基本工资 津贴补贴 奖金 伙食补助费 绩效工资 机关事业单位基本养老保险缴费".split()),
        ("303", "对个人和家庭的补助", "离休费 退休费 退职（役）费 抚恤金 生活补助".split()),
    ),
    (("302", "商品和服务支出", "办公费 印刷费 咨询费 手续费 水费 电费 邮电费 取暖费 物业管理费 差旅费".split()),),
    (
        ("307", "债务利息及费用支出", "国内债务付息 国外债务付息".split()),
        ("310", "资本性支出", "房屋建筑物购建 办公设备购置 专用设备购置".split()),
        ("399", "其他支出", "国家赔偿费用支出 经常性赠与".split()),
    ),
)


class List(NamedTuple):
    """One list of several side by side: entries from the top, entries at the foot, and sums over both by position."""

    head: list[Entry]
    foot: list[Entry]
    sums: list[list[tuple[int, int]]]


def _sum(total: int, *parts: int) -> list[tuple[int, int]]:
    return [(total, -1), *((part, 1) for part in parts)]


def beside(lists: Sequence[List], width: int) -> tuple[list[list[Field]], list[Terms], list[list[int]]]:
    """Returns the rows of lists side by side, their sums, and the row of each entry of each list."""
    height = max(len(one.head) for one in lists)
    rows: list[list[Field]] = [[""] * (width * len(lists)) for _ in range(height + len(lists[0].foot))]
    places = [[*range(len(one.head)), *range(height, height + len(one.foot))] for one in lists]
    sums: list[Terms] = []
    for index, one in enumerate(lists):
        field = width * index + width - 1
        for row, (label, value) in zip(places[index], [*one.head, *one.foot], strict=True):
            rows[row][width * index] = label
            rows[row][field] = value
        sums += [tuple(((places[index][entry], field), weight) for entry, weight in terms) for terms in one.sums]
    return rows, sums, places


def _numbered(names: Sequence[str], values: Sequence[int | None]) -> list[Entry]:
    return [(f"{place}、{name}", value) for place, (name, value) in enumerate(zip(names, values, strict=True), start=1)]


def functions(spent: int, values: Sequence[int], foot: list[Entry], first: str) -> List:
    """Returns the list by function: the first entry is what the numbered ones add up to, the foot its totals."""
    head = [(first, spent), *_numbered(FUNCTIONS, values)]
    end = len(head)
    sums = [_sum(0, *range(1, end)), _sum(end, 0), _sum(end + len(foot) - 1, *range(end, end + len(foot) - 1))]
    return List(head, foot, sums)


def economics(spent: int, parts: tuple[list[int], list[int], list[int]], foot: list[Entry], first: str) -> List:
    """Returns the list by economic class; its parts are basic, special and the last three entries."""
    basic, special, last = parts
    head: list[Entry] = [(first, spent), ("1、人员经费和公用经费支出", sum(basic)), *zip(BASIC, basic, strict=True)]
    head += [("2、专项业务经费支出", sum(special)), *zip(SPECIAL, special, strict=True), *zip(LAST, last, strict=True)]
    end = len(head)
    sums = [_sum(0, 1, 6, 17, 18, 19), _sum(1, *range(2, 6)), _sum(6, *range(7, 17)), _sum(end, 0)]
    return List(head, foot, [*sums, _sum(end + len(foot) - 1, *range(end, end + len(foot) - 1))])


def governments(spent: int, values: Sequence[int], foot: list[Entry], first: str) -> List:
    """Returns the list by governmental economic class."""
    head = [(first, spent), *_numbered(GOVERNMENT, values)]
    end = len(head)
    sums = [_sum(0, *range(1, end)), _sum(end, 0), _sum(end + len(foot) - 1, *range(end, end + len(foot) - 1))]
    return List(head, foot, sums)


def _balances(places: Sequence[Sequence[int]], entries: Sequence[tuple[int, int]], width: int) -> list[Terms]:
    """Returns that these entries (list, position) agree, each with each."""
    at = [(places[index][entry], width * index + width - 1) for index, entry in entries]
    return [((second, -1), (first, 1)) for place, second in enumerate(at) for first in at[:place]]


def four_lists(dice: random.Random, style: Style, named: tuple[str, int]) -> MadeBudget:
    """Returns revenue and expenditure in four lists, each with its own total, that balance."""
    spent = 7 * figure(dice, style)
    over, before = (spent // 700 * 100 if dice.random() < 0.4 else 0 for _ in range(2))
    received = spent + over - before
    fiscal, *own = shares(dice, received, 6, style)
    appropriated = shares(dice, fiscal, 3, style)
    head: list[Entry] = [("一、部门预算", received), ("1、财政拨款", fiscal), ("(1)一般公共预算拨款", appropriated[0])]
    head += [("其中：专项资金列入部门预算的项目", None), ("(2)政府性基金拨款", appropriated[1])]
    head += [("(3)国有资本经营预算收入", appropriated[2])]
    head += [(f"{place}、{name}", value) for place, (name, value) in enumerate(zip(OWN, own, strict=True), start=2)]
    foot: list[Entry] = [("本年收入合计", received), ("用事业基金弥补收支差额", 0), ("上年实户资金余额", 0)]
    foot += [("上年结转", before), ("收入总计", received + before)]
    sums = [_sum(0, 1, *range(6, 11)), _sum(1, 2, 4, 5), _sum(11, 0), _sum(15, 11, 12, 13, 14)]
    out: list[Entry] = [("本年支出合计", spent), ("结转下年", over), ("未安排支出的实户资金", 0), ("", None)]
    out += [("支出总计", spent + over)]
    groups = shares(dice, spent, 5, style)
    economic = (shares(dice, groups[0], 4, style), shares(dice, groups[1], 10, style), groups[2:])
    lists = [
        List(head, foot, sums),
        functions(spent, shares(dice, spent, len(FUNCTIONS), style), out, "一、部门预算"),
        economics(spent, economic, out, "一、部门预算"),
        governments(spent, shares(dice, spent, len(GOVERNMENT), style), out, "一、部门预算"),
    ]
    rows, terms, places = beside(lists, 2)
    ends = [len(one) - 1 for one in places]
    terms += _balances(places, list(enumerate(ends)), 2)
    terms += _balances(places, [(index, ends[index] - 4) for index in (1, 2, 3)], 2)
    caption = ("表1", "", "部门综合预算收支总表", "", "单位：万元", "")
    sheet = Sheet(caption, FOUR_HEADER, tuple(map(tuple, rows)), FOUR_KEYS, tuple(terms))
    return printed(named, [(sheet, style)], [])


def two_lists(dice: random.Random, style: Style, named: tuple[str, int]) -> MadeBudget:
    """Returns the final accounts' summary: two lists with line numbers that balance."""
    spent = 9 * figure(dice, style)
    over, before = (spent // 900 * 100 if dice.random() < 0.5 else 0 for _ in range(2))
    received = spent + over - before
    sources = shares(dice, received, len(SOURCES), style)
    outlays = shares(dice, spent, len(FUNCTIONS), style)
    head = [(f"{CHINESE[i]}、{name}", value) for i, (name, value) in enumerate(zip(SOURCES, sources, strict=True))]
    right = [(f"{CHINESE[i]}、{name}", value) for i, (name, value) in enumerate(zip(FUNCTIONS, outlays, strict=True))]
    foot: list[Entry] = [("本年收入合计", received), ("使用非财政拨款结余", 0), ("年初结转和结余", before)]
    out: list[Entry] = [("本年支出合计", spent), ("结余分配", 0), ("年末结转和结余", over)]
    lists = [
        List([*head], [*foot, ("总计", received + before)], []),
        List([*right], [*out, ("总计", spent + over)], []),
    ]
    for one in lists:
        end = len(one.head)
        one.sums.extend([_sum(end, *range(end)), _sum(end + 3, end, end + 1, end + 2)])
    rows, terms, places = beside(lists, 3)
    terms += _balances(places, [(0, len(places[0]) - 1), (1, len(places[1]) - 1)], 3)
    for index, row in enumerate(rows, start=1):
        row[1], row[4] = str(index), str(len(rows) + index)
    caption = ("收入支出决算总表", "", "公开01表", "", "编制部门：某某市水利局", "", "单位：万元", "")
    header = ("收入\t\t\t支出\t\t", "项目\t行次\t决算数\t项目\t行次\t决算数", "栏次\t\t1\t栏次\t\t2")
    sheet = Sheet(caption, header, tuple(map(tuple, rows)), {2: "收入.amount", 5: "支出.amount"}, tuple(terms))
    return printed(named, [(sheet, style)], [])


def three_code_lists(dice: random.Random, style: Style, named: tuple[str, int]) -> MadeBudget:
    """Returns basic expenditure in three lists of economic codes, each figure in one sum or two."""
    lists: list[list[tuple[str, str, int | None]]] = []
    sums: list[Terms] = []
    heads: dict[str, At] = {}
    totals: dict[str, int] = {}
    for index, classes in enumerate(CODE_LISTS):
        entries: list[tuple[str, str, int | None]] = []
        for code, words, names in classes:
            total = figure(dice, style) if code in {"301", "302"} or dice.random() < 0.5 else 0
            values = shares(dice, total, len(names), style) if total else [0] * len(names)
            head, field = len(entries), 3 * index + 2
            entries.append((code, words, total))
            entries += [
                (f"{code}{i:02d}", name, v) for i, (name, v) in enumerate(zip(names, values, strict=True), start=1)
            ]
            sums.append((((head, field), -1), *(((row, field), 1) for row in range(head + 1, len(entries)))))
            heads[code], totals[code] = (head, field), total
        lists.append(entries)
    height = max(map(len, lists))
    rows: list[tuple[Field, ...]] = [
        tuple(field for one in lists for field in (one[row] if row < len(one) else ("", "", None)))
        for row in range(height)
    ]
    sides = (("人员经费合计", 2, ("301", "303")), ("公用经费合计", 8, ("302", "307", "310", "399")))
    amounts = [sum(totals[code] for code in codes) for _, _, codes in sides]
    rows.append(("人员经费合计", "", amounts[0], "公用经费合计", "", "", "", "", amounts[1]))
    for _, field, codes in sides:
        sums.append((((height, field), -1), *((heads[code], 1) for code in codes)))
    caption = ("一般公共预算财政拨款基本支出决算表", "", "公开06表", "", "编制部门：某某市水利局", "", "单位：万元", "")
    header = ("\t".join(["科目代码\t科目名称\t决算数"] * 3),)
    sheet = Sheet(
        caption,
        header,
        tuple(rows),
        {2: "1.amount", 5: "2.amount", 8: "3.amount"},
        tuple(sums),
        {(height, 8): "2.amount"},
    )
    return printed(named, [(sheet, style)], [])
