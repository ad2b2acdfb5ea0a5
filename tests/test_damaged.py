"""Texts damaged by hand (tests/damaged) against what must come of them; the truth is the text before the damage."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest

from crossfoot.figures import Cell, Derivation, Document, Finding, Repair, Table
from crossfoot.figures import Row as ReadRow
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog
from damaged_cases import Case, all_cases, amount_of, gap_of, sums_of

CASES = all_cases()
ORIGINALS = {case.original: case for case in CASES}
LEAST_CASES = 56
_HALF_WIDTH = str.maketrans("０１２３４５６７８９．，（）", "0123456789.,()")
Name = tuple[int, str, str]


def stating(*keys: str) -> pytest.MarkDecorator:
    """Parametrizes over the cases that state one of these expectations; over all without a key."""
    stated = [case for case in CASES if not keys or any(key in case.said for key in keys)]
    return pytest.mark.parametrize("case", stated, ids=lambda case: case.name)


each_original = pytest.mark.parametrize("case", ORIGINALS.values(), ids=lambda case: case.name.partition("-")[0])


@lru_cache(maxsize=256)
def read(text: str) -> Document:
    """Returns the document of a text in which ⇥ stands for a tab, read without a model."""
    return structure(from_text(text.replace("⇥", "\t")), load_catalog())


class Names:
    """What the cases call the cells of a document: table from 1, row by its code, name or label, column."""

    def __init__(self, case: Case, document: Document) -> None:
        self.tables = {table.id: number for number, table in enumerate(document.tables, start=1)}
        self.rows: dict[tuple[str, int], ReadRow] = {
            (table.id, row.index): row for table in document.tables for row in table.rows
        }
        self.known: dict[tuple[int, int, str], str] = {}
        for number, form in enumerate(case.forms, start=1):
            panels = form.said.get("panels", {})
            for row in form.rows:
                self.known[number, row.line, panels.get(row.panel, row.panel)] = row.name

    def row(self, table: str, row: ReadRow) -> str:
        """Returns the name of a row by its line; a row without a line of its own is named by what it says."""
        number = self.tables[table]
        for panel in (row.panel, ""):
            if (number, row.line, panel) in self.known:
                return self.known[number, row.line, panel]
        return row.code or "".join(row.name.split())

    def cell(self, reference: str) -> Name:
        """Returns the name of the cell that `t3.r12.total` refers to."""
        table, index, column = reference.split(".", 2)
        return self.tables[table], self.row(table, self.rows[table, int(index[1:])]), column


def cells(case: Case, document: Document) -> Iterator[tuple[Name, Cell]]:
    """Yields the amount cells of a document with their names."""
    names = Names(case, document)
    for table in document.tables:
        for _, row, cell in table.cells():
            if cell.kind == "amount":
                yield (names.tables[table.id], names.row(table.id, row), cell.column), cell


def truth(case: Case) -> dict[Name, Decimal]:
    """Returns every amount of the undamaged document."""
    return {
        (number, row.name, column): amount
        for number, form in enumerate(case.forms, start=1)
        for row, column, amount in form.amounts()
    }


def named(case: Case, said: Mapping[str, str]) -> dict[Name, Decimal]:
    return {case.cell(reference): Decimal(value) for reference, value in said.items()}


def listed(case: Case, key: str) -> dict[Name, dict[str, Any]]:
    return {case.cell(one["cell"]): one for one in case.said.get(key, ())}


def repairs(case: Case, document: Document) -> dict[Name, Repair]:
    names = Names(case, document)
    return {names.cell(repair.cell): repair for repair in document.repairs}


def derivations(case: Case, document: Document) -> dict[Name, Derivation]:
    names = Names(case, document)
    return {names.cell(one.cell): one for one in document.derivations}


def errors(document: Document) -> list[Finding]:
    return [finding for finding in document.findings if finding.severity == "error"]


# --- the texts --------------------------------------------------------------------------------------------------------


def test_there_are_enough_cases() -> None:
    """Enough damaged texts, each with a name and a title of its own, each really damaged or really left alone."""
    damaged = [case for case in CASES if case.text != case.original]
    assert len(damaged) >= LEAST_CASES
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({case.text for case in damaged}) == len(damaged)


@each_original
def test_the_undamaged_tables_foot(case: Case) -> None:
    """Every sum that the file declares closes exactly, or within the rounding where the file says it was rounded."""
    for form in case.forms:
        for one in sums_of(form):
            gap, rounding = gap_of(one)
            assert abs(gap) <= (rounding if form.said.get("rounded") else 0), one


@each_original
def test_every_amount_stands_in_a_sum(case: Case) -> None:
    """Any amount of an undamaged table made larger by one opens a sum, but for as many as the file says stand alone."""
    for form in case.forms:
        before = [gap_of(one)[0] for one in sums_of(form)]
        alone = [
            (row.name, column)
            for row, column, amount in form.amounts()
            if before == [gap_of(one)[0] for one in sums_of(form.with_amount(row, column, amount + 1))]
        ]
        assert len(alone) == form.said.get("alone", 0), alone


@each_original
def test_the_undamaged_tables_are_read(case: Case) -> None:
    """The forms are known, and every amount is read into its row and column, so that only the damage is at issue."""
    document = read(case.original)
    whole = case._replace(text=case.original, forms=next(c for c in CASES if c.original == case.original).forms)
    assert [table.type for table in document.tables] == [form.type for form in whole.forms]
    assert not errors(document)
    found = sorted(cell.value for table in document.tables for _, _, cell in table.cells() if cell.value is not None)
    assert found == sorted(truth(whole).values())


@stating("findings", "repaired", "may_repair", "derived", "may_derive", "illegible", "unseen", "reach")
def test_the_expectations_are_about_cells_that_are_there(case: Case) -> None:
    """Each named cell holds an amount in the undamaged text, and a repair or proposal expected is that amount."""
    known = truth(case)
    for key in ("repaired", "may_repair"):
        for name, one in listed(case, key).items():
            assert known[name] == Decimal(one["value"]), name
    touched = [case.cell(said) for key in ("derived", "illegible", "unseen") for said in case.said.get(key, ())]
    before, now = case.original.split("\n"), case.text.split("\n")
    for number, row, column in [*touched, *listed(case, "repaired"), *listed(case, "may_repair")]:
        assert (number, row, column) in known
        line = case.forms[number - 1].row(row).line
        assert line == 0 or case.text == case.original or now[line - 1] not in before, row
    for finding in case.said.get("findings", ()):
        proposed = named(case, finding.get("cells", {}))
        if finding.get("code") == "ambiguous_repair":
            assert any(known[name] == value for name, value in proposed.items())
        else:
            assert all(known[name] == value for name, value in proposed.items()), proposed


# --- never wrong ------------------------------------------------------------------------------------------------------


def repaired_wrongly(case: Case, document: Document) -> list[Name]:
    """Returns the repairs that the case does not list with their value; a moved row it names may be put back."""
    known = truth(case)
    allowed = {
        name: Decimal(one["value"]) for key in ("repaired", "may_repair") for name, one in listed(case, key).items()
    }
    moved = set(case.said.get("realigned", ()))
    return [
        name
        for name, repair in repairs(case, document).items()
        if repair.value != allowed.get(name)
        and not (name[1] in moved and repair.fault == "structure" and repair.value == known.get(name))
    ]


def let_through_wrongly(case: Case, document: Document) -> list[Name]:
    """Returns the cells of accepted and repaired tables that have not the amount of the undamaged text, or none."""
    outcomes = [table.verdict.outcome for table in document.tables]
    unseen = {case.cell(reference) for reference in case.said.get("unseen", ())}
    known = truth(case)
    found = {name: cell.value for name, cell in cells(case, document) if cell.value is not None}
    return [
        name
        for name in {**known, **found}
        if outcomes[name[0] - 1] != "flagged" and name not in unseen and known.get(name) != found.get(name)
    ]


def changed_silently(case: Case, document: Document) -> list[Name]:
    """Returns the cells whose value is not what they print, and those repaired or derived without saying from what."""
    lines = case.text.replace("⇥", "\t").split("\n")
    mended, derived = repairs(case, document), derivations(case, document)
    return [
        name
        for name, cell in cells(case, document)
        if not _says_what_it_is(cell, mended.get(name), derived.get(name), lines[cell.line - 1] if cell.line else "")
    ]


def _says_what_it_is(cell: Cell, repair: Repair | None, derivation: Derivation | None, line: str) -> bool:
    if cell.state == "repaired":
        return repair is not None and (
            (cell.value, cell.original, cell.printed) == (repair.value, repair.original, repair.printed)
            and repair.original in line
            and printed_amount(repair.printed) == repair.value
        )
    if repair is not None:
        return False
    if cell.state == "derived":
        return derivation is not None and cell.value == derivation.value
    return cell.value == (printed_amount(cell.printed) if cell.state != "illegible" else None)


def printed_amount(printed: str) -> Decimal | None:
    """Returns what a numeral in digits of any width, perhaps with blanks in it, says."""
    return amount_of(re.sub(r"\s", "", printed.translate(_HALF_WIDTH)))


def derived_wrongly(case: Case, document: Document) -> list[Name]:
    """Returns the derived cells whose interval leaves out what was printed, unless the document itself misleads."""
    known = truth(case)
    misled = named(case, case.said.get("may_derive", {}))
    return [
        name
        for name, one in derivations(case, document).items()
        if not one.low <= one.value <= one.high
        or (not one.low <= known.get(name, Decimal(0)) <= one.high and misled.get(name) != one.value)
    ]


@stating()
def test_nothing_is_repaired_that_must_not_be(case: Case) -> None:
    assert repaired_wrongly(case, read(case.text)) == []


@stating()
def test_no_wrong_value_is_let_through(case: Case) -> None:
    """In an accepted or repaired table every amount of the undamaged text stands in its place, and no other."""
    assert let_through_wrongly(case, read(case.text)) == []


@stating()
def test_no_clean_figure_is_changed(case: Case) -> None:
    """A printed cell has the value that it prints; a changed one says so, and keeps what stands in the text."""
    assert changed_silently(case, read(case.text)) == []


@stating()
def test_nothing_is_derived_that_is_not_so(case: Case) -> None:
    assert derived_wrongly(case, read(case.text)) == []


def test_what_is_wrong_would_be_seen() -> None:
    """Each of the four comparisons sees a document that was made wrong in just that way."""
    case = next(case for case in CASES if case.name == "expenditure-clean-digit")
    document = read(case.text)
    (table,) = document.tables
    slip, printed = next((ref, c) for ref, row, c in table.cells() if (row.code, c.column) == ("2101506", "project"))
    assert not [*let_through_wrongly(case, document), *changed_silently(case, document)]
    passed = table.model_copy(update={"verdict": table.verdict.model_copy(update={"outcome": "repaired"})})
    assert let_through_wrongly(case, document.model_copy(update={"tables": (passed,)})) == [(1, "2101506", "project")]
    made = {"cell": slip, "line": printed.line, "value": Decimal("187.48"), "reason": "", "checks": ()}
    mended = Repair.model_validate(
        made | {"original": "181.48", "printed": "187.48", "fault": "glyph", "evidence": "glyphs"}
    )
    repaired = document.model_copy(update={"repairs": (mended,)})
    assert repaired_wrongly(case, repaired) == changed_silently(case, repaired) == [(1, "2101506", "project")]
    computed = Derivation.model_validate(made | {"low": Decimal("187.49"), "high": Decimal("187.51")})
    assert derived_wrongly(case, document.model_copy(update={"derivations": (computed,)}))


# --- what the cases state ---------------------------------------------------------------------------------------------


@stating("verdict")
def test_verdict(case: Case) -> None:
    """The verdict of each table; of one table, or the same for all, it is one word, or two that are both right."""
    said, tables = case.said["verdict"], read(case.text).tables
    wanted: list[set[str]] = [{said}] * len(tables) if isinstance(said, str) else [{one} for one in said]
    if isinstance(said, list) and len(case.forms) == 1:
        wanted = [set(said)]
    assert len(tables) == len(wanted) == len(case.forms)
    for table, outcomes in zip(tables, wanted, strict=True):
        assert table.verdict.outcome in outcomes or outcomes == {"any"}, (table.type, said_of(table, read(case.text)))


def said_of(table: Table, document: Document) -> list[str]:
    """Returns what was found about a table, for the message of a failing test."""
    return [table.verdict.outcome, *(f"{f.code}: {f.message}" for f in document.findings if f.table == table.id)]


@stating("repaired")
def test_repaired(case: Case) -> None:
    """Each repair that the case lists is made, by that evidence, for that fault, and the checks behind it are named."""
    document = read(case.text)
    made = repairs(case, document)
    checks = {check.id: check for check in document.checks}
    states = dict(cells(case, document))
    for name, one in listed(case, "repaired").items():
        assert name in made, (name, [finding.message for finding in document.findings])
        repair, cell = made[name], states[name]
        evidence = [one["evidence"]] if isinstance(one["evidence"], str) else one["evidence"]
        assert (repair.value, repair.fault) == (Decimal(one["value"]), one["fault"])
        assert repair.evidence in evidence
        assert (cell.state, cell.value, cell.printed) == ("repaired", repair.value, repair.printed)
        assert repair.reason
        assert repair.checks
        assert {checks[check].outcome for check in repair.checks} == {"holds"}


@stating("derived")
def test_derived(case: Case) -> None:
    """Exactly where the case lists nothing, nothing is derived; what it lists is, and says from which sums."""
    document = read(case.text)
    made = derivations(case, document)
    wanted = [case.cell(reference) for reference in case.said["derived"]]
    assert [name for name in wanted if name not in made] == []
    assert wanted or not made
    states = dict(cells(case, document))
    for name in wanted:
        assert (states[name].state, states[name].value) == ("derived", made[name].value)
        assert made[name].reason


@stating("illegible")
def test_what_cannot_be_known_stays_illegible(case: Case) -> None:
    """The cells named have no value and say that they are illegible."""
    states = dict(cells(case, read(case.text)))
    for reference in case.said["illegible"]:
        cell = states[case.cell(reference)]
        assert (cell.state, cell.value) == ("illegible", None), reference


@stating("findings")
def test_findings(case: Case) -> None:
    """For each finding listed there is one that cites its cells with the values implied for them."""
    document = read(case.text)
    names = Names(case, document)
    found = [
        (finding.code, {names.cell(c.cell): c.implied for c in finding.cells if c.implied})
        for finding in document.findings
    ]
    for wanted in case.said["findings"]:
        proposed = named(case, wanted.get("cells", {}))
        assert any(
            wanted.get("code", code) == code
            and all(name in implied and amount_of(implied[name]) == value for name, value in proposed.items())
            for code, implied in found
        ), (wanted, found)


@stating("errors")
def test_one_slip_is_one_finding(case: Case) -> None:
    """So many errors are found, however many sums a slip breaks."""
    found = errors(read(case.text))
    assert len(found) == case.said["errors"], [(finding.code, finding.message) for finding in found]


@stating("faults")
def test_whose_fault(case: Case) -> None:
    """Every failing check of the tables says whose fault it is, and the case knows."""
    failing = [check for check in read(case.text).checks if check.outcome == "fails"]
    assert failing
    assert {check.fault for check in failing} == set(case.said["faults"])


@stating("reach")
def test_reach(case: Case) -> None:
    """What sums can tell of a cell is known beforehand, and said of it."""
    found = {name: cell.reach for name, cell in cells(case, read(case.text))}
    assert {reference: found[case.cell(reference)] for reference in case.said["reach"]} == case.said["reach"]
