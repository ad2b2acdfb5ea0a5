"""What of a table's text has no certain place: it is said, so that no table is given out without it.

Cells under no header, places marked illegible that no reader spoke of, names that go on in the row below, totals that
stand twice in one block, and rows that stand below the table's end.
"""

import re
from collections.abc import Iterator, Sequence

from crossfoot.figures import Finding, FindingCode, Row, Section, Severity, Source
from crossfoot.judging.ledger import Entry, is_unknown_key, list_of, unnamed_columns
from crossfoot.labels import label_of, words

_DIGIT = re.compile(r"\d")
_ILLEGIBLE = "[illegible]"
_NUMBERS = frozenset({"amount", "ratio", "score", "count"})
_LEVELS = frozenset({"level1", "level2"})
#: Of a list's rows so many must have a code, a number, an outline label or a figure, for one without to be strange.
_MOSTLY = 2
_NUMBERED = re.compile(r"^(?:指标|目标|任务)?\d+|^[.…·。]+$")


def leftover_findings(entry: Entry, section: Section, sections: Sequence[Section], source: Source) -> Iterator[Finding]:
    """Yields a finding for each kind of text of the table that has no certain place."""
    if entry.reading.reader != "none" and section.body in {"present", "blank"}:
        yield from _headless(entry)
        yield from _unread_marks(entry, section, source)
        yield from _second_totals(entry)
        yield from _cut_names(entry)
        yield from _two_in_one(entry)
    if section.body in {"present", "blank"} or (section.caption_lines and section.body == "absent"):
        yield from _below(entry, section, sections, source)


def _finding(entry: Entry, line: int, what: tuple[FindingCode, Severity], message: str) -> Finding:
    return Finding(code=what[0], severity=what[1], table=entry.id, line=line, message=f"{entry.name}: {message}")


def _uncovered(text: str) -> tuple[FindingCode, Severity]:
    return ("uncovered_number", "error") if _DIGIT.search(text) else ("uncovered_text", "warning")


def _headless(entry: Entry) -> Iterator[Finding]:
    """Yields what stands in columns that the form does not know and nobody can name.

    They have no header; or it is read wrong, and the form's column of names is missing.
    """
    if entry.known is None:
        return
    unnamed = unnamed_columns(entry.reading)
    present = {column.key for column in entry.reading.columns}
    names = [key for key, spec in entry.known.columns.items() if spec.kind == "text"][:1]
    misses_name = any(key not in present for key in names)
    cells = [
        cell
        for row in entry.reading.rows
        for cell in row.cells
        if cell.printed and cell.state != "blank"
        if (list_of(entry.reading, row), cell.column) in unnamed
        or (misses_name and cell.kind == "text" and is_unknown_key(cell.column))
    ]
    if cells:
        first = next((cell for cell in cells if _DIGIT.search(cell.printed)), cells[0])
        number = "1 cell stands" if len(cells) == 1 else f"{len(cells)} cells stand"
        message = f"{number} in a column without a name (first {first.printed[:30]!r})"
        yield _finding(entry, first.line, _uncovered(first.printed), message)


def _unread_marks(entry: Entry, section: Section, source: Source) -> Iterator[Finding]:
    """Yields the lines of the body that say that something is illegible, where no reader has said so."""
    said = {remark.line for remark in entry.reading.remarks if remark.code == "illegible"}
    said |= {
        cell.line
        for row in entry.reading.rows
        for cell in row.cells
        if cell.state == "illegible" or _ILLEGIBLE in words(cell.original)  # which a person has read
    }
    for number in section.body_lines:
        if number not in said and _ILLEGIBLE in words(source.line(number).text):
            yield _finding(entry, number, ("illegible", "error"), "something is illegible here")


def _second_totals(entry: Entry) -> Iterator[Finding]:
    """Yields the totals of a form's block that stand in it a second time, word by word."""
    seen: set[tuple[str, ...]] = set()
    for row in entry.reading.rows:
        if row.kind != "total" or not row.block:
            continue
        key = (row.block, row.name, *(f"{cell.column} {cell.printed}" for cell in row.cells if cell.printed))
        if key in seen:
            yield _finding(entry, row.line, ("duplicate_row", "warning"), f"{row.name} stands a second time")
        seen.add(key)


# --- names that go on in the row below --------------------------------------------------------------------------------


def _cut_names(entry: Entry) -> Iterator[Finding]:
    """Yields a finding for rows that may be the rest of the name above: words only, where other rows have a key."""
    if entry.known is None:
        return
    lists: dict[str, list[Row]] = {}
    for row in entry.reading.rows:
        lists.setdefault(list_of(entry.reading, row), []).append(row)
    whole = {mark.line for mark in entry.reading.explained if mark.why == "行次"}
    if entry.reading.shape == "panels":
        whole |= {row.line for rows in lists.values() for row in _carried(rows)}
    found = [row for rows in lists.values() for row in (*_cut(rows, whole), *_put_back(rows), *_unnamed(rows))]
    if found:
        first = min(found, key=lambda row: row.line)
        text = next(cell.printed for cell in first.cells if cell.printed)
        number = "1 row" if len(found) == 1 else f"{len(found)} rows"
        message = f"{number} (first {text[:30]!r}) may be the rest of the row above"
        yield _finding(entry, first.line, ("uncovered_text", "warning"), message)


def _carried(rows: Sequence[Row]) -> Iterator[Row]:
    """Yields the rows between the totals of a list (上年结转 and the like): mostly blank, and never numbered."""
    totals = [row.line for row in rows if row.kind in {"total", "subtotal"}]
    yield from (row for row in rows if totals and totals[0] < row.line < totals[-1])


def _cut(rows: Sequence[Row], whole: set[int]) -> list[Row]:
    """Returns the rows of one list that may go on with a text of the row above; those on `whole` lines never do."""
    bare = [row for row in rows if row.line not in whole and not _has_key(row)]
    if not bare or len(rows) - len(bare) < max(_MOSTLY, len(bare)):
        return []
    before = {row.line: row for row in rows}
    return [row for row in bare if row.line - 1 in before and _goes_on(before[row.line - 1], row)]


def _unnamed(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows of a block without the name that the row on the line above has, where all others have one."""
    before = {row.line: row for row in rows if row.kind == "item" and row.block and row.name}
    bare = [row for row in rows if row.kind == "item" and row.block and not row.name and not _has_key(row)]
    return [row for row in bare if row.line - 1 in before and _goes_on(before[row.line - 1], row)]


def _has_key(row: Row) -> bool:
    """Says whether a row stands for itself: by a figure, a code, an outline label, as a total, or by name and value."""
    if (
        row.code
        or row.kind in {"total", "subtotal", "field"}
        or any(c.printed and c.kind in _NUMBERS for c in row.cells)
    ):
        return True
    texts = [words(cell.printed) for cell in row.cells if cell.printed and cell.column not in _LEVELS]
    if row.kind == "indicator" and (len(texts) > 1 or not row.block):
        return True
    return any(label_of(text).style != "none" or _NUMBERED.match(text) or label_of(text).of_which for text in texts)


def _goes_on(above: Row, row: Row) -> bool:
    """Says whether each text of a row stands below one of the row above; level labels and totals do not go on."""
    filled = {cell.column for cell in row.cells if cell.printed}
    return (
        above.kind not in {"total", "subtotal"}
        and bool(filled - _LEVELS)
        and filled <= {cell.column for cell in above.cells if cell.printed}
    )


def _put_back(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows of a block that were put back in its columns below a row that has nothing but a name."""
    alone = {row.line for row in rows if row.block and row.kind in {"item", "indicator"} and _is_name_alone(row)}
    return [row for row in rows if row.realigned and row.line - 1 in alone and _may_go_on(row)]


def _may_go_on(row: Row) -> bool:
    """Says whether a row begins with a name that has neither a number nor a level label before it."""
    first = next((cell for cell in row.cells if cell.printed), None)
    return first is not None and first.column not in _LEVELS and not _NUMBERED.match(words(first.printed))


def _is_name_alone(row: Row) -> bool:
    return [cell.kind for cell in row.cells if cell.printed and cell.column not in _LEVELS] == ["text"]


# --- cells that hold two ----------------------------------------------------------------------------------------------

#: A level label of an indicator tree and then, behind a blank, what should stand beside it.
_LEVEL_AND_NAME = re.compile(r"[\u4e00-\u9fff]{2,10}(?:指标|满意度|效益)(?:\s*[(（]\d+分?[)）])?\s+[\u4e00-\u9fff]")
_NAME_AND_VALUE = re.compile(r"[\u4e00-\u9fff）)]\s+[≥≤><=]*\s*\d[\d,.]*%?$")


def _two_in_one(entry: Entry) -> Iterator[Finding]:
    """Yields the cells of an indicator tree that hold what should stand in two: the separator between is lost."""
    for row in entry.reading.rows:
        if row.kind != "indicator" or not row.block:
            continue
        filled = {cell.column: cell.printed for cell in row.cells if cell.printed}
        text = filled.get("name") or filled.get("level2", "")
        lacks_level = not {"level2", "name"} <= filled.keys() and _LEVEL_AND_NAME.match(text)
        lacks_value = not filled.keys() - _LEVELS - {"name"} and _NAME_AND_VALUE.search(text)
        if lacks_level or lacks_value:
            message = f"{text[:40]!r} holds what should stand in two cells"
            yield _finding(entry, row.line, _uncovered(text), message)


# --- rows below the table's end ---------------------------------------------------------------------------------------

#: Words and then a figure or a dash behind a blank, and no sentence: a row that lost its tabs.
_SPACED_ROW = re.compile(
    r"(?:\s*其中[：:])?(?=[^。；;：:，]{3,80}$)(?=.*[\u4e00-\u9fff]).*\s(?:-?\d[\d,]*(?:\.\d+)?%?|[-—－]+)\s*$"
)
_SPACED_WORDS = re.compile(r"[^。；;：:，#]{3,80}$")
_NUMBERED_NAME = re.compile(r"\s*\d{1,3}\s+[\u4e00-\u9fff][^。；;，]{2,40}$")
_GAP = re.compile(r"\s*[-—－·]*\s*\d{0,3}\s*[-—－·]*\s*$|\s*第\s*\d+\s*页")
_ENDS = re.compile(r"[。；]|^\s*#|^\s*第.{1,3}(?:部分|章)")
_REST = re.compile(r"[\u4e00-\u9fff（）]{1,12}$")
#: So many lines below a table are looked at where it has rows, where it has none, and for a mark of illegible lines.
_FARTHEST, _FARTHEST_BARE, _FARTHEST_MARK = 8, 40, 3


def _below(entry: Entry, section: Section, sections: Sequence[Section], source: Source) -> Iterator[Finding]:
    """Yields a row without columns that stands below the table before anything else begins.

    Labels without a figure may stand in between, and a page's end; what a note parts from the table is not of it.
    """
    if section.note_lines:
        return
    taken = {line for other in sections if other.kind != "narrative" for line in range(other.first, other.last + 1)}
    seen, paged = 0, False
    farthest = _FARTHEST if entry.reading.rows else _FARTHEST_BARE
    for number in range(section.last + 1, len(source.lines) + 1):
        text = source.line(number).text
        if _GAP.match(text):
            paged = paged or bool(text.strip())
            continue
        seen += 1
        if number in taken or _ENDS.search(text) or seen > farthest:
            return
        if _is_of_it((entry, seen, paged, number == section.last + 1), text):
            message = f"{text.strip()[:40]!r} stands below it like a part of it and is in no table"
            yield _finding(entry, number, _uncovered(text), message)
            return


def _is_of_it(place: tuple[Entry, int, bool, bool], text: str) -> bool:
    """Says whether a line below a table looks like its own, by how near it stands."""
    entry, seen, paged, touches = place
    if _ILLEGIBLE in words(text):
        return seen <= _FARTHEST_MARK or not entry.reading.rows
    if not entry.reading.rows:
        return bool(_SPACED_ROW.match(text) or _NUMBERED_NAME.match(text))
    if _SPACED_ROW.match(text):
        return True
    is_row = paged and len(text.split()) > 2 and bool(_SPACED_WORDS.match(text))
    return seen == 1 and (is_row or (touches and bool(_REST.match(text.strip()))))
