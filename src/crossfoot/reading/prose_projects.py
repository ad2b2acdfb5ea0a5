"""The money of one project in the reports on its performance: budget, what was received, what was spent."""

import re
from collections.abc import Sequence

from crossfoot.statements import FactRole, Measure

_REPORT = re.compile(r"项目.{0,12}(?:报告|绩效|自评)|^\(.{2,40}项目\)$")
_SUMMARY = re.compile(r"(?:\d{1,2}[.、])?(?P<name>[^,;。:]{2,40}?)(?:项目)?绩效自评综述:?(?:项目)?全年预算数(?:为)?$")
_WHOLE = re.compile(r"整体支出[^。;]{0,40},(?:全年|年初|年度)预算数(?:为)?$")
_FUNDS = re.compile(r"涉及(?:财政|预算)?(?:预算)?资金(?:共|共计|为)*+$")
_PLACE = r"(?:^|[,;。:])(?:\d{4}年)?(?:本|该)?(?:项目)?(?:资金)?"
_ENDINGS: tuple[tuple[Measure, FactRole, re.Pattern[str]], ...] = (
    ("project_received", "amount", re.compile(r"(?:拨付|到位|收到)的?(?:财政|项目|专项)?资金(?:共|共计|为)*+$")),
    ("project", "budget", re.compile(r"(?:批复|项目)资金(?:预算指标)?(?:为|共)*+$")),
    ("project", "budget", re.compile(rf"{_PLACE}(?:年初|总)?预算(?:指标)?(?:为|共|是)*+$")),
    ("project", "amount", re.compile(rf"{_PLACE}(?:全年|当年内)?(?:共|实际|预算|决算)*支出(?:资金)?(?:共|共计|为)*+$")),
)


def project_amount(before: str, headings: Sequence[str], department: str) -> tuple[Measure, FactRole, str] | None:
    """Returns measure, role and the project's name if the words before a number speak of a project's money."""
    summary = _SUMMARY.search(before)
    if summary:
        return "project", "budget", summary["name"]
    if _WHOLE.search(before):
        return "expenditure_total", "budget", ""
    if _FUNDS.search(before):
        return "performance_funds", "amount", ""
    title = next((heading for heading in reversed(headings) if _REPORT.search(heading)), "")
    if not title:
        return None
    for measure, role, pattern in _ENDINGS:
        if pattern.search(before):
            return measure, role, _name(title, department)
    return None


def _name(title: str, department: str) -> str:
    """Returns the project that a report's title names: `（窗口服装费项目）`, `2023年某局信息化建设项目绩效评价报告`."""
    if title.startswith("("):
        return title.strip("()")
    named = re.match(r"(?:20\d\d年度?)?(?P<name>.+?项目)(?:支出)?(?:绩效|自评|评价)", title.replace(department, "", 1))
    return named["name"] if named else ""
