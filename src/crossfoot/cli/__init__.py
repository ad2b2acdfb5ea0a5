"""The command line: parse, call, print. Data on stdout, remarks on stderr.

Exit status: 0 no warning or error was found, 1 some were (or a file of several could not be read), 2 misuse.
What a command needs is imported inside it, so that `--help` answers at once.
"""

import errno
import os
import sys
from collections.abc import Callable

import typer

from crossfoot.cli import analysing, asking, evaluating, models, reviewing, running, schemas, structuring
from crossfoot.cli.output import remark, speak_utf8, write
from crossfoot.errors import CrossfootError
from crossfoot.version import VERSION

__all__ = ["app", "main"]

app = typer.Typer(
    name="crossfoot",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""Turns messy government budget disclosures into checked data.

    Nothing invented, nothing dropped, nothing misplaced, or it is flagged.

    \b
    crossfoot structure disclosures/   read, check and keep every *.txt below a folder
    crossfoot show 雁塔 表5            one table, with the sums that fail written out
    crossfoot flags                    what needs a person's eye, worst first
    crossfoot export --format facts    every cell of every document as CSV

    Exit status: 0 no warning or error was found, 1 some were, 2 the command was not understood.
    """,
)

#: What `--help` shows below each command.
_EXAMPLES: tuple[tuple[Callable[..., None], tuple[str, ...]], ...] = (
    (
        structuring.structure,
        (
            "crossfoot structure disclosure.txt > disclosure.json",
            "crossfoot structure disclosures/ --out json/",
            "crossfoot structure archive/ --db archive.db --jobs 8 --log archive.jsonl",
        ),
    ),
    (
        asking.get,
        (
            "crossfoot get 雁塔 --year 2021 --table 表5 --format csv",
            "crossfoot get 医保局 --region 雁塔 --kind budget",
            "crossfoot get 雁塔 --format xlsx --out 雁塔.xlsx",
        ),
    ),
    (
        analysing.years,
        ("crossfoot years 雁塔医保局 --table 表5", "crossfoot years 雁塔医保局 --column 人员经费 --format csv"),
    ),
    (
        analysing.search,
        ("crossfoot search 公务接待 --year 2023", "crossfoot search 医保档案 万元 --region 西安 --format csv"),
    ),
    (asking.show, ("crossfoot show disclosure.txt", "crossfoot show 雁塔 表5")),
    (
        reviewing.flags,
        (
            "crossfoot flags --year 2021 --department 雁塔 --limit 20",
            "crossfoot flags --code source_inconsistency --format csv > queue.csv",
            "crossfoot flags --codes",
        ),
    ),
    (
        reviewing.resolve,
        (
            "crossfoot resolve kzxwv --value 1,292.44 --note 'as the scan shows'",
            "crossfoot resolve kzxwv --accept --note 'printed so; the office was told'",
            "crossfoot resolve kzxwv --undo --note 'wrong page'",
        ),
    ),
    (asking.export, ("crossfoot export --format facts --out facts.csv", "crossfoot export --format labels")),
    (running.runs, ("crossfoot runs --db archive.db",)),
    (structuring.verify, ("crossfoot verify && echo nothing differs",)),
)
for _command, _lines in _EXAMPLES:
    app.command(epilog="\b\nFor example:\n  " + "\n  ".join(_lines))(_command)
app.add_typer(schemas.app, name="schema")
app.add_typer(models.app, name="model")
app.add_typer(evaluating.app, name="eval")


@app.command()
def version() -> None:
    """Prints the version."""
    write(None, [f"crossfoot {VERSION}\n"])


def main() -> None:
    """Runs the command line; an expected error is one line on stderr and exit status 2."""
    speak_utf8()
    try:
        app()
    except CrossfootError as error:
        remark(error)
        sys.exit(2)
    except OSError as error:
        if error.filename is not None and error.strerror:
            remark(CrossfootError(f"{error.filename}: {error.strerror}"))
            sys.exit(2)
        if error.errno != errno.ENOSPC:
            raise
        remark(CrossfootError("the output cannot be written: the disk is full"))
        os._exit(2)  # what is still buffered cannot be written either
