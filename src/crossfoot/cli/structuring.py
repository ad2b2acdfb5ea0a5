"""The commands that structure and judge: `structure` and `verify`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    from collections.abc import Iterable, Iterator, Sequence

    from crossfoot.storage.batch import Input, Structured


def structure(  # noqa: PLR0913  each parameter is an option of the command
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", readable=False, help="Text files, or folders of *.txt files.")
    ],
    *,
    db: Database = STORE,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write one JSON file per document.")] = None,
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
    quiet: Annotated[bool, typer.Option("--quiet", help="No remarks on stderr but errors.")] = False,
) -> None:
    """Reads and checks documents and keeps them in the store.

    One document is printed as JSON, of several a summary. A file that cannot be read never stops the others.
    """
    from crossfoot.storage.batch import How, find_inputs, structure_all
    from crossfoot.storage.store import Store
    from crossfoot.tabletypes import load_catalog

    catalog = load_catalog(tuple(schemas or ()))
    inputs, problems = find_inputs(paths)
    alone = len(inputs) + len(problems) == 1
    if not inputs:
        for problem in problems:
            remark(problem)
        raise typer.Exit(2)
    asking = Asking(reader, prompt, base_url, model, api_key, output, max_tokens, max_cost)
    said = (lambda _: None) if quiet else say
    with Store(db) as store, desk_of(asking, store, said) as desk:
        how = How(catalog, reader, desk, said)
        structured = structure_all(store, _with_progress(inputs, quiet or alone), how, force=force)
        status = _print_one(next(structured), out, quiet) if alone else _print_many(structured, out, quiet)
    for problem in problems:
        remark(problem)
    raise typer.Exit(1 if problems else status)


def _print_one(done: "Structured | CrossfootError", out: Path | None, quiet: bool) -> int:
    from crossfoot.output.tallies import print_document
    from crossfoot.output.terminal import console_for

    if isinstance(done, CrossfootError):
        raise done
    if out:
        _write_document(out, done)
        print_document(console_for(sys.stdout), done.document, done.source)
    else:
        sys.stdout.write(done.document.model_dump_json(indent=2) + "\n")
        if not quiet:
            print_document(console_for(sys.stderr), done.document, done.source)
    _remark_kept(int(done.kept), quiet)
    return status_of(finding.severity for finding in done.document.findings)


def _print_many(structured: "Iterator[Structured | CrossfootError]", out: Path | None, quiet: bool) -> int:
    from crossfoot.output.tallies import outline, print_summary, print_worst
    from crossfoot.output.terminal import console_for

    outlines, kept, failed = [], 0, False
    for done in structured:
        if isinstance(done, CrossfootError):
            remark(done)
            failed = True
            continue
        if out:
            _write_document(out, done)
        outlines.append(outline(done.document))
        kept += done.kept
    if outlines:
        console = console_for(sys.stdout)
        print_summary(console, outlines)
        print_worst(console, outlines)
    _remark_kept(kept, quiet)
    return 1 if failed else status_of(severity for entry in outlines for severity in entry.severities)


def _remark_kept(kept: int, quiet: bool) -> None:
    if kept and not quiet:
        what = "1 document is" if kept == 1 else f"{kept} documents are"
        sys.stderr.write(f"{what} unchanged and taken from the store; --force structures again\n")


def _write_document(folder: Path, done: "Structured") -> None:
    from crossfoot.output.facts import document_name

    path = folder / f"{document_name(done.document)}.json"
    write(path, [done.document.model_dump_json(indent=2), "\n"])


def _with_progress(inputs: "Sequence[Input]", quiet: bool) -> "Iterable[Input]":
    if quiet or not sys.stderr.isatty():
        return inputs
    from rich.progress import track

    from crossfoot.output.terminal import console_for

    return track(inputs, description="structuring", console=console_for(sys.stderr), transient=True)


def verify(db: Database = STORE, schemas: Schemas = None) -> None:
    """Judges everything stored again, from the readings and source texts, and prints what comes out otherwise."""
    from crossfoot.storage.store import Store
    from crossfoot.tabletypes import load_catalog

    differing = 0
    with Store(db, must_exist=True) as store:
        number = len(store.documents())
        for difference in store.verify(load_catalog(tuple(schemas or ()))):
            differing += 1
            write(None, [f"{difference.name}: {difference.what}\n"])
    what = f"{differing} differences" if differing else "nothing differs"
    sys.stderr.write(f"{number} documents judged again: {what}\n")
    raise typer.Exit(1 if differing else 0)
