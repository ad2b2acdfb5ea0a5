"""The tables that were read worst, each line of their text beside what was missed on it; never a held-out one."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crossfoot.evaluation.comparison import SourceLines
from crossfoot.evaluation.nouns import Measurement, Miss, TableScore
from crossfoot.evaluation.wording import condition_text, setting_text, visible

#: So many lines around one with a miss are shown with it.
_AROUND = 1
#: A table with more lines with misses than these is shown by some of them, those with silent amounts first.
_MOST_LINES = 12
_MOST_ON_A_LINE = 5


class Field(NamedTuple):
    """A piece of a line between tabs; `is_missed` says that it is the text of a cell that was missed."""

    text: str
    is_missed: bool


class Line(NamedTuple):
    """A line of the text as it was read, with the misses on it; without a number it stands for lines left out."""

    number: int | None
    fields: tuple[Field, ...] = ()
    misses: tuple[Miss, ...] = ()
    more: int = 0


class Worst(NamedTuple):
    """One table, read badly; `unplaced` misses have no line in the text, `left_out` counts lines not shown."""

    case: str
    condition: str
    setting: str
    score: TableScore
    lines: tuple[Line, ...]
    unplaced: tuple[Miss, ...]
    left_out: int
    more_unplaced: int


def worst_tables(
    measurements: Iterable[Measurement], source_lines: SourceLines | None = None, count: int = 10
) -> tuple[Worst, ...]:
    """Returns the worst tables, each case in its worst condition: most silent amounts, then most cells missed."""
    ranked = sorted(
        (
            (_badness(score), score.case, at, measurement, score)
            for at, measurement in enumerate(measurements)
            for score in measurement.tables
            if not score.held_out and any(_badness(score))
        ),
        key=lambda one: one[:3],
    )
    chosen: dict[str, tuple[Measurement, TableScore]] = {}
    for _, case, _, measurement, score in ranked:
        chosen.setdefault(case, (measurement, score))
    return tuple(_shown(measurement, score, source_lines) for measurement, score in list(chosen.values())[:count])


def _badness(score: TableScore) -> tuple[int, int, int]:
    """Returns what is sorted by, the worst first."""
    extra = max(score.amounts_read - score.amounts, 0)
    return (-score.silent_amounts, score.amounts_right - score.amounts - extra, score.texts_right - score.texts)


def _shown(measurement: Measurement, score: TableScore, source_lines: SourceLines | None) -> Worst:
    text = source_lines(measurement.subject, measurement.condition) if source_lines else None
    on_line: dict[int, list[Miss]] = {}
    for miss in sorted(score.misses, key=lambda miss: not miss.is_silent):
        on_line.setdefault(max(miss.now, 0), []).append(miss)
    unplaced = tuple(on_line.pop(0, ()))
    kept = sorted(sorted(on_line, key=lambda now: (not on_line[now][0].is_silent, now))[:_MOST_LINES])
    lines: list[Line] = []
    for number in kept if text is None else _with_neighbours(kept, len(text)):
        if lines and lines[-1].number is not None and lines[-1].number + 1 != number:
            lines.append(Line(None))
        misses = on_line.get(number, ()) if number in kept else ()
        printed = text[number - 1] if text is not None and number <= len(text) else ""
        here = tuple(misses[:_MOST_ON_A_LINE])
        lines.append(Line(number, _fields(printed, misses), here, len(misses) - len(here)))
    return Worst(
        case=score.case,
        condition=condition_text(measurement.condition),
        setting=setting_text(measurement.setting),
        score=score,
        lines=tuple(lines),
        unplaced=unplaced[:_MOST_LINES],
        left_out=len(on_line) - len(kept),
        more_unplaced=len(unplaced[_MOST_LINES:]),
    )


def _with_neighbours(numbers: Sequence[int], last: int) -> list[int]:
    near = {near for number in numbers for near in range(number - _AROUND, number + _AROUND + 1)}
    return sorted(number for number in near if 0 < number <= last)


def _fields(printed: str, misses: Sequence[Miss]) -> tuple[Field, ...]:
    wanted = {text.strip() for miss in misses for text in (miss.expected, miss.found)} - {""}
    return tuple(Field(visible(field), field.strip() in wanted) for field in printed.split("\t"))
