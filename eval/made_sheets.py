"""A table before printing, with exact figures and its own list of sums, and how it is printed with tabs.

It knows nothing of crossfoot. Figures are whole ten-thousandths of the printed unit; a printed one is rounded by itself
to two places, half up. The sums are those that the form declares, over the places of the printed text.
"""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from corrupt import Place

#: A field before printing: words, a figure in ten-thousandths, or a figure that is not there.
Field = str | int | None
#: Row and field of a sheet.
At = tuple[int, int]


class Sheet(NamedTuple):
    """A table before printing: the lines above its header, the header, rows, column keys, sums with the total first.

    `apart` are the keys of figures that do not stand in the column of their field.
    """

    caption: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[Field, ...], ...]
    keys: dict[int, str]
    sums: tuple[tuple[tuple[At, int], ...], ...]
    apart: dict[At, str] = {}  # noqa: RUF012  read only
    note: str = "注：本表由部门填报，数据四舍五入。"


class MadeSum(NamedTuple):
    """Σ weight × figure = 0, the total first, blank figures among them.

    `tolerance` is half a unit of the last place of each printed figure; `half` is that of one more. `is_of_rows`: it
    sums the rows of one table, so that a row that stands twice counts twice.
    """

    terms: tuple[tuple[Place, int], ...]
    tolerance: Decimal
    half: Decimal
    is_of_rows: bool


class MadeCell(NamedTuple):
    """A figure as printed (nothing where it is blank) and the key of its column."""

    column: str
    printed: str


class MadeBudget(NamedTuple):
    """A printed text, its figures by place, its sums, and the first and last line of each table's rows."""

    shape: str
    seed: int
    text: str
    cells: dict[Place, MadeCell]
    sums: tuple[MadeSum, ...]
    tables: tuple[tuple[int, int], ...]


class Style(NamedTuple):
    """How figures are made and printed; `is_exact`: none has more than two places."""

    is_exact: bool
    zero: str
    drops_zeros: bool
    commas: bool
    minus: str
    largest: int
    total: str


def style_of(dice: random.Random, *, is_exact: bool) -> Style:
    """Returns how a table is printed: one in eight is beyond what a float holds, one in four has negative figures."""
    return Style(
        is_exact=is_exact,
        zero=dice.choice(["", "", "0", "0.00"]),
        drops_zeros=dice.random() < 0.12,
        commas=dice.random() < 0.4,
        minus=dice.choice(["", "", "", "", "", "-", "()", "()"]),
        largest=10**20 if dice.random() < 0.12 else 9_000_000,
        total=dice.choice(["first", "first", "last", "none"]),
    )


def figure(dice: random.Random, style: Style) -> int:
    """Returns an exact figure above zero."""
    most = dice.choice([2_000, 90_000, 900_000, style.largest])
    hundredths = dice.randint(max(2, most // 1000), most)
    return hundredths * 100 if style.is_exact else hundredths * 100 + dice.randint(0, 99)


def shares(dice: random.Random, total: int, count: int, style: Style) -> list[int]:
    """Returns that many figures, some of them zero, that add up to the total."""
    unit = 100 if style.is_exact else 1
    whole = total // unit
    filled = sorted(dice.sample(range(count), dice.randint(1, min(count, 4))))
    cuts = [0, *sorted(dice.randint(0, whole) for _ in filled[1:]), whole]
    found = [0] * count
    for index, place in enumerate(filled):
        found[place] = (cuts[index + 1] - cuts[index]) * unit
    found[filled[-1]] += total - whole * unit
    return found


def printed_figure(value: int | None, style: Style) -> str:
    """Returns a figure rounded to two places; only what is exactly zero may be printed as nothing."""
    if not value:
        return "" if value is None else style.zero
    hundredths = (abs(value) + 50) // 100
    whole, part = divmod(hundredths, 100)
    text = f"{whole:,}" if style.commas else str(whole)
    if not style.drops_zeros or part % 10:
        text += f".{part:02d}"
    elif part:
        text += f".{part // 10}"
    if value > 0 or not hundredths:
        return text
    return f"({text})" if style.minus == "()" else f"-{text}"


def printed(
    name: tuple[str, int], sheets: Sequence[tuple[Sheet, Style]], links: Sequence[Sequence[tuple[int, At, int]]]
) -> MadeBudget:
    """Returns sheets printed one under the other; a link's terms are sheet, row and field, weight."""
    lines = ["某某市水利局", ""]
    cells: dict[Place, MadeCell] = {}
    starts: list[int] = []
    tables: list[tuple[int, int]] = []
    for sheet, style in sheets:
        lines += [*sheet.caption, *sheet.header]
        starts.append(len(lines) + 1)
        for number, row in enumerate(sheet.rows):
            lines.append(_line(row, style))
            fields = lines[-1].split("\t")
            for field, key in sheet.keys.items():
                if field < len(row) and not isinstance(row[field], str):
                    cells[Place(len(lines), field)] = MadeCell(sheet.apart.get((number, field), key), fields[field])
        tables.append((starts[-1], len(lines)))
        lines += ["", sheet.note, ""]
    equations = [
        [(Place(start + row, field), weight) for (row, field), weight in terms]
        for (sheet, _), start in zip(sheets, starts, strict=True)
        for terms in sheet.sums
    ]
    equations += [
        [(Place(starts[sheet] + row, field), weight) for sheet, (row, field), weight in terms] for terms in links
    ]
    halves = _halves(cells, tables)
    inside = sum(len(sheet.sums) for sheet, _ in sheets)
    sums = tuple(_sum(terms, cells, halves, is_link=index >= inside) for index, terms in enumerate(equations))
    return MadeBudget(*name, "\n".join(lines), cells, sums, tuple(tables))


def _line(row: Sequence[Field], style: Style) -> str:
    return "\t".join(field if isinstance(field, str) else printed_figure(field, style) for field in row)


def _halves(cells: dict[Place, MadeCell], tables: Sequence[tuple[int, int]]) -> dict[Place, Decimal]:
    """Returns for each figure half a unit of the finest place printed in its column of its table."""
    finest: dict[tuple[int, str], int] = {}
    table_of = {line: first for first, last in tables for line in range(first, last + 1)}
    columns = {place: (table_of[place.line], cell.column) for place, cell in cells.items()}
    for place, cell in cells.items():
        key = columns[place]
        finest[key] = max(finest.get(key, 0), len(cell.printed.rstrip(")").partition(".")[2]))
    return {place: Decimal(5).scaleb(-1 - finest[columns[place]]) for place in cells}


def _sum(
    terms: Sequence[tuple[Place, int]], cells: dict[Place, MadeCell], halves: dict[Place, Decimal], *, is_link: bool
) -> MadeSum:
    own = [abs(weight) * halves[place] for place, weight in terms if cells[place].printed]
    is_of_rows = not is_link and len({place.line for place, _ in terms}) == len(terms)
    return MadeSum(tuple(terms), sum(own, Decimal(0)), max(halves[place] for place, _ in terms), is_of_rows)
