"""Which reader reads a section: the cheapest whose reading counts. Part of the order of the stages, with pipeline.py.

`grid` asks no model. `auto` asks only where the section's own columns do not tell: no separators, unknown headers,
an unknown form. `llm` lets the model read every body. A model that does not answer costs its sections, not the run.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from crossfoot.errors import ModelUnavailable
from crossfoot.figures import Finding, Reading, Section, Severity, Source
from crossfoot.judging.placement import place
from crossfoot.judging.trial import Trial, try_reading
from crossfoot.reading.fields import rows_of
from crossfoot.reading.forms import read_form
from crossfoot.reading.grid import Rows, grid_rows, lay_out_rows, read_rows
from crossfoot.reading.headers import header_paths, match_columns, telling_paths
from crossfoot.reading.identify import Neighbourhood, contradicts
from crossfoot.reading.llm.asked import RememberedCalls
from crossfoot.reading.llm.columns import ask_columns, leftover, rivals
from crossfoot.reading.llm.lost import read_lost
from crossfoot.reading.llm.lost_forms import read_lost_form
from crossfoot.reading.llm.reader import NOT_READ, Refused, read_by, read_table
from crossfoot.reading.llm.sentences import ask_about
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.slid import Slid, loosened, slid_rows
from crossfoot.reading.spaced import read_spaced
from crossfoot.statements import Fact, Unread
from crossfoot.tabletypes import Catalog, TableType

Choice = Literal["auto", "llm", "grid"]

#: More rivals than this are not tried: a mapping among so many is never the only one that fits.
_MOST_RIVALS = 60
#: A form is near when it has this many of the table's headers, and this share of its own columns are among them.
_NEAR_COLUMNS, _NEAR_SHARE = 3, 0.4


class Around(NamedTuple):
    """What a section is read with: the whole text, the catalog, and what the document says around it."""

    source: Source
    catalog: Catalog
    neighbourhood: Neighbourhood


class Readers:
    """Reads the sections of one document; `desk` None means that there is no model to ask."""

    def __init__(
        self, choice: Choice = "grid", desk: Desk | None = None, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self.choice = choice
        is_asked = choice != "grid" and desk is not None
        self._desk = desk._replace(calls=RememberedCalls(desk.calls)) if is_asked and desk is not None else None
        self._say = say
        self._silent = ""
        self._left = False

    @property
    def finished(self) -> bool:
        """Says whether a model read all that was asked of it; silence, a cap and records left out leave a rest."""
        return not self._silent and not self._left

    def read(self, around: Around, section: Section, known: TableType | None) -> Reading:
        """Returns the section's reading by the reader whose reading counts."""
        reading = self._read(around, section, known)
        self._left = self._left or any(entry.why == NOT_READ for entry in reading.explained)
        return reading

    def _read(self, around: Around, section: Section, known: TableType | None) -> Reading:
        if section.body != "present":
            return unread(section, known)
        if self.choice == "llm" and self._desk is not None:
            return self._by_model(self._desk, around, section, known)
        by_grid = _by_columns(around, section, known)
        if self._desk is None or self._silent:
            return by_grid
        try:
            return self._helped(self._desk, around, section, by_grid)
        except ModelUnavailable as error:
            self._silent = str(error)
            return _remarked(section, by_grid, "note", f"could not be put to a model: {error}")

    def read_again(
        self, around: Around, section: Section, known: TableType | None, doubted: frozenset[int]
    ) -> Reading | None:
        """Returns the section as the model reads it when the doubted lines are asked for once more, alone and fresh.

        Nothing says what was wrong with them: a gap invites to compute. None where the model cannot be asked.
        """
        if self._desk is None or self._silent:
            return None
        self._say(f"the model reads {len(doubted)} lines of {_called(section)} again")
        try:
            reading = _asked(self._desk._replace(doubted=doubted), around, section, known)
        except ModelUnavailable as error:
            self._silent = str(error)
            return None
        if reading is None or isinstance(reading, Refused):
            return None
        return self._mapped_as_far(self._desk, around, section, reading) if self.choice == "llm" else reading

    def facts(self, source: Source, unread: Sequence[Unread], first: int) -> tuple[Fact, ...]:
        """Returns what a model makes of the numerals that no sentence pattern took, numbered from `first`."""
        if self._desk is None or self._silent or not unread:
            return ()
        numbers = "1 number" if len(unread) == 1 else f"{len(unread)} numbers"
        self._say(f"the model reads {numbers} of the narrative (from line {unread[0].line} on)")
        facts, self._silent = ask_about(self._desk, source, unread, first)
        return tuple(facts)

    def _by_model(self, desk: Desk, around: Around, section: Section, known: TableType | None) -> Reading:
        """Returns the model's reading, or none with the reason; after a failure it is not asked again here."""
        if not self._silent:
            self._say(f"the model reads {_called(section)}")
            try:
                reading = _asked(desk, around, section, known)
            except ModelUnavailable as error:
                self._silent = str(error)
            else:
                if isinstance(reading, Refused):
                    self._silent = reading.why
                elif reading is None:
                    return unread(section, known)
                else:
                    return self._mapped_as_far(desk, around, section, reading)
        why = f"was not read by the model: {self._silent}; the same command again takes it up"
        return _remarked(section, unread(section, known), "error", why)

    def _mapped_as_far(self, desk: Desk, around: Around, section: Section, reading: Reading) -> Reading:
        """Returns the reading with its unknown headers named, or as it is if the model falls silent over them."""
        try:
            return _mapped(desk, around, section, reading)
        except ModelUnavailable as error:
            self._silent = str(error)
            return _remarked(section, reading, "note", f"has headers that could not be put to a model: {error}")

    def _helped(self, desk: Desk, around: Around, section: Section, by_grid: Reading) -> Reading:
        """Returns the grid reading, or what a model makes better of it."""
        if by_grid.reader != "none":
            return _mapped(desk, around, section, by_grid)
        self._say(f"the model reads {_called(section)}, whose columns are lost")
        known = around.catalog.forms.get((by_grid.family, by_grid.type, by_grid.form))
        reading = _asked(desk, around, section, known)
        if reading is None:
            return by_grid
        if isinstance(reading, Refused):
            self._silent = reading.why
            return _remarked(section, by_grid, "note", f"was not put to a model: {reading.why}")
        return reading


def _called(section: Section) -> str:
    return f"{section.number or section.title[:30] or 'a table'} (lines {section.first}–{section.last})"


def _asked(desk: Desk, around: Around, section: Section, known: TableType | None) -> Reading | Refused | None:
    """Returns the model's reading; None where columns are lost and code does not know which there were."""
    reading: Reading | Refused | None
    if _has_columns(around.source, section, known):
        reading = read_table(desk, around.source, section, known, around.catalog)
    elif known is not None and known.shape == "form":
        reading = read_lost_form(desk, around.source, section, known)
    elif known is not None:
        reading = read_lost(desk, around.source, section, known, around.catalog)
    else:
        return None
    return place(reading, known) if isinstance(reading, Reading) else reading


def unread(section: Section, known: TableType | None) -> Reading:
    """Returns the reading of a section that has no body, or that nothing could read."""
    return Reading(
        table=section.id,
        type=known.type if known is not None else "unknown",
        family=known.family if known is not None else "",
        form=known.about if known is not None else "",
        shape=known.shape if known is not None else "unknown",
        reader="none",
    )


def _by_columns(around: Around, section: Section, known: TableType | None) -> Reading:
    if not _has_columns(around.source, section, known):
        spaced = None
        if known is not None:
            spaced = read_spaced(around.source, section, known, around.catalog, section.id)
        return place(spaced, known) if spaced is not None else unread(section, known)
    if known is not None and known.shape == "form":
        return read_form(around.source, section, known, section.id)
    rows = grid_rows(around.source, section, around.catalog)
    reading = read_rows(rows, section, known, around.catalog, section.id)
    return _placed(around, section, rows, reading)


def _placed(around: Around, section: Section, rows: Rows, reading: Reading) -> Reading:
    """Returns the reading with its loose numerals placed; those of slid rows are loose if they do not foot as read."""
    known = around.catalog.forms.get((reading.family, reading.type, reading.form))
    if known is None or len({len(row) for row in rows.body}) < 2:
        return place(reading, known)
    slid = slid_rows(rows.body, lay_out_rows(rows, known, around.catalog, section.unit), reading)
    failing = try_reading(reading, around.catalog).lines if slid else frozenset()
    doubtful = {line: row for line, row in slid.items() if line in failing}
    placed = _with_loose(reading, known, doubtful)
    left = {row.line for row in placed.rows if row.loose}
    short = {line: row for line, row in doubtful.items() if row.is_short}
    if len(short) < len(doubtful) and not left.isdisjoint(doubtful):  # a tab too many may stand behind the last figure
        return _with_loose(reading, known, short)
    return placed


def _with_loose(reading: Reading, known: TableType, slid: Mapping[int, Slid]) -> Reading:
    return place(loosened(reading, slid), known, {line: row.ways for line, row in slid.items()})


def _has_columns(source: Source, section: Section, known: TableType | None) -> bool:
    """Says whether the body's rows have separators at all; a form of `label：value` lines needs none."""
    if known is not None and known.colon:
        return True
    return any(len(row) > 1 for row in rows_of(source, section.body_lines))


def _remarked(section: Section, reading: Reading, severity: Severity, message: str) -> Reading:
    remark = Finding(
        code="reader_failed", severity=severity, table=reading.table, line=section.first,
        message=f"{_called(section)} {message}",
    )  # fmt: skip
    return reading.model_copy(update={"remarks": (*reading.remarks, remark)})


# --- headers that code does not know ----------------------------------------------------------------------------------


def _mapped(desk: Desk, around: Around, section: Section, reading: Reading) -> Reading:
    """Returns the reading with its unknown amount columns named by the model, if the table's sums survive that."""
    if reading.shape not in {"records", "unknown"} or reading.reader == "none":
        return reading
    if any(remark.severity == "error" for remark in reading.remarks):
        return reading  # not read as it stands
    rows = grid_rows(around.source, section, around.catalog)
    known = around.catalog.forms.get((reading.family, reading.type, reading.form))
    for form in [known] if known is not None else _near(around, section, rows):
        named = _named(desk, around, section, (rows, form))
        if named is not None:
            return named.model_copy(update={"reader": reading.reader})
    return reading


def _named(desk: Desk, around: Around, section: Section, table: tuple[Rows, TableType]) -> Reading | None:
    """Returns the table read with the model's names for its leftover columns, or None if they are not believed."""
    rows, known = table
    layout = lay_out_rows(rows, known, around.catalog, section.unit)
    left = leftover(layout, known)
    if not left.positions or not left.fields:
        return None
    if why := desk.spending.refuses(400):
        raise ModelUnavailable(why)
    named = ask_columns(desk, section.title, left, known, (layout, rows.body))

    def tried(mapping: dict[int, str]) -> tuple[Reading, Trial]:
        again = place(read_rows(rows._replace(named=mapping), section, known, around.catalog, section.id), known)
        return again, try_reading(again, around.catalog)

    reading, trial = tried(named)
    if not named or not trial.survives(frozenset(named.values())):
        return None
    others = list(islice(rivals(named, left), _MOST_RIVALS + 1))
    sure = len(others) <= _MOST_RIVALS and not any(
        tried(other)[1].survives(frozenset(other.values())) for other in others
    )
    names = ", ".join(f"{layout.panels[0].columns[place].header} = {key}" for place, key in sorted(named.items()))
    remark = Finding(
        code="mapped_header",
        severity="note" if sure else "warning",
        table=section.id,
        line=section.first,
        message=f"the model took the headers {names}; "
        + ("the sums hold so and in no other way" if sure else "the sums hold so, but in another way as well"),
    )
    return reading.model_copy(update={"read_by": read_by(desk, known), "remarks": (*reading.remarks, remark)})


def _near(around: Around, section: Section, rows: Rows) -> Sequence[TableType]:
    """Returns the forms nearest to a table of no known form, by the headers they share; two at most."""
    paths = telling_paths(header_paths(rows.header, around.catalog.headers))
    found: list[tuple[float, int, TableType]] = []
    for order, known in enumerate(around.catalog.types):
        if known.shape != "records" or not known.money or contradicts(section, known, around.neighbourhood):
            continue
        matched = len(match_columns(paths, known.columns))
        share = matched / len(known.columns)
        if matched >= _NEAR_COLUMNS and share >= _NEAR_SHARE:
            found.append((-share, order, known))
    return [known for _, _, known in sorted(found, key=lambda entry: entry[:2])[:2]]
