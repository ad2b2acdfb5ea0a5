"""The review queue: `flags` lists what needs a person's eye, `resolve` records what the person decided."""

import getpass
import os
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crossfoot.cli.options import STORE, Database, Schemas
from crossfoot.cli.output import say, status_of, write
from crossfoot.errors import CrossfootError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crossfoot.storage.queue import Asked, Flagged
    from crossfoot.storage.resolutions import Decided
    from crossfoot.storage.resolving import Recorded, Wish
    from crossfoot.storage.store import Store

#: What JSON and CSV say of a finding, in order; JSON has its cells besides.
_FIELDS = (
    "id", "severity", "code", "department", "region", "fiscal_year", "kind", "document", "document_id", "table_type",
    "table_number", "table_title", "line", "at_stake_yuan", "checks_broken", "accepted_from", "message", "quoted",
)  # fmt: skip


def flags(  # noqa: PLR0913  each parameter is an option of the command
    *,
    department: Annotated[
        str | None, typer.Option(help="Only departments or regions of this name or part of it, or one document.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Only this fiscal year.")] = None,
    table: Annotated[str | None, typer.Option(help="Only tables of this type or number: 表5, 5, 公开03.")] = None,
    code: Annotated[list[str] | None, typer.Option(help="Only this finding code; may be given several times.")] = None,
    severity: Annotated[
        Literal["note", "warning", "error"] | None, typer.Option(help="Only these; without it errors and warnings.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N.")] = None,
    settled: Annotated[bool, typer.Option("--all", help="Also what a person has accepted or resolved.")] = False,
    form: Annotated[Literal["text", "csv", "json"], typer.Option("--format", help="How to print them.")] = "text",
    codes: Annotated[bool, typer.Option("--codes", help="Explain the finding codes instead.")] = False,
    db: Database = STORE,
) -> None:
    """Lists what was found in all stored documents, the worthiest of attention first.

    Errors come before warnings, then what has the most money at stake (unknown amounts last), then what breaks the
    most checks, then by document and line. Each begins with its id, for `crossfoot resolve`.
    """
    from crossfoot.figures import FINDING_SENTENCES
    from crossfoot.storage.queue import Asked
    from crossfoot.storage.store import Store

    if codes:
        write(None, (f"{name}: {sentence}\n" for name, sentence in FINDING_SENTENCES.items()))
        return
    unknown = [name for name in code or () if name not in FINDING_SENTENCES]
    if unknown:
        raise QueryError(f"no finding code {unknown[0]}; the codes are", tuple(FINDING_SENTENCES))
    with Store(db, must_exist=True) as store:
        asked = Asked(year=year, codes=code or (), severity=severity, settled=settled, limit=limit)
        asked = _narrowed(store, asked, department, table)
        found = list(store.queue.asked(asked))
        hidden = store.queue.count(asked) - len(found) if limit else 0
        accepted = {(row.document, row.finding): row for row in store.resolutions.in_force()} if settled else {}
    if form == "text":
        _print_text(found, accepted)
    else:
        write(None, _csv(found) if form == "csv" else _json(found))
    if not found:
        say("nothing to review")
    if hidden:
        say(f"{hidden} more; --limit shows the first {limit}")
    raise typer.Exit(status_of("note" if one.severity == "note" else "error" for one in found))


def _narrowed(store: "Store", asked: "Asked", department: str | None, table: str | None) -> "Asked":
    """Returns what is asked for, the department as documents and the table as the types and numbers it may have."""
    from crossfoot.labels import words
    from crossfoot.storage.query import find_all_documents, same_number

    if department is not None:
        named = words(department)
        ids = [one.id for one in store.documents() if named in words(f"{one.region}{one.department or one.name}")]
        ids = ids or [one.id for one in find_all_documents(store, department)]
        asked = asked._replace(documents=ids)
    if table is not None:
        names = store.queue.table_names()
        fitting = [(kind, number) for kind, number in names if kind == table or same_number(number, table)]
        if not fitting:
            raise QueryError(
                f"no table {table} in the store; its types are", tuple(sorted({kind for kind, _ in names}))
            )
        asked = asked._replace(tables=fitting)
    return asked


def _print_text(found: "Sequence[Flagged]", accepted: "Mapping[tuple[str, str], Decided]") -> None:
    from crossfoot.output.findings import print_details, print_headline
    from crossfoot.output.terminal import console_for
    from crossfoot.output.terminal import say as print_line

    console = console_for(sys.stdout)
    for one in found:
        finding = one.finding
        print_headline(console, finding, f"{one.id}  {one.document}", one.stake)
        if one.accepted_from and (decided := accepted.get((one.document_id, one.id))):
            print_line(console, f"    {_decision(decided)}")
        print_details(console, finding, one.quoted)


def _csv(found: "Sequence[Flagged]") -> "Iterator[str]":
    from crossfoot.output.export import rows_csv

    def text(one: "Flagged", name: str) -> str:
        value = getattr(one, name)
        return "" if value is None else str(value)

    return rows_csv(_FIELDS, ([text(one, name) for name in _FIELDS] for one in found))


def _json(found: "Sequence[Flagged]") -> "Iterator[str]":
    import json

    entries = (
        {
            **{name: getattr(one, name) for name in _FIELDS},
            "cells": [cell.model_dump(mode="json") for cell in one.finding.cells],
        }
        for one in found
    )
    yield json.dumps(list(entries), ensure_ascii=False, indent=2)
    yield "\n"


def resolve(  # noqa: PLR0913  each parameter is an option of the command
    finding: Annotated[str, typer.Argument(help="A finding's id as `flags` shows it, or the beginning of one.")],
    *,
    note: Annotated[str, typer.Option(help="Why: what the paper shows, who was asked.")],
    value: Annotated[
        str | None,
        typer.Option(metavar="PRINTED", help="What the paper shows there, as printed; '' for nothing."),
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="The document is so; the finding is known.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was decided about it.")] = False,
    cell: Annotated[
        str, typer.Option(metavar="REF", help="Which cell, as t5.r3.total; needed where the finding names several.")
    ] = "",
    by: Annotated[str, typer.Option(envvar="CROSSFOOT_USER", metavar="NAME", help="Who; without it the user.")] = "",
    db: Database = STORE,
    schemas: Schemas = None,
) -> None:
    """Records what a person decided about a finding, and judges the document again with it.

    What was read stays, and so does every earlier decision; of two about one cell or finding the later one counts.
    """
    from crossfoot.storage.resolving import Wish, record
    from crossfoot.storage.store import Store
    from crossfoot.tabletypes import load_catalog

    if (value is not None) + accept + undo != 1:
        raise CrossfootError("say one of --value PRINTED, --accept and --undo")
    if accept and cell:
        raise CrossfootError("--accept is about the whole finding; --cell goes with --value or --undo")
    if not note.strip():
        raise CrossfootError("--note says why; it cannot be empty")
    wish = Wish("accept" if accept else "undo" if undo else "value", note.strip(), _who(by), cell, value or "")
    with Store(db, must_exist=True) as store:
        recorded = record(store, finding, wish, load_catalog(tuple(schemas or ())))
    write(None, _said(recorded, wish))


def _who(by: str) -> str:
    """Returns who decides: as given, else the operating system's user."""
    if by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in a container
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _decision(row: "Decided") -> str:
    """Returns an earlier decision in words: what, by whom, when and why."""
    what = "accepted" if row.decision == "accept" else f"{row.cell}: {row.printed or 'nothing'}"
    return f"{what}, by {row.made_by}, {row.made_at[:10]}: {row.note}"


def _said(recorded: "Recorded", wish: "Wish") -> "Iterator[str]":
    """Yields what was recorded, and what the judgement of the document and of its tables is with it."""
    from crossfoot.output.places import table_label
    from crossfoot.output.tallies import outcome_text

    before, after = recorded.before, recorded.after
    for row in recorded.rows:
        subject = f"line {row.line}, {row.cell}" if row.cell else f"line {row.line}, {row.code}"
        what = {"accept": "accepted", "undo": "taken back"}.get(row.decision)
        what = what or f"{row.printed or 'nothing'} ({row.was_read or 'nothing'} was read)"
        yield f"{row.finding}  {before.source.name}: {subject}: {what}, by {wish.by}\n"
    for row in recorded.ended:
        if row.made_by != wish.by or wish.decision != "undo":
            yield f"  ends: {_decision(row)}\n"
    for old, new in zip(before.tables, after.tables, strict=True):
        if old.verdict.outcome != new.verdict.outcome or old.verdict.reasons != new.verdict.reasons:
            yield f"  {table_label(new)}: {outcome_text(old.verdict)} → {outcome_text(new.verdict)}\n"
    left = sum(finding.severity != "note" for finding in after.findings)
    was = sum(finding.severity != "note" for finding in before.findings)
    yield f"  {before.source.name}: {before.verdict.outcome} → {after.verdict.outcome}; "
    yield f"warnings and errors: {was} → {left}\n"
