"""Labelled tables: eval/cases/*.yaml → cases, each cell with the places of its characters in the text.

The format is described in eval/cases/README.md. Labels are made by reading the text, never from what was read by code.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crossfoot.errors import CrossfootError
from crossfoot.evaluation.damages import Damage, Trace
from crossfoot.evaluation.labelled import FactLabels, FindingLabels, load_facts, load_findings
from crossfoot.tabletypes import Catalog

NUMBERS = frozenset({"amount", "score", "count", "ratio"})

Printed = list[str]


class CaseError(CrossfootError):
    """A file of labels that does not say what it should; names the file and what is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Record(_Strict):
    """A row that says more than its cells, as eval/cases/README.md explains; the keys are those of the file."""

    line: int
    lines: tuple[int, int] | None = None
    printed: Printed
    block: str = ""
    fields: dict[str, str] = {}
    cells: dict[str, str] = {}
    labels: Printed = []
    label: str = ""
    under: Printed = []
    moved: str = ""

    @property
    def last(self) -> int:
        """Returns the last line that the record takes."""
        return self.lines[1] if self.lines else self.line


Row = Record | tuple[int, Printed]


class CaseFile(_Strict):
    """A file of labels, one table: what stands where, by the schema's keys."""

    document: str = Field(pattern=r"^\d{3}$", description="the first characters of the text's file name")
    title: str
    type: str
    family: str
    shape: Literal["records", "panels", "form"]
    unit: str = ""
    held_out: bool = Field(default=False, description="never looked at while prompts, schemas or readers are tuned")
    lines: tuple[int, int]
    header: list[Row]
    columns: list[str] | dict[str, list[str]]
    rows: list[Row]
    not_data: list[tuple[int, str]] = []


class Place(NamedTuple):
    """Where one character of a printed cell stands: line from 1, offset from 0."""

    line: int
    offset: int


class LabelledCell(NamedTuple):
    """A cell that is not blank: in which record of the table, under which column, what is printed and where."""

    record: int
    line: int
    panel: str
    column: str
    kind: str
    printed: str
    places: tuple[Place, ...]
    is_field: bool = False

    @property
    def is_number(self) -> bool:
        """Says whether it is a number: an amount, a score, a count or a ratio, and no dash or word instead."""
        return self.kind in NUMBERS and any(sign.isdigit() for sign in self.printed)

    def left(self, damages: Mapping[Place, Damage]) -> tuple[str, frozenset[Trace]]:
        """Returns what a degraded text has of it, blanks left out, and how the damage shows."""
        text: list[str] = []
        traces: set[Trace] = set()
        for sign, place in zip(bare(self.printed), self.places, strict=True):
            damage = damages.get(place)
            if damage is None or damage.trace == "again":
                text.append(sign)
            elif place.offset == damage.start:
                text.append(bare(damage.after))
            if damage is not None:
                traces.add(damage.trace)
        return "".join(text), frozenset(traces)


class Case(NamedTuple):
    """One labelled table: its name, its file's content, the text it stands in, and its cells."""

    name: str
    label: CaseFile
    text: str
    cells: tuple[LabelledCell, ...]

    @property
    def document(self) -> str:
        """Returns the document it belongs to."""
        return self.label.document


class Cases(NamedTuple):
    """All cases of a folder with the texts of their documents, by the first characters of the file's name."""

    folder: Path
    cases: tuple[Case, ...]
    texts: Mapping[str, str]
    findings: Mapping[str, FindingLabels]
    facts: Mapping[str, FactLabels]


def load_cases(folder: Path, texts: Sequence[Path], catalog: Catalog) -> Cases:
    """Returns the cases of a folder; `texts` are the folders where the documents are looked for.

    Raises CaseError for a file that breaks the format or cites what does not stand there.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise CaseError(f"{folder}: holds no labelled case (*.yaml); --cases names another folder")
    files = [(path, _file(path)) for path in paths]
    documents = {file.document: _text(file.document, path, texts) for path, file in files}
    return Cases(
        folder,
        tuple(_case(path, file, documents[file.document], catalog) for path, file in files),
        documents,
        {name: load_findings(folder / "findings", name) for name in _labelled(folder / "findings", documents)},
        {name: load_facts(folder / "facts", name) for name in _labelled(folder / "facts", documents)},
    )


def _labelled(folder: Path, documents: Iterable[str]) -> list[str]:
    """Returns the documents that have a file of labels there."""
    return [document for document in documents if (folder / f"{document}.yaml").is_file()]


def bare(text: str) -> str:
    """Returns a text without blanks."""
    return "".join(text.split())


def number_in(text: str) -> Decimal | None:
    """Returns the number that a cell is, in the unit in which it is printed, or None."""
    try:
        return Decimal(bare(text).replace(",", "").removesuffix("%"))
    except InvalidOperation:
        return None


def _file(path: Path) -> CaseFile:
    try:
        return CaseFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CaseError(f"{path}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise CaseError(f"{path}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None


def _text(document: str, path: Path, folders: Sequence[Path]) -> str:
    found = sorted(file for folder in folders for file in folder.glob(f"{document}*.txt"))
    if len(found) != 1:
        where = ", ".join(str(folder) for folder in folders)
        raise CaseError(f"{path}: document {document!r} is {len(found)} files {document}*.txt in {where}, not one")
    return found[0].read_text(encoding="utf-8")


def _case(path: Path, file: CaseFile, text: str, catalog: Catalog) -> Case:
    kinds = _kinds(file, path, catalog)
    lines = text.split("\n")
    cells: list[LabelledCell] = []
    for order, row in enumerate(file.rows):
        record = row if isinstance(row, Record) else Record(line=row[0], printed=row[1])
        try:
            placed = list(_placed(record, file.columns, _places(record, lines)))
        except (ValueError, IndexError):
            raise CaseError(f"{path}: line {record.line}: the cells {record.printed} do not stand there") from None
        for column, printed, where in placed:
            panel, _, key = column.rpartition(".")
            panel = panel or record.block
            kind = kinds.get((panel, key), "text")
            is_field = key in record.fields
            cells.append(LabelledCell(order, where[0].line, panel, key, kind, printed, where, is_field))
    return Case(path.stem, file, text, tuple(cells))


def _kinds(file: CaseFile, path: Path, catalog: Catalog) -> Mapping[tuple[str, str], str]:
    forms = [known for known in catalog.types if (known.type, known.family) == (file.type, file.family)]
    if not forms:
        raise CaseError(f"{path}: there is no table type {file.type!r} in family {file.family!r}")
    kinds: dict[tuple[str, str], str] = {}
    for known in forms:
        kinds |= {("", key): column.kind for key, column in known.columns.items()}
        kinds |= {(panel, key): c.kind for panel, columns in known.panels.items() for key, c in columns.items()}
        for block in known.blocks:
            kinds |= {(block.name, key): field.kind for key, field in block.fields.items()}
            kinds |= {(block.name, key): column.kind for key, column in block.columns.items()}
    return kinds


def _places(record: Record, lines: Sequence[str]) -> list[tuple[Place, ...]]:
    """Returns the places of each printed cell's characters, in order; marks such as `<b>` between them are skipped."""
    signs = [
        (sign, Place(number, offset))
        for number in range(record.line, record.last + 1)
        for offset, sign in enumerate(lines[number - 1])
        if not sign.isspace()
    ]
    text = "".join(sign for sign, _ in signs)
    found: list[tuple[Place, ...]] = []
    at = 0
    for cell in record.printed:
        wanted = bare(cell)
        places, at = _along(text, wanted, at)
        found.append(tuple(signs[index][1] for index in places))
    return found


def _along(text: str, wanted: str, start: int) -> tuple[list[int], int]:
    """Returns where the wanted characters stand from `start` on, in one piece or with marks in between."""
    if not wanted:
        return [], start
    first = text.find(wanted, start)
    if first >= 0:
        return list(range(first, first + len(wanted))), first + len(wanted)
    first = text.index(wanted[0], start)
    found: list[int] = []
    at = first
    for sign in wanted:
        while text[at] != sign:
            at = text.index(">", at) + 1
        found.append(at)
        at += 1
    return found, at


def _placed(
    record: Record, columns: Sequence[str] | Mapping[str, Sequence[str]], places: Sequence[tuple[Place, ...]]
) -> Iterator[tuple[str, str, tuple[Place, ...]]]:
    """Yields each column that has a value, the value and its places; one printed cell may hold two values."""
    said = {**record.fields, **record.cells}
    if not said:
        plain = columns if not isinstance(columns, Mapping) else columns.get(record.block, [])
        for column, printed, where in zip(plain, record.printed, places, strict=False):
            if printed and column != "-":
                yield column, printed, where
        return
    left = [bare(printed) for printed in record.printed]
    for column, value in said.items():
        wanted = bare(value)
        if wanted:
            at = left.index(wanted) if wanted in left else [wanted in text for text in left].index(True)
            start = left[at].index(wanted)
            left[at] = left[at].replace(wanted, "\0" * len(wanted), 1)
            yield column, value, places[at][start : start + len(wanted)]
