"""The totals of a run as Markdown, for eval/reports/."""

from collections.abc import Sequence
from pathlib import Path

from crossfoot.evaluation import report
from crossfoot.evaluation.nouns import Measurement
from crossfoot.evaluation.report import EFFORT, LEVELS, READ, STATEMENTS, TRUST, VERDICTS, Row


def markdown(measurements: Sequence[Measurement], title: str) -> str:
    """Returns the report: stamps, totals by setting and by level, what it took, crashes; no cell of any case."""
    parts = [
        f"# {_plain(title)}",
        "\n".join(f"- {f.name}: {_plain('; '.join(f.values))}." for f in report.stamps(measurements)),
    ]
    whose = ("setting", "cases")
    parts += ["## What was read", table((*whose, *(c.head for c in READ)), report.summary(measurements, READ))]
    trust = report.summary(measurements, TRUST)
    parts += ["## How far it can be trusted", table((*whose, *(c.head for c in TRUST)), trust)]
    verdicts = report.summary(measurements, VERDICTS)
    parts += ["## Verdicts and repairs", table((*whose, *(column.head for column in VERDICTS)), verdicts)]
    meanings = [f"- *{column.head}*: {column.meaning}." for column in (*READ, *TRUST, *VERDICTS)]
    parts.append("\n".join(meanings))
    said = report.statements(measurements)
    if said:
        parts += ["## Findings and facts", table(("setting", "condition", "documents", *STATEMENTS), said)]
    parts.append(
        "## By degradation and level\n\n"
        "Of each pair of columns the second is of held-out cases; tables are open + held-out ones."
    )
    heads = [text for column in LEVELS for text in (column.head, "held out")]
    for section in report.by_level(measurements):
        parts += [f"### {_plain(section.name)}", table(("degradation", "level", "tables", *heads), section.rows)]
    parts += ["## What it took", table(("setting", "condition", *EFFORT), report.effort_rows(measurements))]
    causes, crashes = report.causes(measurements), report.crashes(measurements)
    if causes:
        parts.append(table(("setting", "cause", "calls", "tokens in", "tokens out"), causes))
    if crashes:
        parts += ["## Crashes", table(("subject", "condition", "setting", "error"), crashes)]
    return "\n\n".join(parts) + "\n"


def write_markdown(path: Path, measurements: Sequence[Measurement], title: str) -> None:
    """Writes the report."""
    path.write_text(markdown(measurements, title), encoding="utf-8")


def table(heads: Sequence[str], rows: Sequence[Row]) -> str:
    """Returns a table of Markdown; what is no head of a row stands at the right."""
    names = len(rows[0].heads) if rows else len(heads)
    lines = [_line(heads), _line(["---" if at < names else "---:" for at in range(len(heads))])]
    lines += [_line([*map(_plain, row.heads), *(_plain(field.text) for field in row.fields)]) for row in rows]
    return "\n".join(lines)


def _line(fields: Sequence[str]) -> str:
    return f"| {' | '.join(fields)} |"


def _plain(text: str) -> str:
    """Returns a text that Markdown leaves as it is."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for sign in "\\|`*[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
