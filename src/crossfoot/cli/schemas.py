"""The commands about table types: `schema list`, `show`, `check` and `json`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossfoot.cli.options import Schemas
from crossfoot.cli.output import write, writing
from crossfoot.errors import QueryError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The table types: what is known, and your own.")


@app.command("list", epilog="\b\nFor example:\n  crossfoot schema list")
def list_types(schemas: Schemas = None) -> None:
    """Lists the table types; those marked untried were written from a form nobody has structured yet."""
    from crossfoot.output.terminal import console_for, print_grid
    from crossfoot.tabletypes import load_catalog

    catalog = load_catalog(tuple(schemas or ()))
    rows = [
        (known.type, known.family, known.shape, "" if known.tried else "untried", _titles(known.titles))
        for known in catalog.types
    ]
    print_grid(console_for(sys.stdout), ("type", "family", "shape", "", "titles"), rows)


def _titles(titles: "Sequence[str]") -> str:
    more = f" (+{len(titles) - 1}; see `schema show`)" if len(titles) > 1 else ""
    return titles[0] + more if titles else ""


@app.command("show", epilog="\b\nFor example:\n  crossfoot schema show gpb_expenditure_by_function")
def show_type(name: Annotated[str, typer.Argument(metavar="TYPE")], schemas: Schemas = None) -> None:
    """Prints a table type with its columns and identities, in every family that has it."""
    import yaml

    from crossfoot.tabletypes import load_catalog

    catalog = load_catalog(tuple(schemas or ()))
    found = [known for known in catalog.types if known.type == name]
    if not found:
        near = tuple(known.type for known in catalog.types if name.casefold() in known.type)
        raise QueryError(f"no table type {name}; `crossfoot schema list` shows all", near)
    write(
        None,
        (
            yaml.safe_dump(
                known.model_dump(mode="json", exclude_defaults=True), allow_unicode=True, sort_keys=False, width=120
            )
            for known in found
        ),
    )


@app.command("check", epilog="\b\nFor example:\n  crossfoot schema check my_forms/budget_summary.yaml")
def check(files: Annotated[list[Path], typer.Argument(metavar="FILE…")]) -> None:
    """Says what is wrong in schema files of your own; nothing printed means nothing is."""
    from crossfoot.tabletypes import check_file

    for file in files:
        if not file.is_file():
            raise SchemaError(f"{file}: no such file")
    problems = [problem for file in files for problem in check_file(file)]
    write(None, (f"{problem}\n" for problem in problems))
    raise typer.Exit(1 if problems else 0)


@app.command("json", epilog="\b\nFor example:\n  crossfoot schema json --out schemas/json")
def json_schemas(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write the files.")] = Path("schemas/json"),
    schemas: Schemas = None,
) -> None:
    """Writes the JSON Schemas of the output and of each table type."""
    from crossfoot.output.jsonschemas import write_json_schemas
    from crossfoot.tabletypes import load_catalog

    with writing(out):
        written = write_json_schemas(load_catalog(tuple(schemas or ())), out)
    sys.stderr.write(f"{len(written)} JSON Schemas written to {out}\n")
