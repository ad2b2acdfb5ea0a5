"""How long locating takes: coded tables of a known size with wrong cells; equations, moves and `locate`, no checking.

It is printed with `python eval/locate_bench.py` and stands in the report of `make eval-repair`.
"""

import random
import time
from collections.abc import Sequence
from typing import NamedTuple

from corrupt import Place, damaged, reading
from made_budgets import wide_budget
from made_sheets import Style

from crossfoot.figures import Check, Document, Reading
from crossfoot.judging.check import check_identity
from crossfoot.judging.identities import table_identities
from crossfoot.judging.ledger import Entry, Ledger
from crossfoot.judging.locate import locate
from crossfoot.judging.moves import moves
from crossfoot.judging.system import System
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog, load_catalog

#: Rows of the tables and how many of their cells are wrong.
SIZES = ((60, 1), (60, 3), (120, 1), (120, 3), (240, 1), (240, 3))


class Speed(NamedTuple):
    """Milliseconds of locating in tables of a size: how many failing sums they have, the median and the longest."""

    rows: int
    wrong: int
    checks: int
    failing: int
    median: float
    longest: float


def checks_of(document: Document, catalog: Catalog) -> tuple[list[Check], Ledger]:
    """Returns the sums of a document of one table, evaluated, and its book of cells."""
    (table,) = document.tables
    known = catalog.forms[(table.family, table.type, table.form)]
    book = Reading(
        table=table.id, type=table.type, family=table.family, form=table.form, shape=table.shape, reader="grid",
        columns=table.columns, rows=table.rows,
    )  # fmt: skip
    ledger = Ledger((Entry(book, table.title, "present", known),), catalog)
    return [check_identity(identity, ledger) for identity in table_identities(ledger.entries[0])], ledger


def with_wrong_cells(rows: int, wrong: int, seed: int) -> str:
    """Returns the text of a table of 11 money columns with that many digits substituted."""
    dice = random.Random(f"wrong-{seed}")
    style = Style(is_exact=True, zero="", drops_zeros=False, commas=False, minus="", largest=9_000_000, total="first")
    made = wide_budget(seed, rows, style)
    places = [place for place, cell in made.cells.items() if reading(cell.printed)]
    text = made.text
    for place in dice.sample(places, wrong):
        text = _leading_digit_wrong(text, place, dice)
    return text


def _leading_digit_wrong(text: str, place: Place, dice: random.Random) -> str:
    """Returns the text with one digit substituted at the place, by enough to break its sums."""
    while True:
        damage = damaged(text, "substituted", [place], dice)
        if damage is not None:
            change = damage.changes[0]
            before, after = reading(change.original), reading(change.printed)
            if before is not None and after is not None and abs(before - after) >= 1:
                return damage.text


def speed(rows: int, wrong: int, seeds: Sequence[int], catalog: Catalog) -> Speed:
    """Returns how long locating takes over the seeds."""
    times: list[float] = []
    failing = checks = 0
    for seed in seeds:
        found, ledger = checks_of(structure(from_text(with_wrong_cells(rows, wrong, seed)), catalog), catalog)
        _ = (ledger.cells, ledger.halves)  # looked up once per document, before anything is located
        started = time.perf_counter()
        system = System(found, ledger)
        locate(system, moves(system))
        times.append(1000 * (time.perf_counter() - started))
        checks, failing = len(found), failing + sum(1 for check in found if check.outcome == "fails")
    return Speed(rows, wrong, checks, failing // len(seeds), sorted(times)[len(times) // 2], max(times))


def speeds(seeds: int = 50) -> list[Speed]:
    """Returns how long locating takes in tables of each size."""
    catalog = load_catalog()
    return [speed(rows, wrong, range(seeds), catalog) for rows, wrong in SIZES]


def main() -> None:
    """Prints the times."""
    for one in speeds():
        print(
            f"{one.rows:>4} rows × 11 columns, {one.wrong} wrong: {one.checks} sums, {one.failing} fail, "
            f"median {one.median:.2f} ms, longest {one.longest:.2f} ms"
        )


if __name__ == "__main__":
    main()
