"""The small tables that are measured: each a document of its own, cut from an example, with its hand-written truth.

A document is the cover's lines for department and year, then the table from its caption to its note.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from conditions import CONDITIONS, Changed, Line

from crossfoot.tabletypes import Catalog, TableType

_ROOT = Path(__file__).parents[1]
_COVERS = {"000": (3, 5), "001": (), "002": (3, 4), "003": (3, 5), "004": (3,)}

#: Smallest first, so that a short run has measured as many as it can.
TABLES = (
    "003_fa_three_public",
    "004_three_public_budget",
    "002_gpb_basic_by_function",
    "003_fa_gpb_expenditure",
    "003_fa_expenditure",
    "000_gpb_expenditure_by_function",
    "004_budget_fiscal_appropriation_summary",
    "000_project_performance_target",
    "001_project_performance_self_evaluation",
    "002_gpb_basic_by_economic",
)

NUMBERS = ("amount", "score", "count")


class TrueCell(NamedTuple):
    """A cell of the truth: its record, where it belongs, and its text.

    `printed` is the document's, `shown` what the condition left of it; blanks are cells too.
    """

    record: int
    block: str
    column: str
    kind: str
    printed: str
    shown: str

    @property
    def value(self) -> Decimal | None:
        """Returns the number that the undamaged document prints; None where it prints none."""
        return number_in(self.printed) if self.kind in NUMBERS else None


class Small(NamedTuple):
    """One table in one condition: the text, each line's number in the example, and the truth."""

    name: str
    condition: str
    text: str
    numbers: tuple[int, ...]
    truth: tuple[TrueCell, ...]
    records: Mapping[int, int]
    known: TableType


def small(name: str, condition: str, catalog: Catalog, seed: int) -> Small:
    """Returns the table in that condition."""
    content: dict[str, Any] = yaml.safe_load((_ROOT / "eval" / "cases" / f"{name}.yaml").read_text(encoding="utf-8"))
    known = next(k for k in catalog.types if (k.type, k.family) == (content["type"], content["family"]))
    (path,) = (_ROOT / "examples").glob(f"{content['document']}_*.txt")
    every = path.read_text(encoding="utf-8").split("\n")
    first, last = content["lines"]
    table = [Line(number, every[number - 1]) for number in range(first, last + 1)]
    spans = [_span(row) for row in content["rows"]]
    rows = frozenset(number for start, end in spans for number in range(start, end + 1))
    changed = CONDITIONS[condition](table, rows, seed)
    cover = [Line(number, every[number - 1]) for number in _COVERS[content["document"]]]
    lines = [line for head in cover for line in (head, Line(0, ""))] + list(changed.lines)
    return Small(
        name=name,
        condition=condition,
        text="\n".join(line.text for line in lines) + "\n",
        numbers=tuple(line.number for line in lines),
        truth=tuple(_true_cells(content, known, {line.number: line.text for line in table}, changed)),
        records={number: start for start, end in spans for number in range(start, end + 1)},
        known=known,
    )


def bare(text: str) -> str:
    """Returns a text without blanks."""
    return "".join(text.split())


def number_in(text: str) -> Decimal | None:
    """Returns the number that a cell is, or None."""
    try:
        return Decimal(bare(text).replace(",", "").removesuffix("%"))
    except InvalidOperation:
        return None


def _span(row: Any) -> tuple[int, int]:  # noqa: ANN401  YAML
    if not isinstance(row, dict):
        return row[0], row[0]
    return (row["line"], row["line"]) if "lines" not in row else (row["lines"][0], row["lines"][1])


def _true_cells(
    content: Mapping[str, Any], known: TableType, original: Mapping[int, str], changed: Changed
) -> Iterator[TrueCell]:
    kinds = _kinds(known)
    for row in content["rows"]:
        start, end = _span(row)
        printed = row["printed"] if isinstance(row, dict) else row[1]
        numbers = range(start, end + 1)
        shown = _shown(
            printed, bare("".join(original[n] for n in numbers)), bare("".join(changed.printed[n] for n in numbers))
        )
        block = row.get("block", "") if isinstance(row, dict) else ""
        for column, text, seen in _placed(row, content["columns"], printed, shown):
            panel, _, key = column.rpartition(".")
            if column != "-":
                yield TrueCell(start, block or panel, key, kinds.get((block or panel, key), "text"), text, seen)


def _placed(
    row: Any,  # noqa: ANN401  YAML
    columns: Any,  # noqa: ANN401
    printed: Sequence[str],
    shown: Sequence[str],
) -> Iterator[tuple[str, str, str]]:
    """Yields column, text and what is left of it; a row's blanks at the end are given back."""
    if not isinstance(row, dict):
        blanks = [""] * (len(columns) - len(printed))
        yield from zip(columns, [*printed, *blanks], [*shown, *blanks], strict=True)
        return
    left = list(zip(printed, shown, strict=True))
    for key, text in {**row.get("fields", {}), **row.get("cells", {})}.items():
        seen = next((seen for cell, seen in left if cell == text), "")
        if text:
            left.remove((text, seen))
        yield key, text, seen


def _shown(printed: Sequence[str], original: str, changed: str) -> list[str]:
    """Returns what the changed run of characters has where each printed cell stands in the original one."""
    found: list[str] = []
    at = 0
    for cell in printed:
        wanted = bare(cell)
        start = original.index(wanted, at)
        at = start + len(wanted)
        found.append(changed[start:at] if len(changed) == len(original) else wanted)
    return found


def _kinds(known: TableType) -> dict[tuple[str, str], str]:
    kinds = {("", key): column.kind for key, column in known.columns.items()}
    kinds |= {(panel, key): c.kind for panel, columns in known.panels.items() for key, c in columns.items()}
    for block in known.blocks:
        kinds |= {(block.name, key): field.kind for key, field in block.fields.items()}
        kinds |= {(block.name, key): column.kind for key, column in block.columns.items()}
    return {place: str(kind) for place, kind in kinds.items()}
