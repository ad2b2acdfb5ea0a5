"""The commands that ask the store and change nothing: `get`, `show` and `export`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crossfoot.cli.options import STORE, Database, Out, Schemas
from crossfoot.cli.output import say, status_of, write, writing
from crossfoot.errors import CrossfootError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crossfoot.figures import Document, Severity, Source
    from crossfoot.storage.store import Store


def get(  # noqa: PLR0913  each parameter is an option of the command
    department: Annotated[
        str, typer.Argument(help="A department, also 医保局 or misspelt, a path, or an id's beginning.")
    ],
    *,
    region: Annotated[str | None, typer.Option(help="Only departments of this region, e.g. 西安.")] = None,
    year: Annotated[int | None, typer.Option(help="Only this fiscal year.")] = None,
    kind: Annotated[Literal["budget", "final_accounts"] | None, typer.Option(help="Only this kind.")] = None,
    table: Annotated[str | None, typer.Option(help="Only this table: 表5, 公开03, a type, or part of a title.")] = None,
    form: Annotated[Literal["json", "csv", "xlsx", "md"], typer.Option("--format", help="What to write.")] = "json",
    out: Out = None,
    db: Database = STORE,
) -> None:
    """Prints what the store has of a department, of all its years or of one.

    JSON is always a list of documents. CSV is the one table as it stands, or without --table every cell as a fact.
    """
    from crossfoot.output.export import only_table, to_json, to_markdown, write_workbook
    from crossfoot.storage.query import find_documents, find_tables
    from crossfoot.storage.store import Store

    if form == "xlsx" and out is None:
        raise CrossfootError("xlsx is no text; say where to write it with --out FILE")
    with Store(db, must_exist=True) as store:
        documents = [store.load(entry.id) for entry in find_documents(store, department, year, kind, region)]
        if table:
            found = find_tables(documents, table)
            if len(found) < len(documents):
                say(f"{len(found)} of {len(documents)} documents have a table {table}")
            documents = [only_table(*pair) for pair in found]
        if form == "csv" and table and len(documents) > 1:
            which = tuple(f"{one.fiscal_year or ''} {one.kind} {one.source.name}".strip() for one in documents)
            raise QueryError("one table as CSV is of one document; say which with --year or --kind", which)
        if form == "csv":
            write(out, _csv_of(store, documents, whole=table is None))
    if form == "json":
        write(out, [to_json(documents), "\n"])
    elif form == "md":
        write(out, [to_markdown(documents)])
    elif form == "xlsx" and out:
        with writing(out):
            write_workbook(documents, out)


def _csv_of(store: "Store", documents: "Sequence[Document]", *, whole: bool) -> "Iterator[str]":
    """Yields the facts of whole documents, or each document's one table."""
    from crossfoot.output.export import facts_csv, tables_csv
    from crossfoot.output.facts import facts

    if whole:
        return facts_csv(fact for document in documents for fact in facts(document, store.source(document.id)))
    return tables_csv(table for document in documents for table in document.tables)


def show(
    document: Annotated[str, typer.Argument(help="A path (stored or not), an id's beginning, or a department.")],
    table: Annotated[
        str | None, typer.Argument(help="表5, 5, 公开03, a type, an id such as t7, or part of a title.")
    ] = None,
    db: Database = STORE,
    schemas: Schemas = None,
) -> None:
    """Shows a document's tables and findings, or one table with all proposals and repairs and their sums.

    A block for each slip says where it is, what is printed, what is proposed and whose fault it is.
    """
    from crossfoot.output.findings import findings_about
    from crossfoot.output.render import print_table
    from crossfoot.output.tallies import print_document
    from crossfoot.output.terminal import console_for
    from crossfoot.storage.query import find_table

    console = console_for(sys.stdout)
    severities: list[Severity] = []
    for shown, source in _documents_to_show(document, db, schemas):
        if table is None:
            print_document(console, shown, source)
            findings = shown.findings
        else:
            one = find_table(shown, table)
            print_table(console, shown, one, source)
            findings = findings_about(shown, one)
        severities += [finding.severity for finding in findings]
    raise typer.Exit(status_of(severities))


def _documents_to_show(named: str, db: Path, schemas: list[Path] | None) -> "list[tuple[Document, Source]]":
    """Returns what the store has; for a file that it does not have, or with schemas given, what structuring gives."""
    from crossfoot.storage.batch import structure_input
    from crossfoot.storage.inputs import Input
    from crossfoot.storage.query import existing_file, find_documents, find_file
    from crossfoot.storage.store import Store
    from crossfoot.tabletypes import load_catalog

    path = existing_file(named)
    if path is None:
        with Store(db, must_exist=True) as store:
            return [(store.load(entry.id), store.source(entry.id)) for entry in find_documents(store, named)]
    if db.is_file() and not schemas:
        with Store(db) as store:
            stored = find_file(store, path)
            if stored:
                return [(store.load(stored.id), store.source(stored.id))]
    return [structure_input(Input(path, path.name), load_catalog(tuple(schemas or ())))]


def export(
    form: Annotated[
        Literal["facts", "labels"],
        typer.Option(
            "--format", help="facts: a CSV row for every cell; labels: what persons decided, as labels in YAML."
        ),
    ] = "facts",
    out: Out = None,
    db: Database = STORE,
) -> None:
    """Prints every cell of every stored document, one CSV row each, blank and text cells too; or persons' decisions.

    The `state` of a cell is `resolved` where the value comes from a person; `original` is what was read.
    """
    from crossfoot.output.export import facts_csv
    from crossfoot.output.facts import facts
    from crossfoot.storage.labels import labels_yaml
    from crossfoot.storage.store import Store

    with Store(db, must_exist=True) as store:
        if form == "labels":
            write(out, labels_yaml(store))
            return
        stored = (store.load(entry.id) for entry in store.documents())
        write(out, facts_csv(fact for one in stored for fact in facts(one, store.source(one.id))))
