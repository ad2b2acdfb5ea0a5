"""Checks → exact linear equations over cells in whole numbers, for locating, repairing and deriving.

One step is half of the finest printed place, of 元 where cells have a money unit; so figures, roundings and gaps are
integers of any size. An equation says Σ weight·cell = 0 within its tolerance; a blank counts as zero.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from crossfoot.figures import Check
from crossfoot.judging.ledger import Ledger
from crossfoot.numerals import SCALES

_ONE = Decimal(1)
_LINEAR = frozenset({"sum", "equal"})
_EXECUTED = frozenset({"holds", "fails"})


class Equation(NamedTuple):
    """A linear check in steps: its cells with their weights, its gap, and how much of one it bears.

    `unknown` are its cells without a figure because they cannot be read; they count as zero in `gap`. `is_copy` says
    that it only compares two cells that print the same amount; `clears` that it speaks for its cells.
    """

    check: Check
    terms: Mapping[str, int]
    gap: int
    tolerance: int
    unknown: tuple[str, ...]
    is_copy: bool

    @property
    def id(self) -> str:
        """Returns the id of its check."""
        return self.check.id

    @property
    def holds(self) -> bool:
        """Says whether it holds; one with an unknown cell does not yet."""
        return not self.unknown and abs(self.gap) <= self.tolerance

    @property
    def fails(self) -> bool:
        """Says whether it was executed and fails."""
        return not self.unknown and abs(self.gap) > self.tolerance

    @property
    def clears(self) -> bool:
        """Says whether it holds exactly and says more than that two cells print the same.

        One that holds only within its rounding may hide a small slip, so it clears nobody.
        """
        return self.holds and not self.gap and not self.check.all_zero and not self.is_copy


class System:
    """The linear checks of one document as equations; each is made when it is first asked for."""

    def __init__(self, checks: Sequence[Check], ledger: Ledger) -> None:
        self.ledger = ledger
        self.checks = [
            check for check in checks if check.kind in _LINEAR and (check.outcome in _EXECUTED or check.waits_for)
        ]
        self.exactness: dict[str, tuple[int, int]] = {}
        self._equations: dict[str, Equation] = {}
        self._values: dict[str, int] = {}
        self._finest = ledger.finest
        self._parts: int = 10**self._finest

    @cached_property
    def _checks_by_cell(self) -> Mapping[str, Sequence[Check]]:
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            for term in check.terms:
                found.setdefault(term.cell, []).append(check)
        return found

    def failing(self) -> list[Equation]:
        """Returns the executed equations that fail, in the order of the document."""
        return [self.equation(check) for check in self.checks if check.outcome == "fails"]

    def open(self) -> list[Equation]:
        """Returns the equations that only cells keep open that cannot be read, in the order of the document."""
        return [self.equation(check) for check in self.checks if check.waits_for]

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Returns the cells that cannot be read and stand in open equations, in the order of the document."""
        return tuple(dict.fromkeys(cell for equation in self.open() for cell in equation.unknown))

    def of(self, cell: str) -> Iterator[Equation]:
        """Yields the equations in which a cell stands, executed and open."""
        for check in self._checks_by_cell.get(cell, ()):
            yield self.equation(check)

    def touched_by(self, cells: Iterable[str]) -> dict[str, tuple[Equation, int]]:
        """Returns by id the equations whose gap changes with the cells, and by how much if each grows by one step.

        Equations with unread cells have no gap yet and are left out.
        """
        found: dict[str, tuple[Equation, int]] = {}
        for cell in cells:
            for equation in self.of(cell):
                if not equation.unknown:
                    known = found.get(equation.id)
                    found[equation.id] = equation, equation.terms[cell] + (known[1] if known is not None else 0)
        return {name: pair for name, pair in found.items() if pair[1]}

    def is_cleared(self, cell: str, besides: AbstractSet[str] = frozenset()) -> bool:
        """Says whether a cell stands in an equation that clears its cells, besides those named by id.

        A person who looked at the paper clears it too.
        """
        return self.is_settled(cell) or any(
            equation.clears and equation.id not in besides for equation in self.of(cell)
        )

    def is_settled(self, cell: str) -> bool:
        """Says whether a person said what the cell is: sums are no reason to change it."""
        return self.ledger.cells[cell][2].state == "resolved"

    def equation(self, check: Check) -> Equation:
        """Returns a linear check as an equation."""
        known = self._equations.get(check.id)
        if known is None:
            known = self._equations[check.id] = self._made(check)
        return known

    def order_of(self, name: str) -> tuple[str, ...]:
        """Returns what orders equations: by table, code and column of their totals, not by where their rows stand."""
        check = self._equations[name].check
        entry, row, cell = self.ledger.cells[check.terms[0].cell]
        return entry.id, row.panel, row.code or f"{row.index:06}", cell.column, name if not row.code else check.rule

    def value(self, cell: str) -> int:
        """Returns a cell's figure in steps; a blank or illegible one counts as zero."""
        known = self._values.get(cell)
        if known is None:
            found = self.ledger.cells[cell][2]
            known = 0 if found.value is None else self._steps(found.value, found.unit)
            self._values[cell] = known
        return known

    def half(self, cell: str) -> int:
        """Returns half a unit of the last place that the cell's column uses, in steps; of a blank cell nothing."""
        if self.ledger.cells[cell][2].is_blank:
            return 0
        return self.grain(cell) // 2

    def grain(self, cell: str) -> int:
        """Returns one unit of the last place that the cell's column uses, in steps."""
        unit = self.ledger.cells[cell][2].unit
        return self._steps(_ONE.scaleb(-self.ledger.places_of(cell)), unit)

    def steps(self, cell: str, value: Decimal) -> int:
        """Returns an amount in the cell's printed unit as steps."""
        return self._steps(value, self.ledger.cells[cell][2].unit)

    def printed(self, cell: str, steps: int) -> Decimal:
        """Returns an amount of steps in the cell's printed unit, exactly."""
        scale = SCALES.get(self.ledger.cells[cell][2].unit, _ONE)
        return (Decimal(steps) / 2).scaleb(-self._finest) / scale

    def exact_steps(self, yuan: Decimal) -> Decimal:
        """Returns an amount of 元 in steps, maybe with a fraction: a sentence may print finer than any table."""
        return yuan.scaleb(self._finest) * 2

    def _steps(self, value: Decimal, unit: str) -> int:
        numerator, denominator = value.as_integer_ratio()
        return 2 * numerator * int(SCALES.get(unit, _ONE)) * self._parts // denominator

    def _made(self, check: Check) -> Equation:
        terms: dict[str, int] = {}
        for term in check.terms:
            terms[term.cell] = terms.get(term.cell, 0) + term.weight
        unknown = tuple(cell for cell in terms if cell in check.waits_for)
        gap = sum(weight * self.value(cell) for cell, weight in terms.items())
        return Equation(check, terms, gap, self._tolerance(terms), unknown, self._is_copy(check, unknown))

    def _tolerance(self, terms: Mapping[str, int]) -> int:
        """Returns what roundings can add up to; two amounts in two units agree within the coarser one's (check.py)."""
        halves = [abs(weight) * self.half(cell) for cell, weight in terms.items()]
        units = {self.ledger.cells[cell][2].unit for cell in terms}
        return max(halves) if len(units) > 1 and len(halves) == 2 else sum(halves)

    def _is_copy(self, check: Check, unknown: Sequence[str]) -> bool:
        """Says whether it has but two figures that are not zero, one its total: it compares copies of one amount."""
        if check.kind == "equal":
            return True
        filled = [term.cell for term in check.terms if self.value(term.cell) or term.cell in unknown]
        return len(filled) == 2 and check.terms[0].cell in filled
