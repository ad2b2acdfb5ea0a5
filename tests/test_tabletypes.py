"""Table types are data: the language is closed, mistakes are named, a user's folder comes first."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crossfoot.errors import SchemaError
from crossfoot.figures import Document
from crossfoot.judging import performance
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import NAMED_CHECKS, Catalog, check_file, load_catalog, relation

SCHEMAS = Path(__file__).parents[1] / "schemas"
FORM = """\
type: grain_reserve
family: own
about: Stocks of grain by kind.
titles: [粮食储备情况表]
shape: records
columns:
  name: {headers: [品种], kind: text}
  total: {headers: [合计], kind: amount}
  state: {headers: [国家储备], kind: amount}
  local: {headers: [地方储备], kind: amount}
identities:
  - each row: total = state + local
  - grand total: 合计
"""
TEXT = (
    "粮食储备情况表\n单位：万元\n品种⇥合计⇥国家储备⇥地方储备\n"
    "小麦⇥5.00⇥2.00⇥3.00\n稻谷⇥4.00⇥4.00⇥\n合计⇥9.00⇥6.00⇥3.00\n"
)


@pytest.mark.parametrize("path", sorted(SCHEMAS.rglob("*.yaml")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_file_is_sound(path: Path) -> None:
    """Each file in schemas/ is read without a complaint."""
    assert check_file(path) == []


def test_all_table_types_of_the_domain_have_a_form(catalog: Catalog) -> None:
    """Every table type that is a table has at least one form; those without a printed body are marked untried."""
    wanted = """
        table_register unit_roster cover_certificate budget_revenue_expenditure_summary budget_revenue_summary
        budget_expenditure_summary budget_fiscal_appropriation_summary gpb_expenditure_by_function
        gpb_expenditure_by_economic gpb_basic_by_function gpb_basic_by_economic expenditure_by_unit_and_function
        basic_expenditure_by_economic_with_units budget_gov_fund_summary special_project_expenditure_list
        government_procurement_budget three_public_budget project_performance_target department_performance_target
        special_fund_performance_target project_performance_list fa_revenue_expenditure_summary fa_revenue
        fa_expenditure fa_fiscal_appropriation_summary fa_gpb_expenditure fa_gpb_basic_expenditure fa_gov_fund
        fa_state_capital fa_three_public department_performance_self_evaluation project_performance_self_evaluation
    """.split()
    assert set(wanted) <= {known.type for known in catalog.types}
    untried = {known.type for known in catalog.types if known.family == "shaanxi_budget" and not known.tried}
    assert untried == {
        "budget_revenue_summary", "budget_expenditure_summary", "government_procurement_budget", "three_public_budget",
    }  # fmt: skip


def test_a_users_form_is_used_and_checked(tmp_path: Path, structured: Callable[[str], Document]) -> None:
    """A YAML file in a folder of the user's makes an unknown table a known one, footed by its identities."""
    (tmp_path / "grain.yaml").write_text(FORM, encoding="utf-8")
    document = structure(from_text(TEXT.replace("⇥", "\t")), load_catalog((tmp_path,)))
    (table,) = document.tables
    assert (table.type, table.verdict.outcome, table.verdict.basis) == ("grain_reserve", "accepted", "footed")
    (unknown,) = structured(TEXT).tables
    assert unknown.type == "unknown"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("shape: records", "shape: matrix"), "shape"),
        (("kind: amount}", "kind: money}"), "kind"),
        (("each row: total = state + local", "each row: total = state + federal"), "'federal', which is no column"),
        (("each row: total = state + local", "each row: total"), "is not of the form"),
        (("grand total: 合计", "rollup: colour"), "rollup by 'colour'"),
        (("grand total: 合计", "every row: 合计"), "unknown kind of identity 'every row'"),
        (("about:", "abuot:"), "abuot"),
        (("columns:", "columns: ["), "expected"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    """A mistake in a file is a SchemaError that names the file and what is wrong."""
    path = tmp_path / "grain.yaml"
    path.write_text(FORM.replace(*change), encoding="utf-8")
    problems = check_file(path)
    assert problems
    assert all(str(path) in problem or complaint in problem for problem in problems)
    assert any(complaint in problem for problem in problems), problems
    with pytest.raises(SchemaError):
        load_catalog((tmp_path,))


def test_relations_are_signed_terms() -> None:
    """`a = b - c`, `a <= b` and `a = b / c` are told apart."""
    assert relation("a = b + c - d") == (((1, "a"),), "=", ((1, "b"), (1, "c"), (-1, "d")))
    assert relation("a <= b")[1] == "<="
    assert relation("a = b / c") == (((1, "a"),), "/", ((1, "b"), (1, "c")))


def test_the_named_checks_are_those_of_the_code() -> None:
    """A check that a schema may name exists, and every one that exists may be named."""
    assert set(NAMED_CHECKS) == {*performance.IN_TABLE, *performance.BETWEEN_TABLES}
