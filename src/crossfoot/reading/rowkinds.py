"""Rows as read → their kinds: total, subtotal, item, memo (其中), unit, project, indicator.

Names, labels and codes decide; amounts only tell a unit's row from a project's where both look alike.
"""

from collections.abc import Sequence
from typing import NamedTuple

from crossfoot.figures import Cell, RowKind
from crossfoot.labels import header_words, label_of, words
from crossfoot.reading.cells import TOTAL_NAMES
from crossfoot.reading.outline import RowDraft
from crossfoot.tabletypes import TableType


class TotalNames(NamedTuple):
    """What a form calls its totals and its subtotals, ready for comparing."""

    totals: frozenset[str]
    subtotals: frozenset[str]


def total_names(known: TableType | None) -> TotalNames:
    """Returns the names of totals in any form, with those that this form declares."""
    totals, subtotals = set(TOTAL_NAMES), {"小计"}
    for rule in known.identities if known else ():
        if rule.kind in {"grand total", "panel grand"}:
            totals.update(map(words, rule.names))
        elif rule.kind == "panel total":
            subtotals.update(map(words, rule.names))
    return TotalNames(frozenset(totals), frozenset(subtotals - totals))


def kind_of_row(known: TableType | None, names: TotalNames, key: tuple[str, str], cells: Sequence[Cell]) -> RowKind:
    """Returns what kind of row one with this key (code and name) and these cells is."""
    code, name = key
    label = label_of(name)
    if not code and (label.name in names.totals or header_words(name) in names.totals):
        return "total"
    if not code and (label.name in names.subtotals or label.name.endswith("合计")):
        return "subtotal"
    if label.of_which:
        return "memo"
    if known is None:
        return "item"
    if known.hierarchy == "unit":
        return _kind_under_units(known, code, name, cells)
    if known.hierarchy == "position":
        brief = next((cell for cell in cells if cell.column == "brief"), None)
        if code:
            return "unit"
        return "project" if brief is None or brief.state != "blank" else "subtotal"
    return "unit" if any(cell.column == "unit_code" for cell in cells) else "item"


def _kind_under_units(known: TableType, code: str, name: str, cells: Sequence[Cell]) -> RowKind:
    if "class" in known.columns:
        return "item" if code else "unit"
    if not name:
        return "indicator"
    has_amount = any(cell.kind == "amount" and cell.state != "blank" for cell in cells)
    return "project" if has_amount or "-" in code else "unit"


def with_memos(rows: list[RowDraft], known: TableType | None) -> list[RowDraft]:
    """Returns the rows, those that are 其中 of a row above marked: by label, numbering, indent, or the form's names."""
    return _with_named_memos(_with_of_which(rows), known)


def _with_of_which(rows: list[RowDraft]) -> list[RowDraft]:
    """Returns the rows, those that continue an 其中 list, by its numbering or its indent, marked as part of it."""
    styles: dict[str, str] = {}
    above: dict[str, set[str]] = {}
    indents: dict[str, int] = {}
    marked: list[RowDraft] = []
    for row in rows:
        label = label_of(row.name)
        is_inside = label.style == "none" and row.indent >= indents.get(row.panel, 99) > 0
        if label.of_which:
            styles[row.panel], indents[row.panel] = label.style, row.indent
        elif row.kind == "item" and (is_inside or (label.style != "none" and styles.get(row.panel) == label.style)):
            marked.append(row._replace(kind="memo"))
            continue
        elif label.style == "none" or label.style in above.get(row.panel, ()) or styles.get(row.panel) == "none":
            styles.pop(row.panel, None)
            indents.pop(row.panel, None)
        if row.panel not in styles and label.style != "none":
            above.setdefault(row.panel, set()).add(label.style)
        marked.append(row)
    return marked


def _with_named_memos(rows: list[RowDraft], known: TableType | None) -> list[RowDraft]:
    """Returns the rows, those that the form calls 其中 by their names marked; in a list with a 合计, only below it."""
    memo = frozenset(map(words, known.memo)) if known is not None else frozenset()
    if not memo:
        return rows
    totalled = {row.panel for row in rows if row.kind in {"total", "subtotal"}}
    below: set[str] = set()
    marked: list[RowDraft] = []
    for row in rows:
        if row.kind in {"total", "subtotal"}:
            below.add(row.panel)
        is_memo = label_of(row.name).name in memo and (row.panel in below or row.panel not in totalled)
        marked.append(row._replace(kind="memo") if is_memo and row.kind == "item" else row)
    return marked


def with_leaves(rows: list[RowDraft]) -> list[RowDraft]:
    """Returns a project list's rows, a category that has nothing under it made a project."""
    leaves: list[RowDraft] = []
    below = False
    for row in reversed(rows):
        if row.kind == "project":
            below = True
        elif row.kind == "subtotal" and not below:
            leaves.append(row._replace(kind="project"))
            below = True
            continue
        elif row.kind in {"unit", "total"}:
            below = False
        leaves.append(row)
    return leaves[::-1]
