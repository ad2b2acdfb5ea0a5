"""Identities → what they could tell of an error in each money cell, before any of them is looked at.

Tables with codes and several columns are error-correcting codes, one-column lists only error-detecting: an error is
located by arithmetic alone if no other cell stands in the same equations with the same signs, up to one sign for all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from crossfoot.figures import Check, Reach
from crossfoot.judging.ledger import Ledger

_LINEAR = frozenset({"sum", "equal"})
_EXECUTED = frozenset({"holds", "fails"})


def reach_of(checks: Sequence[Check], ledger: Ledger) -> dict[str, Reach]:
    """Returns the reach of every money cell that stands in a declared sum or equality."""
    covered: dict[str, Reach] = {}
    columns: dict[str, list[tuple[int, int]]] = {}
    for place, check in enumerate(checks):
        if check.kind in _LINEAR:
            is_executed = check.outcome in _EXECUTED
            for term in check.terms:
                covered[term.cell] = "covered"
                if is_executed:
                    columns.setdefault(term.cell, []).append((place, term.weight))
    parities = {cell: _parity(column) for cell, column in columns.items()}
    counts: Mapping[tuple[tuple[int, int], ...], int] = Counter(parities.values())
    found: dict[str, Reach] = {
        cell: "locatable" if counts[parity] == 1 else "detectable" for cell, parity in parities.items()
    }
    cells = ledger.cells
    return {cell: reach for cell, reach in (covered | found).items() if cells[cell][2].kind == "amount"}


def _parity(column: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Returns the equations of a cell with its signs, the first sign positive."""
    sign = 1 if column[0][1] > 0 else -1
    return tuple((place, sign * weight) for place, weight in column)
