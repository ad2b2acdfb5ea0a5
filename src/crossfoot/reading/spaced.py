"""Section whose tabs became blanks + table type → Reading, or nothing where its words cannot be told apart.

Lists side by side and forms are not read: without their columns nothing says which list a line belongs to.
"""

from collections.abc import Sequence
from typing import NamedTuple

from crossfoot.figures import Column, Explained, Line, Reading, Section, Source
from crossfoot.labels import unit_in, words
from crossfoot.reading.cells import column_unit, explain
from crossfoot.reading.fields import RULE, rows_of
from crossfoot.reading.identify import Neighbourhood, identify_by_columns
from crossfoot.reading.loose import Frame, Pieces, pieces_of, reading_of
from crossfoot.reading.records import Record, records_of
from crossfoot.reading.spaced_header import HeadColumn, columns_of, is_header_line
from crossfoot.reading.tokens import words_of
from crossfoot.tabletypes import Catalog, TableType


class Parts(NamedTuple):
    """A body taken apart: its header lines, the lines of its rows, and what explains the other words."""

    header: tuple[Line, ...]
    rows: tuple[int, ...]
    explained: tuple[Explained, ...]


def is_spaced(source: Source, section: Section) -> bool:
    """Says whether a present body has rows without any separator but blanks."""
    rows = rows_of(source, section.body_lines) if section.body == "present" else []
    return bool(rows) and all(len(row) == 1 for row in rows)


def identify_spaced(source: Source, section: Section, catalog: Catalog, around: Neighbourhood) -> TableType | None:
    """Returns the form whose columns the header names completely, by title first."""
    header = _parts(source, section, catalog).header
    fitting = [
        (known, len(columns) / len(known.columns))
        for known in catalog.types
        if known.shape == "records" and known.columns and (columns := columns_of(header, known)) is not None
    ]
    return identify_by_columns(section, fitting, catalog, around)


def read_spaced(source: Source, section: Section, known: TableType, catalog: Catalog, table: str) -> Reading | None:
    """Returns the reading of a records table, or None where a line is no row of it or a column is not certain."""
    framed = frame_of(source, section, known, catalog, table)
    if framed is None:
        return None
    frame, parts = framed
    rows = [(record, pieces_of(record, frame.columns)) for record in records_of(source, parts.rows)]
    whole = [(record, pieces) for record, pieces in rows if pieces is not None]
    if len(whole) < len(rows) or (parts.rows and not rows):
        return None
    return read_pieces(source, frame, whole, parts)


def frame_of(
    source: Source, section: Section, known: TableType, catalog: Catalog, table: str
) -> tuple[Frame, Parts] | None:
    """Returns what the rows of a records table are read against, and its lines; None if a column is not certain."""
    parts = _parts(source, section, catalog)
    head = columns_of(parts.header, known) if known.shape == "records" and known.columns else None
    return None if head is None else (Frame(table, known, _columns(head, known, section, parts.header)), parts)


def read_pieces(source: Source, frame: Frame, rows: Sequence[tuple[Record, Pieces]], parts: Parts) -> Reading:
    """Returns the reading that rows of pieces make; a total that a page repeats is explained and no row."""
    kept, repeated = _without_repeats(source, rows, parts)
    return reading_of(frame, kept, (*parts.explained, *repeated))


def _parts(source: Source, section: Section, catalog: Catalog) -> Parts:
    header: list[Line] = []
    rows: list[int] = []
    explained: list[Explained] = []
    said: set[tuple[str, ...]] = set()
    for number in section.body_lines:
        line = source.line(number)
        if RULE.match(line.text) or not line.text.strip():
            continue
        texts = _texts(line)
        if not rows and is_header_line(line, catalog.headers, first=not header):
            header.append(line)
            said.add(texts)
            explained += explain(words_of(line), "header")
        elif texts in said:
            explained += explain(words_of(line), "repeated header")
        else:
            rows.append(number)
    return Parts(tuple(header), tuple(rows), tuple(explained))


def _texts(line: Line) -> tuple[str, ...]:
    return tuple(words(word.text) for word in words_of(line))


def _columns(
    head: Sequence[HeadColumn], known: TableType, section: Section, header: Sequence[Line]
) -> tuple[Column, ...]:
    """Returns the columns with their units; a unit in the header lines is that of every money column."""
    said = next((unit for line in header if (unit := unit_in(line.text)) is not None), None)
    found: list[Column] = []
    for key, path in head:
        spec = known.columns.get(key)
        kind = spec.kind if spec is not None else "code"
        unit = column_unit(kind, "", said or section.unit, spec.unit if spec is not None else None)
        found.append(Column(key=key, header="/".join(path), kind=kind, unit=unit))
    return tuple(found)


def _without_repeats(
    source: Source, rows: Sequence[tuple[Record, Pieces]], parts: Parts
) -> tuple[list[Pieces], list[Explained]]:
    """Returns the rows without a total that a page repeats below its repeated header, and what explains that one."""
    heads = {entry.line for entry in parts.explained if entry.why == "repeated header"}
    kept: list[Pieces] = []
    repeated: list[Explained] = []
    seen: set[tuple[str, ...]] = set()
    for record, pieces in rows:
        texts = tuple(text for number in record.lines for text in _texts(source.line(number)))
        if record.lines[0] - 1 in heads and texts in seen and not record.codes:
            repeated += [e for number in record.lines for e in explain(words_of(source.line(number)), "repeated total")]
            continue
        seen.add(texts)
        kept.append(pieces)
    return kept, repeated
