"""What became of a damaged table, against what is known of it: its true figures, its sums, and what was changed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Literal, NamedTuple

from corrupt import Change, Damage, Place, reading
from made_sheets import MadeSum
from subjects import CellsRead, Subject, cells_read, true_value

from crossfoot.figures import Document
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog

Outcome = Literal[
    "repaired rightly", "repaired wrongly", "derived", "derived wrongly", "flagged, located", "flagged",
    "flagged elsewhere", "missed", "cancelling", "invisible", "still read", "crash",
]  # fmt: skip
OUTCOMES: tuple[Outcome, ...] = (
    "repaired rightly", "derived", "flagged, located", "flagged", "flagged elsewhere", "still read", "cancelling",
    "invisible",
    "repaired wrongly", "derived wrongly", "missed", "crash",
)  # fmt: skip
#: None of these may happen, ever.
NEVER: tuple[Outcome, ...] = ("repaired wrongly", "derived wrongly", "missed", "crash")

_ZERO = Decimal(0)
#: What may become of a figure without a person's help.
_MENDED = frozenset({"still read", "repaired", "derived"})


class Verdict(NamedTuple):
    """What became of a damaged text, and why it was called that."""

    outcome: Outcome
    why: str = ""


# --- what is broken ---------------------------------------------------------------------------------------------------


def broken(subject: Subject, damages: Sequence[Damage]) -> bool:
    """Says whether some sum does not hold any more within its rounding; one whose total is blank says nothing.

    A row that is left out, or has no figure left, leaves its parts in its place; one that stands twice counts twice.
    """
    now = {change.place: change.printed for damage in damages for change in damage.changes}
    dropped = {damage.dropped for damage in damages if damage.dropped}
    doubled = {damage.doubled for damage in damages if damage.doubled}
    return any(_fails(subject, one, now, (dropped, doubled)) for one in subject.sums)


def _fails(subject: Subject, one: MadeSum, now: Mapping[Place, str], rows: tuple[set[int], set[int]]) -> bool:
    dropped, doubled = rows
    total = one.terms[0][0]
    if total.line in dropped or not now.get(total, subject.figures[total]):
        return False
    if dropped and all(place.line in dropped for place, _ in one.terms[1:]):
        return False  # a total without parts is a figure like any other
    gap, tolerance = _ZERO, one.tolerance
    for place, weight in one.terms:
        tolerance += abs(weight) * one.half if now.get(place) and not subject.figures[place] else 0
        printed = now.get(place, subject.figures[place])
        value = reading(printed) if printed else _ZERO
        if place.line in dropped or (not printed and _is_blank_row(subject, place, now)):
            value = _left_in_place_of(subject, place)
            tolerance += abs(weight) * one.half * max(0, _parts_of(subject, place) - 1)
        if value is None:
            return False
        gap += weight * value * (2 if place.line in doubled and weight > 0 and one.is_of_rows else 1)
    return abs(gap) > tolerance


def _is_blank_row(subject: Subject, place: Place, now: Mapping[Place, str]) -> bool:
    """Says whether nothing is printed in a row, or in the row of one of several lists, since it was damaged."""
    listed = next((key[1] for key, other in subject.places.items() if other == place), "")
    row = [other for key, other in subject.places.items() if key[0] == place.line and key[1] == listed]
    return place in now and not any(now.get(other, subject.figures.get(other, "")) for other in row)


def _parts_of(subject: Subject, place: Place) -> int:
    """Returns how many figures a row that is left out leaves in its place, each with a rounding of its own."""
    parts = next((one.terms[1:] for one in subject.sums if one.terms[0][0] == place and one.is_of_rows), ())
    return sum(1 for part, _ in parts if subject.figures[part])


def _left_in_place_of(subject: Subject, place: Place) -> Decimal:
    """Returns what the parts of a row give that is left out: they count in its place."""
    for one in subject.sums:
        if one.terms[0][0] == place and one.is_of_rows:
            return sum((true_value(subject, other) * weight for other, weight in one.terms[1:]), _ZERO)
    return _ZERO


def sums_over(subject: Subject, place: Place) -> int:
    """Returns in how many sums a figure stands of which no two share another figure: none, one, or two and more."""
    filled = [
        {p for p, _ in one.terms if subject.figures[p]} for one in subject.sums if subject.figures[one.terms[0][0]]
    ]  # fmt: skip
    own = [places for places in filled if place in places and len(places) > 1]
    if any(first & second == {place} for index, first in enumerate(own) for second in own[:index]):
        return 2
    return min(len(own), 1)


def open_question(subject: Subject, change: Change) -> str:
    """Returns why the sums or the column cannot say what a damaged figure was, or nothing.

    Several fills of its mask may fit all sums; a moved point is no trace where a column has its points in any place.
    """
    masks = [index for index, sign in enumerate(change.printed) if sign in "□?"]
    if masks:
        fills = product("0123456789", repeat=len(masks))
        return "several fills fit" if sum(_fits(subject, change, masks, fill) for fill in fills) > 1 else ""
    if change.printed.replace(".", "") == change.original.replace(".", ""):
        field = change.place.field
        table = next((table for table in subject.tables if change.place in table), ())
        others = [subject.figures[place] for place in table if place.field == field and place != change.place]
        places = {len(other.rstrip(")").partition(".")[2]) for other in others}
        return "decimals differ" if len(places) != 1 else ""
    return ""


def _fits(subject: Subject, change: Change, masks: Sequence[int], fill: Sequence[str]) -> bool:
    signs = list(change.printed)
    for index, digit in zip(masks, fill, strict=True):
        signs[index] = digit
    filled = change._replace(printed="".join(signs))
    value = reading(filled.printed)
    return value is not None and not broken(subject, [Damage("", "", (filled,))])


# --- what was made of it ----------------------------------------------------------------------------------------------


def lines_before(text: str, damages: Sequence[Damage]) -> dict[int, int]:
    """Returns for each line of the damaged text which line it was; the second of a doubled one was none (0)."""
    was = list(range(1, len(text.split("\n")) + 3))
    for damage in damages:
        if damage.dropped:
            was.remove(damage.dropped)
        if damage.doubled:
            was.insert(was.index(damage.doubled) + 1, 0)
    return dict(enumerate(was, start=1))


def verdict_on(
    subject: Subject, text: str, damages: Sequence[Damage], catalog: Catalog
) -> tuple[Verdict, Document | None]:
    """Returns what became of a damaged text, and what crossfoot made of it."""
    try:
        document = structure(from_text(text), catalog)
    except Exception as error:  # noqa: BLE001  whatever it raises is what is counted
        return Verdict("crash", f"{type(error).__name__}: {error}"), None
    return judged(subject, text, damages, document), document


def judged(subject: Subject, text: str, damages: Sequence[Damage], document: Document) -> Verdict:
    """Returns what became of a damaged text."""
    moved = lines_before(text, damages)
    read = cells_read(document, text, moved)
    changes = {change.place: change for damage in damages for change in damage.changes}
    is_flagged = _is_flagged(damages, document, moved)
    for wrong in (_wrong_repairs(subject, document, read), _wrong_derivations(subject, document, read)):
        if wrong is not None:
            return wrong
    if not is_flagged and (invented := _invented(subject, read, changes)):
        return Verdict("repaired wrongly", invented)
    fates = _fates(subject, document, read, changes)
    unread = [
        change
        for place, change in changes.items()
        if change.printed and reading(change.printed) is None and fates[place] == ""
    ]
    left = [
        damage for damage in damages
        if damage.doubled or not all(fates[change.place] in _MENDED for change in damage.changes)
    ]  # fmt: skip
    if not is_flagged and (unread or (left and broken(subject, _without(left, fates)))):
        told = "; ".join(f"{c.place} {c.original} → {c.printed}" for c in changes.values())
        return Verdict("flagged elsewhere" if _elsewhere(subject, damages, document) else "missed", told)
    if not is_flagged and left and _elsewhere(subject, damages, document):
        return Verdict("flagged elsewhere")
    return _named(subject, damages, fates, is_flagged=is_flagged)


def _elsewhere(subject: Subject, damages: Sequence[Damage], document: Document) -> bool:
    """Says whether several figures were moved or are gone, and another table is flagged that was not before.

    What is consistent within its table contradicts another one, and it cannot be known which is wrong.
    """
    flagged = {index for index, table in enumerate(document.tables) if table.verdict.outcome == "flagged"}
    is_one_figure = sum(len(damage.changes) for damage in damages) == 1 and not damages[0].dropped
    return not is_one_figure and bool(flagged - subject.flagged)


def _without(damages: Sequence[Damage], fates: Mapping[Place, str]) -> list[Damage]:
    """Returns the damages without the figures that were read or repaired all the same."""
    return [
        damage._replace(changes=tuple(change for change in damage.changes if fates[change.place] not in _MENDED))
        for damage in damages
    ]


def _named(subject: Subject, damages: Sequence[Damage], fates: Mapping[Place, str], *, is_flagged: bool) -> Verdict:
    had = set(fates.values())
    if fates and had == {"still read"} and not any(damage.doubled for damage in damages):
        return Verdict("still read")
    if fates and had <= {"still read", "repaired"}:
        return Verdict("repaired rightly")
    if fates and had <= _MENDED:
        return Verdict("derived")
    if is_flagged:
        return Verdict("flagged, located" if fates and "" not in had else "flagged")
    if len(damages) > 1 and any(broken(subject, [damage]) for damage in damages):
        return Verdict("cancelling")
    return Verdict("invisible")


def _is_flagged(damages: Sequence[Damage], document: Document, moved: Mapping[int, int]) -> bool:
    """Says whether each table that was damaged is flagged; if one is not there, whether the document is."""
    wanted = {change.place.line for damage in damages for change in damage.changes}
    wanted |= {damage.dropped or damage.doubled for damage in damages} - {0}
    flags: list[bool] = []
    for line in sorted(wanted):
        now = [new for new, old in moved.items() if old == line or (old == line - 1 and line not in moved.values())]
        tables = [
            table for table in document.tables
            if table.rows and now and table.lines[0] <= now[0] <= table.lines[1]
        ]  # fmt: skip
        flags.append((tables[0] if tables else document).verdict.outcome == "flagged")
    return all(flags)


def _places_by_ref(read: CellsRead, subject: Subject) -> dict[str, Place]:
    """Returns for the reference of each cell that was read its place in the undamaged text."""
    by_span = {(cell.span, cell.column): subject.places.get(key) for key, (_, cell, _) in read.items()}
    return {
        ref: place
        for table in {id(table): table for table, _, _ in read.values()}.values()
        for ref, _, cell in table.cells()
        if (place := by_span.get((cell.span, cell.column))) is not None
    }


def _wrong_repairs(subject: Subject, document: Document, read: CellsRead) -> Verdict | None:
    known = {(cell.span, cell.column): key for key, (_, cell, _) in read.items()}
    for table in document.tables:
        for ref, _, cell in table.cells():
            if cell.state == "repaired":
                place = subject.places.get(known.get((cell.span, cell.column), (0, "", "")))
                if place is None or cell.value != true_value(subject, place):
                    true = "nothing" if place is None else true_value(subject, place)
                    return Verdict("repaired wrongly", f"{ref} {cell.original} → {cell.printed}, truth {true}")
    return None


def _wrong_derivations(subject: Subject, document: Document, read: CellsRead) -> Verdict | None:
    ranges = {one.cell: (one.low, one.high) for one in document.derivations}
    places = _places_by_ref(read, subject)
    for table in document.tables:
        for ref, _, cell in table.cells():
            if cell.state == "derived":
                place = places.get(ref)
                low, high = ranges.get(ref, (cell.value, cell.value))
                true = subject.derived.get(ref) if place is None else true_value(subject, place)
                if true is None or low is None or high is None or not low <= true <= high:
                    return Verdict("derived wrongly", f"{ref} {cell.printed} derived {low} … {high}, truth {true}")
    return None


def _invented(subject: Subject, read: CellsRead, changes: Mapping[Place, Change]) -> str:
    """Returns a figure of a table taken without a flag that is neither true nor what is printed at its place now."""
    for key, (_, cell, _) in read.items():
        place = subject.places.get(key)
        if place is not None and cell.value is not None:
            now = changes[place].printed if place in changes else subject.figures.get(place, "")
            if cell.value not in {true_value(subject, place), reading(now)}:
                return f"{key}: {now!r} is printed, {cell.value} was read, truth {true_value(subject, place)}"
    return ""


def _fates(subject: Subject, document: Document, read: CellsRead, changes: Mapping[Place, Change]) -> dict[Place, str]:
    """Returns for each changed figure whether it was still read, repaired, derived or located, or nothing of these."""
    keys = {place: key for key, place in subject.places.items()}
    fates = dict.fromkeys(changes, "")
    located = _located(subject, document, read, frozenset(changes))
    for place in changes:
        true = true_value(subject, place)
        _, cell, _ = read.get(keys.get(place, (0, "", "")), (None, None, None))
        if cell is None:
            continue
        if cell.state in {"repaired", "derived"}:
            fates[place] = cell.state
        elif (cell.state == "printed" and cell.value == true) or (cell.state == "blank" and true == 0):
            fates[place] = "still read"
        elif place in located:
            fates[place] = "located"
    return fates


def _located(subject: Subject, document: Document, read: CellsRead, wanted: frozenset[Place]) -> set[Place]:
    """Returns the changed figures that one finding names with the true amount, and no figure beside them."""
    places = _places_by_ref(read, subject)
    found: set[Place] = set()
    for finding in document.findings:
        implied = {places.get(cited.cell): cited.implied for cited in finding.cells if cited.implied}
        named = {place for place in implied if place is not None}
        if named and len(named) == len(implied) and named <= wanted:
            found |= {place for place in named if _is_true(implied[place], true_value(subject, place))}
    return found


def _is_true(implied: str, true: Decimal) -> bool:
    return (reading(implied) if implied else None) == true
