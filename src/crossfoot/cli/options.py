"""The options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

STORE = Path("crossfoot.db")

Database = Annotated[
    Path, typer.Option("--db", envvar="CROSSFOOT_DB", metavar="FILE", help="The store, one SQLite file.")
]
Schemas = Annotated[
    list[Path] | None,
    typer.Option("--schemas", metavar="DIR", help="A folder of your own table types; may be given several times."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this file instead of stdout.")]
