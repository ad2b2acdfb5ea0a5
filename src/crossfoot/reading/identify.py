"""A table section → its table type, by title and by header; neither alone is believed when they disagree.

It chooses among the catalog's forms; what fits none is read as header and rows by grid.py.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from crossfoot.figures import DocumentKind, Section
from crossfoot.labels import header_words, words
from crossfoot.reading.fields import Fields
from crossfoot.reading.headers import Path, count_header_rows, header_paths, match_columns, place_panels, telling_paths
from crossfoot.tabletypes import Catalog, TableType

_NOISE = re.compile(r"\d{4}年度?|\(续\)|续表")
#: Words that tell tables with the same columns apart.
_MARKS = ("基金", "国有资本", "采购", "三公", "绩效", "基本支出", "收入")
_ACCOUNTS = frozenset({"final_accounts", "sichuan_evaluation"})
#: A form found by its header alone must have this many of its columns, and this share of them.
_COLUMNS_ALONE, _SHARE_ALONE = 4, 0.8
_SHARE_TITLED = 0.5


class _Candidate(NamedTuple):
    known: TableType
    titled: int
    share: float


class Neighbourhood(NamedTuple):
    """What the document says around a table: the families met in it, and whether it is a budget or final accounts."""

    families: tuple[str, ...] = ()
    kind: DocumentKind = "unknown"


def identify(section: Section, rows: Sequence[Fields], catalog: Catalog, around: Neighbourhood) -> TableType | None:
    """Returns the form of the table, or None; in a tie a family met before in the document is preferred."""
    families = around.families
    if rows and all(len(row) == 1 for row in rows):
        return _by_statements(rows, catalog)
    titled = _by_title(section.title, catalog)
    if not rows:
        return _preferred(titled, families)
    header = rows[: count_header_rows(rows, catalog.headers)]
    paths = telling_paths(header_paths(header, catalog.headers))
    present = frozenset(header_words(field.text) for row in rows for field in row if field.text)
    fitting = [c._replace(share=_share(c.known, paths, present)) for c in titled]
    fitting = [c for c in fitting if c.share >= _SHARE_TITLED]
    if not fitting:
        return _by_header(section, (paths, present), catalog, around)
    longest = max(c.titled for c in fitting)
    closest = [c for c in fitting if c.titled >= longest - 1]
    best = max(c.share for c in closest)
    return _preferred([c for c in closest if c.share >= best - 0.01], families)


def identify_by_columns(
    section: Section, fitting: Sequence[tuple[TableType, float]], catalog: Catalog, around: Neighbourhood
) -> TableType | None:
    """Returns the form among those whose columns (with the share of them found) explain a whole header: by title first.

    Without a title it must be the only type, and its columns enough to know it by.
    """
    shares = {id(known): share for known, share in fitting}
    titled = [c for c in _by_title(section.title, catalog) if id(c.known) in shares]
    if titled:
        longest = max(c.titled for c in titled)
        closest = [c._replace(share=shares[id(c.known)]) for c in titled if c.titled >= longest - 1]
        best = max(c.share for c in closest)
        return _preferred([c for c in closest if c.share >= best - 0.01], around.families)
    if any(c.known.shape != "records" for c in _by_title(section.title, catalog)):
        return _preferred(_by_title(section.title, catalog), around.families)
    enough = [
        _Candidate(known, 0, share)
        for known, share in fitting
        if share >= _SHARE_ALONE and share * len(known.columns) >= _COLUMNS_ALONE
    ]
    possible = [c for c in enough if not contradicts(section, c.known, around)]
    best = max((c.share for c in possible), default=0.0)
    equal = [c for c in possible if c.share >= best - 0.01]
    return _preferred(equal, around.families) if len({c.known.type for c in equal}) == 1 else None


def _by_statements(rows: Sequence[Fields], catalog: Catalog) -> TableType | None:
    """Returns the form of `label：value` lines, if all labels are known to one; rows without columns are no other."""
    labels = {header_words(re.split("[:：]", row[0].text)[0]) for row in rows}
    for known in catalog.types:
        if known.colon and labels <= {label for b in known.blocks for f in b.fields.values() for label in f.known}:
            return known
    return None


def _by_title(title: str, catalog: Catalog) -> list[_Candidate]:
    """Returns the forms one of whose titles stands in the printed one, with the length of the longest such title."""
    plain = _NOISE.sub("", words(title))
    found: list[_Candidate] = []
    for known in catalog.types:
        inside = [len(wanted) for wanted in known.known_titles if wanted and wanted in plain]
        if inside:
            found.append(_Candidate(known, max(inside), 0.0))
    return found


def _preferred(candidates: Sequence[_Candidate], families: Sequence[str]) -> TableType | None:
    """Returns the candidate with the longest title; in a tie one of a family met before, then one that was tried."""
    if not candidates:
        return None
    longest = max(c.titled for c in candidates)
    best = [c.known for c in candidates if c.titled == longest]
    return min(
        best, key=lambda known: (families.index(known.family) if known.family in families else 99, not known.tried)
    )


def _share(known: TableType, paths: Sequence[Path], present: frozenset[str]) -> float:
    """Returns how well a body fits a form, 0 to 1: its columns (or labels) found, and the body's columns explained."""
    if known.shape == "form":
        return _form_share(known, present)
    headed = sum(1 for path in paths if path)
    if known.panels:
        matched = sum(map(len, place_panels(paths, known).values()))
        wanted = sum(len(panel) for panel in known.panels.values())
    else:
        matched, wanted = len(match_columns(paths, known.columns)), len(known.columns)
    return 0.5 * matched / wanted + 0.5 * matched / max(1, headed)


def _form_share(known: TableType, present: frozenset[str]) -> float:
    labels = [field.known for block in known.blocks for field in block.fields.values()]
    labels += [
        frozenset(path[-1] for path in column.paths if path[-1])
        for block in known.blocks
        for column in block.columns.values()
    ]
    return sum(1 for names in labels if names & present) / max(1, len(labels))


def _by_header(
    section: Section, body: tuple[Sequence[Path], frozenset[str]], catalog: Catalog, around: Neighbourhood
) -> TableType | None:
    """Returns the form whose columns the body has, when no title says which it is and the title does not contradict.

    Where forms of different types fit alike, it is none of them.
    """
    paths, present = body
    headed = len([path for path in paths if path])
    found: list[_Candidate] = []
    for known in catalog.types:
        share = _share(known, paths, present)
        enough = known.shape == "form" or headed >= min(
            _COLUMNS_ALONE if known.money else 2, len(known.all_columns()) or 99
        )
        if share >= _SHARE_ALONE and enough and not contradicts(section, known, around):
            found.append(_Candidate(known, 0, share))
    best = max((c.share for c in found), default=0.0)
    equal = [c for c in found if c.share >= best - 0.01]
    return _preferred(equal, around.families) if len({c.known.type for c in equal}) == 1 else None


def contradicts(section: Section, known: TableType, around: Neighbourhood) -> bool:
    """Says whether a title or the kind of document rules a form out: a funds table is no general budget's."""
    title = words(section.title)
    if not known.money:
        return False
    if title and any((mark in title) != any(mark in wanted for wanted in known.known_titles) for mark in _MARKS):
        return True
    is_accounts = known.family in _ACCOUNTS
    about_accounts = around.kind == "final_accounts" or "决算" in title or "自评" in title
    return around.kind != "unknown" and is_accounts != about_accounts
