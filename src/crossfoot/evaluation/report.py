"""A run's measurements → one page of HTML that needs nothing else, or the same totals as Markdown.

Held-out cases are in the totals, beside the open ones; none of their cells is shown.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from crossfoot.evaluation.comparison import SourceLines
from crossfoot.evaluation.nouns import Measurement, Setting
from crossfoot.evaluation.plots import HEIGHT, WIDTH, legend, panels
from crossfoot.evaluation.totals import (
    SCORE,
    Effort,
    Group,
    Ratio,
    Tally,
    effort_of,
    efforts,
    group_of,
    tallies,
)
from crossfoot.evaluation.wording import condition_text, cost_text, group_text, percent, setting_text, visible
from crossfoot.evaluation.worst import worst_tables

_NOTHING = "–"
#: The sign of each kind of miss, so that colour is not needed to tell them apart.
SIGNS = {"wrong": "≠", "missing": "∅", "misplaced": "↔", "invented": "+", "unseen": "≈"}


class Column(NamedTuple):
    """A column of totals: its head, what it says, and its text for a tally; `is_alarm` says what must be seen."""

    head: str
    meaning: str
    text: Callable[[Tally], str]
    is_alarm: Callable[[Tally], bool] = lambda _: False


class Shown(NamedTuple):
    """A field of a table."""

    text: str
    is_alarm: bool = False


class Row(NamedTuple):
    """A row of a table: what it is of, and its fields."""

    heads: tuple[str, ...]
    fields: tuple[Shown, ...]


class Section(NamedTuple):
    """A table of totals of one setting."""

    name: str
    rows: tuple[Row, ...]


class Fact(NamedTuple):
    """A line of the head: what, and its values."""

    name: str
    values: tuple[str, ...]


def _share(name: str) -> Callable[[Tally], str]:
    return lambda tally: _percent(SCORE[name].ratio(tally))


def _percent(ratio: Ratio) -> str:
    return _NOTHING if ratio.value is None else percent(ratio.value)


def _silent(tally: Tally) -> str:
    rate = SCORE["silent"].ratio(tally).value
    sign = "▲ " if tally.silent_amounts else ""
    return f"{sign}{tally.silent_amounts}" + (f" ({percent(rate)})" if rate else "")


def _bound(tally: Tally) -> str:
    return f"≤ {percent(tally.silent_bound)}" if tally.given_amounts else _NOTHING


def _bound_of_tables(tally: Tally) -> str:
    if not tally.given:
        return _NOTHING
    return f"{tally.silent_tables} of {tally.given} (≤ {percent(tally.silent_tables_bound)})"


def _bound_of_cases(tally: Tally) -> str:
    if not tally.given:
        return _NOTHING
    return f"{tally.silent_cases} of {tally.given_cases} (≤ {percent(tally.silent_cases_bound)})"


RECALL = Column(
    "amount recall", "read right, of all labelled amounts that the text still says", _share("amount_recall")
)
PRECISION = Column("amount precision", "read right, of the amounts that were given out", _share("amount_precision"))
TEXTS = Column(
    "text recall", "read right, of all labelled cells of text that the text still says", _share("text_recall")
)
WHOLE = Column("wholly right", "tables found, typed, and read without a miss", _share("wholly_right"))
SILENT = Column(
    "silent amounts",
    "wrong, missing or invented in a table given out as accepted or repaired; the rate is of its labelled amounts",
    _silent,
    lambda tally: tally.silent_amounts > 0,
)
BOUND = Column(
    "bound", "the 95 % upper bound of that rate (Clopper–Pearson), as if amounts failed independently", _bound
)
PROVED = Column("proved", "of all labelled amounts, read right and pinned by a sum that holds", _share("proved"))

READ = (
    Column("tables", "labelled tables", lambda tally: f"{tally.tables:,}"),
    Column("found", "tables found where they stand", _share("found")),
    Column("typed", "tables whose form was recognised", _share("typed")),
    WHOLE,
    Column("amounts", "labelled amounts, scores, counts and ratios", lambda tally: f"{tally.amounts:,}"),
    RECALL,
    PRECISION,
    Column("texts", "labelled cells of text", lambda tally: f"{tally.texts:,}"),
    TEXTS,
    Column("text precision", "read right, of the cells of text that were given out", _share("text_precision")),
)
TRUST = (
    SILENT,
    BOUND,
    Column(
        "tables with one",
        "tables given out that hold a silent amount, with the bound of their share, as if tables failed independently",
        _bound_of_tables,
        lambda tally: tally.silent_tables > 0,
    ),
    Column(
        "cases with one",
        "cases that in any condition were given out with a silent amount, of those given out at all, with the bound; "
        "the safest one, as the cells of a table are wrong together, and so is a table in several conditions",
        _bound_of_cases,
        lambda tally: tally.silent_cases > 0,
    ),
    Column("unseen", "amounts whose damage left no trace in the text; counted apart", lambda tally: str(tally.unseen)),
    PROVED,
    Column("proved wrong", "amounts called proved that are not right", lambda t: str(t.proved_wrong),
           lambda tally: tally.proved_wrong > 0),
    Column("checks", "of the declared checks, executed", _share("checked")),
)  # fmt: skip
VERDICTS = (
    Column("accepted", "grounded, covered, and every check holds", lambda tally: str(tally.accepted)),
    Column("repaired", "accepted after repairs with evidence", lambda tally: str(tally.repaired)),
    Column("flagged", "given out with a reason to look at it", lambda tally: str(tally.flagged)),
    Column("not found", "tables that nobody made", lambda t: str(t.not_found), lambda t: t.not_found > 0),
    Column("crashed", "tables of documents that failed as a whole", lambda t: str(t.crashed), lambda t: t.crashed > 0),
    Column("right repairs", "repaired amounts that are what was printed", lambda t: str(t.repaired_right)),
    Column("wrong repairs", "those that are not", lambda t: str(t.repaired_wrong), lambda t: t.repaired_wrong > 0),
    Column("right derived", "computed amounts, not counted as read, that are true", lambda t: str(t.derived_right)),
    Column("wrong derived", "those that are not", lambda tally: str(tally.derived_wrong)),
)
LEVELS = (RECALL, PRECISION, TEXTS, WHOLE, SILENT, BOUND, PROVED)


def html(measurements: Sequence[Measurement], title: str, source_lines: SourceLines | None = None) -> str:
    """Returns the page; without `source_lines` the worst tables have no text beside their misses."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(**_context(measurements, title, source_lines))


def write_html(
    path: Path, measurements: Sequence[Measurement], title: str, source_lines: SourceLines | None = None
) -> None:
    """Writes the page."""
    path.write_text(html(measurements, title, source_lines), encoding="utf-8")


def _context(measurements: Sequence[Measurement], title: str, source_lines: SourceLines | None) -> dict[str, Any]:
    tallied = tallies(measurements)
    settings = settings_of(measurements)
    return {
        "title": title,
        "facts": stamps(measurements),
        "read": READ,
        "trust": TRUST,
        "verdicts": VERDICTS,
        "levels": LEVELS,
        "read_rows": summary(measurements, READ),
        "trust_rows": summary(measurements, TRUST),
        "verdict_rows": summary(measurements, VERDICTS),
        "level_sections": by_level(measurements),
        "panels": panels(tallied, settings),
        "legend": legend(settings),
        "width": WIDTH,
        "height": HEIGHT,
        "effort_heads": EFFORT,
        "effort_rows": effort_rows(measurements),
        "causes": causes(measurements),
        "crashes": crashes(measurements),
        "statement_heads": STATEMENTS,
        "statements": statements(measurements),
        "worst": worst_tables(measurements, source_lines),
        "signs": SIGNS,
        "visible": visible,
    }


def settings_of(measurements: Iterable[Measurement]) -> list[Setting]:
    """Returns the settings in order."""
    return sorted({one.setting for one in measurements}, key=lambda setting: Group(setting).order)


def stamps(measurements: Sequence[Measurement]) -> tuple[Fact, ...]:
    """Returns what was measured, of which code, with what, where and when."""
    stamped = [one.stamp for one in measurements]
    tables = {score.case: score.held_out for one in measurements for score in one.tables}
    prompts = {f"{m.setting.prompt} {m.stamp.prompt_sha256[:12]}" for m in measurements if m.setting.prompt}
    times = sorted(stamp.measured_at for stamp in stamped)
    facts = (
        ("cases", {f"{len(tables)}, {sum(tables.values())} of them held out"}),
        ("measurements", {str(len(measurements))}),
        ("commit", {stamp.commit for stamp in stamped}),
        ("code", {stamp.code for stamp in stamped}),
        ("labels and texts", {stamp.cases_sha256[:12] for stamp in stamped}),
        ("schemas", {stamp.schema_sha256[:12] for stamp in stamped}),
        ("prompts", prompts),
        ("models", {one.setting.model for one in measurements}),
        ("model settings", {stamp.model_settings for stamp in stamped}),
        ("machine", {stamp.machine for stamp in stamped}),
        ("measured", {" to ".join(dict.fromkeys((times[0], times[-1])))} if times else set()),
    )
    return tuple(Fact(name, found) for name, values in facts if (found := tuple(sorted(values - {""}))))


def summary(measurements: Sequence[Measurement], columns: Sequence[Column]) -> tuple[Row, ...]:
    """Returns a row for the open and one for the held-out cases of each setting, over all conditions."""
    return tuple(
        Row((setting_text(group.setting), _whose(held_out=held_out)), _fields(tally, columns))
        for (group, held_out), tally in tallies(measurements, together=True).items()
    )


def by_level(measurements: Sequence[Measurement]) -> tuple[Section, ...]:
    """Returns, for each setting, a row for each degradation and level: each column of open, then of held-out cases."""
    tallied = tallies(measurements)
    sections = []
    for setting in settings_of(measurements):
        groups = sorted({group for group, _ in tallied if group.setting == setting}, key=lambda group: group.order)
        groups.sort(key=lambda group: group.level != 0)
        rows = []
        for group in groups:
            sides = [tallied.get((group, held_out), Tally()) for held_out in (False, True)]
            fields = [_fields(side, [column])[0] for column in LEVELS for side in sides]
            name = "as it is" if group.level == 0 else group.degradation
            heads = (name, str(group.level), " + ".join(str(side.tables) for side in sides))
            rows.append(Row(heads, tuple(fields)))
        sections.append(Section(setting_text(setting), tuple(rows)))
    return tuple(sections)


def _fields(tally: Tally, columns: Iterable[Column]) -> tuple[Shown, ...]:
    if not tally.tables:
        return tuple(Shown(_NOTHING) for _ in columns)
    return tuple(Shown(column.text(tally), column.is_alarm(tally)) for column in columns)


def _whose(*, held_out: bool) -> str:
    return "held out" if held_out else "open"


EFFORT = ("subjects", "crashes", "calls", "tokens in", "tokens out", "cost", "seconds")


def effort_rows(measurements: Sequence[Measurement]) -> tuple[Row, ...]:
    """Returns what each setting took, and in which condition; subjects hold open and held-out cases alike."""
    rows = []
    for setting in settings_of(measurements):
        own = [one for one in measurements if one.setting == setting]
        rows.append(Row((setting_text(setting), "all"), _effort_fields(effort_of(own))))
        for group, effort in efforts(own).items():
            rows.append(Row((setting_text(setting), group_text(group)), _effort_fields(effort)))
    return tuple(rows)


def _effort_fields(effort: Effort) -> tuple[Shown, ...]:
    calls = sum(spent.calls for spent in effort.spent)
    counts = [f"{count:,}" for count in (calls, effort.tokens_in, effort.tokens_out)]
    crashes_shown = Shown(str(effort.crashes), effort.crashes > 0)
    rest = (Shown(text) for text in (*counts, cost_text(effort), f"{effort.seconds:.1f}"))
    return (Shown(str(effort.subjects)), crashes_shown, *rest)


def causes(measurements: Sequence[Measurement]) -> tuple[Row, ...]:
    """Returns the tokens of each setting by cause."""
    return tuple(
        Row((setting_text(setting), spent.cause), tuple(Shown(f"{count:,}") for count in counts))
        for setting in settings_of(measurements)
        for spent in effort_of(one for one in measurements if one.setting == setting).spent
        for counts in [(spent.calls, spent.tokens_in, spent.tokens_out)]
    )


def crashes(measurements: Sequence[Measurement]) -> tuple[Row, ...]:
    """Returns a row for each crash; where a held-out case is in the subject, its kind alone."""
    rows = []
    for one in measurements:
        if one.error:
            said = one.error.strip().split("\n")[-1]
            if any(score.held_out for score in one.tables):
                said = said.split(":")[0]
            heads = (one.subject, condition_text(one.condition), setting_text(one.setting))
            rows.append(Row(heads, (Shown(visible(said)),)))
    return tuple(sorted(rows))


STATEMENTS = (
    "findings reported", "missed", "matching no label", "of them where silence is due",
    "facts right", "facts missing", "facts wrong",
)  # fmt: skip


def statements(measurements: Sequence[Measurement]) -> tuple[Row, ...]:
    """Returns how the findings and facts of each setting and condition were scored, wholly held-out documents apart.

    Findings above a note that match no label are counted of undamaged texts only: elsewhere they may report the damage.
    """
    grouped: dict[tuple[Group, bool], list[Measurement]] = {}
    for one in measurements:
        if one.findings is not None or one.facts is not None:
            is_held_out = all(table.held_out for table in one.tables)
            grouped.setdefault((group_of(one), is_held_out), []).append(one)
    rows = []
    for group, is_held_out in sorted(grouped, key=lambda key: (key[0].order, key[1])):
        own = grouped[group, is_held_out]
        findings = [one.findings for one in own if one.findings is not None]
        facts = [one.facts for one in own if one.facts is not None]
        outcomes = Counter(label.outcome for score in findings for label in score.outcomes)
        violated = sum(len(score.violated) for score in findings)
        unmatched = sum(len(score.unmatched) for score in findings)
        is_damaged = group.level > 0
        said = (
            Shown(str(outcomes["reported"])),
            Shown(str(outcomes["missed"])),
            Shown("–" if is_damaged else str(unmatched)),
            Shown("–") if is_damaged else Shown(str(violated), violated > 0),
            Shown(str(sum(score.right for score in facts))),
            Shown(str(sum(len(score.missing) for score in facts))),
            Shown(str(sum(len(score.wrong) for score in facts))),
        )
        whose = _whose(held_out=is_held_out)
        rows.append(Row((setting_text(group.setting), group_text(group), whose), said))
    return tuple(rows)
