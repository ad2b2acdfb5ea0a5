"""The words of the evaluation: shares, conditions, settings and costs as they are printed everywhere."""

from collections.abc import Sequence

from crossfoot.evaluation.nouns import Condition, Measurement, Setting
from crossfoot.evaluation.totals import Effort, Group, Ratio


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


def points(value: float) -> str:
    """Returns a difference of shares in percentage points, signed."""
    text = f"{100 * value:+.2f}".replace("-", "−")
    return "0.00" if text in {"+0.00", "−0.00"} else text


def ratio_text(ratio: Ratio) -> str:
    """Returns a share with what it is of: `94.1 % of 425`; a dash where there is nothing."""
    return "–" if ratio.value is None else f"{percent(ratio.value)} of {ratio.whole}"


def cost_text(effort: Effort) -> str:
    """Returns what was paid, and of how many subjects it is not known."""
    if effort.cost is None:
        return "no price" if effort.spent else "0"
    return f"{effort.cost:f}" + (f" and {effort.unpriced} without a price" if effort.unpriced else "")


def condition_text(condition: Condition) -> str:
    """Returns a condition in words: `as it is`, or `ocr 2`, with its seed if it is not the first."""
    if condition.level == 0:
        return "as it is"
    seed = f" seed {condition.seed}" if condition.seed else ""
    return f"{condition.degradation} {condition.level}{seed}"


def group_text(group: Group) -> str:
    """Returns a degradation with its level in words."""
    return "as it is" if group.level == 0 else f"{group.degradation} {group.level}"


def visible(text: str) -> str:
    """Returns a text on one line, its tabs shown and what a terminal would obey replaced."""
    return "".join("⇥" if c == "\t" else c if c.isprintable() else "␤" if c == "\n" else "�" for c in text)


def setting_text(setting: Setting) -> str:
    """Returns a setting in words: `grid`, or reader, prompt and model."""
    return " · ".join(filter(None, (setting.reader, setting.prompt, setting.model)))


def stamp_text(measurements: Sequence[Measurement]) -> str:
    """Returns by which code, schemas and prompts a run was measured, in a line; hashes are cut short."""
    found: dict[str, list[str]] = {
        "commit": sorted({one.stamp.commit for one in measurements} - {""}),
        "code": sorted({one.stamp.code[:12] for one in measurements}),
        "schemas": sorted({one.stamp.schema_sha256[:12] for one in measurements}),
        "prompts": sorted({one.stamp.prompt_sha256[:12] for one in measurements} - {""}),
    }
    return " · ".join(f"{name} {', '.join(many)}" for name, many in found.items() if many)
