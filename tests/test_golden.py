"""Golden facts files for one score sheet and for 公开06: the export's columns and keys, pinned down.

Their cells were compared with the hand-made labels; `python tests/test_golden.py` writes them anew for a look.
"""

import csv
import io
import sys
from pathlib import Path

import pytest

from crossfoot.figures import Document, Source, Table
from crossfoot.output.export import facts_csv
from crossfoot.output.facts import facts
from crossfoot.pipeline import structure
from crossfoot.reading.source import load
from crossfoot.tabletypes import load_catalog

GOLDEN = Path(__file__).parent / "golden"
EXAMPLE = next((Path(__file__).parents[1] / "examples").glob("003*.txt"))
PINNED = {
    "公开06": lambda table: table.number == "公开06表",
    "自评表": lambda table: table.type == "department_performance_self_evaluation",
}


def facts_of(document: Document, source: Source, name: str) -> str:
    tables: list[Table] = [table for table in document.tables if PINNED[name](table)]
    return "".join(facts_csv(facts(document.model_copy(update={"tables": tuple(tables)}), source)))


@pytest.mark.parametrize("name", sorted(PINNED))
def test_facts_are_as_pinned(name: str, examples: dict[str, Document], sources: dict[str, Source]) -> None:
    """The facts of the table are, column by column, those in the golden file (paths apart)."""
    found = list(csv.DictReader(io.StringIO(facts_of(examples["003"], sources["003"], name))))
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        wanted = list(csv.DictReader(file))
    for row in (*found, *wanted):
        row.pop("document")
    assert found == wanted


if __name__ == "__main__":
    example = load(EXAMPLE, EXAMPLE.name)
    for pinned in PINNED:
        text = facts_of(structure(example, load_catalog()), example, pinned)
        (GOLDEN / f"{pinned}.csv").write_text(text, encoding="utf-8", newline="")
        sys.stdout.write(f"{pinned}.csv: {text.count(chr(10))} lines\n")
