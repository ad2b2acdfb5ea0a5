"""What a degradation gives back: the degraded lines, and the truth about what it damaged.

Lines carry the numbers that they have in the undamaged text. Knows nothing of how texts are read.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

#: What is left to see: `marked` damage shows (a box, a letter in a numeral, `[illegible]` instead of a line), `clean`
#: damage looks like print (another digit, a lost point); `gone` left nothing at all; `again` stands there twice.
Trace = Literal["marked", "clean", "gone", "again"]


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
