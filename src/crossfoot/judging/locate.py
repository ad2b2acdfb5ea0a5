"""Failing checks → the slips that explain them: one cell (or one total printed in several copies) per slip.

A cell is a suspect if no sum that holds contains it; agreement between copies of one total clears nobody.
Values are exact; a tie is reported as one, never broken.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Check
from crossfoot.judging.check import Addend, addends_of
from crossfoot.judging.ledger import Ledger

_ZERO = Decimal(0)


class Slip(NamedTuple):
    """Cells that, all changed by `delta` (in their printed unit), make all `checks` hold and break none."""

    cells: tuple[str, ...]
    delta: Decimal
    checks: tuple[Check, ...]


class Explanation(NamedTuple):
    """Failing checks that belong together and the smallest slips that explain them: none, one, or a tie."""

    checks: tuple[Check, ...]
    slips: tuple[Slip, ...]


class _Book(NamedTuple):
    ledger: Ledger
    by_cell: Mapping[str, Sequence[Check]]
    copies: Mapping[str, frozenset[str]]
    clearing: frozenset[str]  # the ids of the checks that clear their cells


def locate(checks: Sequence[Check], ledger: Ledger) -> list[Explanation]:
    """Returns the failing linear checks grouped into explanations, in the order of the document."""
    linear = [check for check in checks if check.kind in {"sum", "equal"} and check.outcome in {"holds", "fails"}]
    failing = [check for check in linear if check.outcome == "fails"]
    if not failing:
        return []
    by_cell: dict[str, list[Check]] = {}
    for check in linear:
        for term in check.terms:
            by_cell.setdefault(term.cell, []).append(check)
    book = _Book(ledger, by_cell, _copies(linear, ledger), _clearing(linear, ledger))
    found: list[Explanation] = []
    for component in _components(failing):
        found += _explain(component, book)
    return _merged(found)


def _printed_twice(check: Check, ledger: Ledger) -> tuple[str, ...]:
    """Returns the two cells of an equality, or of a sum that has but one part that is not zero: it only copies it."""
    if check.kind == "equal":
        return tuple(term.cell for term in check.terms)
    filled = tuple(term.cell for term in check.terms if ledger.cells[term.cell][2].value)
    return filled if len(filled) == 2 and check.terms[0].cell in filled else ()


def _copies(linear: Sequence[Check], ledger: Ledger) -> dict[str, frozenset[str]]:
    """Returns for each cell the cells that print the same total and agree with it, itself included."""
    groups: dict[str, frozenset[str]] = {}
    for check in linear:
        printed = _printed_twice(check, ledger)
        if check.outcome == "holds" and len(printed) == 2:
            first, second = printed
            joined = groups.get(first, frozenset({first})) | groups.get(second, frozenset({second}))
            for cell in joined:
                groups[cell] = joined
    return groups


def _components(failing: Sequence[Check]) -> list[list[Check]]:
    """Returns the checks in groups that share no cell."""
    group_of: dict[str, list[Check]] = {}
    for check in failing:
        touching = {id(group): group for term in check.terms if (group := group_of.get(term.cell)) is not None}
        joined = [*(known for group in touching.values() for known in group), check]
        group_of.update((term.cell, joined) for known in joined for term in known.terms)
    return list({id(group): group for group in group_of.values()}.values())


def _explain(failing: Sequence[Check], book: _Book) -> list[Explanation]:
    """Returns the explanations of one component: the slip that explains most is taken out, the rest looked at again."""
    slips = _slips(failing, book)
    if not slips:
        return [Explanation((check,), ()) for check in failing]
    most = max(len(slip.checks) for slip in slips)
    best = [slip for slip in slips if len(slip.checks) == most]
    explained = {check.id for slip in best for check in slip.checks}
    taken = tuple(check for check in failing if check.id in explained)
    rest = [check for check in failing if check.id not in explained]
    more = [part for component in _components(rest) for part in _explain(component, book)] if rest else []
    return [Explanation(taken, tuple(best)), *more]


def _slips(failing: Sequence[Check], book: _Book) -> list[Slip]:
    failing_ids = {check.id for check in failing}
    seen: set[frozenset[str]] = set()
    slips: list[Slip] = []
    for cell in dict.fromkeys(term.cell for check in failing for term in check.terms):
        copies = book.copies.get(cell, frozenset({cell}))
        for group in dict.fromkeys((frozenset({cell}), _suspect_copies(copies, book))):
            if not group or cell not in group or group in seen or not _is_suspect(group, book):
                continue
            seen.add(group)
            slip = _slip(group, failing_ids, book)
            if slip is not None:
                slips.append(slip)
    return sorted(slips, key=lambda slip: (-len(slip.checks), len(slip.cells), slip.cells))


def _suspect_copies(copies: frozenset[str], book: _Book) -> frozenset[str]:
    return frozenset(cell for cell in copies if _is_suspect(frozenset({cell}), book))


def _is_suspect(group: frozenset[str], book: _Book) -> bool:
    """Says whether no check that clears its cells contains a cell of the group."""
    return not any(check.id in book.clearing for cell in group for check in book.by_cell.get(cell, ()))


def _clearing(linear: Sequence[Check], ledger: Ledger) -> frozenset[str]:
    """Returns the ids of the sums that hold exactly and say more than that two cells print the same.

    A sum that holds only within its rounding may hide a small slip, so it clears nobody.
    """
    return frozenset(
        check.id
        for check in linear
        if check.kind == "sum" and check.outcome == "holds" and not check.gap and not check.all_zero
        and not _printed_twice(check, ledger)
    )  # fmt: skip


def _slip(group: frozenset[str], failing_ids: set[str], book: _Book) -> Slip | None:
    """Returns the change of the group that makes its failing checks hold without breaking one that holds."""
    checks = {check.id: check for cell in sorted(group) for check in book.by_cell.get(cell, ())}
    own = [check for check in checks.values() if check.id in failing_ids]
    equations = [(check, addends) for check in checks.values() if (addends := _addends(check, book)) is not None]
    deltas = {
        delta for check, addends in equations if check in own and (delta := _delta(check, addends, group)) is not None
    }
    if any(_would_be_nonsense(cell, delta, book) for cell in group for delta in deltas):
        return None
    best: tuple[int, Decimal, tuple[Check, ...]] | None = None
    for delta in sorted(deltas, key=abs):
        mended = tuple(check for check, addends in equations if check in own and _holds(check, addends, group, delta))
        broken = any(check not in own and not _holds(check, addends, group, delta) for check, addends in equations)
        if mended and not broken and (best is None or len(mended) > best[0]):
            best = (len(mended), delta, mended)
    if best is None:
        return None
    return Slip(tuple(sorted(group, key=_place)), best[1], best[2])


def _would_be_nonsense(cell: str, delta: Decimal, book: _Book) -> bool:
    """Says whether the change would make a blank or positive figure negative; a minus is never lost that way."""
    value = book.ledger.cells[cell][2].value
    return (value or _ZERO) >= 0 and (value or _ZERO) + delta < 0


def _place(ref: str) -> tuple[int, int, str]:
    table, row, column = ref.split(".", 2)
    return int(table[1:]), int(row[1:]), column


def _addends(check: Check, book: _Book) -> list[Addend] | None:
    return addends_of(check, book.ledger)


def _coefficient(addends: Sequence[Addend], group: frozenset[str]) -> Decimal:
    """Returns by how much the check's gap grows when each cell of the group grows by one of its printed unit."""
    return sum((addend.weight * addend.scale for addend in addends if addend.ref in group), _ZERO)


def _delta(check: Check, addends: Sequence[Addend], group: frozenset[str]) -> Decimal | None:
    coefficient = _coefficient(addends, group)
    return None if coefficient == 0 or check.gap is None else -check.gap / coefficient


def _holds(check: Check, addends: Sequence[Addend], group: frozenset[str], delta: Decimal) -> bool:
    gap = (check.gap or _ZERO) + _coefficient(addends, group) * delta
    return abs(gap) <= (check.tolerance or _ZERO)


def _merged(found: Sequence[Explanation]) -> list[Explanation]:
    """Returns the explanations, unexplained failures of one identity between the same tables joined into one."""
    merged: list[Explanation] = []
    unexplained: dict[tuple[str, tuple[str, ...]], int] = {}
    for explanation in found:
        if explanation.slips or len(explanation.checks) != 1:
            merged.append(explanation)
            continue
        check = explanation.checks[0]
        key = (check.rule, check.tables)
        if len(check.tables) > 1 and key in unexplained:
            place = unexplained[key]
            merged[place] = Explanation((*merged[place].checks, check), ())
        else:
            unexplained[key] = len(merged)
            merged.append(explanation)
    return merged
