"""The gate of repair: what opens it, what keeps it shut, and that every repair can be taken back."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from crossfoot.figures import Cell, Document, Reading, Section
from crossfoot.judging.statement_book import Statements
from crossfoot.judging.verdict import Judgement, judge
from crossfoot.pipeline import _reading_of, _section_of, judge_again, structure, undo
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog

Structured = Callable[[str], Document]

HEAD = "一般公共预算财政拨款支出决算表\n单位：万元\n科目代码⇥科目名称⇥本年支出⇥⇥\n⇥⇥小计⇥基本支出⇥项目支出\n"
ROWS = (
    "⇥合计⇥1392.44⇥1000.00⇥392.44\n"
    "205⇥教育支出⇥1292.44⇥950.00⇥342.44\n"
    "20501⇥教育管理事务⇥1000.44⇥800.00⇥200.44\n"
    "2050101⇥行政运行⇥800.00⇥700.00⇥100.00\n"
    "2050102⇥一般行政管理事务⇥200.44⇥100.00⇥100.44\n"
    "20502⇥普通教育⇥292.00⇥150.00⇥142.00\n"
    "2050201⇥学前教育⇥292.00⇥150.00⇥142.00\n"
    "208⇥社会保障和就业支出⇥100.00⇥50.00⇥50.00\n"
)
LIST = (
    "一般公共预算财政拨款支出决算表\n单位：万元\n科目代码⇥科目名称⇥小计\n"
    "⇥合计⇥1392.44\n205⇥教育支出⇥1292.44\n208⇥社会保障和就业支出⇥77.30\n210⇥卫生健康支出⇥22.70\n"
)


def damaged(was: str, now: str, text: str = HEAD + ROWS) -> str:
    assert was in text
    return text.replace(was, now, 1)


def cell_of(document: Document, ref: str) -> Cell:
    return next(cell for table in document.tables for reference, _, cell in table.cells() if reference == ref)


@pytest.mark.parametrize(
    ("now", "evidence"),
    [("1□92.44", "mask"), ("1?92.44", "mask"), ("l292.44", "glyphs"), ("12g2.44", "glyphs"), ("1 292.44", "glyphs"),
     ("1292,44", "glyphs"), ("129244", "glyphs"), ("12924.4", "glyphs"), ("1.292.44", "glyphs")],
)  # fmt: skip
def test_damage_under_two_sums_is_repaired(structured: Structured, now: str, evidence: str) -> None:
    """Both forms are kept, with the reason, the sums and what else was considered; every check holds again."""
    document = structured(damaged("1292.44", now))
    (repair,) = document.repairs
    assert (repair.original, repair.printed, repair.value) == (now, "1292.44", Decimal("1292.44"))
    assert (repair.fault, repair.evidence) == ("glyph", evidence)
    assert "950.00 + 342.44" in repair.reason
    held = {check.id for check in document.checks if check.outcome == "holds"}
    assert len(repair.checks) >= 2
    assert held >= set(repair.checks)
    cell = cell_of(document, repair.cell)
    assert (cell.state, cell.printed, cell.original) == ("repaired", "1292.44", now)
    assert [finding.code for finding in document.findings] == ["repaired"]
    assert document.tables[0].verdict.outcome == "repaired"


def test_what_else_fits_the_glyphs_is_told(structured: Structured) -> None:
    """The other fillings of a mask are listed as considered."""
    (repair,) = structured(damaged("342.44", "3□2.44")).repairs
    assert len(repair.alternatives) == 9
    assert any("352.44" in other for other in repair.alternatives)


@pytest.mark.parametrize("now", ["1294.44", "1229.44", "292.44", "12292.44", "-1292.44"])
def test_a_clean_numeral_is_never_changed(structured: Structured, now: str) -> None:
    """However many sums agree, it gets a proposal: one finding with the implied value."""
    document = structured(damaged("1292.44", now))
    assert document.repairs == ()
    errors = [finding for finding in document.findings if finding.severity == "error"]
    assert [[(cell.printed, cell.implied) for cell in finding.cells] for finding in errors] == [[(now, "1292.44")]]
    assert {cell.printed for _, row, cell in document.tables[0].cells() if row.code == "205"} >= {now}


def test_a_lost_point_in_a_column_of_many_forms_is_a_proposal(structured: Structured) -> None:
    """Where decimals vary, nothing shows that a point is lost: the numeral is clean."""
    text = damaged("292.00⇥150", "292⇥150", damaged("1292.44", "129244"))
    document = structured(text)
    assert document.repairs == ()
    assert any(cell.implied == "1292.44" for finding in document.findings for cell in finding.cells)


def test_a_mask_under_one_sum_needs_every_other_figure_vouched_for(structured: Structured) -> None:
    """In a list of one column another slip and another filling would look the same: nothing is repaired."""
    document = structured(damaged("1292.44", "1□92.44", LIST))
    assert document.repairs == ()
    assert document.tables[0].verdict.outcome == "flagged"


def test_a_mask_that_closes_a_wrong_sum_is_not_believed(structured: Structured) -> None:
    """With 78.30 for 77.30 the sum says 1291.44, which fits 129□.44 and is not true."""
    document = structured(damaged("77.30", "78.30", damaged("1292.44", "129□.44", LIST)))
    assert document.repairs == ()


def test_sums_that_disagree_keep_the_gate_shut(structured: Structured) -> None:
    """The row says 1292.44, the column 1302.44: whichever is right, nothing is repaired."""
    text = damaged("208⇥社会保障和就业支出⇥100.00", "208⇥社会保障和就业支出⇥90.00", damaged("1292.44", "1□92.44"))
    assert structured(text).repairs == ()


def test_too_many_repairs_are_none(structured: Structured) -> None:
    """Four damaged figures in a small table put its structure in doubt, and that is said."""
    text = HEAD + ROWS
    for was, now in (("1292.44", "l292.44"), ("800.00⇥200.44", "8O0.00⇥200.44"), ("292.00⇥150.00", "Z92.00⇥150.00")):
        text = damaged(was, now, text)
    assert len(structured(text).repairs) == 3
    document = structured(damaged("392.44", "39Z.44", text))
    assert document.repairs == ()
    assert any("rows and columns in doubt" in finding.message for finding in document.findings)


def test_a_repair_can_be_taken_back(catalog: Catalog) -> None:
    """Judged again a document repairs the same; what a person took back stays as it was read, for ever."""
    text = damaged("1292.44", "1□92.44").replace("⇥", "\t")
    source = from_text(text)
    document = structure(source, catalog)
    assert judge_again(document, source, catalog) == document
    (repair,) = document.repairs
    undone = undo(document, source, catalog, [repair.cell])
    assert undone.repairs == ()
    cell = cell_of(undone, repair.cell)
    assert (cell.printed, cell.original) == ("1□92.44", "")
    assert cell.state != "repaired"
    assert undone.tables[0].verdict.outcome == "flagged"
    assert judge_again(undone, source, catalog) == undone


def misread(text: str, was: str, now: str, catalog: Catalog) -> tuple[Judgement, str]:
    """Judges the text as if a reader had copied `now` for the figure `was`."""
    source = from_text(text.replace("⇥", "\t"))
    document = structure(source, catalog)
    sections = {section.id: section for section in document.sections}
    tables: list[tuple[Section, Reading]] = []
    changed = ""
    for table in document.tables:
        reading = _reading_of(table)
        rows = []
        for row in reading.rows:
            cells = []
            for cell in row.cells:
                is_it = not changed and cell.printed == was
                changed = f"{table.id}.r{row.index}.{cell.column}" if is_it else changed
                cells.append(cell.model_copy(update={"printed": now, "value": Decimal(now)}) if is_it else cell)
            rows.append(row.model_copy(update={"cells": tuple(cells)}))
        tables.append((_section_of(table, sections), reading.model_copy(update={"rows": tuple(rows)})))
    return judge(source, document.sections, tables, Statements(), catalog), changed


def test_our_own_misreading_is_read_again(catalog: Catalog) -> None:
    """A cell that is not what stands at its place takes what stands there, if that is what the sums imply."""
    judged, cell = misread(HEAD + ROWS, "342.44", "324.44", catalog)
    (repair,) = judged.repairs
    assert (repair.cell, repair.fault, repair.evidence) == (cell, "misread", "source")
    assert (repair.original, repair.printed) == ("324.44", "342.44")
    assert judged.tables["t1"].outcome == "repaired"


def test_a_misreading_that_the_source_does_not_mend_is_ours_all_the_same(catalog: Catalog) -> None:
    """Where the place itself says something else again, nothing is changed and the fault is called misread."""
    judged, _ = misread(damaged("342.44", "432.44"), "432.44", "324.44", catalog)
    assert judged.repairs == ()
    assert {check.fault for check in judged.checks if check.outcome == "fails"} == {"misread"}
    assert judged.tables["t1"].outcome == "flagged"


def test_a_repair_on_one_sum_proves_nothing(structured: Structured) -> None:
    """The figures of a sum that a repair rests on alone are not proved by it."""
    document = structured(damaged("1292.44", "1□92.44"))
    proofs = {ref: cell.proof for ref, _, cell in document.tables[0].cells() if cell.value}
    assert set(proofs.values()) == {"proved"}  # here several sums agree


def test_reach_is_known_beforehand(structured: Structured) -> None:
    """A coded table of several columns corrects errors, a list of one column only detects them."""
    coded = {cell.reach for _, _, cell in structured(HEAD + ROWS).tables[0].cells() if cell.kind == "amount"}
    listed = {cell.reach for _, _, cell in structured(LIST).tables[0].cells() if cell.kind == "amount"}
    assert (coded, listed) == ({"locatable"}, {"detectable"})


def test_damaged_figures_of_one_row_speak_for_each_other(structured: Structured) -> None:
    """Each stands in a column of its own, and both in the row: three sums for two figures."""
    document = structured(damaged("700.00⇥100.00", "7O0.00⇥l00.00"))
    assert [(repair.printed, repair.evidence) for repair in document.repairs] == [
        ("700.00", "glyphs"), ("100.00", "glyphs")
    ]  # fmt: skip
    assert document.tables[0].verdict.outcome == "repaired"


def test_a_rectangle_of_damaged_figures_stays(structured: Structured) -> None:
    """Two rows and two columns of masks have more than one solution: nothing is repaired."""
    text = damaged("700.00⇥100.00", "□00.00⇥□00.00", damaged("100.00⇥100.44", "□00.00⇥□00.44"))
    assert structured(text).repairs == ()


def test_a_printed_point_is_the_point_where_decimals_vary(structured: Structured) -> None:
    """`□5.78` under sums that say 157.8: it fits nothing, and is not read with another point."""
    text = HEAD + "⇥合计⇥957.8⇥857.8⇥100\n205⇥教育支出⇥157.8⇥107.8⇥50\n208⇥社会保障和就业支出⇥800⇥750⇥50\n"
    for now in ("□5.78", "1.5□8"):
        document = structured(damaged("157.8", now, text))
        assert (document.repairs, document.derivations) == ((), ())
        assert document.tables[0].verdict.outcome == "flagged"
    (repair,) = structured(damaged("157.8", "1□7.8", text)).repairs
    assert repair.printed == "157.8"


def test_a_numeral_that_hides_most_of_itself_is_computed_not_read(structured: Structured) -> None:
    """Two legible digits of six fit far too much: the value is derived, and the table stays flagged."""
    for now in ("□□□□.44", "[illegible]44"):
        document = structured(damaged("1292.44", now))
        assert document.repairs == ()
        assert [str(one.value) for one in document.derivations] == ["1292.44"]
        assert document.tables[0].verdict.outcome == "flagged"


def test_a_copy_in_another_unit_does_not_tell_the_last_digits(structured: Structured) -> None:
    """986.50 万元 of 公开03 may be any 9865000.00 to 9865049.99 元 in 公开01: nothing is repaired."""
    document = structured(
        "收入支出决算总表\n公开01表\n单位：元\n收入⇥⇥支出⇥\n项目⇥决算数⇥项目⇥决算数\n"
        "一、财政拨款收入⇥9865002.89⇥一、卫生健康支出⇥98650□□.□□\n"
        "\n支出决算表\n公开03表\n单位：万元\n科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n"
        "⇥合计⇥986.50⇥564.06⇥422.44\n210⇥卫生健康支出⇥986.50⇥564.06⇥422.44\n"
        "21001⇥卫生管理⇥586.50⇥364.06⇥222.44\n21004⇥公共卫生⇥400.00⇥200.00⇥200.00\n"
    )
    assert document.repairs == ()
