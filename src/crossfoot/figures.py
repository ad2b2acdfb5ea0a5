"""The nouns: what every stage takes and gives. All are frozen; amounts are Decimal, as strings in JSON.

Cells are named by a reference such as `t3.r12.total`: table, row and column of one document.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import Field, SkipValidation, TypeAdapter

# The smallest nouns stand apart, because facts are made of them too; they are imported from here all the same.
from crossfoot.findingcodes import FINDING_SENTENCES as FINDING_SENTENCES  # noqa: PLC0414
from crossfoot.findingcodes import FindingCode as FindingCode  # noqa: PLC0414
from crossfoot.noun import Amount as Amount  # noqa: PLC0414
from crossfoot.noun import Noun as Noun  # noqa: PLC0414
from crossfoot.noun import Proof as Proof  # noqa: PLC0414
from crossfoot.noun import Span as Span  # noqa: PLC0414
from crossfoot.repairs import Derivation as Derivation  # noqa: PLC0414
from crossfoot.repairs import Evidence as Evidence  # noqa: PLC0414
from crossfoot.repairs import Fault as Fault  # noqa: PLC0414
from crossfoot.repairs import Reach as Reach  # noqa: PLC0414
from crossfoot.repairs import Repair as Repair  # noqa: PLC0414
from crossfoot.statements import Fact as Fact  # noqa: PLC0414

FORMAT_VERSION = 1

CellState = Literal["printed", "blank", "illegible", "repaired", "derived", "resolved"]
#: The kinds of columns whose cells are numbers.
NUMERIC_KINDS = frozenset({"amount", "ratio", "score", "count"})
ColumnKind = Literal["amount", "ratio", "score", "count", "code", "text", "ordinal"]
RowKind = Literal["total", "subtotal", "item", "memo", "unit", "project", "indicator", "field"]
BodyState = Literal["present", "blank", "illegible", "absent"]
RegisterState = Literal["blank", "not_blank", "unstated", "unlisted"]
Shape = Literal["records", "panels", "form", "unknown"]
Origin = Literal["declared", "labels", "codes"]
CheckKind = Literal["sum", "equal", "at_most", "ratio", "count", "named"]
CheckOutcome = Literal["holds", "fails", "not_applicable", "untestable"]
Severity = Literal["note", "warning", "error"]
Outcome = Literal["accepted", "repaired", "flagged"]
Basis = Literal["footed", "copied"]
DocumentKind = Literal["budget", "final_accounts", "unknown"]
ReaderName = Literal["grid", "llm", "none"]

#: What ends a line; `\r\r\n` of a twice converted text ends one.
LINE_END = re.compile(r"\r*\n|[\r\v\u2028\u2029]")


class Line(NamedTuple):
    """One line of the source; `start` is its offset in the text, `number` is 1-based, `page` None if unmarked.

    A document has thousands; they are made in one place and kept nowhere, so nothing checks them again.
    """

    number: int
    start: int
    text: str
    page: int | None = None


class Source(Noun):
    """A document's text; spans everywhere are offsets into `text`, which is never rewritten."""

    name: str
    sha256: str
    encoding: str
    text: str
    lines: SkipValidation[tuple[Line, ...]]

    def line(self, number: int) -> Line:
        """Returns the 1-based line."""
        return self.lines[number - 1]


class Section(Noun):
    """A run of lines that belong together. Only a section of kind `table` has a body, a register state and a number.

    `body_lines` are the lines read as rows, pages of a continued table joined; `title` is as printed.
    """

    id: str
    kind: Literal["narrative", "contents", "chart", "table"]
    first: int
    last: int
    title: str = ""
    number: str = ""
    number_inferred: bool = False
    unit: str | None = None
    unit_line: int | None = None
    body: BodyState = "present"
    register_state: RegisterState = Field(default="unstated", alias="register")
    register_reason: str = ""
    caption_lines: tuple[int, ...] = ()
    body_lines: tuple[int, ...] = ()
    note_lines: tuple[int, ...] = ()
    owner: str = ""


class Column(Noun):
    """A column as read: schema key, printed header path joined with `/`, kind, and unit (元, 万元, %, score, …)."""

    key: str
    header: str
    kind: ColumnKind
    unit: str = "text"
    panel: str = ""


class Cell(Noun):
    """One field of one row. `printed` is the source text at `span` without markup and line breaks.

    `value` is in the column's printed unit; `original` keeps what was read of a cell that is repaired, or `resolved`:
    then `printed` is what a person says that the paper shows. `reach` says of a money cell, before anything is judged,
    what the declared sums could tell of an error in it.
    """

    column: str
    printed: str
    line: int
    span: Span
    state: CellState
    kind: ColumnKind
    value: Amount | None = None
    places: int = 0
    unit: str = "text"
    proof: Proof | None = None
    original: str = ""
    reach: Reach | None = None

    @property
    def is_blank(self) -> bool:
        """Says whether nothing stands in the cell, as read or as a person says."""
        if self.state != "resolved":
            return self.state == "blank"
        return self.value is None and (self.kind in NUMERIC_KINDS or not self.printed)


class Row(Noun):
    """One row of a table (of one panel of it); `level` is the outline level, 1 the highest, 0 for totals.

    `panel` is the list it stands in, or the unit or indicator path above it; `block` is the part of a form.
    `loose` are numerals read in order whose columns are lost (their column is ""); placement.py moves them to cells.
    """

    index: int
    line: int
    kind: RowKind
    panel: str = ""
    block: str = ""
    code: str = ""
    name: str = ""
    level: int = 1
    realigned: bool = False
    cells: tuple[Cell, ...]
    loose: tuple[Cell, ...] = ()

    def cell(self, column: str) -> Cell | None:
        """Returns the cell of that column, or None when the row has none."""
        for cell in self.cells:
            if cell.column == column:
                return cell
        return None


class Explained(Noun):
    """A field that is no cell, and why: header, 行次, 栏次, a repeated total, a page number."""

    line: int
    span: Span
    why: str


class CitedCell(Noun):
    """A cell that a finding names, with what the arithmetic implies for it."""

    cell: str
    label: str
    line: int
    printed: str
    implied: str = ""


class Finding(Noun):
    """A problem in the document or its reading, as a value with a place.

    `accepted_from` is the severity of one that a person accepted: the document is so, and it flags nothing any more.
    """

    code: FindingCode
    severity: Severity
    message: str
    table: str = ""
    line: int = 0
    cells: tuple[CitedCell, ...] = ()
    checks: tuple[str, ...] = ()
    accepted_from: Severity | None = None


class Resolution(Noun):
    """What a person decided about a finding: what a cell shows on paper, or that the document is so.

    `finding` is its id (findingids.py). A value has the cell, what the person says that is `printed` there, and the
    cell as it was `read`, None if it is no longer there; a text has its `row` too, as it was read, without its cells.
    """

    finding: str
    decision: Literal["value", "accept"]
    line: int
    by: str
    at: str
    note: str
    cell: str = ""
    printed: str = ""
    read: Cell | None = None
    row: Row | None = None


class ReadBy(Noun):
    """By what a model's reading was made: prompt version and hash, hash of the table type, model and settings."""

    prompt: str
    prompt_sha256: str
    schema_sha256: str
    model: str
    settings: str


class Reading(Noun):
    """What a reader made of one section: columns, rows, and every field it did not turn into a cell.

    `undone` are cells, as `r3.total`, whose repair a person took back: they stay as they were read.
    """

    table: str
    type: str
    family: str
    form: str = ""
    shape: Shape
    reader: ReaderName
    read_by: ReadBy | None = None
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    explained: tuple[Explained, ...] = ()
    remarks: tuple[Finding, ...] = ()
    undone: tuple[str, ...] = ()


class Term(Noun):
    """A cell and its weight in a linear equation Σ weight·cell = 0."""

    cell: str
    weight: int


class Identity(NamedTuple):
    """Something that must be true of the cells. `sum` and `equal` are linear; their total has weight −1.

    It lives only while a document is judged (thousands of them); what is kept is the Check. `blocked` says why it
    cannot be executed; `lacks` names a part that no row carries, which would explain a gap.
    """

    id: str
    rule: str
    kind: CheckKind
    origin: Origin
    tables: tuple[str, ...]
    terms: tuple[Term, ...]
    blocked: str = ""
    lacks: str = ""


class Check(Noun):
    """An identity evaluated. `gap` is the parts' sum less the total, in `unit`; `fault` says whose a failure is.

    `waits_for` are the cells that cannot be read and alone keep it from being executed.
    """

    id: str
    rule: str
    kind: CheckKind
    origin: Origin
    tables: tuple[str, ...]
    terms: tuple[Term, ...]
    outcome: CheckOutcome
    gap: Amount | None = None
    tolerance: Amount | None = None
    unit: str = ""
    all_zero: bool = False
    why: str = ""
    waits_for: tuple[str, ...] = ()
    fault: Fault | None = None


class Tally(Noun):
    """Counts behind a verdict. `amounts` are non-zero printed amounts; checks that are all zero prove nothing.

    `resolved` are the values that come from a person, `known` the findings that a person accepted.

    Of the amounts, `covered`, `detectable` and `locatable` say how many have at least that reach.
    """

    amounts: int = 0
    proved: int = 0
    grounded: int = 0
    repaired: int = 0
    derived: int = 0
    resolved: int = 0
    known: int = 0
    covered: int = 0
    detectable: int = 0
    locatable: int = 0
    checks_declared: int = 0
    checks_executed: int = 0
    checks_held: int = 0
    checks_failed: int = 0
    checks_all_zero: int = 0
    checks_not_applicable: int = 0
    checks_untestable: int = 0


class Verdict(Noun):
    """Accepted, repaired or flagged; `reasons` are the finding codes that flagged it."""

    outcome: Outcome
    basis: Basis | None = None
    reasons: tuple[FindingCode, ...] = ()
    tally: Tally = Tally()


class Table(Noun):
    """A table of the document: where it stands, what was read, and how far that is proved."""

    id: str
    section: str
    type: str
    family: str
    form: str
    shape: Shape
    number: str
    number_inferred: bool
    title: str
    owner: str
    unit: str | None
    lines: tuple[int, int]
    body: BodyState
    register_state: RegisterState = Field(alias="register")
    register_reason: str
    reader: ReaderName
    read_by: ReadBy | None = None
    verdict: Verdict
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    explained: tuple[Explained, ...]
    remarks: tuple[Finding, ...]
    undone: tuple[str, ...] = ()

    def cells(self) -> Iterator[tuple[str, Row, Cell]]:
        """Yields every cell with its reference and row."""
        for row in self.rows:
            for cell in row.cells:
                yield f"{self.id}.r{row.index}.{cell.column}", row, cell


class Origination(Noun):
    """Where a document came from: name as given, content hash, encoding, size in characters and lines."""

    name: str
    sha256: str
    encoding: str
    characters: int
    lines: int


class Document(Noun):
    """One structured disclosure: its verdict is its worst table's, and no section is missing from it."""

    format_version: int = FORMAT_VERSION
    crossfoot_version: str
    id: str
    source: Origination
    department: str
    region: str
    fiscal_year: int | None
    kind: DocumentKind
    verdict: Verdict
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    facts: tuple[Fact, ...] = ()
    checks: tuple[Check, ...]
    repairs: tuple[Repair, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    findings: tuple[Finding, ...]
    resolutions: tuple[Resolution, ...] = ()


Documents: TypeAdapter[list[Document]] = TypeAdapter(list[Document])
