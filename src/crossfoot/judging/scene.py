"""The rows around failing sums, as structural moves see them, and what a move would do to those sums.

A move is offered only if it makes at least two failing sums hold (or the only one) and breaks none that holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import pairwise

from crossfoot.figures import Cell, Row
from crossfoot.judging.actions import Action, ActionKind
from crossfoot.judging.ledger import Entry, ref_of
from crossfoot.judging.system import Equation, System
from crossfoot.labels import header_levels

Changes = Sequence[tuple[str, int]]
#: A list of a table: table, block, list.
ListKey = tuple[str, str, str]
_UNREAD = frozenset({"illegible", "derived"})


class Strip:
    """The money cells of one row from left to right; what is said of them is made when it is first asked for.

    `keys` are their columns, `refs` their references, `values` their figures in steps; `blank` and `legible` say which
    are blank and which can be read, `place` where each stands among all cells of its row.
    """

    def __init__(self, system: System, entry: Entry, row: Row) -> None:
        self.entry = entry
        self.row = row
        self._system = system

    @cached_property
    def _cells(self) -> Sequence[tuple[int, Cell]]:
        if self.row.loose:
            return ()
        return [(place, cell) for place, cell in enumerate(self.row.cells) if cell.kind == "amount"]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Returns the columns of the cells."""
        return tuple(cell.column for _, cell in self._cells)

    @cached_property
    def refs(self) -> tuple[str, ...]:
        """Returns the references of the cells."""
        return tuple(ref_of(self.entry.reading, self.row, key) for key in self.keys)

    @cached_property
    def values(self) -> tuple[int, ...]:
        """Returns the figures in steps, blank and illegible ones as zero."""
        return tuple(self._system.value(ref) for ref in self.refs)

    @cached_property
    def blank(self) -> tuple[bool, ...]:
        """Returns which cells are blank."""
        return tuple(cell.is_blank for _, cell in self._cells)

    @cached_property
    def legible(self) -> tuple[bool, ...]:
        """Returns which cells can be read."""
        return tuple(cell.state not in _UNREAD for _, cell in self._cells)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Returns the printed units of the cells."""
        return tuple(cell.unit for _, cell in self._cells)

    @cached_property
    def place(self) -> tuple[int, ...]:
        """Returns where each cell stands among all cells of its row."""
        return tuple(place for place, _ in self._cells)

    @property
    def name(self) -> str:
        """Returns the row's code and name, or its line where it has neither."""
        return " ".join(part for part in (self.row.code, self.row.name) if part) or f"the row of L{self.row.line}"

    def at(self, key: str) -> int | None:
        """Returns the position of a column among the row's figures, or None."""
        return self.keys.index(key) if key in self.keys else None

    def column(self, place: int) -> str:
        """Returns the header of a figure's column, its last level; the column's key where none is printed."""
        key = self.keys[place]
        known = (
            c for c in self.entry.reading.columns if c.key == key and c.panel in {self.row.panel, self.row.block, ""}
        )
        return next((header_levels(c.header)[-1] for c in known if c.header), key)


class Rows:
    """The rows of a document as moves see them, and its failing equations."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.failing = system.failing()
        self.place_of = {equation.id: place for place, equation in enumerate(self.failing)}
        self.weights: dict[str, list[tuple[int, int]]] = {}
        for place, equation in enumerate(self.failing):
            for cell, weight in equation.terms.items():
                self.weights.setdefault(cell, []).append((place, weight))
        self._strips: dict[tuple[str, int], Strip] = {}
        self._figures: dict[tuple[ListKey, str], Sequence[tuple[int, str]]] = {}

    def strip(self, entry: Entry, row: Row) -> Strip:
        """Returns the money cells of a row."""
        known = self._strips.get((entry.id, row.index))
        if known is None:
            known = self._strips[entry.id, row.index] = Strip(self.system, entry, row)
        return known

    def of(self, ref: str) -> Strip:
        """Returns the row in which a cell stands."""
        entry, row, _ = self.system.ledger.cells[ref]
        return self.strip(entry, row)

    @cached_property
    def alone(self) -> frozenset[int]:
        """Returns the places of the failing equations that share no cell with another failing one."""
        shared = {place for found in self.weights.values() if len(found) > 1 for place, _ in found}
        return frozenset(range(len(self.failing))) - shared

    @cached_property
    def _lists(self) -> Mapping[ListKey, Sequence[Strip]]:
        """Returns the rows of each list in their order; those that codes order in the order of their codes.

        So what is found in a table of codes does not depend on how its rows are sorted.
        """
        touched = {ref.partition(".")[0] for ref in self.weights}
        found: dict[ListKey, list[Strip]] = {}
        for entry in self.system.ledger.entries:
            for row in entry.reading.rows if entry.id in touched else ():
                found.setdefault(list_of(entry, row), []).append(self.strip(entry, row))
        for strips in found.values():
            known = strips[0].entry.known
            if known is not None and known.hierarchy == "code":
                strips.sort(key=lambda strip: strip.row.code)
        return found

    @cached_property
    def _places(self) -> Mapping[tuple[str, int], int]:
        return {
            (strip.entry.id, strip.row.index): place
            for strips in self._lists.values()
            for place, strip in enumerate(strips)
        }

    def list_of(self, strip: Strip) -> tuple[Sequence[Strip], int]:
        """Returns all rows of the list in which a row stands, in their order, and the row's place among them."""
        return self._lists[list_of(strip.entry, strip.row)], self._places[strip.entry.id, strip.row.index]

    @cached_property
    def on_line(self) -> Mapping[tuple[str, int], Sequence[Strip]]:
        """Returns the rows of lists side by side by table and line, from left to right."""
        found: dict[tuple[str, int], list[Strip]] = {}
        panels = (strips for strips in self._lists.values() if strips[0].entry.reading.shape == "panels")
        for strip in (strip for strips in panels for strip in strips):
            if strip.refs:
                found.setdefault((strip.entry.id, strip.row.line), []).append(strip)
        for strips in found.values():
            strips.sort(key=lambda strip: strip.row.cells[strip.place[0]].span)
        return found

    @cached_property
    def sums(self) -> Mapping[tuple[str, str], Sequence[tuple[Equation, str]]]:
        """Returns the failing sums down a column with their totals, by table and column."""
        found: dict[tuple[str, str], list[tuple[Equation, str]]] = {}
        for equation in self.failing:
            if total := total_of(equation):
                found.setdefault(column_of(total), []).append((equation, total))
        return found

    def figures(self, listed: ListKey, key: str) -> Sequence[tuple[int, str]]:
        """Returns the figures of one column of a list with their cells, in order of size."""
        known = self._figures.get((listed, key))
        if known is None:
            column = ((strip, strip.at(key)) for strip in self._lists.get(listed, ()))
            figures = sorted((strip.values[at], strip.refs[at]) for strip, at in column if at is not None)
            known = self._figures[listed, key] = figures
        return known


class Scene:
    """All failing equations of a document, with the rows that stand in them.

    Two figures that changed places in one row break the sums of two columns, which share no cell: so a move is measured
    by all that it mends, wherever that is.
    """

    def __init__(self, rows: Rows) -> None:
        self.system = rows.system
        self.rows = rows
        self.failing = rows.failing

    @cached_property
    def near(self) -> list[Strip]:
        """Returns the rows with a cell in a failing equation, in the order of the document."""
        strips = (self.rows.of(ref) for equation in self.failing for ref in equation.terms)
        found = {(int(strip.entry.id[1:]), strip.row.index): strip for strip in strips}
        return [strip for _, strip in sorted(found.items(), key=lambda item: item[0])]

    @cached_property
    def neighbours(self) -> list[tuple[Strip, Strip]]:
        """Returns each two rows that stand one below the other in a list, one of them in a failing equation."""
        found: dict[tuple[str, int], tuple[Strip, Strip]] = {}
        for strip in self.near:
            listed, place = self.rows.list_of(strip)
            for above, below in pairwise(listed[max(0, place - 1) : place + 2]):
                found.setdefault((above.entry.id, above.row.index), (above, below))
        return list(found.values())

    def weights(self, ref: str) -> Sequence[tuple[int, int]]:
        """Returns the failing equations of a cell by their place in `failing`, each with the cell's weight."""
        return self.rows.weights.get(ref, ())

    def closes(self, place: int, effect: int) -> bool:
        """Says whether a failing equation holds once its gap has grown by `effect`."""
        equation = self.failing[place]
        return abs(equation.gap + effect) <= equation.tolerance

    def suffices(self, mended: AbstractSet[int], touched: int) -> bool:
        """Says whether a move mends enough of the failing equations that it touches: two.

        One is enough where it is all that is touched, and shares no cell with another failing one.
        """
        return len(mended) > 1 or (touched == 1 and mended <= self.rows.alone and bool(mended))

    def would_mend(self, changes: Iterable[tuple[str, int]]) -> bool:
        """Says whether the changes mend enough; what they break is not looked at."""
        effects: dict[int, int] = {}
        weights = self.rows.weights
        for ref, steps in changes:
            for place, weight in weights.get(ref, ()):
                effects[place] = effects.get(place, 0) + weight * steps
        mended = {place for place, effect in effects.items() if self.closes(place, effect)}
        return bool(mended) and self.suffices(mended, sum(map(bool, effects.values())))

    def effects_of(self, changes: Changes, outside: frozenset[str] = frozenset()) -> dict[str, tuple[Equation, int]]:
        """Returns the equations that the changes touch with what they add to their gaps.

        Equations that hold and lie wholly within `outside` are left out: multiplied or taken out as a whole they hold
        as before, within roundings as much larger or smaller.
        """
        found: dict[str, tuple[Equation, int]] = {}
        for ref, steps in changes:
            for equation in self.system.of(ref):
                if not (outside and equation.holds and outside.issuperset(equation.terms)):
                    known = found.get(equation.id)
                    effect = equation.terms[ref] * steps + (known[1] if known is not None else 0)
                    found[equation.id] = equation, effect
        return {name: pair for name, pair in found.items() if pair[1]}

    def offered(
        self, kind: ActionKind, changes: Changes, effects: Mapping[str, tuple[Equation, int]], words: str
    ) -> list[Action]:
        """Returns the action, alone in a list, if it mends enough and breaks nothing; else an empty list."""
        mended: set[int] = set()
        touched = 0
        for name, (equation, effect) in effects.items():
            if equation.unknown:
                continue
            holds = abs(equation.gap + effect) <= equation.tolerance
            if equation.fails:
                touched += 1
                mended |= {self.rows.place_of[name]} if holds else set()
            elif not holds:
                return []
        if not self.suffices(mended, touched):
            return []
        return [Action(kind, tuple(changes), {name: effect for name, (_, effect) in effects.items()}, words)]


def list_of(entry: Entry, row: Row) -> ListKey:
    """Returns the table, block and list in which a row stands; its neighbours and its columns are those of the list."""
    return entry.id, row.block, row.panel if entry.reading.shape == "panels" else ""


def column_of(ref: str) -> tuple[str, str]:
    """Returns the table and the column of a cell."""
    table, _, key = ref.split(".", 2)
    return table, key


def total_of(equation: Equation) -> str:
    """Returns the total of a sum down a column of one table, or nothing."""
    first = equation.check.terms[0]
    if first.weight != -1 or len(equation.check.tables) > 1 or equation.check.kind != "sum":
        return ""
    column = column_of(first.cell)
    return first.cell if all(column_of(term.cell) == column for term in equation.check.terms) else ""
