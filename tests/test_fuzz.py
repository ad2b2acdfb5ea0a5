"""Damaged texts: never a crash, and never an accepted table with an amount that the damaged text does not say there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossfoot.errors import SourceError
from crossfoot.figures import Document, Source
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_bytes, from_text
from crossfoot.tabletypes import load_catalog

TEXTS = [path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parents[1] / "examples").glob("*.txt"))]
LINES = [text.split("\n") for text in TEXTS]
SETTINGS = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
GLYPHS = ["□", "l", "O", ".", ",", " ", "[illegible]", "\t", "|", "：", "表", "9", "，", "\u200b", "<b>", "**"]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A window of a real document with lines cut, shuffled, duplicated, swapped, glued, and glyphs thrown in."""
    lines = draw(st.sampled_from(LINES))
    start = draw(st.integers(0, len(lines) - 5))
    window = list(lines[start : start + draw(st.integers(5, 120))])
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(window) - 1))
        other = draw(st.integers(0, len(window) - 1))
        kind = draw(st.sampled_from(["drop", "copy", "cut", "untab", "tab", "swap", "glyph", "shuffle"]))
        line = window[place]
        if kind == "drop" and len(window) > 1:
            del window[place]
        elif kind == "copy":
            window.insert(place, window[other])
        elif kind == "cut":
            window[place] = line[: draw(st.integers(0, len(line)))]
        elif kind == "untab":
            window[place] = line.replace("\t", " ", 1)
        elif kind == "tab":
            window[place] = line.replace("\t", "\t\t", 1)
        elif kind == "swap":
            window[place], window[other] = window[other], window[place]
        elif kind == "glyph":
            at = draw(st.integers(0, len(line)))
            window[place] = line[:at] + draw(st.sampled_from(GLYPHS)) + line[at:]
        else:
            window = draw(st.permutations(window))
    return "\n".join(window)


def fields_of(text: str, line: int) -> set[str]:
    """The fields of a line, split by this test itself, not by crossfoot; a wrapped cell may span three lines."""
    lines = text.split("\n")
    joined = "".join(part.strip() for part in lines[line - 1 : line + 2])
    raw = lines[line - 1].replace("|", "\t").split("\t")
    return {field.strip().removeprefix("<b>").removesuffix("</b>").strip("* ").strip() for field in raw} | {joined}


def assert_honest(document: Document, source: Source) -> None:
    for table in document.tables:
        if table.verdict.outcome == "flagged":
            continue
        for reference, _, cell in table.cells():
            if cell.kind == "amount" and cell.value is not None:
                fields = fields_of(source.text, cell.line)
                stands = cell.original if cell.state == "repaired" else cell.printed
                assert any(stands == field or stands in field for field in fields), (reference, cell)
                assert source.text[cell.span[0] : cell.span[1]] == stands


@SETTINGS
@given(damaged())
def test_damaged_documents(text: str) -> None:
    """Whatever is cut, shuffled or thrown in: a document comes out, and what it accepts stands in the text."""
    source = from_text(text)
    assert_honest(structure(source, load_catalog()), source)


@SETTINGS
@given(st.text(alphabet=st.sampled_from("\t\n0123456789.,%合计一、二(1)表单位：万元支出收入 |-项目总科码名称")))
def test_random_texts_of_table_characters(text: str) -> None:
    """Text made of nothing but what tables are made of does not crash the reading half."""
    source = from_text(text or " ")
    assert_honest(structure(source, load_catalog()), source)


@SETTINGS
@given(st.binary(max_size=400))
def test_random_bytes(content: bytes) -> None:
    """Random bytes are refused with a SourceError or structured; nothing else happens."""
    try:
        source = from_bytes(content, "random")
    except SourceError:
        return
    structure(source, load_catalog())


def test_a_changed_digit_is_never_accepted_where_sums_see_it(structured: Callable[[str], Document]) -> None:
    """Each digit of each amount of a footed table, changed by one, flags the table."""
    text = (
        "表5\n一般公共预算支出明细表（按支出功能分类科目）\n单位：万元\n"
        "功能科目编码⇥功能科目名称⇥合计⇥人员经费支出⇥公用经费支出⇥专项业务经费支出⇥备注\n"
        "⇥合计⇥93.51⇥40.20⇥23.11⇥30.20⇥\n"
        "208⇥社会保障和就业支出⇥62.31⇥40.20⇥12.11⇥10.00⇥\n"
        "20805⇥行政事业单位养老支出⇥62.31⇥40.20⇥12.11⇥10.00⇥\n"
        "2080501⇥行政单位离退休⇥42.11⇥30.00⇥12.11⇥⇥\n"
        "2080505⇥养老保险缴费⇥20.20⇥10.20⇥⇥10.00⇥\n"
        "221⇥住房保障支出⇥31.20⇥⇥11.00⇥20.20⇥\n"
    )
    document = structured(text)
    (table,) = document.tables
    assert table.verdict.outcome == "accepted"
    amounts = [cell for _, _, cell in table.cells() if cell.value]
    for cell in amounts:
        for offset in range(*cell.span):
            plain = text.replace("⇥", "\t")
            if not plain[offset].isdigit():
                continue
            changed = plain[:offset] + str((int(plain[offset]) + 3) % 10) + plain[offset + 1 :]
            (again,) = structured(changed).tables
            assert again.verdict.outcome == "flagged", changed


@pytest.mark.parametrize("name", range(len(TEXTS)))
def test_whole_documents_with_lines_missing(name: int) -> None:
    """Dropping every tenth line of a real document leaves no amount that is not in the text."""
    lines = [line for place, line in enumerate(LINES[name]) if place % 10]
    source = from_text("\n".join(lines))
    assert_honest(structure(source, load_catalog()), source)
