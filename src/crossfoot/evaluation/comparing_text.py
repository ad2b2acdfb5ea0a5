"""A comparison as plain text: scores, silent errors, flipped cells with their lines, and what it cost.

Tables fit a terminal's width; piped they are plain text of their natural width.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from crossfoot.evaluation.comparison import Comparison, Flip, Pairing, Row
from crossfoot.evaluation.wording import condition_text, cost_text, p_text, points, ratio_text, setting_text, visible
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
    interval = "–" if found.low is None or found.high is None else f"{points(found.low)} … {points(found.high)}"
    return [
        row.score.title,
        ratio_text(row.a),
        ratio_text(row.b),
        "–" if found.difference is None else points(found.difference),
        interval,
        "–" if row.p is None else p_text(row.p),
        Text(row.judged, style=_STYLES[row.judged]),
    ]


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
        ("seconds", f"{a.seconds:.1f}", f"{b.seconds:.1f}", f"{round(b.seconds - a.seconds, 1) + 0.0:+.1f}"),
    ]
    print_grid(console, ("effort", ">A", ">B", ">B − A"), [[c.replace("-", "−") for c in row] for row in rows])


def _print_flips(console: Console, head: str, flips: Sequence[Flip], held_out: int, shown: int | None) -> None:
    hidden = f" ({held_out} of held-out cases, not shown)" if held_out else ""
    say(console, "")
    say(console, f"{head}{hidden}", style="bold")
    if not flips:
        return
    some = flips if shown is None else flips[:shown]
    heads = ("case", "condition", ">line", "row", "column", ">expected", ">A", ">B", "why", "source line")
    print_grid(console, heads, [_flip_line(flip) for flip in some])
    if len(some) < len(flips):
        say(console, f"and {len(flips) - len(some)} more")


def _flip_line(flip: Flip) -> list[str]:
    column = f"{flip.panel}.{flip.column}" if flip.panel else flip.column
    cells = [flip.row, column, flip.expected or "·", flip.found_a or "·", flip.found_b or "·", flip.reason, flip.text]
    return [flip.case, condition_text(flip.condition), str(flip.line), *map(visible, cells)]


def _print_alone(console: Console, head: str, alone: Sequence[Pairing]) -> None:
    if not alone:
        return
    say(console, "")
    say(console, f"{len(alone)} {head}:", style="bold")
    for at in alone:
        setting = f" · {setting_text(at.setting)}" if at.setting else ""
        say(console, f"  {at.case} · {condition_text(at.condition)}{setting}")
