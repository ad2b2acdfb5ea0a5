"""What is shown on a terminal: aligned, complete, and clear without colour."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from crossfoot.figures import Document, Tally, Verdict
from crossfoot.output.findings import print_findings
from crossfoot.output.outline import outline
from crossfoot.output.quoting import excerpt
from crossfoot.output.render import print_table
from crossfoot.output.summary import Summary
from crossfoot.output.tallies import print_document, share
from crossfoot.output.terminal import console_for
from documents_by_hand import (
    CODE,
    NAME,
    TEXT,
    TOTAL,
    cell,
    column,
    document_of,
    finding_of_sum,
    flagged_document,
    row,
    source_of,
    table_of,
)


def terminal(width: int) -> tuple[Console, io.StringIO]:
    """Returns a console that thinks it is a terminal of that width, and what is printed on it."""
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, force_terminal=True, color_system=None, highlight=False, markup=False, emoji=False
    )
    return console, stream


def shown(document: Document, width: int = 100) -> str:
    console, stream = terminal(width)
    print_table(console, document, document.tables[0], source_of(TEXT))
    return stream.getvalue()


def piped(document: Document) -> str:
    stream = io.StringIO()
    print_table(console_for(stream), document, document.tables[0], source_of(TEXT))
    return stream.getvalue()


def edges(line: str, *texts: str) -> list[int]:
    """Returns in which terminal column each text ends in the line."""
    return [cell_len(line[: line.index(text) + len(text)]) for text in texts]


def test_numbers_under_chinese_headers_line_up() -> None:
    """Columns end in the same terminal column in every line, measured in terminal cells."""
    lines = shown(flagged_document()).splitlines()
    header = next(line for line in lines if "功能科目编码" in line)
    total = next(line for line in lines if " 1294.44 ✗" in line)
    item = next(line for line in lines if "1,292.44" in line)
    assert edges(header, "人员经费支出", "公用经费支出") == edges(total, "589.86", "702.58")
    assert edges(item, "589.86", "702.58") == edges(total, "589.86", "702.58")
    assert edges(total, "1294.44") == edges(item, "1,292.44")


def test_a_failing_cell_shows_without_colour() -> None:
    """The suspect cell has a sign of its own that the legend explains; cells that are proved have none."""
    text = piped(flagged_document())
    assert "1294.44 ✗" in text
    assert text.count("✗ does not fit") == 1
    assert "589.86 ✗" not in text
    assert "\x1b" not in text


def test_colour_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal sees the failing cell in red, unless NO_COLOR asks for none."""
    stream = io.StringIO()
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(file=stream, force_terminal=True, width=100, color_system="standard", highlight=False)
    print_table(console, flagged_document(), flagged_document().tables[0], source_of(TEXT))
    assert "31m" not in stream.getvalue()
    monkeypatch.delenv("NO_COLOR")
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100, color_system="standard", highlight=False)
    print_table(console, flagged_document(), flagged_document().tables[0], source_of(TEXT))
    assert re.search(r"\x1b\[1;31m *1294\.44 ✗", stream.getvalue())


def test_the_failing_sum_is_written_out() -> None:
    """A sum that no proposal explains: in numbers, then each amount with its line and label."""
    text = piped(flagged_document(findings=()))
    assert "  589.86 + 702.58 = 1292.44 ≠ 1294.44 (gap −2.00 万元)\n" in text
    assert "    +  702.58  line 7  合计, 公用经费支出\n" in text
    assert "    ≠ 1294.44  line 7  合计\n" in text


def test_the_total_is_marked_when_no_finding_explains_the_sum() -> None:
    """A failing check never goes without a marked cell."""
    assert "1294.44 ✗" in piped(flagged_document(findings=()))


def test_findings_quote_their_line() -> None:
    """`name:line: severity: message`, with the source line, and of several cells what each would have to be."""
    without = finding_of_sum().cells[0].model_copy(update={"implied": ""})
    disagree = finding_of_sum().model_copy(update={"cells": (without, without)})
    text = piped(flagged_document(findings=(disagree,)))
    assert text.count("    line 7  t1.r0.total  合计, 合计: printed 1294.44\n") == 2
    assert "灞桥/2021.txt:7: error: 合计 is printed as 1294.44" in text
    assert "    7 | ⇥合计⇥1294.44⇥589.86⇥702.58⇥\n" in text


def test_a_listed_finding_says_what_the_sums_imply() -> None:
    """Where a whole document is shown, several cells of a finding have a line each with the implied value."""
    cells = finding_of_sum().cells * 2
    stream = io.StringIO()
    print_findings(console_for(stream), [finding_of_sum().model_copy(update={"cells": cells})], source_of(TEXT))
    assert (
        stream.getvalue().count("    line 7  t1.r0.total  合计, 合计: printed 1294.44; the sums imply 1292.44\n") == 2
    )


def test_what_is_merely_grounded_is_marked_and_explained() -> None:
    """Each sign that is used is explained, and no other."""
    signs = [("grounded", "12.5 °"), ("neither", "12.5 ?")]
    for proof, wanted in signs:
        rows = [row(1, 1, "甲", [cell(NAME, "甲", 1), cell(TOTAL, "12.5", 1, proof=proof)])]
        text = piped(document_of([table_of(rows, [NAME, TOTAL])]))
        assert wanted in text
        assert "✗" not in text
    rows = [row(1, 1, "甲", [cell(NAME, "甲", 1), cell(TOTAL, "0.00", 1, proof="grounded")])]
    assert "°" not in piped(document_of([table_of(rows, [NAME, TOTAL])]))


def test_text_in_brackets_is_text() -> None:
    """`[illegible]` and `[red]` in a document are shown as they stand, never taken for markup."""
    rows = [row(1, 1, "[red]甲", [cell(NAME, "[red]甲", 1), cell(TOTAL, "[illegible]", 1, state="illegible")])]
    text = piped(document_of([table_of(rows, [NAME, TOTAL])]))
    assert "[red]甲" in text
    assert "[illegible] □" in text


def test_columns_blank_throughout_are_dropped_and_named() -> None:
    """A wide table is kept readable, and nothing goes without a word."""
    rows = [row(1, 1, "甲", [cell(CODE, "", 1), cell(NAME, "甲", 1), cell(TOTAL, "1", 1)])]
    text = piped(document_of([table_of(rows, [CODE, NAME, TOTAL])]))
    assert "blank throughout, not shown: 功能科目编码" in text


def wide(columns: int, name: str = "一般公共服务支出") -> Document:
    """Returns a document with one table of a name and many amounts."""
    heads = [column(f"c{n}", f"基本支出/第{n}类", "万元") for n in range(columns)]
    rows = [row(1, 1, name, [cell(NAME, name, 1), *(cell(head, f"{n},234.56", 1) for n, head in enumerate(heads))])]
    return document_of([table_of(rows, [NAME, *heads])])


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_wide_table_is_broken_never_cut(width: int) -> None:
    """Every number stands whole in some part that fits, and each part names its rows."""
    text = shown(wide(12), width)
    assert all(f"{n},234.56" in text for n in range(12))
    grid = [line for line in text.splitlines() if "234.56" in line]
    assert all("一般公共服务支出" in line for line in grid)
    assert all(cell_len(line.rstrip()) <= width for line in grid)
    assert "…" not in text


def test_a_pipe_gets_one_wide_table() -> None:
    """Nobody wraps what a program reads."""
    assert [line.count("234.56") for line in piped(wide(12)).splitlines() if "234.56" in line] == [12]


@pytest.mark.parametrize("width", [20, 33, 40])
def test_long_chinese_is_folded_between_characters(width: int) -> None:
    """On a narrow terminal no character is lost or split."""
    name = "城乡居民基本医疗保险基金的财政补助支出与其他各项有关支出合计数"
    lines = shown(wide(1, name), width).splitlines()
    assert "".join(line[: line.index(" ", 1)].strip() for line in lines if line[1:2] in set(name)) == name


def test_a_table_without_rows_says_why() -> None:
    """A table that the document declares blank is not shown as nothing."""
    table = table_of([], [], body="blank", register="blank", register_reason="不涉及")
    assert "the table is blank in the source: 不涉及" in piped(document_of([table]))


def test_a_document_lists_its_tables_and_findings() -> None:
    """What was found, what it is worth, and the findings, the worst first."""
    warning = finding_of_sum().model_copy(update={"severity": "warning", "line": 3, "message": "a lesser thing"})
    stream = io.StringIO()
    document = flagged_document(findings=(warning, finding_of_sum()))
    print_document(console_for(stream), document, source_of(TEXT))
    text = stream.getvalue()
    assert "62.5 % proved: 5/8 non-zero amounts proved · 3/4 checks executed, 1 failed" in text
    assert "t1     表5  一般公共预算支出明细表" in text
    assert text.index("error: 合计") < text.index("warning: a lesser thing")


def print_summary(console: Console, *documents: Document) -> None:
    summary = Summary()
    for position, document in enumerate(documents):
        summary.add(position, outline(document))
    summary.print(console)


def test_a_summary_never_merges_footed_and_copied() -> None:
    """Accepted because it foots and accepted because it was copied are counted apart."""
    copied = table_of([], [], id="t2", verdict=Verdict(outcome="accepted", basis="copied"))
    document = document_of([table_of([], []), copied])
    stream = io.StringIO()
    print_summary(console_for(stream), document, flagged_document())
    text = stream.getvalue()
    assert "1 footed, 1 copied " in text
    assert "1 footed, 1 copied, 1 flagged" in text
    assert "2 documents" in text


@pytest.mark.parametrize("width", [30, 50, 80])
def test_a_summary_never_cuts_a_number(width: int) -> None:
    """However narrow the terminal, the counts stand whole."""
    tally = Tally(amounts=12345, proved=12344, checks_declared=54321, checks_executed=54320)
    document = document_of([], verdict=Verdict(outcome="accepted", tally=tally))
    console, stream = terminal(width)
    print_summary(console, document)
    assert "99.9 %" in stream.getvalue()
    assert "54320/54321" in stream.getvalue()


def test_a_share_is_rounded_down() -> None:
    """Only all is 100 %."""
    assert [share(*counts) for counts in [(9999, 10000), (1, 1), (0, 3), (0, 0)]] == ["99.9 %", "100.0 %", "0.0 %", "–"]


def test_a_long_line_is_quoted_around_what_matters() -> None:
    """The quoted part shows the cited amount, and is cut between characters."""
    line = "预算" * 200 + "合计1294.44万元" + "支出" * 200
    quoted = excerpt(line, "1294.44")
    assert "1294.44" in quoted
    assert quoted.startswith("…")
    assert quoted.endswith("…")
    assert cell_len(quoted) <= 125


def test_a_finding_without_a_line_names_the_document() -> None:
    """Findings about the whole document are printed too."""
    stream = io.StringIO()
    finding = finding_of_sum().model_copy(update={"line": 0, "cells": ()})
    print_findings(console_for(stream), [finding], source_of(TEXT))
    assert stream.getvalue().startswith("灞桥/2021.txt: error: 合计")
