"""The hand-written truth (eval/cases) against the example texts: copied exactly, complete, each value in one place."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from crossfoot.figures import Source
from crossfoot.tabletypes import Catalog

HERE = Path(__file__).parent
FILES = sorted((HERE.parent / "eval" / "cases").glob("*.yaml"))
each_table = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
#: Those of the examples, whose cells are labelled once more in tests/labels.
TWICE = [path for path in FILES if (HERE / "labels" / f"{path.name[:3]}.csv").exists()]


class Record(NamedTuple):
    """A row or a header row as the file gives it; `[line, cells]` is the short form of one without anything to say."""

    line: int
    last: int
    printed: list[str]
    said: dict[str, Any]

    @property
    def values(self) -> dict[str, str]:
        """What the row means, by the schema's key."""
        values: dict[str, str] = self.said.get("cells", self.said.get("fields", {}))
        return values


def load(path: Path) -> dict[str, Any]:
    truth: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return truth


def records(entries: list[Any]) -> Iterator[Record]:
    for entry in entries:
        if isinstance(entry, list):
            yield Record(entry[0], entry[0], entry[1], {})
        else:
            first, last = entry.get("lines", [entry["line"], entry["line"]])
            assert first == entry["line"]
            yield Record(first, last, entry["printed"], entry)


def fields(source: Source, record: Record) -> list[str]:
    """The cells as the text has them: what stands between tabs, or from tab to tab over the lines of one record.

    Where a record does not begin with a tab, one of its cells wraps, and the next line goes on inside that cell.
    """
    texts = [re.sub(r"</?b>", "", line.text) for line in source.lines[record.line - 1 : record.last]]
    if not texts[0].startswith("\t") or len(texts) == 1:
        found = "".join(texts).split("\t")
    else:
        found = "".join(f"\n{text}" if text.startswith("\t") else text.strip() for text in texts).split("\n")[1:]
    found = [field.strip() for field in found]
    while not found[-1]:
        found.pop()
    return found


def characters(texts: list[str]) -> Counter[str]:
    return Counter(character for text in texts for character in text if not character.isspace())


@each_table
def test_every_cell_is_copied_as_it_stands(path: Path, texts: dict[str, Source]) -> None:
    """What a row or header says is printed is the text of its lines, field by field, and is text, never a number."""
    truth = load(path)
    for record in [*records(truth["header"]), *records(truth["rows"])]:
        assert all(isinstance(cell, str) for cell in [*record.printed, *record.values.values()]), record
        assert record.printed == fields(texts[truth["document"]], record)


@each_table
def test_every_line_is_accounted_for_once(path: Path, texts: dict[str, Source]) -> None:
    """Each line of the table's range that is not blank is a header, a row, or no data for a stated reason."""
    truth = load(path)
    lines = texts[truth["document"]].lines
    first, last = truth["lines"]
    told = [n for r in [*records(truth["header"]), *records(truth["rows"])] for n in range(r.line, r.last + 1)]
    told += [number for number, reason in truth["not_data"] if reason]
    assert len(told) == len(set(told))
    assert {number for number in range(first, last + 1) if lines[number - 1].text.strip()} <= set(told)
    assert set(told) <= set(range(first, last + 1))
    spaceless = "".join("".join(line.text for line in lines).split())
    assert "".join(truth["title"].split()) in spaceless


@each_table
def test_columns_are_those_of_the_schema(path: Path, catalog: Catalog) -> None:
    """The family has that type in that shape, and every key named is one of its columns or fields."""
    truth = load(path)
    forms = [form for form in catalog.types if (form.family, form.type) == (truth["family"], truth["type"])]
    assert truth["shape"] in {form.shape for form in forms}
    keys: dict[str, set[str]] = {}
    for form in forms:
        keys.setdefault("", set()).update(form.columns)
        keys[""].update(f"{panel}.{key}" for panel, columns in form.panels.items() for key in columns)
        keys.update({block.name: {*block.columns, *block.fields} for block in form.blocks})
    columns = truth["columns"] if truth["shape"] == "form" else {"": truth["columns"]}
    for block, named in columns.items():
        assert set(named) - {"-"} <= keys[block]
    for record in records(truth["rows"]):
        assert set(record.values) <= keys[record.said.get("block", "")]


@each_table
def test_cells_stand_in_their_columns_or_say_why_not(path: Path) -> None:
    """A row fits the columns, value by value, unless it says how it moved; no printed cell is lost or used twice."""
    truth = load(path)
    for record in records(truth["rows"]):
        said, block = record.said, record.said.get("block", "")
        columns = truth["columns"].get(block, []) if truth["shape"] == "form" else truth["columns"]
        if not said:
            assert truth["shape"] != "form"
            assert len(record.printed) <= len(columns)
            continue
        pieces = [*record.values.values(), *said.get("labels", []), said.get("label", "")]
        assert characters(pieces) == characters(record.printed), record
        assert all(any(piece in cell for cell in record.printed) for piece in pieces if piece), record
        if "cells" in said and "moved" not in said:
            in_place = dict(zip(columns, [*record.printed, *[""] * len(columns)], strict=False))
            assert record.values.items() <= in_place.items(), record


@each_table
def test_levels_are_filled_down_or_say_why_not(path: Path, texts: dict[str, Source]) -> None:
    """An indicator's levels are the last printed ones unless it says why; each is printed somewhere in its table."""
    truth = load(path)
    first, last = truth["lines"]
    text = "".join("".join(line.text for line in texts[truth["document"]].lines[first - 1 : last]).split())
    above = ["", ""]
    for record in records(truth["rows"]):
        if "under" not in record.said:
            continue
        one, two = (record.values.get(level, "") for level in ("level1", "level2"))
        filled = [one, two] if one else [above[0], two or above[1]]
        above = record.said["under"]
        assert above == filled or "moved" in record.said
        assert all(level and "".join(level.split()) in text for level in above)


def plain(text: str) -> str:
    narrow = text.translate(str.maketrans("（）：", "():"))
    return re.sub(r"</?b>|\s|\([AB/]+\)", "", narrow).rstrip(":")


def headings(catalog: Catalog, truth: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    """The innermost header words of each key, by block and key."""
    known: dict[tuple[str, str], set[str]] = {}
    for form in catalog.types:
        if (form.family, form.type) != (truth["family"], truth["type"]):
            continue
        columns = [("", key, column) for key, column in form.columns.items()]
        columns += [("", f"{panel}.{key}", it) for panel, keys in form.panels.items() for key, it in keys.items()]
        columns += [(block.name, key, column) for block in form.blocks for key, column in block.columns.items()]
        headers = [(place, key, column.headers) for place, key, column in columns]
        headers += [(block.name, key, field.labels) for block in form.blocks for key, field in block.fields.items()]
        for place, key, paths in headers:
            known.setdefault((place, key), set()).update(plain(path.split("/")[-1]) for path in paths)
    return known


def test_every_example_has_a_second_hand(sources: dict[str, Source]) -> None:
    """The tables compared below are all of the examples and none of another document."""
    assert {path.name[:3] for path in TWICE} == set(sources)


@pytest.mark.parametrize("path", TWICE, ids=lambda path: path.stem)
def test_two_hands_agree(path: Path, catalog: Catalog) -> None:
    """Each cell that tests/labels has of the table, labelled apart from this, stands here under the same header."""
    truth = load(path)
    known = headings(catalog, truth)
    said: dict[int, list[tuple[str, set[str]]]] = {}
    for record in records(truth["rows"]):
        filled = [*record.printed, *[""] * len(truth["columns"])]
        values = record.values if record.said else dict(zip(truth["columns"], filled, strict=False))
        block = record.said.get("block", "")
        cells = [(plain(value), known.get((block, key), set())) for key, value in values.items()]
        said.update(dict.fromkeys(range(record.line, record.last + 1), cells))
    with (HERE / "labels" / f"{truth['document']}.csv").open(encoding="utf-8", newline="") as file:
        labels = [label for label in csv.DictReader(file) if int(label["line"]) in said]
    for label in labels:
        header = plain(label["column_header"])
        found = [words for value, words in said[int(label["line"])] if value == plain(label["printed"])]
        assert any(not header or header.endswith(word) for words in found for word in words), label
