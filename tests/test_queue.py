"""The review queue: what comes first, what is left out, and that an id stays the id of the same finding."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from crossfoot.figures import CitedCell, Document, Finding, Origination, Source
from crossfoot.findingids import finding_ids
from crossfoot.output.findings import print_details
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.storage.queue import Asked
from crossfoot.storage.store import Store
from crossfoot.tabletypes import Catalog
from documents_by_hand import CLEAN, TEXT, WRONG, finding_of_sum, flagged_document, source_of
from test_cli import crossfoot, folder

__all__ = ["folder"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as store:
        yield store


def of(letter: str, year: int, *findings: Finding) -> tuple[Document, Source]:
    """Returns the flagged document as another content of another year, with these findings."""
    origin = Origination(name=f"{year}.txt", sha256=letter * 64, encoding="utf-8", characters=9, lines=9)
    document = flagged_document(id=letter * 16, source=origin, fiscal_year=year, findings=findings)
    return document, source_of(TEXT, f"{year}.txt").model_copy(update={"sha256": letter * 64})


def codes(store: Store, asked: Asked) -> list[str]:
    return [one.code for one in store.queue.asked(asked)]


def test_the_worthiest_of_attention_come_first(store: Store) -> None:
    """Errors before warnings, then the most money at stake, an unknown amount last, then the most broken checks."""
    big = finding_of_sum()
    unknown = big.model_copy(update={"code": "illegible", "cells": (), "checks": ()})
    broken = big.model_copy(update={"code": "score_conflict", "cells": ()})
    small = big.model_copy(
        update={"code": "misread", "cells": (big.cells[0].model_copy(update={"implied": "1294.00"}),), "checks": ()}
    )
    warning = big.model_copy(update={"severity": "warning", "code": "unchecked"})
    note = big.model_copy(update={"severity": "note", "code": "decoded"})
    store.save(*of("a", 2021, note, warning, unknown, small, big, broken))
    found = list(store.queue.asked(Asked()))
    assert [one.code for one in found] == [
        "source_inconsistency",
        "score_conflict",
        "misread",
        "illegible",
        "unchecked",
    ]
    assert [one.stake for one in found[:4]] == [Decimal(20_000), Decimal(20_000), Decimal(4_400), None]
    assert [one.checks_broken for one in found] == [1, 1, 0, 0, 1]


def test_money_is_compared_exactly(store: Store) -> None:
    """A 分 more among 27 digits comes first, although a binary fraction could not tell the two apart."""

    def about(implied: str, code: str) -> Finding:
        cell = CitedCell(cell="t1.r0.total", label="合计", line=7, printed="0", implied=implied)
        return finding_of_sum().model_copy(update={"cells": (cell,), "checks": (), "code": code})

    store.save(*of("a", 2021, about("9007199254740.992001", "misread"), about("9007199254740.992002", "illegible")))
    assert codes(store, Asked()) == ["illegible", "misread"]


def test_filters_narrow_it_down(store: Store) -> None:
    """By year, document, code, severity and table; a limit takes the first and the rest is still counted."""
    error, warning = finding_of_sum(), finding_of_sum().model_copy(update={"severity": "warning", "code": "unchecked"})
    elsewhere = error.model_copy(update={"table": "", "cells": (), "code": "code_conflict"})
    store.save(*of("a", 2020, error, warning))
    store.save(*of("b", 2021, error, elsewhere))
    assert len(codes(store, Asked(year=2020))) == 2
    assert len(codes(store, Asked(documents=["b" * 16]))) == 2
    assert codes(store, Asked(codes=["unchecked", "code_conflict"])) == ["code_conflict", "unchecked"]
    assert codes(store, Asked(severity="warning")) == ["unchecked"]
    assert codes(store, Asked(tables=[("gpb_expenditure_by_function", "表5")], year=2021)) == ["source_inconsistency"]
    assert codes(store, Asked(tables=[("gpb_expenditure_by_function", "表6")])) == []
    limited = Asked(limit=1)
    assert (len(codes(store, limited)), store.queue.count(limited)) == (1, 4)


def test_a_finding_belongs_to_every_table_that_it_names(store: Store) -> None:
    """A contradiction between two tables is found under either of them."""
    cell = finding_of_sum().cells[0]
    elsewhere = finding_of_sum().model_copy(update={"table": "t2", "cells": (cell,)})
    store.save(*of("a", 2021, elsewhere))
    assert len(codes(store, Asked(tables=[("gpb_expenditure_by_function", "表5")]))) == 1


def test_an_id_stays_with_its_finding(catalog: Catalog) -> None:
    """Structured again, or with the figures around it changed to other ones, the same slip has the same id."""
    document = structure(from_text(WRONG), catalog)
    again = structure(from_text(WRONG, "another name.txt"), catalog)
    ids = finding_ids(document.id, document.findings)
    assert ids == finding_ids(again.id, again.findings)
    assert len(set(ids)) == len(ids)
    moved = document.findings[0].model_copy(update={"message": "in other words", "severity": "warning"})
    assert finding_ids(document.id, [moved]) == ids[:1]
    assert finding_ids("0" * 16, document.findings)[0] != ids[0]


def test_findings_of_one_line_have_ids_of_their_own() -> None:
    """Two that cite nothing are told apart by what they say; whichever is there alone keeps its id."""
    one = Finding(code="uncovered_text", severity="warning", line=3, message="'甲' is used by no cell")
    other = one.model_copy(update={"message": "'乙' is used by no cell"})
    first, second = finding_ids("d", [one, other])
    assert finding_ids("d", [other]) == (second,)
    assert first != second
    assert len(set(finding_ids("d", [one, one]))) == 2


def test_ids_can_be_typed(catalog: Catalog) -> None:
    """Ten letters, no vowels, no digits."""
    document = structure(from_text(WRONG), catalog)
    for name in finding_ids(document.id, document.findings):
        assert len(name) == 10
        assert not set(name) - set("bcdfghjkmnpqrstvwxyz")


def test_a_store_of_an_earlier_version_gets_ids(tmp_path: Path, catalog: Catalog) -> None:
    """Findings stored without ids have the same ones as if they were stored today."""
    source = from_text(WRONG)
    with Store(tmp_path / "a.db") as store:
        store.save(structure(source, catalog), source)
        before = [(one.id, one.checks_broken) for one in store.queue.asked(Asked())]
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("UPDATE findings SET id = '', stake_fen = NULL, checks_broken = 0")
    connection.commit()
    connection.close()
    with Store(tmp_path / "a.db") as store:
        assert [(one.id, one.checks_broken) for one in store.queue.asked(Asked())] == before


def test_the_queue_loads_no_document(store: Store) -> None:
    """What cannot be read of a document, or is gone from it, does not keep its findings from being listed."""
    store.save(*of("a", 2021, finding_of_sum()))
    store.write("UPDATE documents SET json = '{}', source_text = ''")
    assert codes(store, Asked()) == ["source_inconsistency"]


def test_superseded_contents_are_left_out(store: Store) -> None:
    """Of a file that has changed only the newest content is in the queue."""
    store.save(*of("a", 2021, finding_of_sum()), path="/x.txt")
    store.save(*of("b", 2021), path="/x.txt")
    assert codes(store, Asked()) == []


# --- the command ------------------------------------------------------------------------------------------------------


def test_flags_in_every_format(folder: Path) -> None:
    """The same findings as text with the source line, as CSV and as JSON; exit 1 while something is listed."""
    crossfoot(folder, "structure", "in")
    text = crossfoot(folder, "flags")
    (entry,) = json.loads(crossfoot(folder, "flags", "--format", "json").stdout)
    (row,) = csv.DictReader(io.StringIO(crossfoot(folder, "flags", "--format", "csv").stdout))
    assert text.returncode == 1
    assert text.stdout.startswith(f"{entry['id']}  莲湖/wrong.txt:{entry['line']}: error: ")
    assert "679.44" in text.stdout.splitlines()[-1]
    assert row["id"] == entry["id"]
    assert (entry["at_stake_yuan"], row["at_stake_yuan"]) == ("20000.00", "20000.00")
    assert [cell["implied"] for cell in entry["cells"]] == ["677.44"]


def test_flags_can_be_filtered(folder: Path) -> None:
    """Each filter leaves what fits; where nothing is left the exit status is 0."""
    crossfoot(folder, "structure", "in")
    fits = (
        ["--department", "莲湖"], ["--department", "医疗保障局", "--year", "2021"], ["--table", "5", "--limit", "1"],
        ["--table", "gpb_expenditure_by_function", "--severity", "error"],
    )  # fmt: skip
    fits_not = (["--department", "灞桥"], ["--year", "2020"], ["--code", "illegible"], ["--severity", "warning"])
    for options, number in [*((one, 1) for one in fits), *((one, 0) for one in fits_not)]:
        done = crossfoot(folder, "flags", "--format", "json", *options)
        assert (len(json.loads(done.stdout)), done.returncode) == (number, number), options


def test_a_short_name_is_every_department_that_it_fits(folder: Path) -> None:
    """A filter asks nothing back: 医保局 is all of them."""
    (folder / "in" / "other.txt").write_text(WRONG.replace("677.44", "678.44"), encoding="utf-8")
    crossfoot(folder, "structure", "in")
    found = json.loads(crossfoot(folder, "flags", "--department", "医保局", "--format", "json").stdout)
    assert len({one["department"] for one in found}) == 2


def test_cells_that_could_be_corrected_are_named() -> None:
    """Where a finding has several, the queue prints what --cell takes; a sentence's figure is none."""
    first, second = (CitedCell(cell=ref, label="甲", line=3, printed="5") for ref in ("t5.r3.total", "f12"))
    found = Finding(code="illegible", severity="error", message="two", line=3, cells=(first, second))
    console = Console(file=io.StringIO(), width=80)
    print_details(console, found, "")
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "    line 3  t5.r3.total  甲: printed 5\n    line 3  甲: printed 5\n"


def test_what_the_queue_does_not_know_is_said(folder: Path) -> None:
    """An unknown department, table or code is misuse and is answered with what there is; so is a limit of none."""
    (folder / "in" / "clean.txt").write_text(CLEAN, encoding="utf-8")
    crossfoot(folder, "structure", "in")
    for options in (["--department", "水利"], ["--table", "表99"], ["--code", "wrong"], ["--limit", "0"]):
        done = crossfoot(folder, "flags", *options)
        assert (done.returncode, done.stdout) == (2, ""), options
        assert (options[0] if options[1] == "0" else options[1]) in done.stderr
