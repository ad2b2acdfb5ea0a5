"""What a person decides on: each slip, tie, repair and computed figure with its sums, without and with it."""

import io
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

import pytest
from rich.cells import cell_len
from rich.console import Console

from crossfoot.figures import Cell, Check, CitedCell, Derivation, Document, Finding, Repair, Source, Tally, Term
from crossfoot.output.decide import FAULTS, print_decisions
from crossfoot.output.decisions import decisions_about
from crossfoot.output.places import places_of
from crossfoot.output.quoting import quoted
from crossfoot.output.render import print_table
from crossfoot.output.sumlines import sum_lines
from crossfoot.output.tallies import print_document, reach_text
from crossfoot.output.terminal import console_for
from crossfoot.output.weighing import Figure, Weighed, holds_with, weigh
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog
from damaged_cases import Case, all_cases, amount_of
from documents_by_hand import (
    COLUMNS,
    NAME,
    OPERATING,
    PERSONNEL,
    TEXT,
    TOTAL,
    WRONG,
    cell,
    document_of,
    finding_of_sum,
    flagged_document,
    row,
    source_of,
    sum_that_fails,
    table_of,
)

#: Findings whose proposals are all cited; of a table in another unit only some are.
CLEAR = frozenset({"source_inconsistency", "misread", "ambiguous_repair"})
CASES = {case.name: case for case in all_cases()}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)


@lru_cache(maxsize=256)
def read(text: str) -> tuple[Document, Source]:
    source = from_text(text.replace("⇥", "\t"))
    return structure(source, load_catalog()), source


def piped(document: Document, source: Source, table: int = 0) -> str:
    stream = io.StringIO()
    print_table(console_for(stream), document, document.tables[table], source)
    return stream.getvalue()


def of_case(name: str, table: int = 0) -> str:
    return piped(*read(CASES[name].text), table)


def decided(document: Document, source: Source, width: int, color: str | None = None) -> list[str]:
    """Returns the lines of all blocks of a document on a terminal of that width."""
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, force_terminal=True, color_system=color, highlight=False, markup=False, emoji=False
    )  # type: ignore[arg-type]
    places = places_of(document)
    for table in document.tables:
        print_decisions(console, decisions_about(document, table, places), table, places, source)
    return stream.getvalue().splitlines()


def block(text: str, sign: str) -> str:
    """Returns the first block that begins with the sign, up to the next empty line."""
    found = re.search(rf"^\{sign} (?:.+\n)+", text[text.index("\n\n") :], re.MULTILINE)
    assert found, text
    return found.group()


# --- small documents by hand ------------------------------------------------------------------------------------------


def part(reference: str, weight: int = 1) -> Term:
    return Term(cell=f"t1.{reference}", weight=weight)


def check_of(name: str, terms: Sequence[Term], gap: str, **more: object) -> Check:
    """Returns a sum in 万元 with tolerance 0.01 that fails if there is a gap."""
    made = {
        "id": name, "rule": name, "kind": "sum", "origin": "declared", "tables": ("t1",), "terms": tuple(terms),
        "outcome": "fails" if Decimal(gap) else "holds", "gap": Decimal(gap), "tolerance": Decimal("0.01"),
        "unit": "万元", "fault": "source_inconsistency" if Decimal(gap) else None,
    }  # fmt: skip
    return Check.model_validate(made | more)


def proposing(changes: dict[str, tuple[str, str]], checks: Sequence[str], **more: object) -> Finding:
    """Returns a finding that proposes for each cell another figure than is printed."""
    cited = tuple(
        CitedCell(cell=f"t1.{name}", label=name, line=1, printed=printed, implied=implied)
        for name, (printed, implied) in changes.items()
    )
    made = {
        "code": "source_inconsistency", "severity": "error", "message": "what the finding says", "table": "t1",
        "line": 1, "cells": cited, "checks": tuple(checks),
    }  # fmt: skip
    return Finding.model_validate(made | more)


def two_rows(first: Sequence[str], second: Sequence[str], **more: object) -> tuple[Document, Source]:
    """Returns a document of two rows (合计, 人员经费支出, 公用经费支出), and its text."""
    text = "\n".join("\t".join((name, *printed)) for name, printed in (("甲", first), ("乙", second)))
    columns = (NAME, TOTAL, PERSONNEL, OPERATING)
    rows = [
        row(index, index + 1, name, [cell(key, field, index + 1) for key, field in zip(columns, fields, strict=True)])
        for index, (name, *fields) in enumerate([("甲", "甲", *first), ("乙", "乙", *second)])
    ]
    return document_of([table_of(rows, columns)], **more), source_of(text)


def along(index: int, name: str, gap: str, **more: object) -> Check:
    """Returns the sum along a row: 合计 = 人员经费支出 + 公用经费支出."""
    terms = [part(f"r{index}.total", -1), part(f"r{index}.personnel"), part(f"r{index}.operating")]
    return check_of(name, terms, gap, **more)


# --- slips ------------------------------------------------------------------------------------------------------------


def test_a_slip_is_one_block() -> None:
    """Where, what is printed, what is proposed, how it may have come about, whose fault, the line, the sum twice."""
    failing = sum_that_fails().model_copy(update={"fault": "source_inconsistency"})
    text = piped(flagged_document(checks=(failing,)), source_of(TEXT))
    assert block(text, "✗") == (
        "✗ line 7 · 合计\n"
        "    printed   1294.44\n"
        "    proposed  1292.44  one digit\n"
        "    fault     the document contradicts itself; it was read digit for digit\n"
        "    7 | ⇥合计⇥1294.44⇥589.86⇥702.58⇥\n"
        "              ^^^^^^^\n"
        "    its parts, line 7\n"
        "      589.86 + 702.58 = 1292.44 ≠ [1294.44]  gap −2.00 万元\n"
        "      589.86 + 702.58 = 1292.44 = [1292.44]\n"
    )


def test_what_a_block_says_is_not_said_again() -> None:
    """Neither the finding's message nor its sum stands below the block; other findings do."""
    other = finding_of_sum().model_copy(update={"code": "unchecked", "message": "another thing", "cells": ()})
    text = piped(flagged_document(findings=(finding_of_sum(), other)), source_of(TEXT))
    assert text.count("gap −2.00") == 1
    assert finding_of_sum().message not in text
    assert "error: another thing (unchecked)" in text


def test_a_failing_sum_of_no_slip_is_still_written_out() -> None:
    """Only what a block shows is left out below it."""
    unexplained = sum_that_fails().model_copy(update={"id": "c2"})
    text = piped(flagged_document(checks=(sum_that_fails(), unexplained)), source_of(TEXT))
    assert text.count("  589.86 + 702.58 = 1292.44 ≠ 1294.44 (gap −2.00 万元)\n") == 1
    assert text.count("589.86 + 702.58 = 1292.44 ≠ [1294.44]") == 1


def test_the_neighbour_below_explains_a_slip() -> None:
    """The figure of the next row stands in this one too."""
    finding = proposing({"r0.personnel": ("80.00", "7.65")}, ["c1"])
    checks = (along(0, "c1", "72.35"),)
    document, source = two_rows(("12.65", "80.00", "5.00"), ("9.00", "7.65", ""), checks=checks, findings=(finding,))
    assert "    proposed   7.65  the neighbour's figure\n" in piped(document, source)


def test_an_implausible_slip_is_given_no_name() -> None:
    """5.00 is not 87.65 by any slip of a hand."""
    finding = proposing({"r0.total": ("5.00", "87.65")}, ["c1"])
    document, source = two_rows(
        ("5.00", "80.00", "7.65"), ("1", "1", ""), checks=(along(0, "c1", "82.65"),), findings=(finding,)
    )
    assert "    proposed  87.65\n" in piped(document, source)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_every_fault_has_words(fault: str) -> None:
    """Whose fault it is stands in the block."""
    failing = sum_that_fails().model_copy(update={"fault": fault})
    assert f"    fault     {FAULTS[fault]}\n" in piped(flagged_document(checks=(failing,)), source_of(TEXT))  # type: ignore[index]


def test_a_blank_that_should_hold_a_figure() -> None:
    """What is not printed is called blank, and stands in its sum."""
    finding = proposing({"r0.operating": ("", "7.65")}, ["c1"])
    document, source = two_rows(
        ("87.65", "80.00", ""), ("1", "1", ""), checks=(along(0, "c1", "-7.65"),), findings=(finding,)
    )
    text = piped(document, source)
    assert "    printed   blank\n    proposed   7.65  left out\n" in text
    assert "      80.00 + [blank] = 80.00 ≠ 87.65  gap −7.65 万元\n" in text
    assert "      80.00 +  [7.65] = 87.65 = 87.65\n" in text


def test_two_slips_in_one_sum_close_it_together() -> None:
    """A sum in which two findings propose something is shown with both."""
    findings = (
        proposing({"r0.personnel": ("3.00", "8.00")}, ["row", "down"], message="first"),
        proposing({"r0.operating": ("4.00", "6.00")}, ["row"], message="second"),
    )
    checks = (along(0, "row", "-7.00"), check_of("down", [part("r0.personnel", -1), part("r1.personnel")], "5.00"))
    document, source = two_rows(("14.00", "3.00", "4.00"), ("", "8.00", ""), checks=checks, findings=findings)
    text = piped(document, source)
    assert text.count("      [3.00] + [4.00] =  7.00 ≠ 14.00  gap −7.00 万元\n") == 2
    assert text.count("      [8.00] + [6.00] = 14.00 = 14.00\n") == 2
    assert "      8.00 = [8.00]\n" in text
    assert "甲, 公用经费支出: a part of 甲, 合计 (line 1)" in text


def test_a_proposal_that_breaks_a_sum_says_so() -> None:
    """What holds as printed and would not with the proposal is not kept back."""
    checks = (along(0, "row", "-5.00"), check_of("down", [part("r0.personnel", -1), part("r1.personnel")], "0"))
    finding = proposing({"r0.personnel": ("3.00", "8.00")}, ["row"])
    document, source = two_rows(("12.00", "3.00", "4.00"), ("", "3.00", ""), checks=checks, findings=(finding,))
    text = piped(document, source)
    assert "    but 1 sum that holds as printed would not:\n" in text
    assert "      3.00 = [3.00]\n      3.00 ≠ [8.00]  gap −5.00 万元\n" in text
    same = document.model_copy(update={"checks": checks[:1]})
    assert "would not" not in piped(same, source)


def test_a_proposal_within_rounding_is_no_equality() -> None:
    """A sum that closes only within its rounding says so."""
    finding = proposing({"r0.personnel": ("3.00", "7.99")}, ["row"])
    document, source = two_rows(
        ("12.00", "3.00", "4.00"), ("1", "1", ""), checks=(along(0, "row", "-5.00"),), findings=(finding,)
    )
    assert "      [7.99] + 4.00 = 11.99 ≈ 12.00  within rounding (gap −0.01 万元)\n" in piped(document, source)


def test_a_finding_that_cites_too_little_says_so() -> None:
    """If the cited figures do not close the sums, no equality is shown and the reason is said."""
    finding = proposing({"r0.personnel": ("3.00", "4.00")}, ["row"])
    document, source = two_rows(
        ("12.00", "3.00", "4.00"), ("1", "1", ""), checks=(along(0, "row", "-5.00"),), findings=(finding,)
    )
    held = check_of("down", [part("r0.personnel", -1), part("r1.personnel")], "0")
    document = document.model_copy(update={"checks": (*document.checks, held)})
    text = piped(document, source)
    assert "      [4.00] + 4.00 = 8.00 ≠ 12.00  gap −4.00 万元\n" in text
    assert "not all of these sums close" in text
    assert "would not" not in text  # with the figures that are not cited it might hold


def test_a_move_is_called_by_its_name() -> None:
    """A structural move says in the head what would be done, and each of its figures has a line."""
    finding = proposing(
        {"r0.personnel": ("4.00", "3.00"), "r1.personnel": ("3.00", "4.00")},
        ["first", "second"],
        message="the figures of 甲 and 乙 exchanged: then 2 sums hold that fail (and so on)",
    )
    checks = (along(0, "first", "1.00", fault="structure"), along(1, "second", "-1.00", fault="structure"))
    document, source = two_rows(("5.00", "4.00", "2.00"), ("6.00", "3.00", "2.00"), checks=checks, findings=(finding,))
    text = piped(document, source)
    assert "\n✗ the figures of 甲 and 乙 exchanged\n" in text
    assert "    1  line 1  4.00 → 3.00  甲, 人员经费支出\n" in text
    assert "    figure 1: a part of 甲, 合计 (line 1)\n      [4.00] + 2.00 = 6.00 ≠ 5.00  gap 1.00 万元\n" in text
    assert "    figure 2: a part of 乙, 合计 (line 2)\n" in text
    assert "and so on" not in text


def test_a_figure_that_belongs_in_another_sum_counts_nothing() -> None:
    """A row under the wrong parent keeps its figures; the sum that it leaves is shown without them."""
    finding = proposing({"r0.operating": ("4.00", "4.00")}, ["row"], message="甲 belongs under 乙: then 1 sum holds")
    document, source = two_rows(
        ("3.00", "3.00", "4.00"),
        ("1", "1", ""),
        checks=(along(0, "row", "4.00", fault="structure"),),
        findings=(finding,),
    )
    text = piped(document, source)
    assert "\n✗ 甲 belongs under 乙\n    1  line 1  4.00  甲, 公用经费支出\n" in text
    assert "      3.00 + [4.00] = 7.00 ≠ 3.00  gap 4.00 万元\n      3.00 +    [0] = 3.00 = 3.00\n" in text


def test_a_slip_of_a_structured_text() -> None:
    """679.44 stands where 677.44 did: 5 + 677.44 + 610 is 1292.44, and so is 541.65 + 48.21 + 87.58 677.44."""
    document, source = read(WRONG)
    text = piped(document, source)
    found = block(text, "✗")
    assert "    printed   679.44\n    proposed  677.44  one digit\n" in found
    assert "610 + 5 + [679.44] = 1294.44 ≠ 1292.44  gap 2.00 万元\n" in found
    assert "610 + 5 + [677.44] = 1292.44 = 1292.44\n" in found
    assert "541.65 + 48.21 + 87.58 = 677.44 ≠ [679.44]  gap −2.00 万元\n" in found
    assert "589.86 + 3 + 9.4 + 75.18 = 677.44 = [677.44]\n" in found


# --- ties -------------------------------------------------------------------------------------------------------------


def test_a_tie_is_a_numbered_list() -> None:
    """Each alternative on a line, with the figures below one another; the failing sum once."""
    found = block(of_case("basic_lists-clean-slip-under-one-sum"), "?")
    assert found.startswith("? 5 ways to explain it; it cannot be known which figure is wrong\n")
    assert "      [116.52] + [98.74] + [112.06] + [57.61] + [42.25] = 427.18 ≠ 447.18  gap −20.00 万元\n" in found
    assert found.count("447.18") == 1
    assert "    each      closes this sum\n" in found
    for line, printed, proposed in [
        (9, "116.52", "136.52"), (10, " 98.74", "118.74"), (11, "112.06", "132.06"), (12, " 57.61", " 77.61"),
        (13, " 42.25", " 62.25"),
    ]:  # fmt: skip
        assert re.search(rf"^    [1-5]  line {line:2}  {printed} → {proposed}  ", found, re.MULTILINE)


def test_alternatives_that_change_several_figures_are_put_together() -> None:
    """The finding names four changes, which close the sums only two and two: 3 or 4 is 2 too little, in both copies."""
    printed = {"r0.personnel": "3.00", "r1.personnel": "3.00", "r0.operating": "4.00", "r1.operating": "4.00"}
    changes = {name: (figure, f"{Decimal(figure) + 2}") for name, figure in printed.items()}
    finding = proposing(changes, ["first", "second"], code="ambiguous_repair")
    copies = [
        check_of(key, [part(f"r0.{key}", -1), part(f"r1.{key}")], "0", kind="equal")
        for key in ("personnel", "operating")
    ]
    checks = (along(0, "first", "-2.00"), along(1, "second", "-2.00"), *copies)
    document, source = two_rows(("9.00", "3.00", "4.00"), ("9.00", "3.00", "4.00"), checks=checks, findings=(finding,))
    found = block(piped(document, source), "?")
    assert found.startswith("? 2 ways")
    assert "    each      closes these 2 sums\n" in found
    assert re.search(r"    1  line 1  3.00 → 5.00 .*\n       line 2  3.00 → 5.00", found)
    assert re.search(r"    2  line 1  4.00 → 6.00 .*\n       line 2  4.00 → 6.00", found)


def test_a_tie_of_moves_that_cites_too_little_keeps_its_message() -> None:
    """Whole tables in another unit change more cells than a finding cites: its words say more than a wrong list."""
    document, source = read(CASES["accounts-unit-slip-of-a-whole-table"].text)
    (finding,) = document.findings
    text = piped(document, source)
    assert finding.message in text
    assert "ways to explain" not in text


def test_what_all_alternatives_share_is_certain() -> None:
    """The figure that every alternative changes alike is said to be certain."""
    finding = proposing(
        {"r1.total": ("1.00", "5.00"), "r0.personnel": ("3.00", "8.00"), "r0.operating": ("4.00", "9.00")},
        ["one", "row"],
        code="ambiguous_repair",
    )
    checks = (check_of("one", [part("r1.total", -1), part("r1.personnel")], "4.00"), along(0, "row", "-5.00"))
    document, source = two_rows(("12.00", "3.00", "4.00"), ("1.00", "5.00", ""), checks=checks, findings=(finding,))
    text = piped(document, source)
    assert "? 2 ways" in text
    assert "    certain   in each of these 乙, 合计 is 5.00\n" in text


def test_no_alternative_contains_another() -> None:
    """A change that closes nothing is in no alternative beside one that closes all."""
    changes = {"r0.total": ("12.00", "7.00"), "r0.personnel": ("3.00", "8.00"), "r1.operating": ("1.00", "2.00")}
    finding = proposing(changes, ["row"], code="ambiguous_repair")
    document, source = two_rows(
        ("12.00", "3.00", "4.00"), ("", "", "1.00"), checks=(along(0, "row", "-5.00"),), findings=(finding,)
    )
    text = piped(document, source)
    assert "? 2 ways" in text
    assert "乙" not in block(text, "?")


def test_an_alternative_says_how_many_sums_it_closes() -> None:
    """Where no choice closes all the sums, each figure says how many it does close and what it breaks."""
    finding = proposing(
        {"r0.total": ("12.00", "7.00"), "r1.total": ("9.00", "5.00")}, ["row", "odd"], code="ambiguous_repair"
    )
    odd = check_of("odd", [part("r1.operating", -1), part("r1.personnel")], "3.00")
    held = check_of("held", [part("r0.total", -1), part("r0.total")], "0")
    same = check_of("same", [part("r1.total", -1), part("r0.personnel"), part("r1.operating")], "0")
    document, source = two_rows(
        ("12.00", "3.00", "4.00"), ("9.00", "9.00", "6.00"), checks=(along(0, "row", "-5.00"), odd, held, same),
        findings=(finding,),
    )  # fmt: skip
    text = piped(document, source)
    assert re.search(r"    1  line 1  12.00 → 7.00 .*\(closes 1 of 2\)\n", text)
    assert re.search(r"    2  line 2   9.00 → 5.00 .*\(closes 0 of 2, breaks 1 that holds\)\n", text)


# --- repairs and computed figures -------------------------------------------------------------------------------------


def test_a_repair_shows_source_evidence_and_sums() -> None:
    """What stands there, what it is read as, why, what else it could be, and the sums that agree."""
    found = block(of_case("expenditure-mask-of-one-digit"), "*")
    assert "    source    1□7.48\n    read as   187.48\n" in found
    assert "    evidence  the only value that fits the legible digits and the sums\n" in found
    assert f"    fault     {FAULTS['glyph']}\n" in found
    assert "    rejected  107.48, 117.48, 127.48 and 6 more: " in found
    assert "      92.14 + [187.48] = 279.62 = 279.62\n" in found
    assert "      64.30 + 118.06 + [187.48] = 369.84 = 369.84\n" in found
    lines = found.splitlines()
    carets = next(number for number, line in enumerate(lines) if set(line) == {" ", "^"})
    end = lines[carets - 1].index("1□7.48") + len("1□7.48")
    assert cell_len(lines[carets]) == cell_len(lines[carets - 1][:end])


def test_a_repair_of_a_number_shows_the_sums_without_it_too() -> None:
    """A moved point is a number all the same, and the sums say that it was wrong."""
    found = block(of_case("expenditure-moved-point"), "*")
    assert "    source    921.4\n    read as   92.14\n" in found
    assert "      [921.4] + 187.48 = 1108.88 ≠ 279.62  gap 829.26 万元\n" in found
    assert "      [92.14] + 187.48 =  279.62 = 279.62\n" in found


def test_a_repair_is_told_once() -> None:
    """The note about it is not printed below its block, but it is where the whole document is shown."""
    document, source = read(CASES["expenditure-mask-of-one-digit"].text)
    assert "(repaired)" not in piped(document, source)
    stream = io.StringIO()
    print_document(console_for(stream), document, source)
    assert stream.getvalue().count("(repaired)") == 1


def test_alternatives_with_reasons_of_their_own_are_quoted() -> None:
    """Only what is said of all of them is said once."""
    rows = [row(0, 1, "甲", [cell(NAME, "甲", 1), cell(TOTAL, "1.5", 1, state="repaired", original="l.5")])]
    repair = Repair(
        cell="t1.r0.total", line=1, original="l.5", printed="1.5", value=Decimal("1.5"), fault="glyph",
        evidence="copy", reason="", checks=(), alternatives=("7.5 is no sum", "15 has no point", "2 is far", "3 is"),
    )  # fmt: skip
    text = piped(document_of([table_of(rows, [NAME, TOTAL])], repairs=(repair,)), source_of("甲\tl.5"))
    assert "    rejected  7.5 is no sum; 15 has no point; 2 is far; 1 more\n" in text


def derived(value: str, low: str, high: str) -> tuple[Document, Source]:
    """Returns a document with one illegible cell, what it must be, and the sum that waits for it."""
    document, source = two_rows(("12.00", "8.00", "[illegible]"), ("1", "1", ""))
    table = document.tables[0]
    first = table.rows[0]
    filled = first.cells[3].model_copy(update={"state": "derived", "value": Decimal(value), "places": 2})
    assert isinstance(filled, Cell)
    rows = (first.model_copy(update={"cells": (*first.cells[:3], filled)}), *table.rows[1:])
    unknown = {"outcome": "untestable", "gap": None, "tolerance": None, "waits_for": ("t1.r0.operating",)}
    waiting = along(0, "row", "0").model_copy(update=unknown)
    derivation = Derivation(
        cell="t1.r0.operating", line=1, value=Decimal(value), low=Decimal(low), high=Decimal(high),
        reason="甲 合计 12.00 less its other parts 8.00", checks=("row",),
    )  # fmt: skip
    illegible = Finding(
        code="illegible", severity="error", message="'[illegible]' cannot be read", table="t1", line=1,
        cells=(CitedCell(cell="t1.r0.operating", label="甲", line=1, printed="[illegible]"),),
    )  # fmt: skip
    return document.model_copy(
        update={
            "tables": (table.model_copy(update={"rows": rows}),),
            "checks": (waiting,),
            "derivations": (derivation,),
            "findings": (illegible,),
        }
    ), source


def test_a_computed_figure_shows_its_interval_and_its_sum() -> None:
    """The value, between what it lies, the equation in words, and the sum that waits for it; nothing of it below."""
    text = piped(*derived("4.00", "3.99", "4.01"))
    assert block(text, "=") == (
        "= line 1 · 甲, 公用经费支出\n"
        "    source    [illegible]\n"
        "    computed  4.00  (between 3.99 and 4.01)\n"
        "    because   甲 合计 12.00 less its other parts 8.00\n"
        "    a part of 甲, 合计 (line 1)\n"
        "      8.00 + [4.00] = 12.00 = 12.00\n"
    )
    assert "cannot be read" not in text


def test_an_exact_computed_figure_has_no_interval_and_may_close_within_rounding() -> None:
    """Half a unit of each figure's last place is the rounding of a sum that was never executed: 0.015 here."""
    assert "    computed  4.01\n" in piped(*derived("4.01", "4.01", "4.01"))
    assert "≈ 12.00  within rounding (gap 0.01 万元)\n" in piped(*derived("4.01", "4.01", "4.01"))
    assert "≠ 12.00  gap 0.02" in piped(*derived("4.02", "4.02", "4.02"))


def test_a_sum_that_waits_for_the_figure_is_shown_with_it() -> None:
    """Named by the derivation or not; but none that another illegible cell keeps from being added up."""
    document, source = derived("4.00", "4.00", "4.00")
    (waiting,) = document.checks
    unnamed = document.derivations[0].model_copy(update={"checks": ()})
    assert "8.00 + [4.00] = 12.00" in piped(document.model_copy(update={"derivations": (unnamed,)}), source)
    table = document.tables[0]
    first, *others = table.rows
    lost = first.cells[2].model_copy(update={"state": "illegible", "printed": "[illegible]", "value": None})
    rows = (first.model_copy(update={"cells": (*first.cells[:2], lost, first.cells[3])}), *others)
    stuck = waiting.model_copy(update={"waits_for": ("t1.r0.personnel", "t1.r0.operating")})
    both = document.model_copy(update={"tables": (table.model_copy(update={"rows": rows}),), "checks": (stuck,)})
    assert "because" in piped(both, source)
    assert "[4.00]" not in piped(both, source)


def test_a_computed_figure_beside_a_slip() -> None:
    """The sum that both stand in closes with the computed figure and with what is proposed beside it."""
    text = of_case("expenditure-mask-beside-a-clean-slip")
    found = block(text, "=")
    assert "      36.85 + [118.06] = 154.91 = 154.91\n" in found
    assert (
        "    with 2101506 医疗保障经办事务, 项目支出: a part of 21015 医疗保障管理事务, 项目支出 (line 17)\n" in found
    )
    assert "      64.30 + [118.06] + [187.48] = 369.84 = 369.84\n" in found


def test_many_computed_figures_are_a_list() -> None:
    """Of a whole illegible table each figure has its value, its cell and its equation, figures below one another."""
    heads = [PERSONNEL.model_copy(update={"key": f"c{n}", "header": f"第{n}类"}) for n in range(9)]
    values = [Decimal(10) ** (n % 4) for n in range(9)]
    cells = [cell(NAME, "甲", 1)]
    for head, value in zip(heads, values, strict=True):
        blank = cell(head, "[illegible]", 1)
        cells.append(blank.model_copy(update={"state": "derived", "value": value}))
    derivations = tuple(
        Derivation(
            cell=f"t1.r0.{head.key}",
            line=1,
            value=value,
            low=value,
            high=value,
            reason=f"because of {head.key}",
            checks=(),
        )
        for head, value in zip(heads, values, strict=True)
    )
    document = document_of([table_of([row(0, 1, "甲", cells)], [NAME, *heads])], derivations=derivations)
    found = block(piped(document, source_of("甲")), "=").splitlines()
    assert found[0] == "= 9 figures computed from the document's own sums, not read"
    assert found[1:5] == [
        "    line 1     1  甲, 第0类", "      because of c0", "    line 1    10  甲, 第1类", "      because of c1",
    ]  # fmt: skip
    assert len(found) == 1 + 2 * 9


# --- sums on a line ---------------------------------------------------------------------------------------------------


def long_sum(parts: int, changed: int, total: str) -> Weighed:
    figures = [Figure("+" if n else "", f"{100 + n}.00", n == changed) for n in range(parts)]
    return Weighed(tuple(figures), "999.00", "≠", (Figure("", total, is_changed=False),), "", "fails", "gap 1.00 万元")


@pytest.mark.parametrize("changed", [0, 9, 19])
@pytest.mark.parametrize("room", [50, 90, 500])
def test_a_long_sum_is_cut_but_not_what_matters(changed: int, room: int) -> None:
    """The figure in question, what the parts give and the total stay, and the parts left out are counted."""
    lines = [line.plain for line in sum_lines([long_sum(20, changed, "998.00")], room)]
    text = " ".join(" ".join(lines).split())
    assert f"[{100 + changed}.00]" in text
    assert text.endswith("= 999.00 ≠ 998.00 gap 1.00 万元")
    shown = len(re.findall(r"1\d\d\.00", text))
    assert f"… {20 - shown} more parts" in text
    assert shown <= 8
    assert all(cell_len(line) <= room for line in lines)


def test_a_sum_never_hides_a_single_part() -> None:
    """The words for it would be longer than the part."""
    (line,) = sum_lines([long_sum(9, 0, "998.00")], 500)
    assert "more" not in line.plain or "… 1 more" not in line.plain
    assert "… 1 more" not in " ".join(text.plain for text in sum_lines([long_sum(3, 0, "998.00")], 40))


def test_both_lines_of_a_sum_leave_out_the_same_parts() -> None:
    """Figure stands under figure, whatever is left out."""
    first, second = (line.plain for line in sum_lines([long_sum(20, 9, "998.00"), long_sum(20, 9, "1000000.00")], 200))
    assert first.index("≠") == second.index("≠")
    assert first.index("…") == second.index("…")
    assert len(first) == len(second)


def test_units_are_converted_exactly() -> None:
    """A sum over tables in 万元 and 元 stands in 元, and what is proposed in 万元 with it."""
    columns = (NAME, TOTAL, PERSONNEL.model_copy(update={"unit": "元"}))
    cells = [cell(key, printed, 1) for key, printed in zip(columns, ("甲", "1.5", "15100"), strict=True)]
    document = document_of([table_of([row(0, 1, "甲", cells)], columns)])
    places = places_of(document)
    check = check_of(
        "same", [part("r0.personnel", -1), part("r0.total")], "-100", kind="equal", unit="元", tolerance=50
    )
    assert not holds_with(check, places, {})
    assert holds_with(check, places, {"t1.r0.total": Decimal("1.51")})
    weighed = weigh(check, places, {"t1.r0.total": Decimal("1.51")})
    assert (weighed.parts[0].amount, weighed.relation, weighed.stated[0].amount) == ("15100", "=", "15100")
    assert weigh(check, places, {"t1.r0.total": Decimal("1.507")}).remark == "within rounding (gap −30 元)"
    never = check.model_copy(update={"outcome": "untestable", "gap": None, "unit": "", "tolerance": None})
    assert weigh(never, places, {"t1.r0.total": Decimal("1.55")}).remark == "within rounding (gap 400 元)"


def test_at_most_is_no_equality() -> None:
    """A part that may be less than the whole holds with a gap."""
    document, _ = two_rows(("12.00", "3.00", ""), ("1", "1", ""))
    check = check_of("most", [part("r0.personnel", -1), part("r0.total")], "0", kind="at_most")
    assert weigh(check, places_of(document), {}).relation == "≥"
    assert weigh(check, places_of(document), {"t1.r0.total": Decimal(2)}).relation == "<"


# --- the quoted line --------------------------------------------------------------------------------------------------


def test_carets_stand_under_the_cell_and_not_under_its_twin() -> None:
    """The same figure stands twice in the line; the cell's own place is pointed at."""
    source = source_of("第一行\n卫生健康\t12.50\t12.50")
    start = source.text.rindex("12.50")
    found = quoted(source, 2, [cell(TOTAL, "12.50", 2, span=(start, start + 5))], 100)
    assert found == [("卫生健康⇥12.50⇥12.50", " " * (8 + 1 + 5 + 1) + "^^^^^")]


@pytest.mark.parametrize("room", [30, 50, 100])
def test_of_a_long_line_the_part_around_the_figure_is_quoted(room: int) -> None:
    """The figure is visible, the carets are under it, and what was cut off is marked."""
    text = "预算" * 60 + "合计1294.44万元" + "支出" * 60
    ((line, carets),) = quoted(source_of(text), 1, [cell(TOTAL, "1294.44", 1)], room)
    assert (line[0], line[-1]) == ("…", "…")
    assert cell_len(line) <= room
    at = line.index("1294.44")
    assert carets == " " * cell_len(line[:at]) + "^" * 7


def test_a_line_that_is_not_there_is_not_quoted() -> None:
    """A finding about the whole document has line 0."""
    assert quoted(source_of("甲"), 0, [], 80) == []
    assert quoted(source_of("甲"), 2, [], 80) == []
    assert quoted(source_of("甲"), 1, [], 80) == [("甲", "")]


def test_figures_far_apart_are_quoted_one_by_one() -> None:
    """Where one stretch of a long line cannot show both, each gets its own; where it can, they share one."""
    source = source_of("合计\t1294.44\t" + "支出" * 40 + "\t1293.55")
    cells = [cell(TOTAL, "1294.44", 1), cell(TOTAL, "1293.55", 1)]
    narrow = quoted(source, 1, cells, 50)
    assert [re.findall(r"129\d\.\d\d", line) for line, _ in narrow] == [["1294.44"], ["1293.55"]]
    assert [carets.count("^") for _, carets in narrow] == [7, 7]
    ((_, carets),) = quoted(source, 1, cells, 200)
    assert carets.count("^") == 14


def test_a_proposal_that_no_sum_makes_keeps_its_message() -> None:
    """What other forms print is no sum: the finding stands in the list as it is, and is no proposal to count."""
    code = finding_of_sum().model_copy(update={"checks": (), "code": "code_conflict", "message": "4 others print so"})
    document = flagged_document(checks=(), findings=(code,))
    text = piped(document, source_of(TEXT))
    assert "error: 4 others print so (code_conflict)" in text
    assert "proposed" not in text
    stream = io.StringIO()
    print_document(console_for(stream), document, source_of(TEXT))
    assert "proposal" not in stream.getvalue()


# --- every damaged text -----------------------------------------------------------------------------------------------


@each_case
@pytest.mark.parametrize("width", [60, 100])
def test_blocks_fit_the_terminal_and_cut_no_figure(case: Case, width: int) -> None:
    """No line is wider than the terminal, and every proposed or repaired figure stands whole in one."""
    document, source = read(case.text)
    lines = decided(document, source, width)
    assert [line for line in lines if cell_len(line) > width] == []
    said = [one.printed for one in document.repairs]
    known = places_of(document)
    cited = [cell for one in document.findings if one.code in CLEAR for cell in one.cells if cell.cell in known]
    said += [cell.implied for cell in cited if cell.implied]
    assert [figure for figure in said if not any(figure in line for line in lines)] == []


@pytest.mark.parametrize("case", [case for case in CASES.values() if len(case.forms) == 1], ids=lambda case: case.name)
def test_every_failing_sum_is_written_once(case: Case) -> None:
    """With its gap, in the block of its slip or tie or else below them; findings, repairs and fills aside."""
    document, source = read(case.text)
    text = re.sub(r"^[*=] line (?:.+\n)+", "", piped(document, source), flags=re.MULTILINE)
    lines = [line for line in text.splitlines() if not re.search(r": (error|warning|note): ", line)]
    gaps = [line for line in lines if re.search(r"[ (]gap −?\d", line)]
    tables = {table.id for table in document.tables}
    failing = [one for one in document.checks if one.outcome == "fails" and tables.intersection(one.tables)]
    assert len(gaps) == len(failing)


@each_case
def test_with_what_is_proposed_the_sums_hold(case: Case) -> None:
    """No block says ≠ twice, no proposal breaks a sum, and every repair shows one that it closes."""
    document, _ = read(case.text)
    places = places_of(document)
    for table in document.tables:
        found = decisions_about(document, table, places)
        assert all(one.after.holds for slip in found.slips for one in slip.sums)
        assert all(one.after.holds for mended in found.repairs for one in mended.sums)
        assert not [slip for slip in found.slips if slip.broken]
        for mended in found.repairs:
            assert mended.sums
            assert mended.repair.value == amount_of(mended.repair.printed)


# --- the list of tables -----------------------------------------------------------------------------------------------


def test_the_list_of_tables_says_how_much_there_is_to_decide() -> None:
    """Proposals, ties, repairs and computed figures are counted where they stand, and how to see them is said."""
    stream = io.StringIO()
    document, source = read(CASES["expenditure-letter-beside-a-clean-slip-elsewhere"].text)
    print_document(console_for(stream), document, source)
    assert re.search(r"t1 .*flagged: source_inconsistency +1 proposal, 1 repair$", stream.getvalue(), re.MULTILINE)
    assert "\neach with its sums, as printed and as proposed: crossfoot show … 公开03表\n" in stream.getvalue()
    document, source = read(CASES["basic_lists-clean-slip-under-one-sum"].text)
    stream = io.StringIO()
    print_document(console_for(stream), document, source)
    assert re.search(r"ambiguous_repair +1 tie$", stream.getvalue(), re.MULTILINE)


def test_tables_of_one_number_are_asked_for_by_id() -> None:
    """A number that stands twice would not be found."""
    document = flagged_document()
    first = document.tables[0]
    second = first.model_copy(update={"id": "t2"})
    stream = io.StringIO()
    print_document(console_for(stream), document.model_copy(update={"tables": (first, second)}), source_of(TEXT))
    assert "crossfoot show … t1\n" in stream.getvalue()
    assert stream.getvalue().count("1 proposal\n") == 1


def test_a_document_with_nothing_to_decide_says_nothing_of_it() -> None:
    """No empty column, no advice."""
    stream = io.StringIO()
    print_document(console_for(stream), document_of([table_of([], COLUMNS)]), source_of(TEXT))
    assert "decide" not in stream.getvalue()
    assert "crossfoot show" not in stream.getvalue()


def test_the_reach_of_the_sums_is_said() -> None:
    """How many amounts stand in sums, and what these could tell of an error; nothing where there are none."""
    tally = Tally(amounts=24, covered=23, detectable=22, locatable=20)
    assert reach_text(tally) == "of 24 amounts 23 stand in sums; an error would show in 22 and be located in 20"
    assert reach_text(Tally(amounts=24)) == ""


def test_colours_on_a_terminal_only() -> None:
    """What is printed is red and what is proposed green; a pipe gets neither."""
    document, source = flagged_document(), source_of(TEXT)
    text = "\n".join(decided(document, source, 100, "standard"))
    assert "\x1b[31m1294.44\x1b[0m" in text
    assert "\x1b[32m1292.44\x1b[0m" in text
    assert "\x1b[1m[1294.44]\x1b[0m" in text
    assert "\x1b" not in piped(document, source)
