"""An equation in words, from the side of one of its cells: what the others leave for it."""

from collections.abc import Sequence

from crossfoot.judging.ledger import Ledger
from crossfoot.judging.system import Equation, System
from crossfoot.numerals import plain

_MOST_PARTS = 12


def left_by(equation: Equation, cell: str, system: System) -> str:
    """Returns what an equation leaves for a cell: `its parts 3.00 + 4.00 give 7.00`, `表5 合计 says 7.00`."""
    ledger = system.ledger
    weight = equation.terms[cell]
    rest = equation.gap - weight * system.value(cell)
    places = max((ledger.places_of(other) for other in equation.terms), default=0)
    value = plain(round(system.printed(cell, -rest // weight), places))
    others = {other: own for other, own in equation.terms.items() if other != cell and system.value(other)}
    if len(others) == 1 and equation.is_copy:
        return f"{_called(next(iter(others)), cell, ledger)} says {value}"
    if weight < 0:
        return f"its parts {summed(others, ledger)} give {value}"
    totals = {other: own for other, own in others.items() if own < 0}
    parts = {other: own for other, own in others.items() if own > 0}
    whole = " and ".join(f"{_called(other, cell, ledger)} {_figure(other, ledger)}" for other in totals) or "0"
    return (
        f"{whole} less its other parts {summed(parts, ledger)} leaves {value}" if parts else f"{whole} leaves {value}"
    )


def _called(other: str, cell: str, ledger: Ledger) -> str:
    """Returns the label of another cell, without the table's name where it is that of the first cell."""
    entry, _, _ = ledger.cells[other]
    is_same = entry is ledger.cells[cell][0]
    return ledger.label(other).removeprefix(entry.name).strip() if is_same else ledger.label(other)


def summed(parts: dict[str, int], ledger: Ledger) -> str:
    """Returns the figures of cells as a sum: `3.00 + 4.00 − 1.00`."""
    shown = [f"{'−' if weight < 0 else ''}{_figure(cell, ledger)}" for cell, weight in parts.items()]
    return added_up(shown)


def added_up(parts: Sequence[str]) -> str:
    """Returns parts that carry their minus as a sum, cut after a dozen."""
    return " + ".join(parts[:_MOST_PARTS]).replace("+ −", "− ") + (" + …" if len(parts) > _MOST_PARTS else "")


def _figure(cell: str, ledger: Ledger) -> str:
    value = ledger.cells[cell][2].value
    return "blank" if value is None else plain(value)
