"""Identity → Check: holds, fails by a gap, does not apply, or cannot be tested. Decimal only; it changes no cell.

Tolerance follows XBRL Calculations 1.1 (2023): each figure stands for half a unit of its column's last printed
place to both sides, and a sum holds iff the intervals meet, touching included.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Cell, Check, CheckOutcome, Identity
from crossfoot.judging.ledger import Ledger
from crossfoot.numerals import SCALES

_ZERO, _ONE = Decimal(0), Decimal(1)
_BETWEEN_ROWS = ("each code", "each name", "each unit")
#: A derived figure was not read either: it must not hold up the sum that it came from.
_UNREAD = frozenset({"illegible", "derived"})
_RATIO_PLACES = Decimal("0.0001")


class Addend(NamedTuple):
    """A cell in an equation, in the equation's unit: weight, value, half a unit of rounding.

    `scale` is how many of the equation's units one printed unit of the cell is.
    """

    ref: str
    weight: int
    value: Decimal
    half: Decimal
    cell: Cell
    scale: Decimal


def check_identity(identity: Identity, ledger: Ledger) -> Check:
    """Returns the identity evaluated over the ledger's cells."""
    if identity.blocked:
        return _without_result(identity, "untestable", identity.blocked)
    addends = addends_of(identity, ledger)
    if addends is None:
        return _without_result(identity, "untestable", "the money unit of a table is unknown")
    blank = _inapplicable(identity, addends)
    unread = tuple(addend.ref for addend in addends if addend.cell.state in _UNREAD)
    if unread:
        waits_for = () if blank or identity.lacks else unread
        return _without_result(identity, "untestable", f"{ledger.label(unread[0])} is illegible", waits_for)
    if blank:
        return _without_result(identity, "not_applicable", blank)
    if identity.kind == "ratio":
        return _ratio(identity, addends)
    check = _linear(identity, addends)
    if check.outcome == "fails" and identity.lacks and check.gap is not None and check.gap < 0:
        return _without_result(
            identity, "untestable", f"the printed parts do not close, and no row is {identity.lacks}"
        )
    return check


def addends_of(identity: Identity | Check, ledger: Ledger) -> list[Addend] | None:
    """Returns the equation's cells in one unit: the printed one if all share it, else 元; None if one has no unit."""
    cells, halves = ledger.cells, ledger.halves
    found = [(term.cell, term.weight, cells[term.cell][2]) for term in identity.terms]
    units = {cell.unit for _, _, cell in found if cell.kind == "amount"}
    if len(units) <= 1 or identity.kind == "ratio":
        return [
            Addend(ref, weight, _ZERO if cell.value is None else cell.value, halves.get(ref, _ZERO), cell, _ONE)
            for ref, weight, cell in found
        ]
    if not all(unit in SCALES for unit in units):
        return None
    return [_scaled(ref, weight, cell, halves.get(ref, _ZERO)) for ref, weight, cell in found]


def _scaled(ref: str, weight: int, cell: Cell, half: Decimal) -> Addend:
    scale = SCALES.get(cell.unit, _ONE)
    return Addend(ref, weight, (cell.value or _ZERO) * scale, half * scale, cell, scale)


def _unit_of(addends: Sequence[Addend]) -> str:
    units = {addend.cell.unit for addend in addends}
    return next(iter(units)) if len(units) == 1 else "元"


def _inapplicable(identity: Identity, addends: Sequence[Addend]) -> str:
    """Returns why an identity says nothing here, or an empty string.

    A blank total says nothing. Between the rows of two tables a blank counts as zero, unless both are blank.
    """
    blank = [addend.cell.is_blank for addend in addends]
    if all(blank):
        return "all cells are blank"
    if not any(blank) and identity.kind != "ratio":
        return ""
    if identity.kind == "ratio" and (len(addends) < 3 or any(addend.cell.value is None for addend in addends)):
        return "a part of the ratio is blank"
    if identity.kind == "at_most":
        return "one side is blank" if any(blank) else ""
    if identity.rule.startswith(_BETWEEN_ROWS):
        return ""
    total = [addend for addend in addends if addend.weight < 0]
    if total and total[0].cell.is_blank:
        return "the total is blank"
    return "one side is blank" if identity.kind == "equal" and any(blank) else ""


def _linear(identity: Identity, addends: Sequence[Addend]) -> Check:
    gap = tolerance = _ZERO
    for _, weight, value, half, _, _ in addends:
        gap += value if weight == 1 else weight * value
        tolerance += half if weight in {1, -1} else abs(weight) * half
    if len(addends) == 2 and addends[0].cell.unit != addends[1].cell.unit:
        tolerance = max(abs(addend.weight) * addend.half for addend in addends)
    holds = gap >= -tolerance if identity.kind == "at_most" else abs(gap) <= tolerance
    is_zero = not any(addend.value for addend in addends)
    outcome: CheckOutcome = "holds" if holds else "fails"
    return _checked(identity, _Result(outcome, _tidy(gap), _tidy(tolerance), _unit_of(addends), is_zero))


def _ratio(identity: Identity, addends: Sequence[Addend]) -> Check:
    """Checks a printed percentage against the interval that its rounded numerator and denominator span."""
    rate, numerator, denominator = addends[:3]
    if denominator.value - denominator.half <= 0:
        return _without_result(identity, "not_applicable", "the denominator is zero")
    low = (numerator.value - numerator.half) / (denominator.value + denominator.half) * 100
    high = (numerator.value + numerator.half) / (denominator.value - denominator.half) * 100
    exact = numerator.value / denominator.value * 100
    holds = low <= rate.value + rate.half and rate.value - rate.half <= high
    gap = (exact - rate.value).quantize(_RATIO_PLACES)
    tolerance = (high - low).quantize(_RATIO_PLACES) / 2 + rate.half
    return _checked(identity, _Result("holds" if holds else "fails", _tidy(gap), _tidy(tolerance), "%"))


def _tidy(value: Decimal) -> Decimal:
    return value.normalize() + _ZERO if value else _ZERO


class _Result(NamedTuple):
    outcome: CheckOutcome
    gap: Decimal | None = None
    tolerance: Decimal | None = None
    unit: str = ""
    all_zero: bool = False
    why: str = ""
    waits_for: tuple[str, ...] = ()


def _checked(identity: Identity, result: _Result) -> Check:
    return Check(
        id=identity.id,
        rule=identity.rule,
        kind=identity.kind,
        origin=identity.origin,
        tables=identity.tables,
        terms=identity.terms,
        outcome=result.outcome,
        gap=result.gap,
        tolerance=result.tolerance,
        unit=result.unit,
        all_zero=result.all_zero,
        why=result.why,
        waits_for=result.waits_for,
    )


def _without_result(identity: Identity, outcome: CheckOutcome, why: str, waits_for: tuple[str, ...] = ()) -> Check:
    return _checked(identity, _Result(outcome, why=why, waits_for=waits_for))
