"""Tables without tabs, read by a model: it splits the records, arithmetic places the numerals, nothing is guessed."""

import re
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
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog
from scripted import TRUTH, ScriptedModel, load_truth, printed_rows

#: Those of the examples; the cases of invented documents are held out and read by no test.
RECORDS = [path for path in sorted(TRUTH.glob("0*.yaml")) if load_truth(path)["shape"] == "records"]


def figures(table: Table) -> dict[tuple[int, str], str]:
    return {(c.line, c.column): c.printed for row in table.rows for c in row.cells if c.kind == "amount" and c.printed}


@pytest.mark.parametrize("prompt", ["rows-1", "objects-1"])
@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_table_without_tabs_is_placed_or_flagged(
    sources: dict[str, Source], catalog: Catalog, path: Path, prompt: str
) -> None:
    """From true pieces no figure of an accepted or repaired table stands in another column than in the truth."""
    truth = load_truth(path)
    for table in _read(sources[truth["document"]], truth, prompt, catalog).tables:
        keys = {column.key for column in table.columns if column.kind == "amount"}
        if table.verdict.outcome != "flagged" and figures(table):
            assert figures(table) == meant(truth, keys)


def meant(truth: dict[str, Any], keys: set[str]) -> dict[tuple[int, str], str]:
    """What the truth has in these columns, by line."""
    found: dict[tuple[int, str], str] = {}
    for row in truth["rows"]:
        line, cells = (row["line"], row["cells"]) if isinstance(row, dict) else (row[0], None)
        pairs = cells.items() if cells is not None else zip(truth["columns"], row[1], strict=False)
        found |= {(line, key): text for key, text in pairs if text and key in keys}
    return found


def _read(source: Source, truth: dict[str, Any], prompt: str, catalog: Catalog) -> Document:
    first, last = truth["lines"]
    lines = [line.text if first <= line.number <= last else "" for line in source.lines]
    lines[0] = source.lines[0].text
    text = re.sub(r"\t", " ", "\n".join(lines))
    model = ScriptedModel(printed_rows([truth]))
    return structure(from_text(text), catalog, Readers("llm", Desk(model, load_prompt(prompt), NoCalls(), Spending())))


@pytest.mark.parametrize(
    "name", ["000_gpb_expenditure_by_function", "002_gpb_basic_by_function", "003_fa_gpb_expenditure"]
)
def test_what_foots_in_one_way_only_is_read(sources: dict[str, Source], catalog: Catalog, name: str) -> None:
    """These tables have one placement, so nothing of them is left loose or flagged."""
    truth = load_truth(TRUTH / f"{name}.yaml")
    (table,) = [t for t in _read(sources[truth["document"]], truth, "rows-1", catalog).tables if figures(t)]
    assert (table.reader, table.verdict.outcome in {"accepted", "repaired"}) == ("llm", True)
    assert not any(row.loose for row in table.rows)


@pytest.mark.parametrize("prompt", ["rows-1", "objects-1"])
def test_a_record_copied_whole_is_no_cell(sources: dict[str, Source], catalog: Catalog, prompt: str) -> None:
    """A small model copies records instead of splitting them; then nothing is read, and no cell holds several."""
    truth = load_truth(TRUTH / "003_fa_gpb_expenditure.yaml")
    copied = {row[0]: [" ".join(cell for cell in row[1] if cell)] for row in truth["rows"]}
    whole = {**truth, "rows": [[line, cells] for line, cells in copied.items()]}
    (table,) = _read(sources["003"], whole, prompt, catalog).tables
    assert table.verdict.outcome == "flagged"
    assert not [cell.printed for _, _, cell in table.cells() if cell.printed]
    assert "reader_failed" in {remark.code for remark in table.remarks}


HEAD = (
    "一般公共预算财政拨款支出决算表\n公开05表\n单位：万元\n"
    "项目 本年支出\n科目代码 科目名称 小计 基本支出 项目支出\n栏次 1 2 3\n"
)
ROWS = {
    7: ["205", "教育支出", "1392.44", "1352.44", "40.00"],
    8: ["20501", "教育管理事务", "100.00", "60.00", "40.00"],
    9: ["2050101", "行政运行", "100.00", "60.00", "40.00"],
    10: ["20502", "普通教育", "1592.44", "1292.44", "0.00"],
    11: ["2050201", "学前教育", "1292.44", "1292.44", "0.00"],
}


def test_only_the_doubted_record_is_read_again(catalog: Catalog) -> None:
    """A record at which failing sums point is asked for once more, alone; what is no better changes nothing."""
    text = HEAD + "".join(" ".join(cells) + "\n" for cells in ROWS.values())
    model = ScriptedModel(ROWS)
    desk = Desk(model, load_prompt("rows-1"), NoCalls(), Spending())
    document = structure(from_text(text), catalog, Readers("llm", desk))
    assert ["L10|" in asked.user and "L11|" not in asked.user for asked in model.asked] == [False, True]
    assert "-" not in model.asked[1].user  # no gap is told: it would invite to compute
    failing = [check for check in document.checks if check.outcome == "fails"]
    assert failing
    assert {check.fault for check in failing} == {"source_inconsistency"}
    assert (document.verdict.outcome, document.repairs) == ("flagged", ())
