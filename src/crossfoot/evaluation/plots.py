"""Scores against the level of a degradation, as small charts: their geometry here, their drawing in the template.

One panel for each degradation; a line for each setting, with its own shape and dashes besides its colour.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from crossfoot.evaluation.nouns import Setting
from crossfoot.evaluation.totals import SCORE, Group, Tally
from crossfoot.evaluation.wording import percent, setting_text

WIDTH, HEIGHT = 320, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 28
#: Where the axis of what is rare may end.
_TOPS = (0.05, 0.1, 0.2, 0.5, 1.0)
#: Settings stand beside each other so far, so that equal values do not hide each other.
_BESIDE = 5.0
_RADIUS = 4.5
#: The shape of each setting's marks, as corners around the middle; none is a circle.
_SHAPES: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    ((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    ((0, 1.2), (1.1, -0.8), (-1.1, -0.8)),
)
STYLES = len(_SHAPES)


class Metric(NamedTuple):
    """What a chart shows; a `bound` is drawn as a line up from the mark."""

    title: str
    value: Callable[[Tally], float | None]
    bound: Callable[[Tally], float] | None = None


METRICS = (
    Metric("amount recall", lambda tally: SCORE["amount_recall"].ratio(tally).value),
    Metric("silent-error rate, 95 % bound", lambda tally: SCORE["silent"].ratio(tally).value, lambda t: t.silent_bound),
    Metric("amounts proved", lambda tally: SCORE["proved"].ratio(tally).value),
)


class Mark(NamedTuple):
    """One measured point: its outline, and the line up to its bound, with an end or an arrow out of the chart."""

    x: float
    y: float
    path: str
    bound: str


class Series(NamedTuple):
    """The points of one setting, of open cases or of held-out ones."""

    style: int
    is_held_out: bool
    points: str
    marks: tuple[Mark, ...]


class Tick(NamedTuple):
    """A place on an axis."""

    at: float
    text: str


class Chart(NamedTuple):
    """One chart; `description` says its numbers in words."""

    title: str
    description: str
    levels: tuple[Tick, ...]
    shares: tuple[Tick, ...]
    series: tuple[Series, ...]


class Panel(NamedTuple):
    """The charts of one degradation."""

    degradation: str
    charts: tuple[Chart, ...]


class Key(NamedTuple):
    """A line of the legend."""

    style: int
    text: str
    path: str


Tallied = Mapping[tuple[Group, bool], Tally]


def legend(settings: Iterable[Setting]) -> tuple[Key, ...]:
    """Returns which setting is drawn how."""
    return tuple(Key(at % STYLES, setting_text(one), _outline(at, 8, 8)) for at, one in enumerate(settings))


def panels(tallied: Tallied, settings: Iterable[Setting]) -> tuple[Panel, ...]:
    """Returns the panels by degradation; the undamaged text is level 0 of each."""
    settings = tuple(settings)
    names = sorted({group.degradation for group, _ in tallied if group.level > 0})
    heights = [_height(tallied, metric) for metric in METRICS]
    return tuple(
        Panel(name, tuple(_chart(tallied, settings, name, *one) for one in zip(METRICS, heights, strict=True)))
        for name in names
    )


def _height(tallied: Tallied, metric: Metric) -> float:
    """Returns where the axis of a metric ends, the same in all panels: 1, but for what is rare just above its values.

    Bounds may leave the chart: those of few amounts are so high that nothing else could be seen.
    """
    if metric.bound is None:
        return 1.0
    values = [metric.value(tally) or 0.0 for tally in tallied.values()]
    return next(top for top in _TOPS if top >= min(max(values, default=0.0), 1.0))


def _chart(tallied: Tallied, settings: tuple[Setting, ...], name: str, metric: Metric, top: float) -> Chart:
    groups = [group for group, _ in tallied if group.level == 0 or group.degradation == name]
    last = max(group.level for group in groups)
    series: list[Series] = []
    said: list[str] = []
    for at, setting in enumerate(settings):
        for held_out in (False, True):
            found = {
                group.level: tally
                for (group, held), tally in tallied.items()
                if held == held_out and group.setting == setting and group in groups
            }
            values = {level: value for level in sorted(found) if (value := metric.value(found[level])) is not None}
            if not values:
                continue
            marks = []
            for level, value in values.items():
                x, y = _x(level, last) + _BESIDE * (at - (len(settings) - 1) / 2), _y(value, top)
                bound = "" if metric.bound is None or held_out else _bound(x, y, metric.bound(found[level]), top)
                marks.append(Mark(x, y, _outline(at, x, y), bound))
            points = " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in marks)
            series.append(Series(at % STYLES, held_out, points, tuple(marks)))
            whose = f"{setting_text(setting)}, {'held out' if held_out else 'open'}"
            said.append(f"{whose}: " + ", ".join(f"level {level} {percent(v)}" for level, v in values.items()))
            if metric.bound is not None and not held_out:
                bounds = {level: metric.bound(found[level]) for level in values}
                said.append("its bound: " + ", ".join(f"level {level} {percent(v)}" for level, v in bounds.items()))
    return Chart(
        title=f"{name}: {metric.title}",
        description="; ".join(said) or "nothing measured",
        levels=tuple(Tick(_x(level, last), str(level)) for level in range(last + 1)),
        shares=tuple(Tick(_y(top * part / 4, top), f"{100 * top * part / 4:g} %") for part in range(0, 5, 2)),
        series=tuple(series),
    )


def _x(level: int, last: int) -> float:
    return _LEFT + 8 + (WIDTH - _LEFT - _RIGHT - 16) * level / max(last, 1)


def _y(share: float, top: float) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - min(share, top) / top)


def _bound(x: float, y: float, bound: float, top: float) -> str:
    end = f"V{_y(bound, top):.1f}m-5 0h10" if bound <= top else f"V{_TOP - 8}m-4 5l4 -5l4 5"
    return f"M{x:.1f} {y:.1f}{end}"


def _outline(at: int, x: float, y: float) -> str:
    """Returns the outline of a setting's mark around a point."""
    corners = _SHAPES[at % STYLES]
    r = _RADIUS
    if not corners:
        return f"M{x - r:.1f} {y:.1f}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"
    return "M" + "L".join(f"{x + r * dx:.1f} {y + r * dy:.1f}" for dx, dy in corners) + "z"
