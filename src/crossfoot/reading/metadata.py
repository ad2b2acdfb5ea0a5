"""Source → department, region, fiscal year and kind of document, from the cover, the captions and the text."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from crossfoot.figures import DocumentKind, Section, Source
from crossfoot.labels import words

_BODY = (
    r"(?:局|委员会|委|厅|办公室|中心|院|馆|站|所|处|队|学校|大学|学院|联合会|部|政府|法院|检察院|协会|总队|支队|管理会"
    r"|小学|中学|高中|幼儿园|社|校|台|署|会)"
)
_ORGANISATION = re.compile(rf"^[一-鿿（）()、·]{{2,30}}?{_BODY}(?:\(本级\)|\(汇总\)|\(机关\))?$")
#: What ends a name may also begin a word inside one: 人力资源和社|会保障局, 供销合作社|联合社, 人民政府|办公室.
_INSIDE = (
    r"社[会区联保]|(?<=社)会|(?<=干)部|会[议展常]|会计(?!划)|部[门队]|处[理置]|所[有属在]|院校|台[湾办商]|校[园外]|委[托员](?!会)|队伍|大学生"
    r"|中心(?:医院|小学|学校|卫生院|幼儿园|血站|城区)|政府(?:办公|采购|性|投资|[一-鿿]{2,8}街道办事处)"
)
_IN_TEXT = re.compile(
    r"(?:(?![年度])[一-鿿]{2,6}(?:省|自治区|市|州|盟|县|区|旗)|(?![该全我各本省市州区外邻])[一-鿿]县)"
    rf"[一-鿿]{{0,14}}?(?!{_INSIDE}){_BODY}(?![一-鿿]{{0,2}}(?:部门名称|负责))"
)
_REGION = re.compile(
    r"^(?:(?![该全我各本])[一-鿿]县|[一-鿿]{2,7}?(?:省|自治区|自治州|市(?!场)|地区|盟|自治县|县|区|旗))+"
)
#: A cover line that a second one goes on: a region, a government or the beginning of a nationwide organisation's name.
_FIRST_HALF = re.compile(rf"{_REGION.pattern}(?:人民政府)?$|^(?:中国|中共|共青团|国家税务总局)[一-鿿]{{0,16}}$")
_YEAR = re.compile(r"(20\d\d)年")
_CHINESE_YEAR = re.compile(r"二[〇○零]([〇○零一二三四五六七八九]{2})年")
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_TITLE_TAIL = re.compile(
    r"(?:部门|单位)?(?:综合|汇总)?(?:预算|决算)(?:公开)?(?:说明|情况说明|报告|信息|报表|表|情况)*(?:\(.*\))?$"
)
_SUFFIX = re.compile(r"\((?:汇总|本级|机关|部门|单位)\)$")
_NO_NAME = re.compile(r"^(?:第|目录|一、|附)")
_COLON = re.compile("[:：]")
_OWNER = re.compile(r"^(?:编制)?(?:部门|单位)(?:\(单位\))?名称[::](.+?)(?:(?:金额)?单位[::].*)?$")


class Metadata(NamedTuple):
    """What a document is: whose, where, of which year, budget or final accounts. Unknown is empty, None or unknown."""

    department: str
    region: str
    fiscal_year: int | None
    kind: DocumentKind


def describe(source: Source, sections: Sequence[Section]) -> Metadata:
    """Returns the document's metadata; the cover speaks before the captions, and these before the text."""
    cover = _cover(source)
    department = _department(source, sections, cover)
    region = _REGION.match(department)
    return Metadata(department, region[0] if region else "", _year(source, cover), kind_of_document(source))


def _cover(source: Source) -> list[str]:
    return [words(line.text) for line in source.lines[:60] if line.text.strip()][:14]


def _department(source: Source, sections: Sequence[Section], cover: Sequence[str]) -> str:
    candidates = _over_two_lines(cover) + [
        name for line in cover if _ORGANISATION.match(name := _name_on_cover(line)) and not _NO_NAME.match(name)
    ]
    owners = [_without_suffix(section.owner) for section in sections if section.owner]
    parts = (part for line in source.lines if _COLON.search(line.text) for part in line.text.split("\t"))
    stated = [match[1] for part in parts if (match := _OWNER.match(words(part)))]
    best = _fullest([*candidates[:2], *owners[:1], *map(_without_suffix, stated[:1])])
    return best or _most_named(source)


def _over_two_lines(cover: Sequence[str]) -> list[str]:
    """Returns the names that a cover prints over two lines: 某某市 above 民政局."""
    names = [(first, _name_on_cover(second)) for first, second in pairwise(cover) if _FIRST_HALF.match(first)]
    whole = [(first, second) for first, second in names if _ORGANISATION.match(second)]
    return [first + second for first, second in whole if not _REGION.match(second) or not _REGION.match(first)]


def _name_on_cover(line: str) -> str:
    """Returns what is left of a cover line without year, 部门预算公开 and the like."""
    stated = _OWNER.match(line)
    plain = (stated[1] if stated else line).strip('《》"')
    if _YEAR.search(plain):
        plain = _TITLE_TAIL.sub("", re.sub(r"20\d\d年度?", "", plain))
    return _without_suffix(plain)


def _without_suffix(name: str) -> str:
    return _SUFFIX.sub("", name)


def _fullest(names: Sequence[str]) -> str:
    """Returns the first name, or a later one that says the same with its region in front."""
    best = ""
    for name in names:
        if (
            not best
            or (best in name and len(name) > len(best))
            or (name not in best and _REGION.match(name) and not _REGION.match(best))
        ):
            best = name
    return best


def _most_named(source: Source) -> str:
    """Returns the organisation that the text names most often; on a tie the one named first."""
    counts: Counter[str] = Counter()
    for line in source.lines:
        for match in _IN_TEXT.finditer(words(line.text)):
            counts[match[0]] += 1
    return max(counts, key=lambda name: counts[name]) if counts else ""


def _year(source: Source, cover: Sequence[str]) -> int | None:
    for text in cover:
        spelled = _CHINESE_YEAR.search(text)
        if spelled and re.search(r"预算|决算", text):
            return 2000 + int(spelled[1].translate(_DIGITS))
        match = _YEAR.search(text)
        if match and re.search(r"预算|决算", text):
            return int(match[1])
    for line in source.lines:
        plain = words(line.text)
        match = _YEAR.search(plain)
        if match and re.search(r"(?:部门|单位).{0,6}(?:预算|决算)", plain) and len(plain) < 60:
            return int(match[1])
    years = Counter(match for line in source.lines for match in _YEAR.findall(words(line.text)))
    return int(years.most_common(1)[0][0]) if years else None


def kind_of_document(source: Source) -> DocumentKind:
    """Returns whether the document is a budget or final accounts, by its cover, else by its words."""
    for text in _cover(source):
        if "决算" in text:
            return "final_accounts"
        if "预算" in text:
            return "budget"
    budget = source.text.count("预算公开") + source.text.count("部门预算") + source.text.count("预算收入")
    accounts = source.text.count("部门决算") + source.text.count("决算数") + source.text.count("支出决算")
    if not budget and not accounts:
        return "unknown"
    return "final_accounts" if accounts > budget else "budget"
