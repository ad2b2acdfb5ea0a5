"""The order of the stages, and nothing else: source → sections → readings → judgement → Document."""

import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from decimal import localcontext

from crossfoot.choosing import Around, Readers, unread
from crossfoot.figures import Cell, Document, Finding, Origination, Reading, Resolution, Row, Section, Source, Table
from crossfoot.judging.grounding import uncovered
from crossfoot.judging.mend import as_read
from crossfoot.judging.resolved import cells_of, with_values, without_values
from crossfoot.judging.statement_book import Statements
from crossfoot.judging.structure import is_template
from crossfoot.judging.verdict import Judgement, judge
from crossfoot.judging.whole_tables import underived
from crossfoot.numerals import EXACT
from crossfoot.reading.corrected import with_labels, with_rows_read, without_labels
from crossfoot.reading.fields import rows_of
from crossfoot.reading.identify import Neighbourhood, identify
from crossfoot.reading.metadata import Metadata, describe, kind_of_document
from crossfoot.reading.prose import read_narrative, unread_numerals
from crossfoot.reading.register import Entry, match_register, register_entries
from crossfoot.reading.sections import find_sections
from crossfoot.reading.spaced import identify_spaced, is_spaced
from crossfoot.reading.wrapped import join_wrapped
from crossfoot.statements import Fact
from crossfoot.tabletypes import Catalog, TableType
from crossfoot.version import VERSION


def structure(source: Source, catalog: Catalog, readers: Readers | None = None) -> Document:
    """Returns the structured document: every table found, typed, read and judged.

    Without `readers` no model is asked and nothing leaves the process.
    """
    with collector_paused(), localcontext(EXACT):
        return _structure(source, catalog, readers or Readers())


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pauses the cyclic garbage collector: a document is made of values without cycles, in their hundred thousands.

    Rescanning them makes time grow faster than the document (measured: 1.7 times at a hundredfold length). A process
    that makes or keeps many documents pauses it around all of them, and saves a tenth of its time once more.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _structure(source: Source, catalog: Catalog, readers: Readers) -> Document:
    sections = find_sections(source, catalog)
    known = _types(source, sections, catalog)
    around = Around(source, catalog, Neighbourhood(_families(known), kind_of_document(source)))
    readings = {
        section.id: readers.read(around, section, known[section.id]) for section in sections if section.id in known
    }
    entries = register_entries(source, sections, tuple(readings.values()))
    registered = match_register(sections, entries, catalog)
    sections = tuple(_with_body_state(source, section, readings.get(section.id)) for section in registered.sections)
    missing = [_absent(entry, place) for place, entry in enumerate(registered.missing, start=1)]
    for section in missing:
        form = identify(section, [], catalog, Neighbourhood(_families(known)))
        readings[section.id] = unread(section, form)
    placed = sorted([*sections, *missing], key=lambda section: (section.first, section.id))
    tables = _numbered([(section, readings[section.id]) for section in placed if section.id in readings])
    about = describe(source, sections)
    statements = Statements(*read_narrative(source, sections, about))
    told = readers.facts(source, statements.unread, len(statements.facts) + 1)
    stated = _with_facts(statements, told)
    judgement = judge(source, sections, tables, stated, catalog)
    again = _read_again(readers, around, (tables, known), judgement)
    if again:
        judged_again = judge(source, sections, again, stated, catalog)
        if judged_again.is_better_than(judgement):
            tables, judgement = again, judged_again
    contradicted = {t.cell for check in judgement.checks if check.outcome == "fails" for t in check.terms}
    if contradicted & {fact.id for fact in told}:  # what a model said of a sentence is taken back, never a finding
        kept = tuple(fact for fact in told if fact.id not in contradicted)
        judgement = judge(source, sections, tables, _with_facts(statements, kept), catalog)
    return _document(source, sections, tables, about, judgement)


def _read_again(
    readers: Readers,
    around: Around,
    read: tuple[Sequence[tuple[Section, Reading]], dict[str, TableType | None]],
    judgement: Judgement,
) -> list[tuple[Section, Reading]]:
    """Returns the tables with those read anew of which a model read a line that failing sums point at; none if none is.

    Only what the sums point at is asked for once more; what comes of it is judged like the first reading.
    """
    tables, known = read
    cited = {
        c.cell for finding in judgement.findings if finding.severity == "error" for c in finding.cells if c.implied
    }
    found = list(tables)
    for place, (section, reading) in enumerate(tables):
        if reading.reader != "llm":
            continue
        lines = frozenset(
            cell.line
            for row in reading.rows
            if any(f"{reading.table}.r{row.index}.{cell.column}" in cited for cell in row.cells)
            for cell in row.cells
        )
        anew = readers.read_again(around, section, known[section.id], lines) if lines else None
        if anew is not None:
            update = {"table": reading.table, "remarks": _moved(anew.remarks, reading.table)}
            found[place] = section, anew.model_copy(update=update)
    return found if found != list(tables) else []


def _with_facts(statements: Statements, told: Sequence[Fact]) -> Statements:
    """Returns the statements with further facts, whose numerals are no longer unread."""
    taken = {fact.span for fact in told}
    return Statements((*statements.facts, *told), tuple(one for one in statements.unread if one.span not in taken))


def judge_again(document: Document, source: Source, catalog: Catalog) -> Document:
    """Returns the stored document judged anew: the same readings and decisions, today's code and the given schemas."""
    sections, decided = {section.id: section for section in document.sections}, document.resolutions
    tables = [
        (_section_of(table, sections), _resolved(_reading_of(table), catalog, decided)) for table in document.tables
    ]
    statements = Statements(document.facts, unread_numerals(source, document.sections, document.facts))
    with localcontext(EXACT):
        judgement = judge(source, document.sections, tables, statements, catalog, resolutions=decided)
    judged = _document(source, document.sections, tables, describe(source, document.sections), judgement)
    return judged.model_copy(update={"resolutions": decided}) if decided else judged


def undo(document: Document, source: Source, catalog: Catalog, cells: Collection[str]) -> Document:
    """Returns the document judged anew with the repairs of these cells (`t5.r3.total`) taken back.

    They stay as they were read, now and whenever the document is judged again.
    """
    tables = tuple(
        table.model_copy(update={"undone": tuple(dict.fromkeys([*table.undone, *_own_cells(table, cells)]))})
        for table in document.tables
    )
    return judge_again(document.model_copy(update={"tables": tables}), source, catalog)


def resolve(document: Document, source: Source, catalog: Catalog, resolutions: Sequence[Resolution]) -> Document:
    """Returns the document judged anew with these decisions of a person in the place of those that it had.

    Each value has the cell as it was read (`cells_as_read`). They hold whenever the document is judged again.
    """
    before = document.resolutions
    readings = [without_labels(without_values(_reading_of(table), before), before) for table in document.tables]
    tables = tuple(
        table.model_copy(update={"rows": reading.rows})
        for table, reading in zip(document.tables, readings, strict=True)
    )
    decided = with_rows_read(resolutions, readings)
    return judge_again(document.model_copy(update={"tables": tables, "resolutions": decided}), source, catalog)


def _resolved(reading: Reading, catalog: Catalog, decided: Sequence[Resolution]) -> Reading:
    """Returns the reading with what persons say of its cells, and its rows named by that."""
    known = catalog.forms.get((reading.family, reading.type, reading.form))
    return with_labels(with_values(reading, decided), known, decided)


def cells_as_read(document: Document) -> dict[str, Cell]:
    """Returns every cell by reference as it was read: without repairs, computed figures and what a person said."""
    readings = (without_values(_reading_of(table), document.resolutions) for table in document.tables)
    return {ref: cell for reading in readings for ref, cell in cells_of(underived(as_read(reading))).items()}


def _own_cells(table: Table, cells: Collection[str]) -> list[str]:
    return sorted(cell.removeprefix(f"{table.id}.") for cell in cells if cell.startswith(f"{table.id}."))


# --- reading ----------------------------------------------------------------------------------------------------------


def _types(source: Source, sections: Sequence[Section], catalog: Catalog) -> dict[str, TableType | None]:
    """Returns the table type of each table section; those found first settle the family for later ties."""
    known: dict[str, TableType | None] = {}
    families: dict[str, None] = {}
    kind = kind_of_document(source)
    tables = [section for section in sections if section.kind == "table"]
    for section in sorted(tables, key=lambda section: section.body != "present"):
        around = Neighbourhood(tuple(families), kind)
        rows = rows_of(source, section.body_lines) if section.body == "present" else []
        rows = join_wrapped(rows, catalog.headers, with_data=False)
        form = identify_spaced(source, section, catalog, around) if is_spaced(source, section) else None
        form = known[section.id] = form or identify(section, rows, catalog, around)
        if form is not None:
            families[form.family] = None
    return known


def _families(known: dict[str, TableType | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.family for form in known.values() if form is not None))


def _with_body_state(source: Source, section: Section, reading: Reading | None) -> Section:
    """Returns the section, its body `blank` if nothing was filled in: no non-zero number, only placeholders."""
    if reading is None or section.body != "present" or reading.reader == "none":
        return section
    if any(remark.code == "illegible" for remark in reading.remarks):
        return section
    if reading.reader == "llm" and not _is_read_whole(source, section, reading):
        return section
    is_money = any(column.kind == "amount" for column in reading.columns)
    amounts = any(cell.kind == "amount" and (cell.value or cell.state == "illegible") for cell in _cells(reading))
    texts = [cell.printed for row in reading.rows for cell in row.cells if _is_filling(cell)]
    is_blank = is_money and not amounts and (reading.shape != "form" or is_template(texts))
    if not reading.rows:
        is_blank = reading.type != "unknown" or bool(section.note_lines) or section.register_state == "blank"
    return section.model_copy(update={"body": "blank"}) if is_blank else section


def _is_read_whole(source: Source, section: Section, reading: Reading) -> bool:
    """Says whether a model left nothing out; what it left out it did not find blank."""
    failed = any(remark.code == "reader_failed" for remark in reading.remarks)
    return not failed and not uncovered(source, section, reading)


def _cells(reading: Reading) -> list[Cell]:
    return [cell for row in reading.rows for cell in (*row.cells, *row.loose)]


def _is_filling(cell: Cell) -> bool:
    return cell.kind == "text" and cell.column not in {"level1", "level2"}


def _absent(entry: Entry, place: int) -> Section:
    """Returns a section for a table that the document lists and does not have; it stands where it is listed."""
    is_number = entry.number.startswith("表")
    return Section(
        id=f"m{place}",
        kind="table",
        first=entry.line,
        last=entry.line,
        title=entry.title,
        number=entry.number if is_number else "",
        number_inferred=is_number,
        body="absent",
        register=entry.state,
        register_reason=entry.reason,
    )


# --- putting together -------------------------------------------------------------------------------------------------


def _numbered(tables: Sequence[tuple[Section, Reading]]) -> list[tuple[Section, Reading]]:
    """Returns the tables with ids t1, t2, … in the order of the text."""
    return [
        (section, reading.model_copy(update={"table": f"t{place}", "remarks": _moved(reading.remarks, f"t{place}")}))
        for place, (section, reading) in enumerate(tables, start=1)
    ]


def _moved(remarks: Sequence[Finding], table: str) -> tuple[Finding, ...]:
    return tuple(remark.model_copy(update={"table": table}) for remark in remarks)


def _document(
    source: Source,
    sections: Sequence[Section],
    tables: Sequence[tuple[Section, Reading]],
    about: Metadata,
    judgement: Judgement,
) -> Document:
    findings = judgement.findings
    if source.encoding != "utf-8":
        note = Finding(code="decoded", severity="note", line=1, message=f"decoded from {source.encoding}")
        findings = (note, *findings)
    return Document(
        crossfoot_version=VERSION,
        id=source.sha256[:16],
        source=Origination(
            name=source.name,
            sha256=source.sha256,
            encoding=source.encoding,
            characters=len(source.text),
            lines=len(source.lines),
        ),
        department=about.department,
        region=about.region,
        fiscal_year=about.fiscal_year,
        kind=about.kind,
        verdict=judgement.verdict,
        sections=tuple(sections),
        tables=tuple(_table(section, judgement.readings[reading.table], judgement) for section, reading in tables),
        facts=judgement.facts,
        checks=judgement.checks,
        repairs=judgement.repairs,
        derivations=judgement.derivations,
        findings=findings,
    )


def _table(section: Section, reading: Reading, judgement: Judgement) -> Table:
    return Table(
        id=reading.table,
        section="" if section.body == "absent" and section.id.startswith("m") else section.id,
        type=reading.type,
        family=reading.family,
        form=reading.form,
        shape=reading.shape,
        number=section.number,
        number_inferred=section.number_inferred,
        title=section.title,
        owner=section.owner,
        unit=section.unit or _unit_of_columns(reading),
        lines=(section.first, section.last),
        body=section.body,
        register=section.register_state,
        register_reason=section.register_reason,
        reader=reading.reader,
        read_by=reading.read_by,
        verdict=judgement.tables[reading.table],
        columns=reading.columns,
        rows=tuple(_with_proofs(reading.table, row, judgement) for row in reading.rows),
        explained=reading.explained,
        remarks=reading.remarks,
        undone=reading.undone,
    )


def _unit_of_columns(reading: Reading) -> str | None:
    """Returns the money unit that all amount columns print in their headers, if it is one."""
    units = {column.unit for column in reading.columns if column.kind == "amount" and column.unit}
    return next(iter(units)) if len(units) == 1 else None


def _with_proofs(table: str, row: Row, judgement: Judgement) -> Row:
    proofs, reaches = judgement.proofs, judgement.reaches
    cells: list[Cell] = []
    for cell in row.cells:
        ref = f"{table}.r{row.index}.{cell.column}"
        proof, reach = proofs.get(ref), reaches.get(ref)
        cells.append(cell.model_copy(update={"proof": proof, "reach": reach}) if proof or reach else cell)
    is_changed = any(new is not cell for new, cell in zip(cells, row.cells, strict=True))
    return row.model_copy(update={"cells": tuple(cells)}) if is_changed else row


def _section_of(table: Table, sections: dict[str, Section]) -> Section:
    if table.section in sections:
        return sections[table.section]
    return Section(
        id=table.section,
        kind="table",
        first=table.lines[0],
        last=table.lines[1],
        title=table.title,
        number=table.number,
        number_inferred=table.number_inferred,
        body=table.body,
        register=table.register_state,
        register_reason=table.register_reason,
    )


def _reading_of(table: Table) -> Reading:
    rows = tuple(
        row.model_copy(
            update={"cells": tuple(cell.model_copy(update={"proof": None, "reach": None}) for cell in row.cells)}
        )
        for row in table.rows
    )
    return Reading(
        table=table.id,
        type=table.type,
        family=table.family,
        form=table.form,
        shape=table.shape,
        reader=table.reader,
        read_by=table.read_by,
        columns=table.columns,
        rows=rows,
        explained=table.explained,
        remarks=table.remarks,
        undone=table.undone,
    )
