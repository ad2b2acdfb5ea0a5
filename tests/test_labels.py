"""The readings of the examples against labels made by hand from the texts (tests/labels, never from output)."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from crossfoot.figures import Cell, Column, Document, Row, Source, Table
from crossfoot.labels import words

LABELS = Path(__file__).parent / "labels"
Place = tuple[Table, Row, Cell, Column]


def plain(text: str) -> str:
    return words(text).replace("/", "").rstrip(":")


def places_by_line(document: Document) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {}
    for table in document.tables:
        for _, row, cell in table.cells():
            named = [column for column in table.columns if column.key == cell.column]
            column = next((c for c in named if c.panel in {row.panel, row.block}), named[0])
            found.setdefault(cell.line, []).append((table, row, cell, column))
    return found


def says(label: dict[str, str], place: Place) -> bool:
    table, row, cell, column = place
    texts = {plain(other.printed) for other in row.cells}
    header = label["column_header"]
    return (
        plain(cell.printed) == plain(label["printed"])
        and (not label["table_number"] or table.number == label["table_number"])
        and (not label["row_code"] or plain(label["row_code"]) in {plain(row.code), *texts})
        and (not label["row_name"] or plain(label["row_name"]) in {plain(row.name), *texts})
        and (not header or not column.header or plain(column.header).endswith(plain(header.split("/")[-1])))
        and (label["unit"] not in {"元", "万元"} or cell.kind != "amount" or cell.unit == label["unit"])
        and (not label["value"] or cell.value is None or cell.value == Decimal(label["value"]) or cell.kind == "text")
    )


def is_repeated_total(document: Document, line: int) -> bool:
    """The total that a continuation page repeats is no new row; its fields are explained as a repeat."""
    return any(mark.line == line and mark.why == "repeated total" for t in document.tables for mark in t.explained)


@pytest.mark.parametrize("name", ["000", "001", "002", "003", "004"])
def test_every_label_is_read_as_a_person_read_it(name: str, examples: dict[str, Document]) -> None:
    """Every hand-labelled cell is in the data: same print, row, column, unit and value."""
    places = places_by_line(examples[name])
    with (LABELS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    missed = [
        label
        for label in labels
        if not any(says(label, place) for place in places.get(int(label["line"]), []))
        and not is_repeated_total(examples[name], int(label["line"]))
    ]
    assert len(labels) > 100
    assert missed == []


@pytest.mark.parametrize("name", ["000", "001", "002", "003", "004"])
def test_labels_stand_in_their_lines(name: str, sources: dict[str, Source]) -> None:
    """A label's printed text stands on (or, for a wrapped cell, from) the line that it cites."""
    with (LABELS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for label in csv.DictReader(file):
            number = int(label["line"])
            text = "".join(line.text for line in sources[name].lines[number - 1 : number + 2])
            assert plain(label["printed"]) in plain(text), label
