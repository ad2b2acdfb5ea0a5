"""An answer of the plain way against the truth: rows paired by code or name, amounts as numbers, names as text.

A row that has no equal is paired with the one most alike, so that a misspelt name costs one cell and not its row.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from scores import Score
from smalltables import NUMBERS, Small, TrueCell, bare, number_in

_KEYS = ("code", "name", "label", "source", "goal", "level2", "level1")
_LEVELS = ("level1", "level2")
_ALIKE = 0.6

Answer = Mapping[str, Any]
Pair = tuple[Sequence[TrueCell], Answer]


def score_answer(answer: Answer | None, truth: Small) -> Score:
    """Returns the score; without an answer that validated every cell is missing, and that is said.

    A damaged numeral is right as the number it was; null is no error there. A zero where nothing is printed is counted
    as neither; another number there is wrong.
    """
    cells = [true for true in truth.truth if true.printed]
    if answer is None:
        return Score(len(cells), 0, len(cells), 0, 0, sum(1 for true in cells if true.value is not None), "failed")
    tally: Counter[str] = Counter()
    told: list[str] = []
    for trues, given in _pairs(answer, truth):
        row = _with_named_total(trues, given)
        for true in trues:
            outcome = _outcome(true, row.get(true.column))
            tally[outcome] += 1
            if outcome.startswith("wrong"):
                told.append(f"{true.record} {true.column} {row.get(true.column)} for {true.printed or 'a blank'}")
        if not trues:
            extra = [key for key, value in row.items() if value not in {None, ""}]
            tally["wrong number"] += sum(1 for key in extra if isinstance(row[key], float) and row[key])
            tally["wrong text"] += sum(1 for key in extra if isinstance(row[key], str))
            told.append(f"a row that is not there: {'|'.join(str(value) for value in row.values())[:60]}")
    return Score(
        cells=len(cells),
        right=tally["right"],
        missing=tally["missing number"] + tally["missing text"],
        wrong=tally["wrong number"] + tally["wrong text"],
        wrong_numbers=tally["wrong number"],
        missing_numbers=tally["missing number"],
        verdict="validated",
        wrong_cells=tuple(told),
    )


def _outcome(true: TrueCell, answered: object) -> str:
    if true.kind in NUMBERS:
        return _number_outcome(true, answered)
    given = _plain(str(answered)) if answered is not None else ""
    if given in {_plain(true.printed), _plain(true.shown)}:
        return "right" if true.printed else "blank"
    if not given:
        return "missing text"
    filled_down = not true.printed and true.column in _LEVELS
    return "blank" if filled_down else "wrong text"


def _number_outcome(true: TrueCell, answered: object) -> str:
    given = Decimal(str(answered)) if isinstance(answered, float) else None
    if true.value is None:
        if true.printed and not given:
            return "right"  # a dash is read as null
        return "wrong number" if given else "blank"
    if given == true.value:
        return "right"
    if given is None:
        return "declined" if number_in(true.shown) is None else "missing number"
    return "wrong number"


def _with_named_total(trues: Sequence[TrueCell], row: Answer) -> Answer:
    """Returns the row; a total whose name was put into the code is taken by its name, as for every reader."""
    named = {true.column: true.printed for true in trues}
    if named.get("code") == "" and row.get("code") == named.get("name") and not row.get("name"):
        return {**row, "code": None, "name": row["code"]}
    return row


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", bare(text))


def _pairs(answer: Answer, truth: Small) -> Iterator[Pair]:
    """Yields every record of the truth with the row that answers it, and every row that answers none."""
    for block in dict.fromkeys(true.block for true in truth.truth):
        records: dict[int, list[TrueCell]] = {}
        for true in truth.truth:
            if true.block == block:
                records.setdefault(true.record, []).append(true)
        given = answer.get(block or "rows")
        if isinstance(given, Mapping):  # the labelled fields of a form are one object
            yield [true for trues in records.values() for true in trues], given
        else:
            filled = [trues for trues in records.values() if any(true.printed for true in trues)]
            yield from _paired(filled, list(given or []))


def _paired(records: Sequence[Sequence[TrueCell]], rows: list[Answer]) -> Iterator[Pair]:
    """Yields pairs by the most alike texts, equal ones first; what is like nothing is missing, or one row too many."""
    alike = [
        (_likeness(trues, row), -order, -place)
        for order, trues in enumerate(records)
        for place, row in enumerate(rows)
    ]  # fmt: skip
    partner: dict[int, int] = {}
    for likeness, order, place in sorted(alike, reverse=True):
        if likeness >= _ALIKE and -order not in partner and -place not in partner.values():
            partner[-order] = -place
    for order, trues in enumerate(records):
        yield trues, rows[partner[order]] if order in partner else {}
    for place, row in enumerate(rows):
        if place not in partner.values() and any(value not in {None, ""} for value in row.values()):
            yield (), row


def _likeness(trues: Sequence[TrueCell], row: Answer) -> float:
    """Returns how alike what names the two is: 1 for an equal code, name or label, 0 for nothing alike.

    Codes are alike only when they are equal: 2101501 is not nearly 2101502.
    """
    printed = {true.column: true for true in trues if true.column in _KEYS and true.printed}
    told = [_plain(row[key]) for key in _KEYS if isinstance(row.get(key), str)]
    best = 0.0
    for wanted in [_plain(text) for true in printed.values() for text in (true.printed, true.shown)]:
        for given in told:
            if wanted == given:
                return 1.0 + sum(1 for true in trues if _outcome(true, row.get(true.column)) == "right") / 100
            if not given.isdigit() and not wanted.isdigit():
                best = max(best, SequenceMatcher(None, wanted, given).ratio())
    return best
