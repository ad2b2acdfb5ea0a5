"""Reads tests/damaged: consistent documents written by hand, and what was damaged in each case, line by line.

Nothing of crossfoot is used here: fields are split at their tabs, amounts are read and added up by a few lines of
their own. The format is told in tests/damaged/README.md.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FOLDER = Path(__file__).parent / "damaged"
#: Columns that hold no amount.
WORDS = frozenset("code name label note line class division item gov_code gov_name -".split())
_EXPECTATIONS = frozenset(
    "verdict repaired may_repair derived may_derive illegible findings errors faults reach realigned unseen".split()
)


class Row(NamedTuple):
    """A row of the undamaged table: its name in the cases, its line in the damaged text (0: lost), what is printed."""

    name: str
    panel: str
    line: int
    printed: dict[str, str]

    def amount(self, column: str) -> Decimal | None:
        """Returns the amount in a column, None where it is blank."""
        return amount_of(self.printed.get(column, ""))


class Form(NamedTuple):
    """A table as it was before the damage."""

    type: str
    rows: tuple[Row, ...]
    said: dict[str, Any]

    def row(self, name: str) -> Row:
        """Returns the row of that name."""
        (found,) = [row for row in self.rows if row.name == name]
        return found

    def with_amount(self, changed: Row, column: str, amount: Decimal) -> "Form":
        """Returns the table with another amount in one cell."""
        spoilt = changed._replace(printed=changed.printed | {column: str(amount)})
        return self._replace(rows=tuple(spoilt if row is changed else row for row in self.rows))

    def amounts(self) -> Iterator[tuple[Row, str, Decimal]]:
        """Yields every amount with its row and column."""
        for row in self.rows:
            for column, printed in row.printed.items():
                if column not in WORDS and (amount := amount_of(printed)) is not None:
                    yield row, column, amount


class Case(NamedTuple):
    """A damaged text, what stood there before, and what must come of it."""

    name: str
    title: str
    original: str
    text: str
    forms: tuple[Form, ...]
    said: dict[str, Any]

    def cell(self, reference: str) -> tuple[int, str, str]:
        """Returns table (from 1), row name and column of a reference such as `t2 2101506 total`."""
        *table, row, column = reference.split()
        number = int(table[0][1:]) if table else 1
        self.forms[number - 1].row(row)
        return number, row, column


def amount_of(printed: str) -> Decimal | None:
    """Returns what an undamaged amount says, None for a blank one."""
    plain = printed.replace(",", "")
    if plain in {"", "-"}:
        return None
    bracketed = re.fullmatch(r"\((.+)\)", plain)
    return -Decimal(bracketed[1]) if bracketed else Decimal(plain)


@lru_cache(maxsize=1)
def all_cases() -> tuple[Case, ...]:
    """Returns the cases of all files in the order of their names."""
    return tuple(case for path in sorted(FOLDER.glob("*.yaml")) for case in _cases(path))


def _cases(path: Path) -> Iterator[Case]:
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        assert set(document) == {"about", "tables", "original", "cases"}, path
        lines = document["original"].rstrip("\n").split("\n")
        for case in document["cases"]:
            stray = set(case) - _EXPECTATIONS - {"case", "title", "damage"}
            assert not stray, (path, case["case"], stray)
            placed = _damaged(lines, case.get("damage", []))
            yield Case(
                name=f"{path.stem}-{case['case']}",
                title=case["title"].strip(),
                original="\n".join(lines),
                text="\n".join(line for _, line in placed),
                forms=tuple(_forms(lines, placed, document["tables"])),
                said=case,
            )


def _damaged(lines: Sequence[str], damage: Sequence[dict[str, Any]]) -> list[tuple[int, str]]:
    """Returns the damaged lines, each with the number of the line it was (0: none)."""
    placed = list(enumerate(lines, start=1))
    for one in damage:
        was, now = _lines(one["was"]), _lines(one["now"])
        texts = [line for _, line in placed]
        starts = [at for at in range(len(texts)) if texts[at : at + len(was)] == was]
        assert len(starts) == 1, f"{was} stands {len(starts)} times"
        at = starts[0]
        numbers = [number for number, _ in placed[at : at + len(was)]]
        assert was != now
        placed[at : at + len(was)] = [(numbers[i] if i < len(numbers) else 0, line) for i, line in enumerate(now)]
    return placed


def _lines(said: str | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else said


def _forms(lines: Sequence[str], placed: Sequence[tuple[int, str]], said: Sequence[dict[str, Any]]) -> Iterator[Form]:
    now = {number: place for place, (number, _) in enumerate(placed, start=1)}
    runs = list(_runs(lines))
    assert len(runs) == len(said), "one run of lines with tabs for each table"
    for run, form in zip(runs, said, strict=True):
        columns = form["columns"].split()
        rows = [
            row
            for number in run[form["header"] :]
            for row in _rows(lines[number - 1].split("⇥"), columns, now.get(number, 0))
        ]
        names = [row.name for row in rows]
        assert len(set(names)) == len(names), names
        yield Form(form["type"], tuple(rows), form)


def _runs(lines: Sequence[str]) -> Iterator[list[int]]:
    """Yields the numbers of the lines with tabs, table by table."""
    run: list[int] = []
    for number, line in enumerate([*lines, ""], start=1):
        if "⇥" in line:
            run.append(number)
        elif run:
            yield run
            run = []


def _rows(fields: Sequence[str], columns: Sequence[str], line: int) -> Iterator[Row]:
    """Yields the rows of one line: one, or one for each list side by side."""
    assert len(fields) == len(columns), (fields, columns)
    lists: dict[str, dict[str, str]] = {}
    for column, field in zip(columns, fields, strict=True):
        panel, _, key = column.rpartition(".")
        lists.setdefault(panel, {})[key] = field
    for panel, printed in lists.items():
        name = _name(printed)
        if name:
            yield Row(f"{panel}/{name}" if "label" in printed else name, panel, line, printed)


def _name(printed: dict[str, str]) -> str:
    """Returns what the cases call a row: its code, else its name or label, without blanks."""
    code = printed.get("code") or "".join(printed.get(key, "") for key in ("class", "division", "item"))
    return "".join((code or printed.get("name") or printed.get("label") or "").split())


# --- the undamaged tables foot ----------------------------------------------------------------------------------------


class Sum(NamedTuple):
    """A figure of the undamaged table and the figures that make it up."""

    what: str
    total: str
    parts: tuple[tuple[int, str], ...]


def sums_of(form: Form) -> Iterator[Sum]:
    """Yields every sum of a table as its file declares it: along rows, up the codes or units, and of named rows."""
    for text in form.said.get("rows", ()):
        total, parts = _equation(text)
        for row in form.rows:
            if row.printed.get(total):
                yield Sum(f"{row.name}: {text}", row.printed[total], _filled([(w, row.printed[k]) for w, k in parts]))
    for total_row, part_rows in _families(form):
        for column in sorted(total_row.printed.keys() - WORDS):
            filled = _filled([(1, row.printed.get(column, "")) for row in part_rows])
            if filled or total_row.printed[column]:
                yield Sum(f"{total_row.name} {column}", total_row.printed[column] or "0", filled)
    for text in form.said.get("named", ()):
        total, parts = _equation(text)
        for column in sorted(form.row(total).printed.keys() - WORDS):
            filled = _filled([(weight, form.row(name).printed.get(column, "")) for weight, name in parts])
            if filled or form.row(total).printed[column]:
                yield Sum(f"{text} {column}", form.row(total).printed[column] or "0", filled)


def _equation(text: str) -> tuple[str, list[tuple[int, str]]]:
    total, _, right = text.partition(" = ")
    words = f"+ {right}".split()
    return total, [(1 if sign == "+" else -1, name) for sign, name in zip(words[::2], words[1::2], strict=True)]


def _filled(parts: Sequence[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    return tuple((weight, printed) for weight, printed in parts if printed)


def _families(form: Form) -> Iterator[tuple[Row, list[Row]]]:
    """Yields each row with the rows right below it: by the beginnings of codes, or the items below their unit."""
    if form.said.get("up") == "codes":
        coded = [row for row in form.rows if row.name.isdigit()]
        above = {
            row.name: max((c.name for c in coded if row.name != c.name and row.name.startswith(c.name)), default="")
            for row in coded
        }
        for row in form.rows:
            if row in coded or row.name == "合计":
                below = [child for child in coded if above[child.name] == row.name.removeprefix("合计")]
                if below:
                    yield row, below
    elif form.said.get("up") == "units":
        units = [row for row in form.rows if not row.name.isdigit() and row.name != "合计"]
        yield form.row("合计"), units
        starts = [form.rows.index(unit) for unit in units]
        for unit, start, end in zip(units, starts, [*starts[1:], len(form.rows)], strict=True):
            yield unit, list(form.rows[start + 1 : end])


def gap_of(one: Sum) -> tuple[Decimal, Decimal]:
    """Returns by how much a sum misses its total, and half a unit of each of its figures together."""
    figures = [one.total, *(printed for _, printed in one.parts)]
    total = amount_of(one.total) or Decimal(0)
    gap = sum((weight * (amount_of(printed) or Decimal(0)) for weight, printed in one.parts), Decimal(0)) - total
    return gap, sum(
        (Decimal("0.5").scaleb(-len(printed.rstrip(")").partition(".")[2])) for printed in figures), Decimal(0)
    )
