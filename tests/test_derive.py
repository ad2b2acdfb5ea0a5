"""What sums say of cells that cannot be read: exactly what they never more, and never against a figure."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossfoot.figures import Document, Reading
from crossfoot.judging.derive import Derived, derivations_of, derive, filled
from crossfoot.judging.ledger import Entry, Ledger
from crossfoot.judging.system import System
from crossfoot.judging.whole_tables import underived
from crossfoot.pipeline import judge_again, structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog

HEAD = "支出决算表\n公开03表\n单位：元\n科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n"
ONE = "专项业务经费支出表\n表10\n单位：元\n单位编码⇥单位（项目）名称⇥项目金额\n"
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LOST = "[illegible]"
AMOUNTS = ("total", "basic", "project")


def ledger_of(document: Document) -> Ledger:
    catalog = load_catalog()
    entries = []
    for table in document.tables:
        reading = Reading(
            table=table.id, type=table.type, family=table.family, form=table.form, shape=table.shape,
            reader=table.reader, columns=table.columns, rows=table.rows,
        )  # fmt: skip
        known = catalog.forms.get((table.family, table.type, table.form))
        entries.append(Entry(underived(reading), table.number or table.title, table.body, known))
    return Ledger(tuple(entries), catalog)


def system_of(text: str) -> tuple[Document, System]:
    document = structure(from_text(text.replace("⇥", "\t")), load_catalog())
    return document, System(document.checks, ledger_of(document))


def derived(text: str) -> Derived:
    document, system = system_of(text)
    return derive(system, document.checks)


def values(found: Derived) -> dict[str, str]:
    return {one.cell: format(one.value, "f") for one in found.derivations}


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_a_lost_part_is_the_total_less_the_other_parts() -> None:
    """900 − 500 − 100 = 300, to within four halves of a cent; the places are the column's."""
    text = ONE + "⇥合计⇥900.00\n205⇥教育支出⇥500.00\n206⇥科学⇥[illegible]\n207⇥文化⇥100.00\n"
    (one,) = derived(text).derivations
    assert (one.cell, format(one.value, "f"), one.low, one.high) == (
        "t1.r3.amount", "300.00", Decimal("299.98"), Decimal("300.02"),
    )  # fmt: skip
    assert one.reason == "表10 合计 900.00 less its other parts 500.00 + 100.00"
    assert one.line == 7
    assert len(one.checks) == 1


def test_a_lost_total_is_the_sum_of_its_parts() -> None:
    text = ONE + "⇥合计⇥[illegible]\n205⇥教育支出⇥500.00\n206⇥科学⇥400.50\n"
    (one,) = derived(text).derivations
    assert (format(one.value, "f"), one.reason) == ("900.50", "the sum of its parts 500.00 + 400.50")


def test_one_cell_gives_the_next() -> None:
    """The row gives 基本支出 of 205, and only then the column gives that of 合计."""
    text = HEAD + "⇥合计⇥900⇥[illegible]⇥[illegible]\n205⇥教育支出⇥500⇥[illegible]⇥100\n206⇥科学⇥400⇥150⇥250\n"
    assert values(derived(text)) == {"t1.r1.basic": "550", "t1.r1.project": "350", "t1.r2.basic": "400"}


def test_a_rectangle_of_lost_cells_stays_lost() -> None:
    """Two rows and two columns leave one degree of freedom."""
    text = HEAD + "⇥合计⇥900⇥500⇥400\n205⇥教育支出⇥500⇥[illegible]⇥[illegible]\n206⇥科学⇥400⇥[illegible]⇥[illegible]\n"
    assert derived(text) == Derived()


def test_a_total_that_is_reached_leaves_nothing() -> None:
    """Neither row nor column determines the two lost parts, but no part is negative, and the total is there already."""
    text = ONE + "⇥合计⇥500\n205⇥教育支出⇥500\n206⇥科学⇥[illegible]\n207⇥文化⇥[illegible]\n"
    found = derived(text)
    assert values(found) == {"t1.r3.amount": "0", "t1.r4.amount": "0"}
    assert "leaves nothing: its other parts 500 reach it" in found.derivations[0].reason


def test_nothing_is_left_to_find_where_negatives_are_printed() -> None:
    """In a column with a negative two lost parts may cancel."""
    text = ONE + "⇥合计⇥500\n205⇥教育支出⇥550\n206⇥科学⇥-50\n207⇥文化⇥[illegible]\n208⇥社保⇥[illegible]\n"
    assert values(derived(text)) == {}
    one = text.replace("208⇥社保⇥[illegible]", "208⇥社保⇥40")
    assert values(derived(one)) == {"t1.r4.amount": "-40"}


def test_a_negative_amount_is_refused_where_none_is_printed() -> None:
    text = ONE + "⇥合计⇥500\n205⇥教育支出⇥550\n206⇥科学⇥[illegible]\n"
    found = derived(text)
    assert found.derivations == ()
    assert [one.cells for one in found.contradictions] == [("t1.r3.amount",)]


def test_sums_that_contradict_one_another_give_nothing() -> None:
    """The row of 205 says 300, the column 250; every other sum waits for another cell."""
    text = HEAD + "⇥合计⇥750⇥650⇥100\n205⇥教育支出⇥400⇥[illegible]⇥100\n206⇥科学⇥[illegible]⇥400⇥\n"
    found = derived(text)
    assert found.derivations == ()
    assert [one.cells for one in found.contradictions] == [("t1.r2.basic",), ("t1.r3.total",)]
    assert values(derived(text.replace("⇥750⇥650⇥", "⇥800⇥700⇥"))) == {"t1.r2.basic": "300", "t1.r3.total": "400"}


def test_nothing_is_computed_from_a_figure_that_a_failing_sum_makes_doubtful() -> None:
    """项目支出 of 合计 is wrong, so the column's lost cell has no reliable total."""
    good = HEAD + "⇥合计⇥900⇥500⇥400\n205⇥教育支出⇥500⇥300⇥200\n206⇥科学⇥⇥⇥[illegible]\n"
    assert values(derived(good)) == {"t1.r3.project": "200"}
    assert values(derived(good.replace("900⇥500⇥400", "900⇥500⇥480"))) == {}


def test_blanks_alone_give_nothing() -> None:
    """A total whose parts are all blank is not zero: the parts may have been lost with it."""
    assert derived(ONE + "⇥合计⇥[illegible]\n205⇥甲局⇥\n206⇥乙局⇥\n") == Derived()
    assert values(derived(ONE + "⇥合计⇥[illegible]\n205⇥甲局⇥0\n206⇥乙局⇥\n")) == {"t1.r1.amount": "0"}


def test_a_part_within_another_is_never_more_than_it() -> None:
    """其中 prints 90 of a row whose total leaves it 80: the sums and the 其中 cannot both be right."""
    text = (
        "收入支出决算总表\n公开01表\n单位：元\n收入⇥⇥支出⇥\n项目⇥决算数⇥项目⇥决算数\n"
        "一、财政拨款收入⇥[illegible]⇥一、教育支出⇥500\n其中：政府性基金⇥90⇥⇥\n二、其他收入⇥420⇥⇥\n"
        "本年收入合计⇥500⇥本年支出合计⇥500\n总计⇥500⇥总计⇥500\n"
    )
    assert not [cell for cell in values(derived(text)) if cell.startswith("t1.r1.")]
    assert "80" in values(derived(text.replace("⇥90⇥", "⇥70⇥"))).values()


def test_a_dropped_zero_does_not_round_what_follows() -> None:
    """The column prints no place, the sum does: 9.4 is 9.4."""
    text = HEAD + "⇥合计⇥624.4⇥⇥\n205⇥教育支出⇥624.4⇥610⇥14.4\n20501⇥管理⇥619.4⇥610⇥[illegible]\n20502⇥普通⇥5⇥⇥5\n"
    assert values(derived(text)) == {"t1.r3.project": "9.4"}


def test_amounts_beyond_a_double_are_exact() -> None:
    text = ONE + "⇥合计⇥90071992547409931.07\n205⇥教育支出⇥90071992547409930.01\n206⇥科学⇥[illegible]\n"
    assert values(derived(text)) == {"t1.r3.amount": "1.06"}


def test_what_can_be_read_of_a_numeral_has_a_say() -> None:
    """A damaged numeral that fits no amount of the interval is left; one that fits another than the middle takes it."""
    text = ONE + "⇥合计⇥900.00\n205⇥教育支出⇥600.00\n206⇥科学⇥[illegible]\n"
    document, system = system_of(text)
    nothing = derive(system, document.checks, lambda _cell, low, high: not low <= 300 <= high)
    assert nothing.derivations == ()
    assert [one.cells for one in nothing.contradictions] == [("t1.r3.amount",)]
    above = derive(system, document.checks, lambda _cell, _low, high: high > 300)
    assert values(above) == {"t1.r3.amount": "300.01"}


def test_filled_keeps_the_text_and_says_derived() -> None:
    text = ONE + "⇥合计⇥900.00\n205⇥教育支出⇥600.00\n206⇥科学⇥[illegible]\n"
    document, system = system_of(text)
    reading = system.ledger.entries[0].reading
    after = filled(reading, derive(system, document.checks).derivations, system.ledger)
    cell = after.rows[2].cell("amount")
    assert cell is not None
    assert (cell.state, cell.printed, cell.value, cell.places) == ("derived", LOST, Decimal("300.00"), 2)
    assert underived(after) == reading


def test_nothing_is_made_where_everything_can_be_read() -> None:
    """No equation is even built."""
    document, system = system_of(HEAD + "⇥合计⇥900⇥500⇥400\n205⇥教育支出⇥900⇥500⇥400\n")
    assert derive(system, document.checks) == Derived()
    assert system._equations == {}


# --- independent derivations ------------------------------------------------------------------------------------------


def test_a_row_and_a_column_are_two_derivations() -> None:
    text = HEAD + "⇥合计⇥900⇥500⇥400\n205⇥教育支出⇥500⇥[illegible]⇥200\n206⇥科学⇥400⇥200⇥200\n"
    _, system = system_of(text)
    found = derivations_of("t1.r2.basic", system)
    assert [system.printed(one.cell, int(one.value)) for one in found] == [Decimal(300), Decimal(300)]


def test_a_second_derivation_may_go_around_another_lost_cell() -> None:
    """The column of 205's 基本支出 has a second lost cell, which its own row gives."""
    text = HEAD + "⇥合计⇥900⇥500⇥400\n205⇥教育支出⇥500⇥[illegible]⇥200\n206⇥科学⇥400⇥[illegible]⇥200\n"
    _, system = system_of(text)
    direct, around = derivations_of("t1.r2.basic", system)
    assert (len(direct.combination), len(around.combination)) == (1, 2)
    assert direct.value == around.value


# --- generated tables -------------------------------------------------------------------------------------------------


class Made:
    """A consistent table of codes as lines of fields, with the sums that it was made by: the truth of these tests."""

    def __init__(self, leaves: Sequence[tuple[str, int, int]], places: int = 2) -> None:
        self.codes = sorted({code[:length] for code, _, _ in leaves for length in (3, 5, 7)})
        keys = ["", *self.codes]
        self.cents: dict[tuple[str, str], int] = {}
        for key in keys:
            basic = sum(b for code, b, _ in leaves if code.startswith(key))
            project = sum(p for code, _, p in leaves if code.startswith(key))
            self.cents |= {(key, "total"): basic + project, (key, "basic"): basic, (key, "project"): project}
        self.places = places
        self.sums = [{(key, "total"): -1, (key, "basic"): 1, (key, "project"): 1} for key in keys]
        for column in AMOUNTS:
            for key in keys:
                below = [code for code in self.codes if len(code) == {0: 3, 3: 5, 5: 7}.get(len(key), 0)]
                parts = {(code, column): 1 for code in below if code.startswith(key)}
                self.sums += [{(key, column): -1, **parts}] if parts else []

    def text(self, lost: Sequence[tuple[str, str]] = (), order: Sequence[str] | None = None) -> str:
        """Returns the table as a document, the lost cells illegible."""
        lines = []
        for key in ("", *(order or self.codes)):
            fields = [self.printed(self.cents[key, column]) for column in AMOUNTS]
            fields = [LOST if (key, column) in lost else text for column, text in zip(AMOUNTS, fields, strict=True)]
            lines.append("\t".join([key, f"某{key}" if key else "合计", *fields]))
        return HEAD.replace("⇥", "\t") + "\n".join(lines) + "\n"

    def printed(self, cents: int) -> str:
        """Returns an amount as its column prints it."""
        return format(Decimal(cents).scaleb(-self.places), f".{max(self.places, 0)}f")

    def ref(self, cell: tuple[str, str], order: Sequence[str] | None = None) -> str:
        """Returns the reference that a cell has when its row stands where `order` puts it."""
        return f"t1.r{['', *(order or self.codes)].index(cell[0]) + 1}.{cell[1]}"

    def determined(self, lost: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Returns the lost cells whose unit vector lies in the row space of the sums, by comparing ranks."""
        rows = [[Fraction(one.get(cell, 0)) for cell in lost] for one in self.sums]
        whole = rank(rows)
        unit = [[Fraction(int(cell == other)) for other in lost] for cell in lost]
        return {cell for cell, vector in zip(lost, unit, strict=True) if rank([*rows, vector]) == whole}


def rank(rows: Sequence[Sequence[Fraction]]) -> int:
    left, found = [list(row) for row in rows], 0
    for column in range(len(rows[0])):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        for row in left[found + 1 :]:
            factor = row[column] / pivot[column]
            row[:] = [value - factor * above for value, above in zip(row, pivot, strict=True)]
        found += 1
    return found


@st.composite
def made_tables(draw: st.DrawFn) -> Made:
    money = st.integers(1, 10**7)
    tops = draw(st.lists(st.sampled_from(["205", "206", "207"]), min_size=1, max_size=2, unique=True))
    return Made(
        [
            (f"{top}{middle:02}{leaf:02}", draw(money), draw(money))
            for top in tops
            for middle in range(1, draw(st.integers(2, 3)))
            for leaf in range(1, draw(st.integers(2, 4)))
        ]
    )


@st.composite
def with_lost_cells(draw: st.DrawFn) -> tuple[Made, list[tuple[str, str]]]:
    made = draw(made_tables())
    return made, draw(st.lists(st.sampled_from(sorted(made.cents)), min_size=1, max_size=6, unique=True))


@SETTINGS
@given(with_lost_cells())
def test_exactly_the_determined_cells_are_derived(case: tuple[Made, list[tuple[str, str]]]) -> None:
    """Derived is what the ranks say, each with its true value; all amounts are positive, so no total leaves nothing."""
    made, lost = case
    found = {one.cell: one for one in derived(made.text(lost)).derivations}
    assert set(found) == {made.ref(cell) for cell in made.determined(lost)}
    for cell in made.determined(lost):
        truth = Decimal(made.cents[cell]).scaleb(-2)
        one = found[made.ref(cell)]
        assert one.value == truth
        assert one.low <= truth <= one.high


@SETTINGS
@given(with_lost_cells(), st.data())
def test_the_order_of_rows_changes_nothing(case: tuple[Made, list[tuple[str, str]]], data: st.DataObject) -> None:
    made, lost = case
    order = data.draw(st.permutations(made.codes))
    plain = {one.cell: (one.value, one.low, one.high) for one in derived(made.text(lost)).derivations}
    other = {one.cell: (one.value, one.low, one.high) for one in derived(made.text(lost, order)).derivations}
    assert {made.ref(cell): plain.get(made.ref(cell)) for cell in lost} == {
        made.ref(cell): other.get(made.ref(cell, order)) for cell in lost
    }


@SETTINGS
@given(with_lost_cells(), st.integers(0, 6))
def test_a_power_of_ten_changes_nothing(case: tuple[Made, list[tuple[str, str]]], places: int) -> None:
    """The same digits with the point elsewhere give the same digits; a value and its interval move with it."""
    made, lost = case
    plain = list(derived(made.text(lost)).derivations)
    made.places = places
    moved = list(derived(made.text(lost)).derivations)
    assert [
        (one.cell, one.value.scaleb(2 - places), one.low.scaleb(2 - places), one.high.scaleb(2 - places))
        for one in plain
    ] == [(one.cell, one.value, one.low, one.high) for one in moved]


@SETTINGS
@given(with_lost_cells())
def test_derivations_of_one_cell_are_independent(case: tuple[Made, list[tuple[str, str]]]) -> None:
    """They all give the truth, and share neither an equation nor a figure; a cell has one iff it is determined."""
    made, lost = case
    _, system = system_of(made.text(lost))
    for cell in lost:
        found = derivations_of(made.ref(cell), system)
        assert bool(found) == (cell in made.determined(lost))
        truth = Decimal(made.cents[cell]).scaleb(-2)
        assert {system.printed(one.cell, int(one.value)) for one in found} <= {truth}
        used = [{equation.id for equation, _ in one.combination} for one in found]
        figures = [
            {name for equation, _ in one.combination for name in equation.terms} - {made.ref(other) for other in lost}
            for one in found
        ]
        for group in (used, figures):
            assert len(set().union(*group)) == sum(map(len, group))


@st.composite
def rounded_tables(draw: st.DrawFn) -> tuple[Made, list[tuple[str, str]]]:
    """A table made in 元 and printed in 万元 with two places, each figure rounded by itself."""
    made, lost = draw(with_lost_cells())
    made.cents = {cell: round(Fraction(cents, 1000)) for cell, cents in made.cents.items()}
    return made, lost


@SETTINGS
@given(rounded_tables())
def test_the_interval_holds_the_truth_of_rounded_figures(case: tuple[Made, list[tuple[str, str]]]) -> None:
    """Sums that hold only within their roundings still bound what is lost; no more is derived than is determined."""
    made, lost = case
    truths = {made.ref(cell): Decimal(made.cents[cell]).scaleb(-2) for cell in lost}
    found = derived(made.text(lost))
    assert found.contradictions == ()
    zeros = [cell for cell, _ in truths.items() if not truths[cell]]
    for one in found.derivations:
        assert one.low <= truths[one.cell] <= one.high
        assert one.low <= one.value <= one.high
    may = {made.ref(cell) for cell in made.determined(lost)}
    assert {one.cell for one in found.derivations if one.value} - may == set() or zeros


# --- in a document ----------------------------------------------------------------------------------------------------


def test_a_derived_cell_is_shown_and_counted_for_nothing() -> None:
    """The document has the value with its reason; the table stays flagged, its sums untested, the amount uncounted."""
    text = ONE + "⇥合计⇥900.00\n205⇥甲局⇥600.00\n206⇥乙局⇥[illegible]\n"
    source = from_text(text.replace("⇥", "\t"))
    document = structure(source, load_catalog())
    (table,) = document.tables
    (one,) = document.derivations
    cell = table.rows[2].cell("amount")
    assert cell is not None
    assert (cell.state, cell.printed, cell.value, cell.proof) == ("derived", LOST, Decimal("300.00"), None)
    assert (one.cell, one.value, one.low, one.high) == (
        "t1.r3.amount", Decimal("300.00"), Decimal("299.985"), Decimal("300.015"),
    )  # fmt: skip
    assert (table.verdict.outcome, table.verdict.tally.amounts, table.verdict.tally.derived) == ("flagged", 2, 1)
    assert "illegible" in table.verdict.reasons
    assert {check.outcome for check in document.checks} == {"untestable"}
    (note,) = [finding for finding in document.findings if finding.code == "derived"]
    assert note.severity == "note"
    assert "300.00: 表10 合计 900.00 less its other parts 600.00" in note.message
    assert judge_again(document, source, load_catalog()) == document


def test_sums_that_contradict_one_another_about_a_lost_cell_are_an_error() -> None:
    text = HEAD + "⇥合计⇥750⇥650⇥100\n205⇥教育支出⇥400⇥[illegible]⇥100\n206⇥科学⇥[illegible]⇥400⇥\n"
    document, _ = system_of(text)
    assert document.derivations == ()
    found = [finding for finding in document.findings if finding.code == "source_inconsistency"]
    assert [finding.cells[0].cell for finding in found] == ["t1.r2.basic", "t1.r3.total"]
    assert all("cannot be read, and the sums give it different amounts" in finding.message for finding in found)
    assert all(len(finding.checks) == 2 for finding in found)


def test_legible_digits_that_fit_no_amount_of_the_sums_are_an_error() -> None:
    """The sums leave 300.00 to a cent or two; 4□0.00 is none of them."""
    text = ONE + "⇥合计⇥900.00\n205⇥甲局⇥500.00\n206⇥乙局⇥{}\n207⇥丙局⇥100.00\n"
    wrong, _ = system_of(text.format("4□0.00"))
    assert wrong.derivations == ()
    assert [finding.code for finding in wrong.findings if finding.severity == "error" and "fits no" in finding.message]
    right, _ = system_of(text.format("3□0.00"))
    assert [one.value for one in (*right.derivations, *right.repairs)] == [Decimal("300.00")]
