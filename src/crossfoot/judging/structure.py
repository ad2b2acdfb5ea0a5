"""What a table's state, codes, line numbers and units say about it, apart from arithmetic.

Register against body (D1, D2), 行次 (D3), codes and names (K1), economic mapping (M1), units (U1).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz import fuzz

from crossfoot.figures import Cell, CitedCell, Finding, FindingCode, Row, Section, Severity, Source
from crossfoot.judging.ledger import Entry, is_stranger, ref_of
from crossfoot.labels import UNIT_STATED, unit_in, words
from crossfoot.numerals import read_numeral
from crossfoot.tabletypes import Catalog

_POINTED = re.compile(r"\d[.,]\d")
_ENDS_IN_AMOUNT = re.compile(r"\s\d[\d,]*\.\d+$")
#: An empty cell between two numerals.
_KEPT_BLANK = re.compile(r"\d%?\t\s*\t\s*\d")
_LEADING_CODES = re.compile(r"^\d{3}$")
#: Below this likeness a subject's name is not a way of writing its standard name.
_SAME_SUBJECT = 40


def structural_findings(entry: Entry, section: Section, source: Source, catalog: Catalog) -> list[Finding]:
    """Returns the findings about one table's state and labels."""
    found = [
        *_state(entry, section),
        *_illegible_cells(entry),
        *_realigned(entry),
        *_unplaced(entry),
        *_nameless(entry),
        *_repeated_fields(entry),
        *_line_numbers(entry, source),
    ]
    found += [*_names_of_codes(entry, catalog), *_repeated_codes(entry), *_assigned_codes(entry, catalog)]
    found += _stated_count(entry, section, source)
    is_told = any(r.code == "reader_failed" and r.severity == "error" for r in entry.reading.remarks)
    if section.body == "present" and entry.reading.reader == "none" and not is_told:
        message = f"{entry.name}: its columns cannot be told apart; nothing of it is in the data"
        found.append(_finding(entry, section.first, ("reader_failed", "error"), message))
    elif entry.reading.shape == "unknown" and section.body != "absent" and entry.reading.reader != "none":
        message = f"{entry.name}: no known form fits; read as header and rows"
        found.append(_finding(entry, section.first, ("unknown_table_type", "warning"), message))
    found += _units_of_caption(entry, section, source)
    strangers = [cell for row in entry.reading.rows for cell in row.cells if is_stranger(cell) and cell.value]
    if strangers and entry.known is not None:
        headers = {column.key: column.header for column in entry.reading.columns}
        names = ", ".join(dict.fromkeys(headers.get(cell.column) or cell.column for cell in strangers))
        message = f"{entry.name}: {len(strangers)} amounts stand in columns that the form does not know ({names})"
        found.append(_finding(entry, strangers[0].line, ("unchecked", "warning"), message))
    if any(c.kind == "amount" and c.value and not c.unit for row in entry.reading.rows for c in row.cells):
        message = f"{entry.name}: no money unit is printed, so its amounts have no value in 元"
        found.append(_finding(entry, section.first, ("unknown_unit", "warning"), message))
    return found


def _finding(entry: Entry, line: int, what: tuple[FindingCode, Severity], message: str) -> Finding:
    return Finding(code=what[0], severity=what[1], table=entry.id, line=line, message=message)


def _state(entry: Entry, section: Section) -> Iterator[Finding]:
    """Yields what the document's list of tables and the body say against (or beside) one another."""
    state, line = section.register_state, section.first
    reason = f" ({section.register_reason})" if section.register_reason else ""
    if section.body == "absent" and state != "blank":
        yield _finding(entry, line, ("missing_table", "warning"), f"{entry.name} is listed but is not in the document")
    elif section.body == "illegible":
        severity: Severity = "warning" if state == "blank" else "error"
        yield _finding(entry, line, ("illegible", severity), f"{entry.name}: the whole body is illegible")
    if state == "blank" and section.body == "present":
        message = f"{entry.name} is declared blank{reason} but holds amounts"
        yield _finding(entry, line, ("undeclared_blank", "warning"), message)
    elif state == "blank":
        yield _finding(entry, line, ("declared_blank", "note"), f"{entry.name} is declared blank{reason}")
    elif state == "not_blank" and section.body == "blank":
        yield _finding(entry, line, ("undeclared_blank", "warning"), f"{entry.name} is blank but not declared so")


def _illegible_cells(entry: Entry) -> Iterator[Finding]:
    for row in entry.reading.rows:
        for cell in row.cells:
            if cell.state == "illegible":
                ref = ref_of(entry.reading, row, cell.column)
                cited = CitedCell(cell=ref, label=f"{entry.name} {row.name}", line=cell.line, printed=cell.printed)
                message = f"{entry.name} {row.name or row.code}: {cell.printed!r} cannot be read as a number"
                yield _finding(entry, cell.line, ("illegible", "error"), message).model_copy(update={"cells": (cited,)})


def moved_cell_finding(entry: Entry, cell: Cell) -> Finding:
    """Returns the finding of a numeral where a name should stand."""
    message = f"{entry.name}: {cell.printed} stands where no amount can stand; cells of its row have moved"
    return _finding(entry, cell.line, ("uncovered_number", "error"), message)


def moved_cells(entry: Entry) -> Iterator[tuple[Row, Cell]]:
    """Yields each numeral that stands where a name should, or alone in a row's texts, with its row.

    Such a row's cells have moved; no sum can be made of them.
    """
    if entry.reading.shape == "form" or (entry.known is not None and not entry.known.money):
        return
    for row in entry.reading.rows:
        if row.kind == "indicator":
            continue
        filled = any(cell.value is not None for cell in row.cells)
        for cell in row.cells:
            if cell.kind not in {"text", "code"} or not cell.printed:
                continue
            is_key = cell.kind == "code" or cell.printed == row.name
            may_be = entry.known is not None and cell.printed == row.name
            is_amount = (may_be or bool(_POINTED.search(cell.printed))) and read_numeral(cell.printed).value is not None
            is_amount = is_amount or (not filled and bool(_ENDS_IN_AMOUNT.search(cell.printed)))
            if is_amount and (is_key or not filled):
                yield row, cell


def short_row_findings(entries: Sequence[Entry], source: Source) -> list[Finding]:
    """Returns the tables whose rows may have lost an empty cell: they end early, and the text keeps none.

    Where a text keeps empty cells between amounts, rows that end early only lack what was empty at their end.
    """
    if _KEPT_BLANK.search(source.text):
        return []
    return [finding for entry in entries for finding in _short_rows(entry, source)]


def _short_rows(entry: Entry, source: Source) -> Iterator[Finding]:
    if entry.reading.shape != "records" or entry.known is None:
        return
    last = max((place for place, column in enumerate(entry.reading.columns) if column.kind == "amount"), default=0)
    short = [row for row in entry.reading.rows if not row.realigned and _is_short(row, source, last)]
    if short:
        rows = "1 row ends" if len(short) == 1 else f"{len(short)} rows end"
        message = (
            f"{entry.name}: {rows} before the last column and no row of the text keeps an empty cell between amounts; "
            "an amount may stand under the column before its own"
        )
        yield _finding(entry, short[0].line, ("unchecked", "warning"), message)


def _is_short(row: Row, source: Source, last: int) -> bool:
    amounts = [cell for cell in row.cells if cell.kind == "amount" and cell.value is not None]
    fields = source.line(row.line).text.split("\t")
    return len(amounts) > 1 and len(fields) <= last and read_numeral(fields[-1]).value is not None


def _units_of_caption(entry: Entry, section: Section, source: Source) -> Iterator[Finding]:
    """Yields where the lines of one caption name different money units."""
    lines = [source.line(number).text for number in section.caption_lines]
    said = [match[1] for line in lines for match in UNIT_STATED.finditer(words(line))]
    units = dict.fromkeys(unit for unit in (*said, *map(unit_in, lines), section.unit) if unit)
    if len(units) > 1:
        message = f"{entry.name}: its caption says both {' and '.join(units)}; {section.unit} was taken"
        yield _finding(entry, section.unit_line or section.first, ("unit_conflict", "warning"), message)


def _realigned(entry: Entry) -> Iterator[Finding]:
    lines = sorted({row.line for row in entry.reading.rows if row.realigned})
    if lines:
        shown = ", ".join(f"L{line}" for line in lines)
        rows = "1 drifted row was" if len(lines) == 1 else f"{len(lines)} drifted rows were"
        message = f"{entry.name}: {rows} put back in the only way possible ({shown})"
        yield _finding(entry, lines[0], ("realigned", "note"), message)


def _unplaced(entry: Entry) -> Iterator[Finding]:
    """Yields one finding for the numerals of a table that are in no column: its rows with loose numerals."""
    rows = [row for row in entry.reading.rows if row.loose]
    if rows:
        numerals = sum(len(row.loose) for row in rows)
        shown = ", ".join(f"L{row.line}" for row in rows[:8]) + (", …" if len(rows) > 8 else "")
        message = f"{entry.name}: {numerals} numerals were read whose columns are lost ({shown})"
        yield _finding(entry, rows[0].line, ("unplaced", "warning"), message)


def _nameless(entry: Entry) -> Iterator[Finding]:
    """Yields the amounts beside no name and no code: nobody can say of what they are, and sums hold all the same."""
    columns = entry.reading.columns
    if entry.reading.shape == "form" or not any(column.kind in {"text", "code"} for column in columns):
        return  # a form of one row of amounts, each named by its header
    for row in entry.reading.rows:
        amounts = [cell for cell in row.cells if cell.kind == "amount" and cell.value]
        if amounts and not row.name and not row.code:
            message = f"{entry.name}: {amounts[0].printed} stands beside no name; a name or the figure is out of place"
            yield _finding(entry, amounts[0].line, ("uncovered_number", "error"), message)


def _repeated_fields(entry: Entry) -> Iterator[Finding]:
    """Yields the fields of a form that stand twice in one part of it: a line was printed twice, or is another's."""
    seen: set[tuple[str, str]] = set()
    for row in entry.reading.rows:
        for cell in row.cells if row.kind == "field" else ():
            key = row.block, cell.column
            if cell.printed and key in seen:
                message = f"{entry.name}: {row.name} {cell.printed} stands a second time"
                yield _finding(entry, cell.line, ("duplicate_row", "warning"), message)
            seen |= {key} if cell.printed else set()


def _line_numbers(entry: Entry, source: Source) -> Iterator[Finding]:
    """Yields where the printed 行次 of a list skip: a line between them is lost."""
    by_line: dict[int, list[int]] = {}
    for mark in entry.reading.explained:
        text = source.text[mark.span[0] : mark.span[1]]
        if mark.why == "行次" and text.isdecimal():
            by_line.setdefault(mark.line, []).append(int(text))
    lines = sorted(by_line)
    for before, after in pairwise(lines):
        for first, second in zip(by_line[before], by_line[after], strict=False):
            if second != first + 1:
                message = f"{entry.name}: 行次 goes from {first} to {second}; a row is lost or out of place"
                yield _finding(entry, after, ("missing_row", "warning"), message)
                break


def _names_of_codes(entry: Entry, catalog: Catalog) -> Iterator[Finding]:
    """Yields 类 codes whose name is another subject's (K1)."""
    if entry.known is None or entry.known.hierarchy != "code" or "unit_code" in entry.known.columns:
        return
    is_economic = "economic" in entry.reading.type or entry.reading.type == "fa_gpb_basic_expenditure"
    standard = catalog.codes.get("economic" if is_economic else "functional", {})
    for row in entry.reading.rows:
        name = standard.get(row.code) if _LEADING_CODES.match(row.code) else None
        if (
            name
            and row.name
            and fuzz.ratio(_subject(name), _subject(row.name)) < _SAME_SUBJECT
            and words(name)[:2] not in words(row.name)
        ):
            message = f"{entry.name}: code {row.code} is {name}, but {row.name} is printed"
            yield _finding(entry, row.line, ("name_code_mismatch", "warning"), message)


def _subject(name: str) -> str:
    """Returns the name without the 支出 that most subjects end in, which makes none of them like another."""
    return words(name).removesuffix("支出")


def _repeated_codes(entry: Entry) -> Iterator[Finding]:
    if (
        entry.known is None
        or entry.known.hierarchy not in {"code", "unit"}
        or entry.reading.type == "project_performance_list"
    ):
        return
    seen: dict[tuple[str, str], Row] = {}
    for row in entry.reading.rows:
        key = (row.panel if entry.known.hierarchy == "unit" else "", row.code)
        if row.code and row.kind in {"item", "unit"}:
            first = seen.setdefault(key, row)
            if first is not row and (first.name == row.name or entry.known.hierarchy == "code"):
                message = f"{entry.name}: {row.code} {row.name} stands twice (L{first.line} and L{row.line})"
                yield _finding(entry, row.line, ("duplicate_row", "warning"), message)


def _assigned_codes(entry: Entry, catalog: Catalog) -> Iterator[Finding]:
    """Yields rows whose departmental 类 is assigned to a governmental 类 that the correspondence does not know (M1)."""
    assigned = catalog.codes.get("assigned", {})
    for row in entry.reading.rows:
        theirs = row.cell("gov_code") or row.cell("gov_class")
        allowed = assigned.get(row.code[:3], "")
        if (
            theirs is not None
            and theirs.printed
            and len(row.code) > 3
            and allowed
            and theirs.printed[:3] not in allowed
        ):
            message = f"{entry.name}: {row.code} {row.name} is assigned to {theirs.printed}, not to {allowed}"
            yield _finding(entry, row.line, ("name_code_mismatch", "note"), message)


def _stated_count(entry: Entry, section: Section, source: Source) -> Iterator[Finding]:
    """Yields a roster whose rows are not as many as the sentence above it says; 本级 may be counted or not (C1)."""
    if entry.reading.type != "unit_roster" or not entry.reading.rows:
        return
    above = "".join(source.line(number).text for number in range(max(1, section.first - 5), section.first))
    stated = re.findall(r"共(?:有)?\s*(\d+)\s*[个家]", above)
    rows = len(entry.reading.rows)
    own = sum(1 for row in entry.reading.rows if re.search(r"本级|机关", row.name))
    if stated and rows - int(stated[-1]) not in {0, min(own, 1)}:
        message = f"{entry.name} has {rows} units; the sentence above it says {stated[-1]}"
        yield _finding(entry, section.first, ("source_inconsistency", "warning"), message)


def is_template(texts: Sequence[str]) -> bool:
    """Says whether texts are only the placeholders of an empty form: 目标1: 指标1: ....."""
    return all(re.fullmatch(r"(?:目标\d*[:：]?|指标\d*[:：]?|[.…。]+|\s)*", text) for text in texts)
