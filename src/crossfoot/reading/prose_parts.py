"""Which measure can be a part of which: what a list under a total may hold, by the structure of the forms."""

from crossfoot.statements import Measure

_FUNDS = ("gpb", "gov_fund", "state_capital")
_REVENUES = frozenset({*(f"{fund}_revenue" for fund in _FUNDS), "fiscal_revenue", "revenue_item", "carry_over"})
_KINDS = frozenset(
    {
        "basic_expenditure", "gpb_basic_expenditure", "project_expenditure", "gpb_project_expenditure",
        "expenditure_item", "personnel", "operating",
    }
)  # fmt: skip
_ITEMS = frozenset({"function_item", "economic_item"})
_EXPENDITURES = frozenset({*(f"{fund}_expenditure" for fund in _FUNDS), "fiscal_expenditure"}) | _KINDS | _ITEMS
_CARS = frozenset({"vehicle_purchase", "vehicle_running"})

_PARTS: dict[str, frozenset[str]] = {
    "revenue_total": _REVENUES,
    "revenue_current_year": _REVENUES,
    "fiscal_revenue": _REVENUES - {"fiscal_revenue"},
    "expenditure_total": _EXPENDITURES,
    "expenditure_current_year": _EXPENDITURES,
    "fiscal_expenditure": _EXPENDITURES - {"fiscal_expenditure"},
    "gpb_expenditure": _KINDS | _ITEMS,
    "basic_expenditure": frozenset({"personnel", "operating", "economic_item"}),
    "gpb_basic_expenditure": frozenset({"personnel", "operating", "economic_item"}),
    "three_public_total": _CARS | {"abroad", "vehicle", "reception"},
    "vehicle": _CARS,
    "reception": frozenset({"domestic_reception", "foreign_reception"}),
    "procurement_total": frozenset(
        {"procurement_goods", "procurement_works", "procurement_services", "procurement_sme"}
    ),
    "procurement_sme": frozenset({"procurement_small_micro"}),
}


def is_part(whole: str, part: str) -> bool:
    """Says whether the one can stand in a list of parts of the other."""
    return part in _PARTS.get(whole, frozenset())


def counterpart(measure: Measure) -> Measure:
    """Returns the expenditure beside a revenue, and any other measure as it is."""
    if measure.endswith(("_revenue", "revenue_total", "revenue_current_year")):
        return measure.replace("revenue", "expenditure")  # type: ignore[return-value]  # both sides are measures
    return measure
