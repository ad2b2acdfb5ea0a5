"""The page and the Markdown report of a run, on measurements that a person could have written down."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import pytest

from crossfoot.evaluation.findings import FactMiss, FactScore, FindingScore, LabelOutcome
from crossfoot.evaluation.nouns import Condition, Measurement, Setting, Spent
from crossfoot.evaluation.plots import HEIGHT, panels
from crossfoot.evaluation.report import html, settings_of
from crossfoot.evaluation.report_markdown import markdown
from crossfoot.evaluation.totals import tallies
from crossfoot.evaluation.worst import worst_tables
from test_comparison import OCR, PLAIN, STAMP, measured, miss, table

VOID = {"meta", "col", "wbr", "line", "path", "polyline", "br"}
LINES = ["表4\t支出", "210\t卫生健康支出\t657.68", "单位：万元"]
LLM = Setting(reader="llm", prompt="rows-1", model="small")


class Page(HTMLParser):
    """Reads a page strictly: what is opened is closed, in its order; keeps tags, text, and tables by caption."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        if tag == "tr":
            self._rows.append([])
        if tag in {"td", "th"}:
            self._rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:  # noqa: D102
        assert self.open.pop() == tag
        if tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, data: str) -> None:  # noqa: D102
        if "style" in self.open:
            return
        self.text += data
        if "td" in self.open or ("th" in self.open and self._rows):
            self._rows[-1][-1] += data
        if "caption" in self.open:
            self._caption += data


def lines_of(subject: str, condition: Condition) -> list[str]:  # noqa: ARG001
    return LINES


def a_run() -> list[Measurement]:
    """Two settings, two degradations: the model's has a silent amount and a crash; one case is held out."""
    spent = (Spent(cause="reading", calls=3, tokens_in=1200, tokens_out=80),)
    secret = miss(2, expected="4711.00", found="4712.00", row="秘密项目")
    run = []
    for setting in (Setting(), LLM):
        for level in (0, 1, 2):
            at = Condition(degradation="ocr", level=level, seed=1) if level else PLAIN
            wrong = [miss(8, now=2, is_silent=True)] if setting == LLM and level == 1 else []
            kept = table("kept", right=9 - level, misses=[secret], held_out=True, verdict="flagged")
            first = table("one", right=10 - len(wrong), misses=wrong, silent_amounts=len(wrong))
            told: dict[str, Any] = {"setting": setting, "condition": at, "seconds": 1.5}
            if setting == LLM:
                told |= {"spent": spent, "cost": "0.02"}
            run.append(measured(first, kept, subject="003", **told))
    crash = table("two", right=0, found=False, typed=False, verdict="crashed", amounts_read=0, texts_right=0,
                  texts_read=0, misses=[miss(1, kind="missing", found="")])  # fmt: skip
    run.append(measured(crash, subject="004", setting=LLM, error="Traceback\n  x\nValueError: no <b>table</b>"))
    return run


def test_the_page_is_well_formed_and_needs_nothing_else() -> None:
    text = html(a_run(), "A run", lines_of)
    page = Page(text)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    assert not {name for _, said in page.tags for name in said} & {"src", "href", "onclick", "onload"}
    assert not re.search(r"url\(|@import|https?:", text)


def test_tables_and_charts_can_be_heard() -> None:
    page = Page(html(a_run(), "A run", lines_of))
    assert all(said.get("scope") in {"col", "row", "colgroup"} for tag, said in page.tags if tag == "th")
    ids = [said["id"] for _, said in page.tags if "id" in said]
    assert len(ids) == len(set(ids))
    named = [said["aria-labelledby"] for _, said in page.tags if "aria-labelledby" in said]
    assert {one for names in named for one in (names or "").split()} <= set(ids)
    charts = [said for tag, said in page.tags if tag == "svg" and said.get("role") == "img"]
    assert len(charts) == 3
    assert page.text.count("grid, open: level 0 100.0 %, level 1 100.0 %, level 2 100.0 %") == 1  # amounts right
    assert "grid, held out: level 0 90.0 %, level 1 80.0 %, level 2 70.0 %" in page.text


def test_everything_is_escaped() -> None:
    evil = "<script>alert('x')</script>"
    bad = miss(2, now=1, row=evil, panel=evil, column=evil, expected=evil, found=f"\x00{evil}", reason=evil)
    setting = Setting(reader="llm", prompt=evil, model=evil)
    at, spent = Condition(degradation=evil, level=1), Spent(cause=evil, calls=1, tokens_in=1, tokens_out=1)
    score = table(evil, right=9, misses=[bad], reasons=(evil,))
    run = [measured(score, setting=setting, error=evil, condition=at, spent=(spent,))]
    text = html(run, evil, lambda *_: [f"a\t{evil}"])
    assert "<script" not in text
    assert "\x00" not in text
    assert Page(text).text.count(evil) > 12
    assert "<script" not in markdown(run, evil)


def test_the_totals_on_the_page() -> None:
    page = Page(html(a_run(), "A run", lines_of))
    read = page.tables["What was read"]
    row = dict(zip(read[0], read[3], strict=True))
    assert (row["setting"], row["cases"]) == ("llm · rows-1 · small", "open")
    assert (row["tables"], row["amounts"], row["amount recall"]) == ("4", "40", "72.5 %")  # 29 of 40
    trust = page.tables["How far it can be trusted"]
    row = dict(zip(trust[0], trust[3], strict=True))
    assert row["silent amounts"] == "▲ 1 (3.3 %)"  # of the 30 amounts given out
    assert row["tables with one"] == "1 of 3 (≤ 86.5 %)"  # (1 − p)³ + 3p(1 − p)² = 0.05
    assert row["cases with one"] == "1 of 1 (≤ 100.0 %)"
    effort = page.tables["By setting and condition"]
    llm = dict(zip(effort[0], next(row for row in effort if row[:2] == ["llm · rows-1 · small", "all"]), strict=True))
    assert (llm["subjects"], llm["crashes"], llm["tokens in"], llm["cost"]) == ("4", "1", "3,600", "0.06")


def test_held_out_numbers_stand_beside_open_ones() -> None:
    levels = Page(html(a_run(), "A run", lines_of)).tables["grid"]
    assert levels[2][:5] == ["as it is", "0", "1 + 1", "100.0 %", "90.0 %"]
    assert levels[4][:5] == ["ocr", "2", "1 + 1", "100.0 %", "70.0 %"]


def test_no_cell_of_a_held_out_case_is_shown() -> None:
    run = a_run()
    crash = table("kept2", right=0, found=False, verdict="crashed", amounts_read=0, held_out=True)
    run.append(measured(crash, subject="005", error="KeyError: '4711.00'"))
    for text in (html(run, "A run", lines_of), markdown(run, "A run")):
        for secret in ("4711", "4712", "秘密项目"):
            assert secret not in text
        assert "KeyError" in text


def test_the_source_stands_beside_the_reading() -> None:
    page = Page(html(a_run(), "A run", lines_of))
    assert page.text.index("1. one · ocr 1 seed 1") < page.text.index("2. two · as it is")
    # the last of the tables is the crash, whose miss stands on line 1
    assert [row[0] for row in page.tables["source beside reading"]] == ["line", "1", "2"]
    beside = next(row for row in page.tables["source beside reading"] if row[0] == "1")
    assert beside[1] == "表4⇥支出"
    assert "∅ missing" in beside[2]
    assert "expected 657.63, found nothing" in beside[2]
    assert "⇥".join(LINES[1].split("\t")) in page.text
    assert ("mark", {}) in page.tags


def test_worst_are_silent_ones_first_and_each_case_once() -> None:
    quiet = [measured(table(f"case{n:02}", right=n % 10, verdict="flagged"), condition=at)
             for n in range(10, 25) for at in (PLAIN, OCR)]  # fmt: skip
    silent = measured(table("silent", right=9, misses=[miss(2, is_silent=True)], silent_amounts=1))
    kept = measured(table("kept", right=0, held_out=True, silent_amounts=9))
    fine = measured(table("fine"))
    found = worst_tables([*quiet, fine, kept, silent])
    assert [one.case for one in found] == [
        "silent", "case10", "case20", "case11", "case21", "case12", "case22", "case13", "case23", "case14",
    ]  # fmt: skip


def test_lines_with_silent_misses_are_kept_where_not_all_are_shown() -> None:
    misses = [miss(line, is_silent=line == 90) for line in range(1, 100)]
    lost = [miss(line, now=0, kind="unseen", found="") for line in range(100, 130)]
    (one,) = worst_tables([measured(table("one", right=0, misses=misses + lost))], lambda *_: ["text"] * 99)
    numbers = [line.number for line in one.lines]
    assert numbers == [*range(1, 13), None, 89, 90, 91]
    assert one.left_out == 99 - 12
    assert len(one.unplaced) + one.more_unplaced == 30
    assert [line.number for line in one.lines if line.misses] == [*range(1, 12), 90]


def test_no_text_is_no_harm() -> None:
    (one,) = worst_tables([measured(table("one", right=9, misses=[miss(4)]))])
    assert [(line.number, [field.text for field in line.fields]) for line in one.lines] == [(4, [""])]


def heights(run: Sequence[Measurement], chart: int) -> list[tuple[float, str]]:
    (panel,) = panels(tallies(run), settings_of(run))
    return [(mark.y, mark.bound) for mark in panel.charts[chart].series[0].marks]


def test_charts_measure_what_they_show() -> None:
    """All right is at the top line, nothing at the bottom line; half of the amounts half-way."""
    run = [measured(table("one", right=right), condition=Condition(degradation="ocr", level=level) if level else PLAIN)
           for level, right in enumerate((10, 5, 0))]  # fmt: skip
    (panel,) = panels(tallies(run), settings_of(run))
    top, bottom = panel.charts[0].shares[-1].at, panel.charts[0].shares[0].at
    assert [y for y, _ in heights(run, 0)] == [top, (top + bottom) / 2, bottom]
    assert 0 < top < bottom < HEIGHT
    xs = [mark.x for mark in panel.charts[0].series[0].marks]
    assert xs[1] - xs[0] == xs[2] - xs[1] > 0


def test_bounds_beyond_the_chart_are_arrows() -> None:
    many = [measured(table("one", of=1_000, right=1_000), condition=OCR)]
    few = [measured(table("one"), condition=OCR)]
    assert "h10" in heights(many, 1)[0][1]
    assert "h10" not in heights(few, 1)[0][1]
    assert heights(few, 1)[0][1].startswith("M")


def test_nothing_measured_is_a_page_too() -> None:
    assert "None: every open table was read wholly." in Page(html([], "Nothing")).text
    assert markdown([], "Nothing").startswith("# Nothing\n")


def test_markdown_has_the_same_totals_and_whole_tables() -> None:
    text = markdown(a_run(), "A | run")
    assert "| llm · rows-1 · small | open | 4 | 75.0 % |" in text
    assert "# A \\| run" in text
    assert "| 004 | as it is | llm · rows-1 · small | ValueError: no &lt;b&gt;table&lt;/b&gt; |" in text
    widths: list[set[int]] = [set()]
    for line in text.split("\n"):
        if line.startswith("|"):
            widths[-1].add(len(re.findall(r"(?<!\\)\|", line)))
        else:
            widths.append(set())
    assert all(len(width) <= 1 for width in widths)
    assert sum(map(bool, widths)) >= 7


def test_findings_and_facts_are_told_where_they_were_scored() -> None:
    outcomes = tuple(
        LabelOutcome(id=name, scope="arithmetic", severity="error", line=3, outcome=outcome)
        for name, outcome in (("a", "reported"), ("b", "reported"), ("c", "missed"))
    )
    missing = FactMiss(kind="missing", line=4, measure="revenue", role="value", printed="4711.00", reason="not read")
    told = Measurement(
        subject="003", condition=PLAIN, setting=Setting(), stamp=STAMP, tables=(table("one"),),
        findings=FindingScore(document="003", outcomes=outcomes),
        facts=FactScore(document="003", right=7, missing=(missing,)),
    )  # fmt: skip
    rows = Page(html([told], "A run")).tables["Findings and facts"]
    assert rows[1] == ["grid", "as it is", "open", "2", "1", "0", "0", "7", "1", "0"]
    assert "| grid | as it is | open | 2 | 1 | 0 | 0 | 7 | 1 | 0 |" in markdown([told], "A run")
    scanned = told.model_copy(update={"condition": Condition(degradation="bad_scan", level=2)})
    assert "| grid | bad_scan 2 | open | 2 | 1 | – | – | 7 | 1 | 0 |" in markdown([scanned], "A run")
    assert "Findings and facts" not in html([measured(table("one"))], "A run")


@pytest.mark.parametrize("count", [1, 7])
def test_more_settings_than_shapes_are_drawn(count: int) -> None:
    run = [measured(table("one"), setting=Setting(reader="llm", prompt=f"p{n}", model="m"), condition=OCR)
           for n in range(count)]  # fmt: skip
    assert Page(html(run, "A run")).text.count("llm · p0 · m") > 1
