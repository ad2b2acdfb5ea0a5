"""Document → the rows of the store's tables, for questions in SQL. Amounts are text, exact and without exponent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from crossfoot.figures import Document, Source
from crossfoot.findingids import finding_ids
from crossfoot.numerals import SCALES, plain
from crossfoot.output.facts import yuan
from crossfoot.output.outline import outline
from crossfoot.output.places import at_stake, places_of
from crossfoot.output.quoting import quoted_line
from crossfoot.reading.source import from_text

Value = str | int | None
Record = dict[str, Value]
#: The largest whole number that SQLite keeps; more money than that is as much as there can be at stake.
_MOST = 2**63 - 1


class Rows(NamedTuple):
    """Rows of one table of the store, their values in the order of the columns."""

    columns: tuple[str, ...]
    values: list[tuple[Value, ...]]


class Ready(NamedTuple):
    """A document as the store keeps it, made where it was structured, so that whoever writes has nothing left to do.

    `record` is its own row, `rows` are those of the tables that depend on it.
    """

    id: str
    name: str
    record: Record
    rows: Mapping[str, Rows]


def contents(made: Ready) -> tuple[Document, Source]:
    """Returns the document and the text of which the rows were made."""
    source = from_text(str(made.record["source_text"]), made.name)
    origin = {"sha256": made.record["sha256"], "encoding": made.record["encoding"]}
    return Document.model_validate_json(str(made.record["json"])), source.model_copy(update=origin)


def ready(document: Document, source: Source) -> Ready:
    """Returns all rows of the document."""
    record: Record = {
        **document_record(document),
        "sha256": source.sha256,
        "encoding": source.encoding,
        "source_text": source.text,
    }
    rows = {
        "tables": _rows(table_records(document)),
        "cells": cell_rows(document),
        "facts": _rows(fact_records(document)),
        "findings": _rows(finding_records(document, source)),
        "checks": _rows(check_records(document)),
        "outlines": _rows([outline_record(document)]),
    }
    return Ready(document.id, document.source.name, record, rows)


def _rows(records: Iterable[Record]) -> Rows:
    columns: tuple[str, ...] = ()
    values: list[tuple[Value, ...]] = []
    for record in records:
        columns = columns or tuple(record)
        values.append(tuple(record.values()))
    return Rows(columns, values)


def outline_record(document: Document) -> Record:
    """Returns what a summary says of the document; the findings are rows of their own."""
    return {
        "document": document.id,
        "json": outline(document).model_dump_json(exclude={"findings", "name"}),
    }


def document_record(document: Document) -> Record:
    """Returns the document's own row, with the whole of it as JSON."""
    return {
        "id": document.id,
        "name": document.source.name,
        "department": document.department,
        "region": document.region,
        "fiscal_year": document.fiscal_year,
        "kind": document.kind,
        "outcome": document.verdict.outcome,
        "crossfoot_version": document.crossfoot_version,
        "json": document.model_dump_json(),
    }


def table_records(document: Document) -> Iterator[Record]:
    """Yields a row per table with its verdict and the counts behind it."""
    for table in document.tables:
        tally = table.verdict.tally
        yield {
            "document": document.id,
            "id": table.id,
            "type": table.type,
            "number": table.number,
            "title": table.title,
            "unit": table.unit,
            "owner": table.owner,
            "first_line": table.lines[0],
            "last_line": table.lines[1],
            "outcome": table.verdict.outcome,
            "basis": table.verdict.basis,
            "amounts": tally.amounts,
            "proved": tally.proved,
            "checks_declared": tally.checks_declared,
            "checks_executed": tally.checks_executed,
            "checks_failed": tally.checks_failed,
        }


_CELL_COLUMNS = (
    "document", "reference", "table_id", "panel", "row_code", "row_name", "row_kind", "column_key", "printed", "value",
    "value_yuan", "state", "proof", "line",
)  # fmt: skip


def cell_rows(document: Document) -> Rows:
    """Returns a row per cell; what is the same for a whole table stands in the tables. There are thousands of them."""
    values: list[tuple[Value, ...]] = []
    for table in document.tables:
        for reference, row, cell in table.cells():
            value = None if cell.value is None else plain(cell.value)
            values.append((
                document.id, reference, table.id, row.panel, row.code, row.name, row.kind, cell.column, cell.printed,
                value, value and (yuan(cell) or None), cell.state, cell.proof, cell.line,
            ))  # fmt: skip
    return Rows(_CELL_COLUMNS, values)


def fact_records(document: Document) -> Iterator[Record]:
    """Yields a row per fact of the narrative."""
    for fact in document.facts:
        money = fact.value * SCALES[fact.unit] if fact.unit in SCALES else None
        yield {
            "document": document.id,
            "id": fact.id,
            "measure": fact.measure,
            "role": fact.role,
            "item": fact.item,
            "code": fact.code,
            "printed": fact.printed,
            "value": plain(fact.value),
            "unit": fact.unit,
            "value_yuan": None if money is None else plain(money.normalize() + 0),
            "direction": fact.direction,
            "year": fact.year,
            "part_of": fact.of,
            "reader": fact.reader,
            "proof": fact.proof,
            "line": fact.line,
        }


def finding_records(document: Document, source: Source) -> Iterator[Record]:
    """Yields a row per finding, with the amount at stake in 元 where one is known.

    `stake_fen` is that amount in whole 分, for sorting; `checks_broken` counts the failing checks that it explains, and
    `quoted` is the line in which it stands, as far as one likes to read.
    """
    places = places_of(document, {cited.cell.partition(".")[0] for found in document.findings for cited in found.cells})
    checks = {check.id: check for check in document.checks}
    failing = {check.id for check in document.checks if check.outcome == "fails"}
    ids = finding_ids(document.id, document.findings)
    for position, (name, finding) in enumerate(zip(ids, document.findings, strict=True)):
        stake = at_stake(finding, checks, places)
        yield {
            "document": document.id,
            "position": position,
            "id": name,
            "code": finding.code,
            "severity": finding.severity,
            "table_id": finding.table,
            "line": finding.line,
            "message": finding.message,
            "at_stake_yuan": None if stake is None else plain(stake),
            "stake_fen": None if stake is None else min(int(stake * 100), _MOST),
            "checks_broken": len(failing.intersection(finding.checks)),
            "accepted_from": finding.accepted_from or "",
            "quoted": quoted_line(finding, source),
            "json": finding.model_dump_json(),
        }


def check_records(document: Document) -> Iterator[Record]:
    """Yields a row per rule and outcome: how many of the document's checks came out that way."""
    counts = Counter((check.rule, check.kind, check.outcome) for check in document.checks)
    for (rule, kind, outcome), number in counts.items():
        yield {"document": document.id, "rule": rule, "kind": kind, "outcome": outcome, "number": number}
