"""A check with some of its figures replaced → the sum as it would then stand, on one line.

It adds up what is stored: a sum holds if its gap with the replaced figures is within its tolerance, as it was judged.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from crossfoot.figures import Check, Term
from crossfoot.numerals import SCALES, plain
from crossfoot.output.places import Place, Places

#: The figures that replace those of cells, in the cell's own unit; None where a figure cannot be read.
Replaced = Mapping[str, Decimal | None]

LINEAR = frozenset({"sum", "equal", "at_most"})


class Figure(NamedTuple):
    """One amount of a sum as it is written: `sign` is "" in front; `is_changed` if it is the one in question."""

    sign: str
    amount: str
    is_changed: bool


class Weighed(NamedTuple):
    """A sum on one line: `parts` = `total` `relation` `stated` (= `stated_total`); totals only of several figures.

    `state` says whether it holds exactly, within rounding, not at all, or cannot be added up.
    """

    parts: tuple[Figure, ...]
    total: str
    relation: str
    stated: tuple[Figure, ...]
    stated_total: str
    state: Literal["exact", "rounded", "fails", "unread"]
    remark: str

    @property
    def holds(self) -> bool:
        """Says whether the sum holds, exactly or within its rounding."""
        return self.state in {"exact", "rounded"}


class _Piece(NamedTuple):
    """A term with its weighted amount in the check's unit, None if it cannot be read; and how to write that."""

    amount: Decimal | None
    written: str
    is_changed: bool


def holds_with(check: Check, places: Places, replaced: Replaced) -> bool:
    """Says whether a check of sums would hold with the figures replaced, within the tolerance that it has."""
    gap = gap_with(check, places, replaced)
    if gap is None:
        return False
    tolerance = _rounding(check, places) if check.tolerance is None else check.tolerance
    return gap >= -tolerance if check.kind == "at_most" else abs(gap) <= tolerance


def _rounding(check: Check, places: Places) -> Decimal:
    """Returns the tolerance of a check that was never executed: half a unit of each column's last printed place."""
    found = (
        abs(term.weight) * in_unit(_half(places[term.cell]), places[term.cell].cell.unit, unit_of(check, places))
        for term in check.terms
    )
    return sum(found, Decimal(0))


def unit_of(check: Check, places: Places) -> str:
    """Returns the unit of a check; of one never executed that of its amounts, 元 if they have several."""
    units = {places[term.cell].cell.unit for term in check.terms}
    return check.unit or (units.pop() if len(units) == 1 else "元")


def _half(place: Place) -> Decimal:
    key = place.cell.column
    column = (row.cell(key) for row in place.table.rows if row.panel == place.row.panel)
    finest = max((cell.places for cell in column if cell is not None and cell.value is not None), default=0)
    return Decimal("0.5").scaleb(-finest)


def gap_with(check: Check, places: Places, replaced: Replaced) -> Decimal | None:
    """Returns the parts' sum less the total with the figures replaced, None if a figure cannot be read."""
    gap, unit = Decimal(0), unit_of(check, places)
    for term in check.terms:
        piece = _piece(term, unit, places[term.cell], replaced)
        if piece.amount is None:
            return None
        gap += piece.amount
    return gap


def is_weighable(check: Check, places: Places) -> bool:
    """Says whether a check is a sum over cells of tables, which can be added up anew."""
    return check.kind in LINEAR and len(check.terms) > 1 and all(term.cell in places for term in check.terms)


def weigh(check: Check, places: Places, replaced: Replaced) -> Weighed:
    """Returns a weighable check as it stands with the figures replaced; blank and zero parts are left out."""
    unit = unit_of(check, places)
    stated, parts = ([_piece(term, unit, places[term.cell], replaced) for term in side] for side in sides(check.terms))
    stated = [_negated(piece) for piece in stated]
    gap = gap_with(check, places, replaced)
    state: Literal["exact", "rounded", "fails", "unread"] = "unread"
    if gap is not None:
        held = holds_with(check, places, replaced)
        state = ("exact" if not gap or check.kind == "at_most" else "rounded") if held else "fails"
    return Weighed(
        parts=_figures(parts),
        total=_total(parts),
        relation=_RELATIONS[check.kind == "at_most"][state],
        stated=_figures(stated),
        stated_total=_total(stated),
        state=state,
        remark="" if gap is None else _remark(state, gap, unit),
    )


_RELATIONS = (
    {"exact": "=", "rounded": "≈", "fails": "≠", "unread": "?"},
    {"exact": "≥", "rounded": "≥", "fails": "<", "unread": "?"},
)


def sides(terms: Sequence[Term]) -> tuple[Sequence[Term], Sequence[Term]]:
    """Returns the stated side, which the terms begin with at negative weight, and the side of the parts."""
    cut = next((place for place, term in enumerate(terms) if term.weight > 0), 1)
    return terms[:cut], terms[cut:]


def signed(value: Decimal) -> str:
    """Returns the value as plain digits with a real minus sign."""
    return plain(value).replace("-", "−")


def in_unit(value: Decimal, printed: str, unit: str) -> Decimal:
    """Returns a value of the printed unit in another unit; as it is if one of them is no unit of money."""
    if printed == unit or printed not in SCALES or unit not in SCALES:
        return value
    return (value * SCALES[printed] / SCALES[unit]).normalize() + Decimal(0)


def _piece(term: Term, unit: str, place: Place, replaced: Replaced) -> _Piece:
    cell = place.cell
    is_changed = term.cell in replaced
    value = replaced[term.cell] if is_changed else cell.value
    if value is None and (cell.is_blank or not (cell.original or cell.printed)):
        return _Piece(Decimal(0), "blank", is_changed)
    if value is None:
        return _Piece(None, cell.original or cell.printed, is_changed)
    amount = term.weight * in_unit(value, cell.unit, unit)
    return _Piece(amount, plain(abs(amount)), is_changed)


def _negated(piece: _Piece) -> _Piece:
    return piece if piece.amount is None else piece._replace(amount=-piece.amount)


def _figures(pieces: Sequence[_Piece]) -> tuple[Figure, ...]:
    """Returns the figures that count: what is not zero, what cannot be read, and what is in question."""
    counted = [piece for piece in pieces if piece.amount != 0 or piece.is_changed] or pieces[:1]
    found: list[Figure] = []
    for piece in counted:
        is_negative = piece.amount is not None and piece.amount < 0
        if found:
            found.append(Figure("−" if is_negative else "+", piece.written, piece.is_changed))
        else:
            found.append(Figure("", f"−{piece.written}" if is_negative else piece.written, piece.is_changed))
    return tuple(found)


def _total(pieces: Sequence[_Piece]) -> str:
    """Returns what several figures add up to; nothing for a single one, and if one cannot be read."""
    amounts = [piece.amount for piece in pieces if piece.amount is not None]
    if len(amounts) < len(pieces) or len(_figures(pieces)) < 2:
        return ""
    return signed(sum(amounts, Decimal(0)))


def _remark(state: str, gap: Decimal, unit: str) -> str:
    said = f"gap {signed(gap)} {unit}".rstrip()
    return {"fails": said, "rounded": f"within rounding ({said})"}.get(state, "")
