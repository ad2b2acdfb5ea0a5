"""Readings + links.yaml → identities between the tables of one document, per family of forms.

A table that is declared blank counts as zero; one that is illegible or absent makes the identity untestable.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from rapidfuzz import fuzz

from crossfoot.figures import CheckKind, Identity, Row, Term
from crossfoot.judging.identities import Selector, select_rows, top_level
from crossfoot.judging.ledger import Entry, Ledger, ref_of
from crossfoot.labels import label_of, words
from crossfoot.tabletypes import Rule, relation

Refs = dict[str, list[str]]
_ALIKE = 82


def link_identities(ledger: Ledger, of: AbstractSet[str] | None = None) -> list[Identity]:
    """Returns the identities between tables that this document's families declare; `of`: only those of these tables."""
    families = dict.fromkeys(entry.known.family for entry in ledger.entries if entry.known is not None)
    found: list[Identity] = []
    for family in families:
        for rule in ledger.catalog.links.get(family, ()):
            if rule.kind not in {"check", "stated"}:
                found += _link(ledger, family, rule, of)
    return found


def _link(ledger: Ledger, family: str, rule: Rule, of: AbstractSet[str] | None) -> list[Identity]:
    left, sign, right = relation(rule.text)
    selectors = [(-1, Selector(name)) for _, name in left] + [(weight, Selector(name)) for weight, name in right]
    tables = [ledger.by_type(selector.type, family) for _, selector in selectors]
    first_left, first_right = tables[0], tables[len(left)]
    if not first_left or not first_right:
        return []
    involved = tuple(dict.fromkeys(entry.id for group in tables for entry in group))
    if of is not None and of.isdisjoint(involved):
        return []
    unread = [entry for group in tables for entry in group if entry.body in {"illegible", "absent"}]
    if unread:
        why = f"{unread[0].name} is {unread[0].body}"
        return [Identity(id=rule.text, rule=f"{rule.kind}: {rule.text}", kind="equal", origin="declared",
                         tables=involved, terms=(), blocked=why)]  # fmt: skip
    kind: CheckKind = "at_most" if sign == "<=" else "sum"
    if rule.kind == "each project":
        return list(_each_project(rule, selectors, tables))
    keyed = [_keyed(ledger, rule, selector, group) for (_, selector), group in zip(selectors, tables, strict=True)]
    if rule.kind in {"each name", "each unit"}:
        keyed = _names_aligned(keyed)
    return list(_paired(rule, [weight for weight, _ in selectors], keyed, kind, involved))


def _paired(
    rule: Rule, weights: Sequence[int], keyed: Sequence[Refs], kind: CheckKind, tables: tuple[str, ...]
) -> Iterator[Identity]:
    keys = dict.fromkeys(key for refs in keyed for key in refs)
    for key in keys:
        terms = [
            Term(cell=ref, weight=weight)
            for weight, refs in zip(weights, keyed, strict=True)
            for ref in refs.get(key, [])
        ]
        if not terms or (rule.kind == "equal" and not (keyed[0].get(key) and keyed[1].get(key))):
            continue
        if len(tables) == 2 and key.endswith("计") and any(refs and not refs.get(key) for refs in keyed):
            continue  # the one table has rows and prints no 合计
        if kind == "at_most" and len(terms) < 2:
            continue
        is_copy = len(terms) <= 2 and kind == "sum"
        yield Identity(
            id=f"{terms[0].cell}~{rule.text}~{key}",
            rule=f"{rule.kind}: {rule.text}",
            kind="equal" if is_copy else kind,
            origin="declared",
            tables=tables,
            terms=tuple(terms),
        )


def _keyed(ledger: Ledger, rule: Rule, selector: Selector, group: Sequence[Entry]) -> Refs:
    """Returns the cells of one side by key: one key for `equal`, else codes, names or units."""
    if rule.kind == "equal":
        return {"": [ref for entry in group for ref in cells_of(entry, selector)]}
    found: Refs = {}
    for entry in group[:1]:
        if rule.kind == "each code":
            pairs = _by_code(entry, selector.column)
        elif rule.kind == "each unit":
            pairs = _by_unit(entry, selector)
        else:
            pairs = _by_name(ledger, entry, selector)
        for key, ref in pairs:
            found.setdefault(key, []).append(ref)
    return found


def cells_of(entry: Entry, selector: Selector) -> list[str]:
    """Returns the cells that `type[row].column` names; where no 合计 is printed, those of the top level."""
    rows: Sequence[Row]
    if not selector.row:
        rows = [row for row in entry.reading.rows if row.cell(selector.column) is not None][:1]
    else:
        rows = select_rows(entry, selector.row)
        if not rows and selector.row == "合计":
            listed = [row for row in entry.reading.rows if not row.block or row.cell(selector.column) is not None]
            rows = top_level(entry, listed)
    return [ref_of(entry.reading, row, selector.column) for row in rows if row.cell(selector.column) is not None]


def _by_code(entry: Entry, column: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for row in entry.reading.rows:
        key = f"{row.panel} {row.code or row.name if row.kind in {'total', 'unit'} else row.code}".strip()
        if row.cell(column) is None or (not row.code and row.kind not in {"total", "unit"}) or key in seen:
            continue
        seen.add(key)
        yield key, ref_of(entry.reading, row, column)


def _by_unit(entry: Entry, selector: Selector) -> Iterator[tuple[str, str]]:
    """Yields per unit its own cell (`*`; its items where that is blank), or those of a code or code prefix (`302*`)."""
    rows = [row for row in entry.reading.rows if row.cell(selector.column) is not None]
    prefix = selector.row.rstrip("*")
    units = {row.panel: row for row in entry.reading.rows if row.kind == "unit"}
    for unit in units.values():
        own = [row for row in rows if row.panel == unit.panel and row.kind in {"item", "project"}]
        if prefix:
            exact = not selector.row.endswith("*")
            own = [row for row in own if (row.code == prefix if exact else row.code.startswith(prefix))]
        elif (cell := unit.cell(selector.column)) is not None and not cell.is_blank:
            own = [unit]
        for row in own:
            yield unit.name, ref_of(entry.reading, row, selector.column)


def _by_name(ledger: Ledger, entry: Entry, selector: Selector) -> Iterator[tuple[str, str]]:
    if selector.row == "gov":
        yield from _by_government_class(ledger, entry, selector.column)
        return
    for row in entry.reading.rows:
        if row.kind != "item" or row.cell(selector.column) is None:
            continue
        if selector.row == "类" and len(row.code) == 3:
            yield words(row.name), ref_of(entry.reading, row, selector.column)
        elif selector.panel and row.panel == selector.panel and not _is_head(entry, row):
            yield label_of(row.name).name, ref_of(entry.reading, row, selector.column)


def _is_head(entry: Entry, row: Row) -> bool:
    """Says whether a row only heads its list (一、财政拨款): level 1 above levels that carry the subjects."""
    levels = {other.level for other in entry.reading.rows if other.panel == row.panel and other.kind == "item"}
    return len(levels) > 1 and row.level == 1 and sum(
        1 for other in entry.reading.rows if other.panel == row.panel and other.kind == "item" and other.level == 1
    ) == 1  # fmt: skip


def _by_government_class(ledger: Ledger, entry: Entry, column: str) -> Iterator[tuple[str, str]]:
    """Yields the 款 rows by the 类 of their governmental code; a blank code continues the one above."""
    names = ledger.catalog.codes.get("government", {})
    current = ""
    has_children = {row.code[:3] for row in entry.reading.rows if len(row.code) > 3}
    for row in entry.reading.rows:
        cell = row.cell("gov_code")
        current = cell.printed[:3] if cell is not None and cell.printed else current
        is_leaf = len(row.code) > 3 or (len(row.code) == 3 and row.code not in has_children)
        if is_leaf and row.cell(column) is not None and current in names:
            yield words(names[current]), ref_of(entry.reading, row, column)


def _names_aligned(keyed: Sequence[Refs]) -> list[Refs]:
    """Returns the sides with each later side's names replaced by the first side's most alike name.

    Pairs are made from the most alike downwards, each name used once; what has no partner is left out.
    """
    first = keyed[0]
    aligned: list[Refs] = [{} for _ in keyed]
    for place, other in enumerate(keyed[1:], start=1):
        for mine, theirs in _partners(list(first), list(other)).items():
            aligned[place][mine] = other[theirs]
            aligned[0][mine] = first[mine]
    return aligned


def _partners(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, str]:
    scores = sorted(
        ((_alikeness(mine, other), mine, other) for mine in ours for other in theirs),
        key=lambda item: (-item[0], item[1], item[2]),
    )
    found: dict[str, str] = {}
    for score, mine, other in scores:
        if score >= 60 and mine not in found and other not in found.values():
            found[mine] = other
    return found


def _alikeness(mine: str, other: str) -> float:
    return 100.0 if mine == other else min(99.0, fuzz.ratio(words(mine), words(other)))


def _each_project(
    rule: Rule, selectors: Sequence[tuple[int, Selector]], tables: Sequence[Sequence[Entry]]
) -> Iterator[Identity]:
    """Yields for each project form that its amount is that of the row of the same name in the list."""
    mine, theirs = selectors[0][1], selectors[1][1]
    listed = tables[1][0]
    rows = [
        row for row in listed.reading.rows if row.cell(theirs.column) is not None and row.kind in {"project", "item"}
    ]
    for form in tables[0]:
        name = next((c.printed for row in form.reading.rows for c in row.cells if c.column == "project"), "")
        refs = cells_of(form, Selector(f"x[{'' if mine.row == 'project' else mine.row}].{mine.column}"))
        partners = [row for row in rows if _is_same_project(name, row)]
        if refs and len(partners) == 1:
            terms = (
                Term(cell=refs[0], weight=-1),
                Term(cell=ref_of(listed.reading, partners[0], theirs.column), weight=1),
            )
            yield Identity(
                id=f"{refs[0]}~{rule.text}", rule=f"{rule.kind}: {rule.text}", kind="equal", origin="declared",
                tables=(form.id, listed.id), terms=terms,
            )  # fmt: skip


def _is_same_project(name: str, row: Row) -> bool:
    cells: Mapping[str, str] = {cell.column: cell.printed for cell in row.cells}
    candidates = [words(cells.get("content") or row.name)]
    plain = words(name)
    return bool(plain) and any(
        other and (plain in other or other in plain or fuzz.ratio(plain, other) >= _ALIKE) for other in candidates
    )
