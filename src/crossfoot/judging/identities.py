"""Readings + table types → identities inside one table, compiled to linear equations over cells.

Equations come from what the form declares, from codes and from labels, never from the values themselves.
The first term of a sum is its total, with weight −1.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from crossfoot.figures import CheckKind, Identity, Origin, Row, Term
from crossfoot.judging.ledger import Entry, amount_keys, ref_of, rows_named
from crossfoot.labels import words
from crossfoot.tabletypes import Hierarchy, Rule, RuleKind, relation

_SUMMABLE = frozenset({"item", "unit", "project", "subtotal"})
_TOTALLING = frozenset({"grand total", "panel total", "panel grand"})


def table_identities(entry: Entry) -> list[Identity]:
    """Returns the identities of one table; an unknown form gets those that codes and labels give by themselves."""
    rules = entry.known.identities if entry.known is not None else _rules_of_unknown(entry)
    return [identity for rule in rules for identity in _compile(entry, rule)]


def _rules_of_unknown(entry: Entry) -> tuple[Rule, ...]:
    by = "code" if any(row.code for row in entry.reading.rows) else "label"
    total: RuleKind = "grand total" if by == "code" else "panel total"
    names = ("合计", "总计", "共计", "本年收入合计", "本年支出合计", "收入合计", "支出合计")
    return (Rule(kind="rollup", text=by, names=(by,)), Rule(kind=total, text=" ".join(names), names=names))


def _compile(entry: Entry, rule: Rule) -> Iterator[Identity]:
    if rule.kind == "each row":
        yield from _each_row(entry, rule)
    elif rule.kind == "rollup":
        yield from _rollup(entry, _hierarchy(rule))
    elif rule.kind in {"grand total", "panel total"}:
        yield from _totals(entry, rule)
    elif rule.kind == "panel grand":
        yield from _grands(entry, rule)
    elif rule.kind == "balance":
        yield from _balances(entry, rule)
    elif rule.kind == "sum":
        yield from _sums(entry, rule)


def _hierarchy(rule: Rule) -> Hierarchy:
    return rule.text  # type: ignore[return-value]  # checked when the rule was read


def linear(
    entry: Entry, rule: str, terms: Sequence[tuple[str, int]], kind: CheckKind = "sum", origin: Origin = "declared"
) -> Identity:
    """Returns a linear identity of one table; its id comes from its total and rule, so it is stable."""
    return Identity(
        id=f"{terms[0][0]}~{rule}",
        rule=rule,
        kind=kind,
        origin=origin,
        tables=(entry.id,),
        terms=tuple(Term(cell=ref, weight=weight) for ref, weight in terms),
    )


def _is_blank(entry: Entry, refs: Sequence[str]) -> bool:
    blank = {ref_of(entry.reading, row, c.column): c.is_blank for row in entry.reading.rows for c in row.cells}
    return all(blank.get(ref, True) for ref in refs)


# --- each row ---------------------------------------------------------------------------------------------------------


def _each_row(entry: Entry, rule: Rule) -> Iterator[Identity]:
    left, sign, right = relation(rule.text)
    kind: CheckKind = {"=": "sum", "<=": "at_most", "/": "ratio"}[sign]  # type: ignore[assignment]
    for row in entry.reading.rows:
        present = {cell.column: cell for cell in row.cells}
        if left[0][1] not in present:
            continue
        terms = [(ref_of(entry.reading, row, left[0][1]), -1)]
        terms += [(ref_of(entry.reading, row, name), weight) for weight, name in right if name in present]
        named = [left[0][1], *(name for _, name in right)]
        filled = [name for name in named if name in present and not present[name].is_blank]
        if not filled or (kind != "sum" and len(terms) < len(right) + 1):
            continue
        stranger = _stranger(row, named) if kind == "sum" and any(name not in present for name in named) else None
        if stranger is not None or len(terms) > 1:
            identity = linear(entry, f"each row: {rule.text}", terms, kind)
            why = "" if stranger is None else f"a declared part has no column, and {stranger} may hold it"
            yield identity._replace(blocked=why)


def _stranger(row: Row, named: Sequence[str]) -> str | None:
    """Returns a filled amount column of the row that the sum does not name, or None.

    Where a declared part has no column, such a one may be (a part of) it.
    """
    others = (cell for cell in row.cells if cell.kind == "amount" and cell.value and cell.column not in named)
    return next((cell.column for cell in others), None)


# --- hierarchies ------------------------------------------------------------------------------------------------------


def parents(rows: Sequence[Row], hierarchy: Hierarchy) -> dict[int, int]:
    """Returns for each row's index that of its parent; rows without one are the top level."""
    if hierarchy == "code":
        return _parents_by_code(rows)
    found: dict[int, int] = {}
    stacks: dict[str, list[Row]] = {}
    for row in rows:
        stack = stacks.setdefault("" if hierarchy in {"unit", "position"} else f"{row.block}/{row.panel}", [])
        if row.kind == "total" or (row.kind == "subtotal" and hierarchy != "position"):
            stack.clear()
            continue
        while stack and stack[-1].level >= row.level:
            stack.pop()
        if stack:
            found[row.index] = stack[-1].index
        stack.append(row)
    return found


def _parents_by_code(rows: Sequence[Row]) -> dict[int, int]:
    by_code: dict[str, int] = {}
    for row in rows:
        if row.code:
            by_code.setdefault(row.code, row.index)
    found: dict[int, int] = {}
    for row in rows:
        for length in range(len(row.code) - 1, 2, -1):
            if row.code[:length] in by_code:
                found[row.index] = by_code[row.code[:length]]
                break
    return found


def _rollup(entry: Entry, hierarchy: Hierarchy) -> Iterator[Identity]:
    rows = entry.reading.rows
    by_index = {row.index: row for row in rows}
    children: dict[int, list[Row]] = {}
    for index, parent in parents(rows, hierarchy).items():
        children.setdefault(parent, []).append(by_index[index])
    origin: Origin = "codes" if hierarchy == "code" else "labels"
    for parent, below in children.items():
        row = by_index[parent]
        yield from _sum_of_rows(entry, f"rollup: {hierarchy}", row, [c for c in below if c.kind in _SUMMABLE], origin)
        for memo in below:
            if memo.kind == "memo":
                yield from _at_most(entry, row, memo)


def _sum_of_rows(entry: Entry, rule: str, total: Row, parts: Sequence[Row], origin: Origin) -> Iterator[Identity]:
    """Yields for every amount column that the total row is the sum of the parts."""
    if not parts:
        return
    for key in amount_keys(total):
        refs = [ref_of(entry.reading, part, key) for part in parts if part.cell(key) is not None]
        whole = ref_of(entry.reading, total, key)
        if not _all_blank(total, parts, key):  # parts that end before the column are blank in it
            yield linear(entry, rule, [(whole, -1), *((ref, 1) for ref in refs)], origin=origin)


def _all_blank(total: Row, parts: Sequence[Row], key: str) -> bool:
    cells = [row.cell(key) for row in (total, *parts)]
    return all(cell is None or cell.is_blank for cell in cells)


def _at_most(entry: Entry, parent: Row, memo: Row) -> Iterator[Identity]:
    for key in amount_keys(memo):
        part, whole = memo.cell(key), parent.cell(key)
        if part is not None and whole is not None and not part.is_blank and not whole.is_blank:
            terms = [(ref_of(entry.reading, memo, key), -1), (ref_of(entry.reading, parent, key), 1)]
            yield linear(entry, "其中 is at most its parent", terms, "at_most", "labels")


# --- totals -----------------------------------------------------------------------------------------------------------


def top_level(entry: Entry, rows: Sequence[Row]) -> list[Row]:
    """Returns the rows that nothing else of `rows` contains; a blank head is replaced by the rows under it."""
    hierarchy = entry.known.hierarchy if entry.known is not None else ("code" if any(r.code for r in rows) else "label")
    inside = parents(rows, hierarchy)
    below: dict[int, list[Row]] = {}
    for row in rows:
        if row.index in inside and row.kind in _SUMMABLE:
            below.setdefault(inside[row.index], []).append(row)
    top = [row for row in rows if row.index not in inside and row.kind in _SUMMABLE]
    if hierarchy == "code":  # a subtotal between the codes repeats them
        top = [row for row in top if row.code or row.kind != "subtotal"]
    return [leaf for row in top for leaf in _opened(row, below)]


def _opened(row: Row, below: dict[int, list[Row]]) -> list[Row]:
    amounts = [cell for cell in row.cells if cell.kind == "amount"]
    if row.index in below and amounts and all(cell.is_blank for cell in amounts):
        return [leaf for child in below[row.index] for leaf in _opened(child, below)]
    return [row]


def _named(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    wanted = [words(name) for name in names]
    return rows_named([row for row in rows if row.kind in {"total", "subtotal"}], *wanted)


def _lists(entry: Entry) -> list[list[Row]]:
    """Returns the rows of each list side by side, or of each block of a form, or all rows."""
    groups: dict[tuple[str, str], list[Row]] = {}
    by_panel = entry.reading.shape in {"panels", "unknown"} and (entry.known is None or entry.known.hierarchy != "unit")
    for row in entry.reading.rows:
        groups.setdefault((row.block, row.panel if by_panel else ""), []).append(row)
    return list(groups.values())


def _totals(entry: Entry, rule: Rule) -> Iterator[Identity]:
    for rows in _lists(entry):
        for total in (*_named(rows, rule.names), *_other_totals(entry, rule, rows)):
            parts = top_level(entry, _totalled(entry, rows, total))
            yield from _sum_of_rows(entry, f"{rule.kind}: {words(total.name)}", total, parts, "labels")


def _other_totals(entry: Entry, rule: Rule, rows: Sequence[Row]) -> list[Row]:
    """Returns the totals of a list of codes that the document calls otherwise than the form does.

    A total is one by any name; a lone subtotal (本年支出合计) in a list that has no total is it too.
    """
    if rule.kind != "grand total" or entry.known is None or entry.known.hierarchy != "code":
        return []
    declared = [name for other in entry.known.identities if other.kind in _TOTALLING for name in other.names]
    known = {row.index for row in _named(rows, declared)}
    others = [row for row in rows if row.kind == "total" and row.index not in known]
    subtotals = [row for row in rows if row.kind == "subtotal" and not row.code]
    return others if others or any(row.kind == "total" for row in rows) or len(subtotals) > 1 else subtotals


def _totalled(entry: Entry, rows: Sequence[Row], total: Row) -> list[Row]:
    """Returns the rows that a total sums: all where codes or units order them, else those above (or below) it."""
    if entry.known is not None and entry.known.hierarchy in {"code", "unit", "position"}:
        return [row for row in rows if row is not total]
    before = [row for row in rows if row.index < total.index]
    return before if any(row.kind in _SUMMABLE for row in before) else [row for row in rows if row.index > total.index]


def _grands(entry: Entry, rule: Rule) -> Iterator[Identity]:
    """Yields 总计 = 本年合计 + the carry-over rows between them, or = all top-level rows where no 合计 is printed."""
    for rows in _lists(entry):
        for total in _named(rows, rule.names):
            before = [row for row in rows if row.index < total.index]
            subtotals = [row for row in before if row.kind in {"subtotal", "total"}]
            if subtotals:
                last = subtotals[-1]
                between = [row for row in before if row.index > last.index]
                parts = [last, *top_level(entry, between)]
            else:
                parts = top_level(entry, before)
            yield from _sum_of_rows(entry, f"{rule.kind}: {words(total.name)}", total, parts, "labels")


def _balances(entry: Entry, rule: Rule) -> Iterator[Identity]:
    """Yields that the totals of these names agree between the lists, each with each."""
    found = [row for rows in _lists(entry) for row in _named(rows, rule.names)]
    cells = [(row, amount_keys(row)[0]) for row in found if amount_keys(row)]
    printed = [(row, key) for row, key in cells if (cell := row.cell(key)) is not None and not cell.is_blank]
    for (first, first_key), (row, key) in combinations(printed, 2):
        other = ref_of(entry.reading, first, first_key)
        terms = [(ref_of(entry.reading, row, key), -1), (other, 1)]
        balance = linear(entry, f"balance: {rule.text}", terms, "equal")
        yield balance._replace(id=f"{balance.id}~{other}")


# --- sums of named rows and fields ------------------------------------------------------------------------------------


class Selector:
    """`type[row].column` taken apart."""

    def __init__(self, name: str) -> None:
        self.type, _, rest = name.partition("[")
        self.row, _, self.column = rest.partition("]")
        self.column = self.column.lstrip(".")
        self.panel = self.row.rpartition("/")[0]


def _sums(entry: Entry, rule: Rule) -> Iterator[Identity]:
    left, _, right = relation(rule.text)
    if "[" not in rule.text:
        refs = _field_refs(entry)
        terms = [(refs[name], -1) for _, name in left if name in refs]
        terms += [(refs[name], weight) for weight, name in right if name in refs]
        if len(terms) > 1 and left[0][1] in refs and not _is_blank(entry, [ref for ref, _ in terms]):
            yield linear(entry, f"sum: {rule.text}", terms)
        return
    for key in _columns_named(entry, left[0][1]):
        terms = [(ref, -1) for _, name in left for ref in selected(entry, name, key)]
        terms += [(ref, weight) for weight, name in right for ref in selected(entry, name, key)]
        if len(terms) > 1 and selected(entry, left[0][1], key) and not _is_blank(entry, [ref for ref, _ in terms]):
            identity = linear(entry, f"sum: {rule.text}", terms, "equal" if len(terms) == 2 else "sum")
            named = (name for _, name in right if not Selector(name).row.isdigit())  # a code not printed has no amount
            lost = [name for name in named if not selected(entry, name, key)]
            yield identity._replace(lacks=lost[0] if lost else "")


def _field_refs(entry: Entry) -> dict[str, str]:
    return {
        cell.column: ref_of(entry.reading, row, cell.column)
        for row in entry.reading.rows
        if row.kind == "field"
        for cell in row.cells
    }


def _columns_named(entry: Entry, name: str) -> list[str]:
    """Returns the column after the selector, or every amount column of the selected row."""
    selector = Selector(name)
    if selector.column:
        return [selector.column]
    rows = select_rows(entry, selector.row)
    return amount_keys(rows[0]) if rows else []


def selected(entry: Entry, name: str, key: str) -> list[str]:
    """Returns the cells that `[row].column` names in a table; `key` is the column where none is given."""
    selector = Selector(name)
    column = selector.column or key
    rows = select_rows(entry, selector.row)
    return [ref_of(entry.reading, row, column) for row in rows if row.cell(column) is not None]


def select_rows(entry: Entry, wanted: str) -> list[Row]:
    """Returns the rows that a selector names: a code, a row's name, `list/name` or `list/parent/name`."""
    rows = entry.reading.rows
    if wanted.isdigit():
        return [row for row in rows if row.code == wanted][:1]
    *path, name = wanted.split("/")
    if path:
        rows = tuple(row for row in rows if row.panel == path[0])
    if len(path) > 1:
        heads = rows_named(rows, path[1])
        inside = parents(rows, entry.known.hierarchy if entry.known is not None else "label")
        rows = tuple(row for row in rows if heads and inside.get(row.index) == heads[0].index)
    named = rows_named(rows, name)
    return sorted(named, key=lambda row: (row.kind != "memo", words(row.name) != words(name)))[:1]
