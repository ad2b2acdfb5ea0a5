"""Reading with a model: every form, from answers that stand in hand-written truth, in both wire formats."""

from pathlib import Path
from typing import Any

import pytest

from crossfoot.choosing import Readers
from crossfoot.figures import Document, Source, Table
from crossfoot.pipeline import structure
from crossfoot.reading.llm.asked import NoCalls
from crossfoot.reading.llm.prompts import load_prompt
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk
from crossfoot.tabletypes import Catalog
from scripted import TRUTH, ScriptedModel, load_truth, printed_rows

#: Those of the examples; the cases of invented documents are held out and read by no test.
FILES = sorted(TRUTH.glob("0*.yaml"))
#: A label and its value glued into one cell, `…率 (≥100%`: the truth splits them by meaning, no reader does.
GLUED = ("004_project_performance_list", 571)


@pytest.fixture(scope="module", params=["rows-1", "objects-1"])
def by_model(request: pytest.FixtureRequest, sources: dict[str, Source], catalog: Catalog) -> dict[str, Document]:
    """The examples as read by the scripted model, everything asked of it."""
    documents: dict[str, Document] = {}
    for name, source in sources.items():
        model = ScriptedModel(printed_rows(load_truth(path) for path in FILES if path.name.startswith(name)))
        desk = Desk(model, load_prompt(request.param), NoCalls(), Spending())
        documents[name] = structure(source, catalog, Readers("llm", desk))
    return documents


def table_of(document: Document, truth: dict[str, Any]) -> Table:
    first, last = truth["lines"]
    (table,) = [
        t for t in document.tables
        if t.type == truth["type"] and t.body != "absent" and t.lines[0] <= last and first <= t.lines[1]
    ]  # fmt: skip
    return table


def meant(truth: dict[str, Any]) -> set[tuple[str, str]]:
    """What the truth says: schema key and printed text of every cell that is not blank, with the line of its record."""
    found: set[tuple[str, str]] = set()
    for row in truth["rows"]:
        if isinstance(row, dict):
            line = row.get("line") or row["lines"][0]
            cells = {**row.get("cells", {}), **row.get("fields", {})}
        else:
            line, cells = row[0], dict(zip(truth["columns"], row[1], strict=False))
        found |= {(f"{line} {key}", text) for key, text in cells.items() if text and key != "-"}
    return found


def read(table: Table, truth: dict[str, Any]) -> set[tuple[str, str]]:
    """The same of a table as read; a total whose name stands in the code cell is taken by its name."""
    record = _record_lines(truth)
    found: set[tuple[str, str]] = set()
    for row in table.rows:
        panel = f"{row.panel}." if truth["shape"] == "panels" else ""
        for cell in row.cells:
            is_name = cell.column == "code" and cell.printed == row.name and not cell.printed[:1].isdigit()
            if cell.printed:
                column = "name" if is_name else cell.column
                found.add((f"{record.get(cell.line, cell.line)} {panel}{column}", cell.printed))
    return found


def _record_lines(truth: dict[str, Any]) -> dict[int, int]:
    """Returns for each line of a record over several lines the record's first."""
    spans = [row["lines"] for row in truth["rows"] if isinstance(row, dict) and "lines" in row]
    return {line: first for first, last in spans for line in range(first, last + 1)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_form_is_read_as_it_is_written(by_model: dict[str, Document], path: Path) -> None:
    """From true answers every form comes out cell by cell as a person reads it, and says who read it."""
    truth = load_truth(path)
    table = table_of(by_model[truth["document"]], truth)
    glued = {entry for entry in (*meant(truth), *read(table, truth)) if (path.stem, int(entry[0].split()[0])) == GLUED}
    assert _inside(meant(truth), table, truth) - glued == _inside(read(table, truth), table, truth) - glued
    if meant(truth):
        assert table.reader == "llm"
        assert table.read_by is not None
        assert (table.read_by.model, len(table.read_by.prompt_sha256)) == ("scripted", 64)


def _inside(entries: set[tuple[str, str]], table: Table, truth: dict[str, Any]) -> set[tuple[str, str]]:
    """Returns what stands where both begin and end: a cover's name above its form is the document's department."""
    first, last = max(table.lines[0], truth["lines"][0]), min(table.lines[1], truth["lines"][1])
    return {entry for entry in entries if first <= int(entry[0].split()[0]) <= last}


@pytest.mark.parametrize("name", ["000", "001", "002", "003", "004"])
def test_true_answers_are_judged_like_the_grid(
    by_model: dict[str, Document], examples: dict[str, Document], name: str
) -> None:
    """The judgement depends on what was read, not on who read it."""
    of_model = [(t.type, t.verdict.outcome, t.verdict.reasons) for t in by_model[name].tables]
    assert of_model == [(t.type, t.verdict.outcome, t.verdict.reasons) for t in examples[name].tables]


def test_the_truth_covers_every_form_with_a_body(examples: dict[str, Document]) -> None:
    """No form of the examples is left out of the test above."""
    present = {
        (t.family, t.type)
        for d in examples.values()
        for t in d.tables
        if t.rows and t.body not in {"absent", "illegible"}
    }
    assert present <= {(load_truth(path)["family"], load_truth(path)["type"]) for path in FILES}
