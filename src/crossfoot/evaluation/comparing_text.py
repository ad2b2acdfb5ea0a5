"""A comparison as plain text: scores, silent errors, flipped cells with their lines, and what it cost.

Tables fit a terminal's width; piped they are plain text of their natural width.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from crossfoot.evaluation.comparison import Comparison, Flip, Pairing, Row
from crossfoot.evaluation.nouns import Condition
from crossfoot.evaluation.totals import Effort, Ratio
from crossfoot.output.terminal import print_grid, say

#: As many flipped cells as are shown of one direction unless all are asked for.
SHOWN = 40
_STYLES = {"worse": "bold red", "better": "bold green", "no difference shown": "dim"}


def print_comparison(console: Console, comparison: Comparison, a: str, b: str, *, shown: int | None = SHOWN) -> None:
    """Prints the comparison of the runs named `a` and `b`; of flipped cells the first `shown`, or all for None."""
    held_out = f", {comparison.held_out_cases} of them held out" if comparison.held_out_cases else ""
    say(console, f"A  {a}")
    say(console, f"B  {b}")
    say(
        console,
        f"{comparison.pairs} pairs of tables, {comparison.cases} cases{held_out}; intervals of 95 %, cases drawn",
    )
    _print_scores(console, comparison)
    _print_moved(console, comparison)
    _print_efforts(console, comparison)
    silent = f"Silent in B and not in A: {comparison.new_silent}"
    _print_flips(console, silent, comparison.silent.shown, comparison.silent.held_out, None)
    _print_flips(console, f"Right in A, not in B: {comparison.lost.cells}", *comparison.lost, shown)
    _print_flips(console, f"Right in B, not in A: {comparison.won.cells}", *comparison.won, shown)
    _print_alone(console, "in A only, not compared", comparison.only_a)
    _print_alone(console, "in B only, not compared", comparison.only_b)
    _print_alone(console, "a side names no cell, so that flipped ones are not known", comparison.untold)
    say(console, "")
    if comparison.is_regression:
        say(console, f"REGRESSION: {'; '.join(comparison.reasons)}", style="bold red")
    else:
        say(console, "no regression", style="bold green")


def _print_scores(console: Console, comparison: Comparison) -> None:
    heads = ("score", ">A", ">B", ">B − A", ">interval", ">p", "verdict")
    print_grid(console, heads, [_score_line(row) for row in comparison.rows])
    remarks = [f"{row.score.title}: {row.difference.remark}" for row in comparison.rows if row.difference.remark]
    for remark in remarks:
        say(console, remark, style="dim")


def _score_line(row: Row) -> list[str | Text]:
    found = row.difference
    interval = "–" if found.low is None or found.high is None else f"{_points(found.low)} … {_points(found.high)}"
    return [
        row.score.title,
        ratio_text(row.a),
        ratio_text(row.b),
        "–" if found.difference is None else _points(found.difference),
        interval,
        "–" if row.p is None else p_text(row.p),
        Text(row.judged, style=_STYLES[row.judged]),
    ]


def ratio_text(ratio: Ratio) -> str:
    """Returns a share with what it is of: `94.1 % of 425`; a dash where there is nothing."""
    return "–" if ratio.value is None else f"{percent(ratio.value)} of {ratio.whole}"


def percent(value: float) -> str:
    """Returns a share in percent with one decimal, two below one percent; never 100 or 0 where it is only nearly so."""
    text = f"{100 * value:.{2 if abs(value) < 0.01 else 1}f}"
    if text == "100.0" and value < 1:
        text = "99.9"
    if text == "0.00":
        text = "0" if value == 0 else "0.01"
    return f"{text} %"


def p_text(p: float) -> str:
    """Returns a p, never as 0."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _points(value: float) -> str:
    """Returns a difference of shares in percentage points, signed."""
    text = f"{100 * value:+.2f}".replace("-", "−")
    return "0.00" if text in {"+0.00", "−0.00"} else text


def _print_moved(console: Console, comparison: Comparison) -> None:
    moved = [(a, b, count) for (a, b), count in comparison.moved if a != b]
    if not moved:
        return
    say(console, "Verdicts that changed", style="bold")
    print_grid(console, ("A", "B", ">tables"), [(a, b, str(count)) for a, b, count in moved])


def _print_efforts(console: Console, comparison: Comparison) -> None:
    a, b = comparison.effort_a, comparison.effort_b
    rows = [
        ("subjects read by both", str(a.subjects), str(b.subjects), ""),
        ("crashes", str(a.crashes), str(b.crashes), f"{b.crashes - a.crashes:+d}"),
        ("tokens in", f"{a.tokens_in:,}", f"{b.tokens_in:,}", f"{b.tokens_in - a.tokens_in:+,}"),
        ("tokens out", f"{a.tokens_out:,}", f"{b.tokens_out:,}", f"{b.tokens_out - a.tokens_out:+,}"),
        ("cost", cost_text(a), cost_text(b), "–" if comparison.extra_cost is None else f"{comparison.extra_cost:+f}"),
        ("seconds", f"{a.seconds:.1f}", f"{b.seconds:.1f}", f"{b.seconds - a.seconds:+.1f}"),
    ]
    print_grid(console, ("effort", ">A", ">B", ">B − A"), [[c.replace("-", "−") for c in row] for row in rows])


def cost_text(effort: Effort) -> str:
    """Returns what was paid, and of how many subjects it is not known."""
    if effort.cost is None:
        return "no price" if effort.spent else "0"
    return f"{effort.cost:f}" + (f" and {effort.unpriced} without a price" if effort.unpriced else "")


def condition_text(condition: Condition) -> str:
    """Returns a condition in words: `as it is`, or `ocr 2`, with its seed if it is not the first."""
    if condition.degradation == "none":
        return "as it is"
    seed = f" seed {condition.seed}" if condition.seed else ""
    return f"{condition.degradation} {condition.level}{seed}"


def _print_flips(console: Console, head: str, flips: Sequence[Flip], held_out: int, shown: int | None) -> None:
    hidden = f" ({held_out} of held-out cases, not shown)" if held_out else ""
    say(console, "")
    say(console, f"{head}{hidden}", style="bold")
    if not flips:
        return
    some = flips if shown is None else flips[:shown]
    heads = ("case", "condition", ">line", "row", "column", ">expected", ">A", ">B", "source line")
    print_grid(console, heads, [_flip_line(flip) for flip in some])
    if len(some) < len(flips):
        say(console, f"and {len(flips) - len(some)} more")


def _flip_line(flip: Flip) -> list[str]:
    column = f"{flip.panel}.{flip.column}" if flip.panel else flip.column
    cells = [flip.row, column, flip.expected or "·", flip.found_a or "·", flip.found_b or "·", flip.text]
    return [flip.case, condition_text(flip.condition), str(flip.line), *map(_visible, cells)]


def _visible(text: str) -> str:
    """Returns a text on one line, its tabs shown and what a terminal would obey replaced."""
    return "".join("⇥" if c == "\t" else c if c.isprintable() else "␤" if c == "\n" else "�" for c in text)


def _print_alone(console: Console, head: str, alone: Sequence[Pairing]) -> None:
    if not alone:
        return
    say(console, "")
    say(console, f"{len(alone)} {head}:", style="bold")
    for at in alone:
        setting = f" · {' '.join(filter(None, at.setting.model_dump().values()))}" if at.setting else ""
        say(console, f"  {at.case} · {condition_text(at.condition)}{setting}")
