"""The commands that structure and judge: `structure` and `verify`."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from crossfoot.cli.options import STORE, Database, Schemas
from crossfoot.cli.output import remark, say, status_of, write
from crossfoot.cli.reading import (
    Asking,
    BaseUrl,
    Key,
    MaxCost,
    MaxTokens,
    ModelName,
    Output,
    Prompt,
    Reader,
    desk_of,
)
from crossfoot.errors import CrossfootError
from crossfoot.resources import DEFAULT_PROMPT

if TYPE_CHECKING:
    from crossfoot.figures import Document, Source
    from crossfoot.output.summary import Summary
    from crossfoot.reading.llm.windows import Desk
    from crossfoot.storage.batch import Done, How
    from crossfoot.storage.inputs import Inputs, Listed
    from crossfoot.storage.runs import Course
    from crossfoot.storage.store import Store
    from crossfoot.tabletypes import Catalog

#: From so many files on other processes are worth their start.
_WORTH_PROCESSES = 10
#: A run over so many files ends with a line about itself.
_WORTH_A_LINE = 50


def structure(  # noqa: PLR0913  each parameter is an option of the command
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", readable=False, help="Text files, or folders of *.txt files.")
    ],
    *,
    db: Database = STORE,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write one JSON file per document.")] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Processes; as many as processors if not said.")
    ] = None,
    reader: Reader = "auto",
    prompt: Prompt = DEFAULT_PROMPT,
    base_url: BaseUrl = "",
    model: ModelName = "",
    api_key: Key = "",
    output: Output = "",
    max_tokens: MaxTokens = None,
    max_cost: MaxCost = None,
    schemas: Schemas = None,
    force: Annotated[bool, typer.Option("--force", help="Structure again what the store already has.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, in what time and with how many tokens.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="End with status 2 if another run is writing the store.")
    ] = False,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="Append a JSON line for every document.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No remarks on stderr but errors.")] = False,
) -> None:
    """Reads and checks documents and keeps them in the store.

    One document is printed as JSON, of several a summary. A file that cannot be read never stops the others.
    What the store has is not done again: after a stop of any kind the same command does the rest.
    """
    from crossfoot.storage.inputs import Inputs
    from crossfoot.tabletypes import load_catalog

    catalog = load_catalog(tuple(schemas or ()))
    inputs = Inputs(paths)
    listed = inputs.listed()
    for problem in listed.problems:
        remark(problem)
    if not listed.files:
        raise typer.Exit(2)
    if not quiet:
        for name in listed.unfollowed:
            say(f"{name}: is a link to a folder and is not followed; give the folder itself if it belongs here")
    asking = Asking(reader, prompt, base_url, model, api_key, output, max_tokens, max_cost)
    processes = jobs or (_processors() if listed.files >= _WORTH_PROCESSES else 1)
    order = _Order(inputs, listed, tuple(paths), catalog, asking, db, processes, force, no_wait, out, log, quiet)
    if dry_run:
        _say_estimate(order)
    status = 0 if dry_run else _carried_out(order)
    raise typer.Exit(1 if listed.problems else status)


class _Order(NamedTuple):
    """What the options say, with the files that they mean."""

    inputs: "Inputs"
    listed: "Listed"
    paths: tuple[Path, ...]
    catalog: "Catalog"
    asking: Asking
    db: Path
    jobs: int
    force: bool
    no_wait: bool
    out: Path | None
    log: Path | None
    quiet: bool

    @property
    def is_alone(self) -> bool:
        return self.listed.files + len(self.listed.problems) == 1

    @property
    def said(self) -> Callable[[str], None]:
        return (lambda _: None) if self.quiet else say

    def how(self, desk: "Desk | None") -> "How":
        from crossfoot.storage.batch import How

        return How(self.catalog, self.asking.reader, desk, self.said)


def _carried_out(order: _Order) -> int:
    """Structures what is missing, prints what came of it, and returns the exit status."""
    from crossfoot.output.summary import Summary
    from crossfoot.output.terminal import console_for
    from crossfoot.storage.locking import locked
    from crossfoot.storage.runs import About, running
    from crossfoot.storage.store import Store

    summary, alone = Summary(), None
    about = About(order.paths, order.asking.reader, order.jobs, order.listed.files)
    with _stopped_by_signals(order), Store(order.db) as store:
        with locked(order.db, wait=not order.no_wait, say=lambda: order.said(_whose_turn(store))):
            with desk_of(order.asking, store.calls, order.said) as desk, running(store, about) as course:
                if desk is not None:
                    course.asks(desk.model.name, desk.prompt.version, desk.spending)
                last = _go_through(order, store, course, desk, summary)
            course.write()  # with what finding out the endpoint's ways took
        if order.is_alone and last is not None and last.problem is None:
            alone = store.load(last.id), store.source(last.id)
    if alone is not None:
        _print_one(alone, order)
    elif order.is_alone and last is not None and last.problem is not None:
        raise last.problem
    else:
        summary.print(console_for(sys.stdout))
    if not order.quiet:
        _say_done(order, course)
    gone = order.listed.files - course.documents
    if gone > 0:
        what = (
            "1 file that was there at the start was" if gone == 1 else f"{gone} files that were there at the start were"
        )
        remark(CrossfootError(f"{what} gone before its turn came"))
    return 1 if course.failed or gone > 0 else status_of(severity for severity in summary.counts.severities.elements())


def _go_through(
    order: _Order, store: "Store", course: "Course", desk: "Desk | None", summary: "Summary"
) -> "Done | None":
    """Takes every file in and returns what came of the last."""
    from crossfoot.cli.watching import Log, Watch
    from crossfoot.storage.batch import structure_all

    done: Done | None = None
    how = order.how(desk)
    with (
        Log(order.log, course.number) as log,
        Watch(course, order.listed.files, quiet=order.quiet or order.is_alone) as watch,
    ):
        for done in structure_all(store, order.inputs, how, force=order.force, jobs=order.jobs, course=course):
            log.write(done)
            if done.problem is not None:
                if not order.is_alone:
                    remark(done.problem)
            elif done.outline is not None:
                summary.add(done.position, done.outline)
                if order.out:
                    _write_document(order.out, store, done)
            watch.moved()
    gone = sum(store.note_gone_below(folder) for folder in order.inputs.folders)
    if gone:
        order.said(f"{gone:,} of the files that the store knows are gone; what was read in them stays")
    return done


@contextmanager
def _stopped_by_signals(order: _Order) -> Iterator[None]:
    """Ends the command with status 130 when it is asked to stop, by Ctrl-C, by `kill`, or by a closed terminal."""
    for name in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is signal.SIG_DFL:
            signal.signal(name, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        order.said("stopped; what was finished is kept, and the same command does the rest")
        raise typer.Exit(130) from None


def _whose_turn(store: "Store") -> str:
    latest = next(iter(store.runs()), None)
    which = "another run" if latest is None else f"run {latest.id}"
    so_far = "" if latest is None else f" ({latest.documents:,} of {latest.files:,} documents so far)"
    return f"{store.path}: {which} is writing it{so_far}; waiting for its end"


def _processors() -> int:
    """Returns how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _print_one(alone: "tuple[Document, Source]", order: _Order) -> None:
    from crossfoot.output.tallies import print_document
    from crossfoot.output.terminal import console_for

    document, source = alone
    if order.out:
        print_document(console_for(sys.stdout), document, source)
    else:
        sys.stdout.write(document.model_dump_json(indent=2) + "\n")
        if not order.quiet:
            print_document(console_for(sys.stderr), document, source)


def _say_done(order: _Order, course: "Course") -> None:
    from crossfoot.cli.watching import duration

    if course.kept:
        what = "1 file is" if course.kept == 1 else f"{course.kept:,} files are"
        why, more = ("copied", "") if order.force else ("unchanged or copied", "; --force structures again")
        say(f"{what} {why} and taken from the store{more}")
    if order.listed.files >= _WORTH_A_LINE:
        counts = f"{course.structured:,} structured, {course.kept:,} kept, {course.failed:,} failed"
        say(f"run {course.number}: {course.documents:,} files in {duration(course.seconds)}: {counts}")


def _write_document(folder: Path, store: "Store", done: "Done") -> None:
    """Writes the document as it is kept, under the name of this file of it; no two files have the same."""
    from pydantic_core import from_json, to_json

    content = from_json(store.text_of(done.id))
    content["source"]["name"] = done.given.name
    name = f"{done.given.name.removesuffix('.txt')}.json"
    write(folder / name, [to_json(content, indent=2).decode(), "\n"])


def _say_estimate(order: _Order) -> None:
    """Prints what a run would do; writes nothing and asks nothing."""
    from contextlib import ExitStack

    from crossfoot.cli.watching import duration
    from crossfoot.reading.llm.asked import NoCalls
    from crossfoot.storage.estimating import estimate
    from crossfoot.storage.store import Store

    with ExitStack() as opened:
        store = opened.enter_context(Store(order.db)) if order.db.is_file() else None
        calls = NoCalls() if store is None else store.calls
        desk = opened.enter_context(desk_of(order.asking, calls, order.said))
        files = order.listed.files
        found = estimate(store, order.inputs, files, order.how(desk), force=order.force)
        kept = f"{found.kept:,} are kept already or are copies, {found.unreadable:,} cannot be read"
        lines = [f"{found.missing:,} of {files:,} files would be structured; {kept}"]
        if found.sampled:
            seconds = duration(found.seconds / min(order.jobs, _processors()))
            jobs = "1 job" if order.jobs == 1 else f"{order.jobs} jobs"
            lines.append(f"about {seconds} by columns with {jobs}, measured on {found.sampled} of them")
        if found.tokens is not None and desk is not None:
            lines.append(
                f"about {found.tokens:,} tokens of {desk.model.name}: tables and numbers that code cannot read, "
                "answers already kept and asking again not considered"
            )
            price = desk.spending.price
            if price is not None:
                most = max(price.tokens_in, price.tokens_out) * found.tokens / 1_000_000
                lines.append(f"at most about {most:.2f} by your prices")
            speeds = [run for run in (store.runs() if store else ()) if run.model == desk.model.name and run.tokens_in]
            if speeds and found.tokens:
                rate = sum(run.tokens_in + run.tokens_out for run in speeds) / sum(run.seconds for run in speeds)
                lines.append(f"about {duration(found.tokens / rate)} at the speed of the runs before")
            elif found.tokens:
                lines.append("how long the model takes is known after a first run with it")
    write(None, (f"{line}\n" for line in lines))


def verify(db: Database = STORE, schemas: Schemas = None) -> None:
    """Judges everything stored again, from the readings and source texts, and prints what comes out otherwise."""
    from crossfoot.storage.store import Store
    from crossfoot.tabletypes import load_catalog

    differing = 0
    with Store(db, must_exist=True) as store:
        for what in store.damage():
            differing += 1
            write(None, [f"{db}: the file is damaged: {what}\n"])
        number = len(store.by_id(""))
        for difference in store.verify(load_catalog(tuple(schemas or ()))):
            differing += 1
            write(None, [f"{difference.name}: {difference.what}\n"])
    what = f"{differing} differences" if differing else "nothing differs"
    sys.stderr.write(f"{number} documents judged again: {what}\n")
    raise typer.Exit(1 if differing else 0)
