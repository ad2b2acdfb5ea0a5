"""The terminal: colours and wrapping there only, plain text of natural width everywhere else."""

from collections.abc import Sequence
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

#: Long enough that nothing is wrapped when nobody looks at a terminal.
_UNLIMITED = 100_000
#: As much of a sum or of a source line as is shown at once where nobody looks at a terminal.
_READABLE = 120
_NARROWEST_TEXT = 12
_BETWEEN = 2


def console_for(stream: TextIO) -> Console:
    """Returns a console that colours on a terminal only (NO_COLOR is heeded) and wraps nothing elsewhere."""
    width = None if stream.isatty() else _UNLIMITED
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def say(console: Console, *texts: str | Text, style: str = "") -> None:
    """Prints the texts one after another as one line, which a terminal may wrap but nothing cuts."""
    line = Text(style=style)
    for text in texts:
        line.append(text)
    console.print(line, soft_wrap=True)


def room_of(console: Console) -> int:
    """Returns how many cells of a line may be used: the terminal's, elsewhere as many as one likes to read."""
    return console.width if console.is_terminal else _READABLE


def flow(console: Console, prefix: str, text: Text, style: str = "") -> None:
    """Prints the text behind the prefix; on a terminal its further lines stand below its first."""
    lines = (
        text.wrap(console, max(console.width - cell_len(prefix), _NARROWEST_TEXT)) if console.is_terminal else [text]
    )
    for line in lines:
        line.rstrip()
        say(console, prefix, line, style=style)
        prefix = " " * cell_len(prefix)


def print_grid(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> None:
    """Prints rows under heads; a head that starts with `>` is that of numbers, which are never wrapped."""
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    needed = 0
    for position, head in enumerate(heads):
        numeric = head.startswith(">")
        texts = [head.removeprefix(">"), *(str(row[position]) for row in rows)]
        least = max(cell_len(line) for text in texts for line in text.split("\n"))
        least = least if numeric else min(least, _NARROWEST_TEXT)
        needed += least + _BETWEEN
        grid.add_column(texts[0], justify="right" if numeric else "left", min_width=least, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(field) if isinstance(field, str) else field for field in row))
    if console.is_terminal:
        console.print(grid, width=max(console.width, needed), crop=False)
        return
    with console.capture() as captured:
        console.print(grid)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().split("\n")[:-1]))
