"""What is measured is measured fairly: the conditions change only what they say, and the truth scores full marks."""

from typing import Any

import pytest
from conditions import CONDITIONS, Line, damaged_digits, lost_tabs
from hypothesis import given
from hypothesis import strategies as st
from plainmodel import answer_model
from plainscores import score_answer
from scores import score_document
from smalltables import NUMBERS, TABLES, Small, bare, small

from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog

ROW = Line(12, "2101599\t其他医疗保障管理事务支出等等\t75.18\t\t\t75.18\t")
CELLS = st.lists(st.text("0123456789.,名称支出 ", max_size=30), min_size=1, max_size=6)


def test_lost_tabs_leave_no_trace_of_blanks() -> None:
    """Runs of tabs are one or two blanks, and the rest of a long name stands on the next line."""
    first, rest = lost_tabs([ROW], frozenset({12}), 1).lines
    assert first.text.split() == ["2101599", "其他医疗保障管理事务支出", "75.18", "75.18"]
    assert rest == Line(12, "等等")


@given(CELLS, st.integers(0, 9))
def test_lost_tabs_lose_nothing_else(cells: list[str], seed: int) -> None:
    """Every character that is no blank is still there, and no tab is."""
    line = Line(1, "\t".join(cells))
    texts = [changed.text for changed in lost_tabs([line], frozenset({1}), seed).lines]
    assert sorted(bare("".join(texts))) == sorted(bare(line.text))
    assert "\t" not in "".join(texts)


@given(CELLS, st.integers(0, 9))
def test_damage_moves_nothing(cells: list[str], seed: int) -> None:
    """Damage replaces single digits of rows by what they look like; everything else stays where it is."""
    lines = [Line(1, "2021年"), Line(2, "\t".join(cells))]
    head, row = damaged_digits(lines, frozenset({2}), seed).lines
    changed = [(a, b) for a, b in zip(lines[1].text, row.text, strict=True) if a != b]
    assert head == lines[0]
    assert all(b == {"0": "O", "1": "l"}.get(a, "□") for a, b in changed)
    assert bool(changed) == any(a.isdigit() for a in lines[1].text)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_reading_by_columns_is_never_silently_wrong(catalog: Catalog, name: str, condition: str) -> None:
    """The tables as they are score full marks; in every condition what is accepted is right and whole."""
    table = small(name, condition, catalog, 1)
    score = score_document(structure(from_text(table.text), catalog), table)
    assert score.silent == 0
    if condition == "as it is":
        assert (score.right, score.verdict) == (score.cells, "accepted")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_plain_way_can_be_right(catalog: Catalog, name: str, condition: str) -> None:
    """The truth passes the plain models' own validators and scores full marks, damaged numerals as what they were."""
    table = small(name, condition, catalog, 1)
    answer = answer_model(table.known).model_validate(true_answer(table)).model_dump()
    score = score_answer(answer, table)
    assert (score.right, score.wrong, score.missing) == (score.cells, 0, 0)
    assert score_answer(None, table).verdict == "failed"


def test_a_wrong_number_of_the_plain_way_is_silent(catalog: Catalog) -> None:
    """An amount that another column has, and one that is not printed, are errors in an answer that validated."""
    table = small("003_fa_three_public", "as it is", catalog, 1)
    answer = true_answer(table)
    answer["rows"][0] |= {"training": None, "meeting": 0.38}
    score = score_answer(answer, table)
    assert (score.right, score.wrong_numbers, score.missing_numbers, score.silent_numbers) == (2, 1, 1, 2)


def true_answer(table: Small) -> dict[str, Any]:
    """Returns the truth as an answer of the plain way."""
    known = table.known
    parts: dict[str, list[str]] = {"": list(known.columns)} if known.shape == "records" else {}
    parts |= {panel: list(columns) for panel, columns in known.panels.items()}
    parts |= {block.name: [*block.fields, *block.columns] for block in known.blocks}
    heads = {block.name for block in known.blocks if block.fields}
    answer: dict[str, Any] = {}
    for part, keys in parts.items():
        records: dict[int, dict[str, object]] = {}
        for true in table.truth:
            if true.block == part and true.printed:
                value = float(true.value) if true.value is not None else None
                row = records.setdefault(0 if part in heads else true.record, dict.fromkeys(keys))
                row[true.column] = value if true.kind in NUMBERS else true.printed
        answer[part or "rows"] = records[0] if part in heads else list(records.values())
    return answer
