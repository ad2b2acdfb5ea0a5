"""Rows as read → their kinds: total, subtotal, item, memo (其中), unit, project, indicator.

Names, labels and codes decide; amounts only tell a unit's row from a project's where both look alike.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from crossfoot.figures import Cell, Row, RowKind
from crossfoot.labels import header_words, label_of, words
from crossfoot.reading.cells import TOTAL_NAMES
from crossfoot.reading.outline import RowDraft, with_levels
from crossfoot.tabletypes import TableType

#: What is carried from or to another year stands beside the lists of a form, never inside one.
_CARRIED = re.compile(r"上年|年初|年末|结转|结余|使用|用事业基金|未安排")


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
    return _with_named_memos(_with_of_which(_with_headed_lists(rows)), known)


def _with_headed_lists(rows: list[RowDraft]) -> list[RowDraft]:
    """Returns the rows, a labelled 合计 that heads a list (一、…合计 over （一）…) made an item."""
    made = list(rows)
    seen: dict[str, set[str]] = {}
    for place, (row, below) in enumerate(pairwise(rows)):
        style, next_style = label_of(row.name).style, label_of(below.name).style
        met = seen.setdefault(row.panel, set())
        heads = row.panel == below.panel and "none" not in {style, next_style} and next_style not in {style, *met}
        if row.kind in {"total", "subtotal"} and heads:
            made[place] = row._replace(kind="item")
        met.add(style)
    return made


def _with_of_which(rows: list[RowDraft]) -> list[RowDraft]:
    """Returns the rows, those that continue an 其中 list, by its numbering or its indent, marked as part of it."""
    styles: dict[str, str] = {}
    above: dict[str, set[str]] = {}
    indents: dict[str, int] = {}
    last: dict[str, str] = {}  # the style of the row above that is no 其中
    numbered: set[str] = set()  # lists in an 其中 without number below a numbered row: the next number ends it
    marked: list[RowDraft] = []
    for row in rows:
        label = label_of(row.name)
        is_inside = label.style == "none" and (
            row.indent >= indents.get(row.panel, 99) > 0
            or (row.panel in numbered and not row.code and not _CARRIED.match(label.name))
        )
        if label.of_which:
            styles[row.panel], indents[row.panel] = label.style, row.indent
            if label.style == "none" and row.indent == 0 and last.get(row.panel, "none") != "none":
                numbered.add(row.panel)
        elif row.kind == "item" and (is_inside or (label.style != "none" and styles.get(row.panel) == label.style)):
            marked.append(row._replace(kind="memo"))
            continue
        elif label.style == "none" or label.style in above.get(row.panel, ()) or styles.get(row.panel) == "none":
            styles.pop(row.panel, None)
            indents.pop(row.panel, None)
        if not label.of_which:
            last[row.panel] = label.style
            numbered.discard(row.panel)
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


def with_units(rows: Sequence[RowDraft], known: TableType | None) -> list[RowDraft]:
    """Returns the rows, in a list by units each under the unit above it."""
    if known is None or known.hierarchy != "unit":
        return list(rows)
    owned: list[RowDraft] = []
    owner = ""
    for row in rows:
        owner = row.name if row.kind == "unit" else "" if row.kind == "total" else owner
        owned.append(row._replace(panel=owner) if owner else row)
    return owned


def leveled(rows: Sequence[RowDraft], known: TableType | None) -> list[Row]:
    """Returns the rows in reading order numbered and with their levels, leaves of a project list made projects."""
    ordered = list(rows)
    if known is not None and known.hierarchy == "position":
        ordered = with_leaves(ordered)
    hierarchy = known.hierarchy if known else ("code" if any(row.code for row in ordered) else "label")
    return with_levels(ordered, hierarchy)
