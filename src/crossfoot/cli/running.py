"""The command that lists what past calls of `structure` did."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from crossfoot.cli.options import STORE, Database
from crossfoot.cli.watching import duration

if TYPE_CHECKING:
    from crossfoot.storage.runs import Run


def runs(db: Database = STORE) -> None:
    """Lists the past runs of `structure` on the store, the latest first.

    A run that was killed is listed with what it had finished; the same command goes on with the rest.
    """
    from crossfoot.output.terminal import console_for, print_grid
    from crossfoot.storage.runs import past_runs
    from crossfoot.storage.store import Store

    with Store(db, must_exist=True) as store:
        found = past_runs(store)
    if not found:
        sys.stderr.write("no run is kept in this store\n")
        raise typer.Exit(0)
    heads = (
        ">run", "started", ">took", ">files", ">new", ">kept", ">failed", ">accepted", ">repaired", ">flagged",
        "reader", ">tokens", ">cost", "status",
    )  # fmt: skip
    print_grid(console_for(sys.stdout), heads, [_row(run) for run in found])


def _row(run: "Run") -> tuple[str, ...]:
    tokens = run.tokens_in + run.tokens_out
    numbers = run.files, run.structured, run.kept, run.failed, run.accepted, run.repaired, run.flagged
    return (
        str(run.id),
        f"{datetime.fromisoformat(run.started_at).astimezone():%Y-%m-%d %H:%M:%S}",
        duration(run.seconds),
        *(f"{number:,}" for number in numbers),
        " ".join(part for part in (run.reader, run.prompt, run.model) if part),
        f"{tokens:,}" if run.model else "",
        run.cost or "",
        run.status,
    )
