"""Prints how numerals without columns are placed: on tables made from seeds, by shape, whole and with one slip.

`right`: taken without a flag, every numeral in its true column. `flagged`: taken with a flag. `wrong`: taken without
a flag, some numeral in another column. Run it with `make placement`.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from made_tables import FORMS, MadeTable, made_table, with_slip

from crossfoot.figures import Document, Table
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text, load
from crossfoot.tabletypes import Catalog, load_catalog

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.txt"))


_WIDTHS = (7, 9, 7, 10, 7, 7, 9, 9)


class Placed(NamedTuple):
    """What became of one table: its outcome, its numerals by what became of them, and the seconds it took."""

    outcome: str
    right: int
    wrong: int
    loose: int
    seconds: float
    reasons: tuple[str, ...] = ()


def placed(made: MadeTable, catalog: Catalog) -> Placed:
    """Returns what became of a made table."""
    started = time.perf_counter()
    document = structure(from_text(made.text), catalog)
    seconds = time.perf_counter() - started
    read = [table for table in document.tables if table.rows]
    wanted = sum(1 for row in made.rows for figure in row.figures if figure)
    if len(read) != 1:
        return Placed("flagged" if document.verdict.outcome == "flagged" else "wrong", 0, 0, wanted, seconds)
    found = figures_of(read[0])
    truth = [
        (row.code.replace(" ", ""), row.name, {k: f for k, f in zip(made.keys, row.figures, strict=True) if f})
        for row in made.rows
    ]
    return _compared(read[0], (truth, found), document, seconds)


def _compared(
    table: Table, rows: tuple[Sequence[tuple[str, str, dict[str, str]]], Sequence[tuple[str, str, dict[str, str]]]],
    document: Document, seconds: float,
) -> Placed:  # fmt: skip
    truth, found = rows
    right = wrong = 0
    for (code, name, figures), (read_code, read_name, read_figures) in zip(truth, found, strict=False):
        same = sum(1 for key, figure in read_figures.items() if figures.get(key) == figure)
        right, wrong = right + same, wrong + len(read_figures) - same
        wrong += (code, name) != (read_code, read_name) and document.verdict.outcome != "flagged"
    loose = sum(len(row.loose) for row in table.rows)
    is_whole = len(truth) == len(found) and not wrong and right == sum(len(figures) for _, _, figures in truth)
    outcome = "flagged" if document.verdict.outcome == "flagged" else "right" if is_whole else "wrong"
    return Placed(outcome, right, wrong, loose, seconds, document.verdict.reasons)


def figures_of(table: Table) -> list[tuple[str, str, dict[str, str]]]:
    """Returns code, name and printed figures by column of each row of a table."""
    return [
        (
            row.code,
            row.name,
            {cell.column: cell.printed for cell in row.cells if cell.kind == "amount" and cell.printed},
        )
        for row in table.rows
    ]


def _line(name: str, results: Sequence[Placed]) -> str:
    counts = Counter(result.outcome for result in results)
    right, wrong, loose = (sum(getattr(result, what) for result in results) for what in ("right", "wrong", "loose"))
    slowest = max(result.seconds for result in results)
    middle = sorted(result.seconds for result in results)[len(results) // 2]
    numbers = (counts["right"], counts["flagged"], counts["wrong"], right, loose, wrong)
    numbers += (round(middle * 1000), round(slowest * 1000))
    return f"{name:<12}{len(results):>6}" + "".join(f"{n:>{w}}" for n, w in zip(numbers, _WIDTHS, strict=True))


def _reasons(results: Sequence[Placed]) -> str:
    """Returns how many flagged tables have each reason: the columns are lost, a piece of a name is nobody's."""
    counts = Counter(reason for result in results if result.outcome == "flagged" for reason in result.reasons)
    return ", ".join(f"{reason} {count}" for reason, count in counts.most_common())


def _by_shape(tables: int, catalog: Catalog, *, slip: bool) -> None:
    heads = ("right", "flagged", "wrong", "numerals", "loose", "wrong", "ms", "max ms")
    print(f"{'shape':<12}{'tables':>6}" + "".join(f"{head:>{w}}" for head, w in zip(heads, _WIDTHS, strict=True)))
    everything: list[Placed] = []
    for shape in FORMS:
        results = [placed(made, catalog) for made in _made(shape, tables, slip=slip)]
        everything += results
        print(_line(shape, results), flush=True)
    print(_line("all", everything))
    print("flagged because " + _reasons(everything))


def _made(shape: str, tables: int, *, slip: bool) -> Iterator[MadeTable]:
    for seed in range(tables):
        made = made_table(seed, shape)
        yield with_slip(made, seed) if slip else made


def _examples(catalog: Catalog) -> None:
    """Prints what becomes of the example disclosures' own tables when every tab is one blank."""
    print(f"{'table':<56}{'rows':>5}{'right':>7}{'loose':>7}{'wrong':>7}  verdict")
    for path in EXAMPLES:
        source = load(path)
        tabbed = structure(source, catalog)
        spaced = structure(from_text(source.text.replace("\t", " ")), catalog)
        for table in tabbed.tables:
            if (
                table.shape != "records"
                or table.body != "present"
                or not any(figures for _, _, figures in figures_of(table))
            ):
                continue
            same = [other for other in spaced.tables if other.section and other.type == table.type and other.rows
                    and other.lines[0] <= table.lines[1] and table.lines[0] <= other.lines[1]]  # fmt: skip
            name = f"{path.name[:3]} {table.number} {table.type}"
            if len(same) != 1:
                print(f"{name:<56}{len(table.rows):>5}{'—':>7}{'—':>7}{'—':>7}  not read, flagged")
                continue
            result = _compared(same[0], (figures_of(table), figures_of(same[0])), spaced, 0)
            print(
                f"{name:<56}{len(table.rows):>5}{result.right:>7}{result.loose:>7}{result.wrong:>7}"
                f"  {same[0].verdict.outcome}"
            )


def main() -> None:
    """Prints the report; the one argument is how many tables of each shape are made, whole and again with a slip."""
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    catalog = load_catalog()
    print(f"Every sum holds ({tables} tables of each shape):\n")
    _by_shape(tables, catalog, slip=False)
    print("\nOne digit of one figure changed:\n")
    _by_shape(tables, catalog, slip=True)
    print("\nThe example disclosures, every tab one blank:\n")
    _examples(catalog)


if __name__ == "__main__":
    main()
