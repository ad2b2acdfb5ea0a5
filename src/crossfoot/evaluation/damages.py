"""What a degradation gives back: the degraded lines, and the truth about what it damaged.

Lines carry the numbers that they have in the undamaged text. Knows nothing of how texts are read.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

#: What is left to see: `marked` damage shows (a box, a letter in a numeral, `[illegible]` instead of a line), `clean`
#: damage looks like print (another digit, a lost point); `gone` left nothing at all; `again` stands there twice.
Trace = Literal["marked", "clean", "gone", "again"]


#: What stands for lines that could not be read.
ILLEGIBLE = "[illegible]"


class Line(NamedTuple):
    """A line of the degraded text and the lines of the undamaged one that it holds; none for one that was put in."""

    numbers: tuple[int, ...]
    text: str


class Damage(NamedTuple):
    """What was done to one place: `before` stood on the undamaged line from `start`, `after` is what is left of it.

    Of a line that is gone or stands there again, `before` is the whole line. What only moves blanks (tabs lost, lines
    wrapped or joined) changes no cell's text and is no damage here.
    """

    kind: str
    line: int
    start: int
    before: str
    after: str
    trace: Trace


class Degraded(NamedTuple):
    """A degraded text: its lines, and every damage, by place."""

    lines: tuple[Line, ...]
    damages: tuple[Damage, ...]

    @property
    def text(self) -> str:
        """Returns the text as a reader gets it."""
        return "\n".join(line.text for line in self.lines)

    def now(self) -> Mapping[int, tuple[int, ...]]:
        """Returns, for each line of the undamaged text that is still there, the lines where it stands now, from 1."""
        found: dict[int, tuple[int, ...]] = {}
        for number, line in enumerate(self.lines, start=1):
            for original in line.numbers:
                found[original] = (*found.get(original, ()), number)
        return found


def undamaged(text: str) -> Degraded:
    """Returns the text as it is."""
    return Degraded(tuple(Line((number,), line) for number, line in enumerate(text.split("\n"), start=1)), ())


def damaged(text: str, damages: Sequence[Damage]) -> Degraded:
    """Returns the text with the damages done to it, and nothing else done.

    Neighbouring lines of which nothing is left to read are one `[illegible]` line, as a text layer says it.
    """
    by_line: dict[int, list[Damage]] = {}
    for damage in damages:
        by_line.setdefault(damage.line, []).append(damage)
    lines: list[Line] = []
    was_illegible = False
    for line in undamaged(text).lines:
        (number,) = line.numbers
        here = by_line.get(number, [])
        traces = {damage.trace for damage in here}
        is_illegible = any(_is_whole(damage, line.text) for damage in here)
        if is_illegible and was_illegible:
            lines[-1] = Line((*lines[-1].numbers, number), ILLEGIBLE)
        elif is_illegible:
            lines.append(Line((number,), ILLEGIBLE))
        elif "gone" not in traces:
            left = Line((number,), left_of(here, number, 0, line.text)[0])
            lines += [left, left] if "again" in traces else [left]
        was_illegible = is_illegible
    return Degraded(tuple(lines), tuple(sorted(damages, key=lambda damage: (damage.line, damage.start))))


def _is_whole(damage: Damage, text: str) -> bool:
    return damage.trace == "marked" and damage.before == text and not damage.after


def left_of(damages: Sequence[Damage], line: int, start: int, printed: str) -> tuple[str, frozenset[Trace]]:
    """Returns what is left of a text that is printed on a line from `start`, and how its damage shows; "" if gone."""
    text = printed
    traces: set[Trace] = set()
    for damage in sorted((d for d in damages if d.line == line), key=lambda d: -d.start):
        if damage.trace in {"gone", "again"}:
            traces.add(damage.trace)
            continue
        first, last = damage.start - start, damage.start - start + len(damage.before)
        if first < len(printed) and last > 0:
            text = text[: max(first, 0)] + damage.after + text[last:]
            traces.add(damage.trace)
    return ("" if "gone" in traces else text), frozenset(traces)
