"""What sentences state: facts, the numbers of the narrative with what they measure and where they stand.

A fact is named by its id, `f3`, as a cell is by its reference. Definitions follow the Ministry of Finance's forms.
"""

from typing import Literal

from crossfoot.noun import Amount, Noun, Proof, Span

#: What a number measures. `…_total` includes what is carried over, `…_current_year` does not (本年…合计);
#: `gpb` is the general public budget, `fiscal` all fiscal appropriation (财政拨款).
Measure = Literal[
    "revenue_total", "expenditure_total", "revenue_and_expenditure_total",
    "revenue_current_year", "expenditure_current_year",
    "fiscal_revenue", "fiscal_expenditure", "fiscal_revenue_and_expenditure",
    "gpb_revenue", "gpb_expenditure", "gpb_revenue_and_expenditure", "gpb_appropriation",
    "gov_fund_revenue", "gov_fund_expenditure", "gov_fund_revenue_and_expenditure", "gov_fund_appropriation",
    "state_capital_revenue", "state_capital_expenditure", "state_capital_revenue_and_expenditure",
    "state_capital_appropriation",
    "revenue_item", "carry_over",
    "basic_expenditure", "gpb_basic_expenditure", "project_expenditure", "gpb_project_expenditure",
    "expenditure_item", "personnel", "operating",
    "function_item", "economic_item",
    "three_public_total", "abroad", "vehicle", "vehicle_purchase", "vehicle_running", "reception",
    "domestic_reception", "foreign_reception", "meeting", "training",
    "operating_expenses",
    "procurement_total", "procurement_goods", "procurement_works", "procurement_services",
    "procurement_sme", "procurement_small_micro",
    "project", "project_received", "performance_funds",
    "vehicles_count", "vehicles_bought", "equipment_count", "equipment_bought",
    "staff_quota", "staff_actual", "retirees",
    "reception_batches", "reception_persons", "abroad_groups", "abroad_persons",
    "projects_count", "units_count",
    "other",
]  # fmt: skip

#: What the number says of its measure: the amount of the year, its budget, the year before, the change and the rate
#: of change on it, the share of a whole, the completion of a budget, or a count.
FactRole = Literal["amount", "budget", "previous", "change", "rate", "share", "completion", "count"]

Direction = Literal["", "increase", "decrease", "unchanged"]


class Fact(Noun):
    """One statement of a number. `printed` is the text at `span`, blanks inside a split number left out.

    `value` is in the printed `unit` ("" if none is printed); what is said in words (无, 未安排, 持平) has the state
    `words` and the value zero. `of` is the fact that this one is a part, change, share or completion of, `whole` the
    one that a share or completion is measured by; `is_exhaustive` says that all parts of its total are listed.
    """

    id: str
    measure: Measure
    role: FactRole
    item: str = ""
    code: str = ""
    printed: str
    value: Amount
    places: int = 0
    unit: str = ""
    state: Literal["printed", "words"] = "printed"
    direction: Direction = ""
    year: int | None = None
    of: str = ""
    whole: str = ""
    is_exhaustive: bool = False
    line: int
    span: Span
    sentence: Span
    section: str
    reader: Literal["pattern", "llm"] = "pattern"
    proof: Proof | None = None


class Unread(Noun):
    """A numeral of a budget sentence that no pattern took: something to ask a model about."""

    section: str
    sentence: Span
    span: Span
    line: int
    printed: str
    unit: str
