"""The commands that measure how well crossfoot reads: `eval run`, `eval compare` and `eval report`."""

import sys
import time
from collections import deque
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from crossfoot.cli.options import Schemas
from crossfoot.cli.output import say
from crossfoot.cli.reading import BaseUrl, Key
from crossfoot.errors import CrossfootError
from crossfoot.resources import DEFAULT_PROMPT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from crossfoot.evaluation.measure import Task
    from crossfoot.evaluation.nouns import Condition, Measurement, Setting
    from crossfoot.evaluation.run import Bench, Prepared
    from crossfoot.evaluation.runfile import RunFile

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Measures how well crossfoot reads: labelled tables, degraded texts, and the numbers of two runs compared.

    \b
    crossfoot eval run --out grid.jsonl                         every document, degraded in every way, by columns alone
    crossfoot eval run --reader llm --scope tables --case '002*' --prompt rows-1 --prompt objects-1 --out two.jsonl
    crossfoot eval compare two.jsonl:objects-1 two.jsonl:rows-1   exit status 1 where the second is worse
    crossfoot eval report grid.jsonl --out grid.html
    crossfoot eval check grid.jsonl eval/baseline.json            exit status 1 where a score fell
    """,
)

RUN = Path("out/eval/run.jsonl")
CASES = Path("eval/cases")

Cases = Annotated[Path, typer.Option("--cases", metavar="DIR", help="The labelled tables.")]
Texts = Annotated[
    list[Path] | None, typer.Option("--texts", metavar="DIR", help="Where their texts are; several may be given.")
]

_RECORD = "calls.jsonl"
_SECONDS_BETWEEN_LINES = 10.0
_READERS: dict[str, Literal["grid", "auto", "llm"]] = {"grid": "grid", "auto": "auto", "llm": "llm"}


@app.command()
def run(  # noqa: PLR0913  each parameter is an option of the command
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The run's file; one there goes on.")] = RUN,
    cases: Cases = CASES,
    texts: Texts = None,
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="PATTERN", help="Only these cases, e.g. '003_fa*'.")
    ] = None,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only cases that are not held out: for whoever tunes readers or prompts.")
    ] = False,
    degrade: Annotated[
        list[str] | None,
        typer.Option("--degrade", metavar="NAME", help="Only these; `none` is no damage."),
    ] = None,
    level: Annotated[list[int] | None, typer.Option("--level", min=1, max=4, help="Only these levels, 1 to 4.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Degrade each text so many times, every time otherwise.")] = 1,
    scope: Annotated[
        Literal["documents", "tables"], typer.Option(help="Whole documents, or each table as a text of its own.")
    ] = "documents",
    reader: Annotated[list[str] | None, typer.Option("--reader", metavar="NAME", help="grid, auto or llm.")] = None,
    prompt: Annotated[
        list[str] | None, typer.Option("--prompt", metavar="VERSION", help="Prompt versions for readers with a model.")
    ] = None,
    model: Annotated[list[str] | None, typer.Option("--model", metavar="NAME", help="Models at the endpoint.")] = None,
    base_url: BaseUrl = "",
    api_key: Key = "",
    schemas: Schemas = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes for what asks no model.")] = 2,
    minutes: Annotated[float, typer.Option(min=0, help="Start nothing more after so many minutes.")] = 1e6,
) -> None:
    """Measures cases × degradations × readers × prompts × models and keeps each result in the run's file.

    What the file has from this very code is not measured again; a run that was stopped goes on where it was.
    """
    from crossfoot.evaluation.run import Bench, prepare, tasks_of
    from crossfoot.evaluation.runfile import RunFile, held

    bench = Bench(cases, _folders(texts, cases), tuple(schemas or ()), scope, tuple(case or ()), only_open)
    prepared = prepare(bench)
    conditions = conditions_of(degrade or (), level or (), seeds)
    settings = settings_of(reader or ["grid"], prompt or [DEFAULT_PROMPT], model or [""])
    tasks = tasks_of(prepared.subjects, conditions, settings)
    with held(out):
        place = Place(bench, RunFile(out), base_url, api_key, jobs)
        left = _measure(tasks, settings, prepared, place, time.monotonic() + 60 * minutes)
        status = _conclude(tasks, place.file, left)
    raise typer.Exit(status)


def _measure(
    tasks: "Sequence[Task]", settings: "Sequence[Setting]", prepared: "Prepared", place: "Place", until: float
) -> int:
    """Measures what the file does not have, setting by setting, and returns how many tasks are left."""
    from crossfoot.evaluation.run import missing

    left = 0
    for setting in settings:
        own = [task for task in tasks if task.setting == setting]
        if time.monotonic() >= until:
            left += len(missing(own, place.file, prepared))
            continue
        with _measuring(own, prepared, place) as (waiting, measuring):
            left += len(waiting)
            for measurement in _shown(measuring, _called(setting), len(waiting)):
                place.file.add(measurement)
                left -= 1
                if time.monotonic() >= until:
                    waiting.clear()
    return left


def _folders(texts: list[Path] | None, cases: Path) -> tuple[Path, ...]:
    return tuple(texts or [Path("examples"), cases / "documents"])


def _conclude(tasks: "Sequence[Task]", file: "RunFile", left: int) -> int:
    """Says how far the run is, and returns the exit status: 1 with crashes or with a rest."""
    file.tidy()
    crashes = sum(bool(file.made[task].error) for task in tasks if task in file.made)
    say(
        f"{file.path}: {len(tasks) - left} of {len(tasks)} measurements"
        + (f", {crashes} of them crashes" if crashes else "")
        + ("; the same command goes on with the rest" if left else "")
    )
    return 1 if crashes or left else 0


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A run's file, or FILE:SETTING, e.g. two.jsonl:rows-1.")],
    b: Annotated[str, typer.Argument(metavar="B", help="What is compared with it.")],
    *,
    every: Annotated[bool, typer.Option("--all", help="Show every flipped cell, not only the first 40.")] = False,
    cases: Cases = CASES,
    texts: Texts = None,
) -> None:
    """Compares B with A, table by table: scores with intervals, flipped cells with their lines, tokens and cost.

    Exit status 1 where B is worse: a score that fell significantly, a new silent error, a new crash.
    """
    from crossfoot.evaluation.comparing_text import SHOWN, print_comparison
    from crossfoot.evaluation.comparison import compare as compared
    from crossfoot.evaluation.comparison import remarks_on
    from crossfoot.evaluation.wording import stamp_text
    from crossfoot.output.terminal import console_for

    sides = _selected(a), _selected(b)
    for remark in remarks_on(*sides):
        say(remark)
    comparison = compared(*sides, _source_lines([*sides[0], *sides[1]], cases, texts))
    named = [f"{name} · {stamp_text(side)}" for name, side in zip((a, b), sides, strict=True)]
    print_comparison(console_for(sys.stdout), comparison, named[0], named[1], shown=None if every else SHOWN)
    raise typer.Exit(1 if comparison.is_regression else 0)


@app.command()
def report(
    runs: Annotated[list[str], typer.Argument(metavar="RUN…", help="Files of runs, or FILE:SETTING.")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="report.html, or report.md for a summary.")],
    title: Annotated[str, typer.Option(help="The report's title.")] = "How well crossfoot reads",
    cases: Cases = CASES,
    texts: Texts = None,
) -> None:
    """Writes one page of runs: scores, plots against the level of damage, the worst tables beside their source."""
    from crossfoot.evaluation.report import write_html
    from crossfoot.evaluation.report_markdown import write_markdown

    measurements = [one for run in runs for one in _selected(run)]
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".md":
        write_markdown(out, measurements, title)
    else:
        write_html(out, measurements, title, _source_lines(measurements, cases, texts))
    say(f"{out}: written")


@app.command()
def check(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's file.")],
    baseline: Annotated[Path, typer.Argument(metavar="BASELINE", help="The committed scores.")],
    *,
    write: Annotated[bool, typer.Option("--write", help="Make the run's scores the baseline.")] = False,
) -> None:
    """Compares a run's scores with committed ones; exit status 1 where one fell or a silent error appeared."""
    from crossfoot.evaluation import baseline as gate

    measurements = _selected(run)
    if write:
        gate.write_baseline(baseline, gate.baseline_of(measurements))
        say(f"{baseline}: written")
        return
    checked = gate.check(measurements, gate.load_baseline(baseline))
    for fall in checked.falls:
        write_line = f"{fall.group}: {fall.score} {fall.before[0]}/{fall.before[1]} → {fall.now[0]}/{fall.now[1]}"
        sys.stdout.write(("SILENT ERROR " if fall.is_silent else "fell ") + write_line + "\n")
    for group in checked.missing:
        sys.stdout.write(f"not measured, or fewer tables of it: {group}\n")
    for group in checked.new:
        sys.stdout.write(f"not in the baseline: {group}\n")
    if checked.rises and not checked.falls:
        say(f"{checked.rises} scores rose; `crossfoot eval check {run} {baseline} --write` holds them from now on")
    bad = bool(checked.falls or checked.missing)
    say(f"{len(measurements)} measurements against {baseline}: " + ("worse" if bad else "nothing fell"))
    raise typer.Exit(1 if bad else 0)


def _selected(named: str) -> "list[Measurement]":
    """Returns the measurements of a file, or of one of its settings where that is named behind a colon."""
    from crossfoot.evaluation.runfile import RunError, load_run, of_setting

    path, _, words = (named, "", "") if Path(named).is_file() else named.rpartition(":")
    measurements = load_run(Path(path or named))
    chosen = of_setting(measurements, words)
    if not chosen:
        settings = sorted({_called(one.setting) for one in measurements})
        raise RunError(f"{path or named}: nothing of {words!r}; it has {', '.join(settings) or 'no measurement'}")
    return chosen


def _source_lines(
    measurements: "Sequence[Measurement]", cases: Path, texts: list[Path] | None
) -> "Callable[[str, Condition], list[str]] | None":
    """Returns what gives the degraded lines of a subject; None where the run is of other texts or older code."""
    from crossfoot.evaluation.run import Bench, prepare
    from crossfoot.evaluation.subjects import degraded

    folders = _folders(texts, cases)
    whole, cut = (prepare(Bench(cases, folders, scope=scope)) for scope in ("documents", "tables"))
    today = whole.stamp.code, whole.stamp.cases_sha256
    if any((one.stamp.code, one.stamp.cases_sha256) != today for one in measurements):
        say("the run is of other code or labels: source lines are not shown")
        return None
    subjects = whole.subjects | cut.subjects
    return lambda subject, condition: [line.text for line in degraded(subjects[subject], condition).lines]


def conditions_of(names: "Sequence[str]", levels: "Sequence[int]", seeds: int) -> "list[Condition]":
    """Returns the conditions that the options say; without any, the text as it is and every degradation and level."""
    from crossfoot.evaluation.degradations import DEGRADATIONS
    from crossfoot.evaluation.nouns import Condition

    unknown = sorted(set(names) - {"none", *DEGRADATIONS})
    if unknown:
        raise CrossfootError(f"--degrade {unknown[0]!r} is unknown; known are none, {', '.join(DEGRADATIONS)}")
    wanted = names or ("none", *DEGRADATIONS)
    every = product((name for name in wanted if name != "none"), levels or (1, 2, 3, 4), range(1, seeds + 1))
    found = [Condition(degradation=name, level=level, seed=seed) for name, level, seed in every]
    return [Condition(), *found] if "none" in wanted else found


def settings_of(readers: "Sequence[str]", prompts: "Sequence[str]", models: "Sequence[str]") -> "list[Setting]":
    """Returns the settings that the options say; the grid reader has neither prompt nor model."""
    from crossfoot.evaluation.nouns import Setting
    from crossfoot.reading.llm.modelfile import DEFAULT_MODEL

    found: list[Setting] = []
    for reader in readers:
        if reader not in _READERS:
            raise CrossfootError(f"--reader {reader!r} is unknown; known are {', '.join(_READERS)}")
        if reader == "grid":
            found.append(Setting())
            continue
        for version, model in product(prompts, models):
            found.append(Setting(reader=_READERS[reader], prompt=version, model=model or DEFAULT_MODEL.name))
    return found


class Place(NamedTuple):
    """Where a run is measured: on which bench, into which file, at which endpoint with which key, in how many jobs."""

    bench: "Bench"
    file: "RunFile"
    base_url: str
    key: str
    jobs: int


@contextmanager
def _measuring(
    tasks: "Sequence[Task]", prepared: "Prepared", place: Place
) -> "Iterator[tuple[deque[Task], Iterable[Measurement]]]":
    """Yields which of a setting's tasks wait to be measured, and the measurements as they are made."""
    from crossfoot.evaluation.measure import Asking
    from crossfoot.evaluation.recording import Record
    from crossfoot.evaluation.run import missing, run_in_processes, run_with_model, stamp_of
    from crossfoot.reading.llm.opening import Wanted, open_desk
    from crossfoot.reading.llm.spending import Spending

    setting = tasks[0].setting
    if setting.reader == "grid":
        new = deque(missing(tasks, place.file, prepared, prepared.stamp))
        yield new, run_in_processes(new, place.bench, prepared, place.jobs)
        return
    wanted = Wanted(base_url=place.base_url, model=setting.model, key=place.key, prompt=setting.prompt)
    record = Record(place.file.path.parent / _RECORD)
    with open_desk(wanted, record, Spending(), say) as desk:
        if desk is None:
            raise CrossfootError(
                f"--reader {setting.reader} needs a model: `crossfoot model pull` fetches one, or give --base-url"
            )
        new = deque(missing(tasks, place.file, prepared, stamp_of(prepared, desk)))
        yield new, run_with_model(new, prepared, Asking(desk, record))


def _shown(measuring: "Iterable[Measurement]", called: str, number: int) -> "Iterator[Measurement]":
    """Yields the measurements and shows how far they are: a bar at a terminal, else a line now and then."""
    if not number:
        return
    if sys.stderr.isatty():
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        from crossfoot.output.terminal import console_for

        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=console_for(sys.stderr), transient=True) as progress:
            yield from progress.track(measuring, total=number, description=called)
        return
    started = said = time.monotonic()
    for done, measurement in enumerate(measuring, start=1):
        yield measurement
        passed = time.monotonic() - started
        if time.monotonic() - said > _SECONDS_BETWEEN_LINES or done == number:
            said = time.monotonic()
            rate = done / passed if passed else 0.0
            left = (number - done) / rate if rate else 0.0
            say(f"{called}: {done} of {number}, {rate:.1f} a second, {left:.0f} seconds left")


def _called(setting: "Setting") -> str:
    return " ".join(word for word in (setting.reader, setting.prompt, setting.model) if word)
