"""Whatever a model does, every table is there; what was not read says so, and nothing is there that is not printed."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossfoot.choosing import Readers
from crossfoot.figures import Document, Table
from crossfoot.pipeline import structure
from crossfoot.reading.llm.address import Address
from crossfoot.reading.llm.asked import NoCalls
from crossfoot.reading.llm.endpoint import Endpoint, Patience
from crossfoot.reading.llm.prompts import load_prompt
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import WINDOW_RECORDS, Desk
from crossfoot.reading.source import from_text
from crossfoot.storage.store import Store
from crossfoot.tabletypes import Catalog
from misbehaving import (
    Answer,
    Misbehaving,
    Request,
    Script,
    at_first,
    completion,
    copying,
    failure,
    rows,
    serving,
    spoken,
    windows,
)
from scripted import ScriptedModel

HASTE = Patience(answer_seconds=0.3, attempts=2, pause_seconds=0.02)
AT_ONCE = {"Retry-After": "0"}
COLUMNS = ("code", "name", "total", "basic", "project")
Rows = Sequence[tuple[str, str, str, str, str]]


def rows_of(number: int, first: int = 1) -> Rows:
    """Returns a total, a 类 and so many 款 below it; every amount is another one, and every sum holds."""
    parts = [(Decimal(100 * n + first), Decimal(n * n + first) / 4) for n in range(1, number + 1)]
    basic, project = sum(part[0] for part in parts), sum(part[1] for part in parts)

    def row(code: str, name: str, one: Decimal, other: Decimal) -> tuple[str, str, str, str, str]:
        return code, name, f"{one + other:,.2f}", f"{one:,.2f}", f"{other:,.2f}"

    below = [row(f"208{n:02}", f"事项{n}", *part) for n, part in enumerate(parts, start=1)]
    return [
        row("", "合计", Decimal(basic), Decimal(project)),
        row("208", "社会保障和就业支出", Decimal(basic), Decimal(project)),
        *below,
    ]


def text_of(*tables: Rows) -> str:
    """Returns a document of these tables, each with its title, unit and header."""
    head = "一般公共预算支出表\n单位：万元\n科目编码\t科目名称\t合计\t基本支出\t项目支出\n"
    return "某某市水利局\n2023年部门预算\n\n" + "\n\n".join(
        head + "".join("\t".join(row) + "\n" for row in table) for table in tables
    )


def amounts_of(text: str) -> set[tuple[int, str, Decimal]]:
    """Returns what a person reads in such a document: line, column and value of every amount."""
    found: set[tuple[int, str, Decimal]] = set()
    for line, printed in enumerate(text.split("\n"), start=1):
        cells = printed.split("\t")
        if len(cells) == 5 and cells[4][:1].isdigit():
            found |= {
                (line, key, Decimal(cell.replace(",", ""))) for key, cell in zip(COLUMNS[2:], cells[2:], strict=True)
            }
    return found


def amounts_in(table: Table) -> set[tuple[int, str, Decimal]]:
    """Returns the same of a table as read."""
    cells = [cell for row in table.rows for cell in row.cells]
    return {
        (cell.line, cell.column, cell.value) for cell in cells if cell.column in COLUMNS[2:] and cell.value is not None
    }


THREE = text_of(rows_of(3), rows_of(20, 5), rows_of(4, 9))


@contextmanager
def asking(script: Script, patience: Patience = HASTE, concurrency: int = 4) -> Iterator[tuple[Desk, Misbehaving]]:
    """Returns, as a context manager, a desk whose model is a server of the script."""
    with serving(script) as server:
        model = Endpoint(Address(server.base_url, "m"), patience=patience, concurrency=concurrency)
        try:
            yield Desk(model, load_prompt("rows-1"), NoCalls(), Spending()), server
        finally:
            model.close()


def read(desk: Desk, catalog: Catalog, text: str) -> Document:
    return structure(from_text(text), catalog, Readers("llm", desk))


# --- every fault leaves a document ------------------------------------------------------------------------------------

UNAVAILABLE: dict[str, tuple[Script, str]] = {
    "429": (lambda _: failure(429, headers={"Retry-After": "0"}), "too many requests; run again later"),
    "500": (lambda _: failure(500), "keeps failing with status 500"),
    "401": (lambda _: failure(401), "set OPENAI_API_KEY"),
    "404": (lambda _: failure(404), "set CROSSFOOT_MODEL"),
    "silence": (lambda _: Answer(b"", manner="stall"), "CROSSFOOT_TIMEOUT"),
    "a trickle": (lambda _: Answer(b"", manner="trickle"), "CROSSFOOT_TIMEOUT"),
    "cut bodies": (lambda request: copying(request)._replace(manner="cut"), "check CROSSFOOT_BASE_URL"),
    "a proxy's page": (lambda _: Answer(b"<html>", headers={"Content-Type": "text/html"}), "ends in /v1"),
    "prose in every way": (lambda request: spoken(request, "Gladly!"), "set CROSSFOOT_OUTPUT"),
}


@pytest.mark.parametrize("fault", UNAVAILABLE)
@pytest.mark.parametrize("later", [False, True])
def test_without_a_model_every_table_is_there(catalog: Catalog, fault: str, later: bool) -> None:
    """From the beginning or in the middle of a table: the unread tables are flagged with why and what to do."""
    script, words = UNAVAILABLE[fault]
    started = time.monotonic()
    with asking(at_first(2, copying, script) if later else script, concurrency=1) as (desk, _):
        document = read(desk, catalog, THREE)
    assert time.monotonic() - started < 5
    first, *others = document.tables
    assert len(others) == 2
    if later and fault != "prose in every way":
        assert (first.verdict.outcome, first.reader, len(first.rows)) == ("accepted", "llm", 5)
    for table in others if later else document.tables:
        assert (table.verdict.outcome, table.body) == ("flagged", "present")
        if fault != "prose in every way" or not later:
            failed = [f for f in document.findings if f.table == table.id and f.code == "reader_failed"]
            assert {finding.severity for finding in failed} == {"error"}
            assert [finding for finding in failed if words in finding.message]


USELESS: dict[str, Script] = {
    "prose": lambda request: spoken(request, "Gladly!"),
    "nothing": lambda request: spoken(request, ""),
    "truncated": lambda request: completion(request, rows(request.records)[:-5]),
    "no choices": lambda request: completion(request, "", choices=[]),
    "refusals": lambda _: failure(400, "context too long"),
    "cut at once": lambda request: completion(request, '{"rows": [', "length"),
}


@pytest.mark.parametrize("fault", USELESS)
def test_answers_of_no_use_end_soon(catalog: Catalog, fault: str) -> None:
    """Every table is there, every record flagged as not read and none taken for blank; the calls are bounded."""
    text = text_of(rows_of(70))
    with asking(windows(USELESS[fault])) as (desk, server):
        (table,) = (document := read(desk, catalog, text)).tables
        assert len(server.windows) <= 4 * 6
    assert (table.verdict.outcome, table.body, table.rows) == ("flagged", "present", ())
    failed = {finding.line for finding in document.findings if finding.code == "reader_failed"}
    assert failed == {line for line, _, _ in amounts_of(text)}
    assert all("asks again" in f.message for f in document.findings if f.code == "reader_failed")


def test_a_model_that_goes_bad_ends_too(catalog: Catalog) -> None:
    """After a good window the rest is tried in smaller ones, but not for ever; what was read stays."""
    text = text_of(rows_of(90))
    good = at_first(2, copying, USELESS["prose"])
    with asking(windows(good), concurrency=1) as (desk, server):
        (table,) = (document := read(desk, catalog, text)).tables
        assert len(server.windows) <= 1 + 2 * WINDOW_RECORDS
    failed = {finding.line for finding in document.findings if finding.code == "reader_failed"}
    assert (table.verdict.outcome, len(table.rows), len(failed)) == ("flagged", WINDOW_RECORDS, 92 - WINDOW_RECORDS)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_cut_answers_shrink_the_window(catalog: Catalog, concurrency: int) -> None:
    """An endpoint that cuts every answer over 300 tokens loses no row of a long table."""

    def cutting(request: Request) -> Answer:
        text = rows(request.records)
        return completion(request, text) if len(text) <= 300 else completion(request, text[:300], "length")

    text = text_of(rows_of(60))
    with asking(windows(cutting), concurrency=concurrency) as (desk, server):
        (table,) = read(desk, catalog, text).tables
        assert len(server.windows) <= 4 * -(-62 // WINDOW_RECORDS) + 4
    assert table.verdict.outcome == "accepted"
    assert amounts_in(table) == amounts_of(text)


@pytest.mark.parametrize("shrunk", ["prose", "refusals"])
def test_what_is_too_long_is_read_in_parts(catalog: Catalog, shrunk: str) -> None:
    """An endpoint whose context holds few records, and says so or babbles, is asked for fewer."""
    small: Script = lambda request: copying(request) if len(request.records) < 4 else USELESS[shrunk](request)  # noqa: E731
    text = text_of(rows_of(20))
    with asking(windows(small), concurrency=1) as (desk, _):
        (table,) = read(desk, catalog, text).tables
    assert amounts_in(table) == amounts_of(text)


def test_a_silent_model_in_the_headers_costs_no_table(catalog: Catalog) -> None:
    """The second question about a table, after its records, may fail as well."""
    text = THREE.replace("项目支出", "专项类支出")
    records: Script = lambda request: copying(request) if request.records or request.is_probe else failure(401)  # noqa: E731
    with asking(records) as (desk, _):
        document = read(desk, catalog, text)
    assert [len(table.rows) for table in document.tables] == [5, 0, 0]
    assert document.verdict.outcome == "flagged"


def invented(request: Request) -> Answer:
    """Answers in the right shape with numbers that stand nowhere."""
    return completion(request, rows([(n, re.sub(r"\d(?=\d*\.)", "7", cells)) for n, cells in request.records]))


def test_nonsense_of_the_right_shape_does_not_loop(catalog: Catalog) -> None:
    """Each window is asked once, and the failing records once more at most; no invented number is a cell."""
    text = text_of(rows_of(20), rows_of(50, 7))
    with asking(windows(invented)) as (desk, server):
        document = read(desk, catalog, text)
        number = sum(-(-(len(table) + 2) // WINDOW_RECORDS) for table in (rows_of(20), rows_of(50)))
        assert len(server.windows) <= 2 * number
    for table in document.tables:
        assert table.verdict.outcome == "flagged"
        assert table.body == "present"
        assert amounts_in(table) <= amounts_of(text)
    assert "ungrounded" in {finding.code for finding in document.findings}


def test_stumbling_over_a_record_takes_no_patience_for_each_part(catalog: Catalog) -> None:
    """All attempts are for the whole window; its parts, down to the record alone, are asked once each."""
    stumbling: Script = lambda request: failure(500) if "事项7|" in request.user else copying(request)  # noqa: E731
    text = text_of(rows_of(30))
    with asking(windows(stumbling), concurrency=1) as (desk, server):
        (table,) = read(desk, catalog, text).tables
        failed = [request for request in server.windows if "事项7|" in request.user]
        assert len(failed) == HASTE.attempts + 4
    assert len(table.rows) == 31


# --- the command line -------------------------------------------------------------------------------------------------


#: However busy the machine is.
_BOUND_SECONDS = 240
#: A run in the background of a shell inherits that Ctrl-C is ignored; here it is not.
_RUN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from crossfoot.cli import main; main()"


def started(folder: Path, base_url: str, *more: str, **environment: str) -> "subprocess.Popen[str]":
    """Starts `crossfoot structure in --reader llm` in that folder."""
    return subprocess.Popen(
        [sys.executable, "-c", _RUN, "structure", "in", "--reader", "llm",
         "--base-url", base_url, "--model", "m", "--db", "s.db", *more],
        cwd=folder,
        env=os.environ | {"CROSSFOOT_TIMEOUT": "1", "CROSSFOOT_CONCURRENCY": "1", "OPENAI_API_KEY": "sk-hidden"}
        | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )  # fmt: skip


def crossfoot(folder: Path, base_url: str, *more: str, **environment: str) -> tuple[int, str, str]:
    """Returns the exit status, stdout and stderr of that command; it ends within a bound."""
    with started(folder, base_url, *more, **environment) as process:
        out, err = process.communicate(timeout=_BOUND_SECONDS)
    assert "Traceback" not in err
    assert "sk-hidden" not in out + err
    return process.returncode, out, err


def stored(folder: Path) -> list[Document]:
    """Returns the documents in the store, in the order of their names."""
    with Store(folder / "s.db", must_exist=True) as store:
        return [store.load(entry.id) for entry in sorted(store.documents(), key=lambda entry: entry.name)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns a working directory with a document of three tables."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "three.txt").write_text(THREE, encoding="utf-8")
    return tmp_path


COMMAND: dict[str, tuple[Script, str]] = {
    "busy": (lambda _: failure(503, headers={"Retry-After": "0"}), "keeps failing with status 503"),
    "key": (lambda request: failure(401, request.headers["authorization"]), "set OPENAI_API_KEY"),
    "silence": (lambda _: Answer(b"", manner="stall"), "CROSSFOOT_TIMEOUT"),
    "useless": (windows(lambda request: spoken(request, "Gladly!")), "asks again"),
}


@pytest.mark.parametrize("fault", COMMAND)
def test_the_command_line_survives(folder: Path, fault: str) -> None:
    """A model that fails is exit status 1, with the reason on stderr, and every table in the store."""
    script, words = COMMAND[fault]
    with serving(script) as server:
        status, _, err = crossfoot(folder, server.base_url)
    assert (status, words in err) == (1, True)
    (document,) = stored(folder)
    assert [table.verdict.outcome for table in document.tables] == ["flagged"] * 3
    assert all(b"sk-hidden" not in path.read_bytes() for path in folder.glob("s.db*"))


def test_nobody_listens(folder: Path) -> None:
    """A closed port is not misuse: the documents are kept, flagged, and taken up by the next run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    status, _, err = crossfoot(folder, base_url)
    assert (status, "that the server runs" in err) == (1, True)
    with serving(copying) as server:
        assert crossfoot(folder, server.base_url)[0] == 0
    assert [table.verdict.outcome for table in stored(folder)[0].tables] == ["accepted"] * 3


@pytest.mark.parametrize("options", [
    ("--base-url", ""), ("--model", ""), ("--base-url", "localhost:8080"), ("--max-cost", "1"), ("--max-cost", "nan"),
    ("--max-cost", "-1"), ("--max-cost", "much"), ("--output", "xml"), ("--prompt", "none-1"),
])  # fmt: skip
def test_misuse_is_2(folder: Path, options: tuple[str, str]) -> None:
    """What no rerun can mend is said in a sentence before anything is asked."""
    with serving(copying) as server:
        status, out, err = crossfoot(folder, server.base_url, *options)
        assert (status, out, server.requests) == (2, "", [])
    assert err.startswith("crossfoot: ") or err
    assert len(err.strip().splitlines()) <= 4


def test_the_rest_of_a_batch_goes_on(folder: Path) -> None:
    """A document at which the endpoint fails costs itself."""
    (folder / "in" / "bad.txt").write_text(text_of(rows_of(5)).replace("事项3", "事项丙"), encoding="utf-8")
    fails: Script = lambda request: failure(400, "no") if "事项丙" in request.user else copying(request)  # noqa: E731
    with serving(fails) as server:
        status, out, _ = crossfoot(folder, server.base_url)
    assert status == 1
    bad, three = stored(folder)
    assert (bad.verdict.outcome, three.verdict.outcome) == ("flagged", "accepted")
    assert "bad" in out


def test_a_killed_run_goes_on_where_it_was(folder: Path) -> None:
    """A kill -9 in the middle of a table costs the question under way; a third run asks nothing at all."""
    text = text_of(rows_of(70))
    (folder / "in" / "three.txt").write_text(text, encoding="utf-8")
    number = -(-72 // WINDOW_RECORDS)
    third, killed = Event(), Event()

    def held(request: Request) -> Answer:
        if len([r for r in server.requests[: request.number] if not r.is_probe]) == 3 and not killed.is_set():
            third.set()
            killed.wait(_BOUND_SECONDS)
        return copying(request)

    with serving(held) as server:
        with started(folder, server.base_url) as process:
            assert third.wait(_BOUND_SECONDS)
            process.kill()
            process.communicate()
            killed.set()
        assert crossfoot(folder, server.base_url)[0] == 0
        assert len(server.windows) == number + 1
        assert len(server.requests) == len(server.windows) + 1
        (table,) = stored(folder)[0].tables
        assert (table.verdict.outcome, amounts_in(table)) == ("accepted", amounts_of(text))
        _, _, err = crossfoot(folder, server.base_url)
        assert "taken from the store" in err
        _, _, err = crossfoot(folder, server.base_url, "--force")
        assert f"{number} answers were in the store" in err
        assert len(server.requests) == number + 2


def test_a_cap_stops_between_sections(folder: Path) -> None:
    """What was read is kept; with a higher cap the rest is asked and nothing twice."""
    with serving(copying) as server:
        status, _, err = crossfoot(folder, server.base_url, "--max-tokens", "2000")
        assert (status, "the cap of 2,000 tokens would be passed" in err) == (1, True)
        first, second, third = stored(folder)[0].tables
        assert (first.verdict.outcome, second.reader, third.reader) == ("accepted", "none", "none")
        asked = len(server.windows)
        assert 0 < asked < 4
        assert crossfoot(folder, server.base_url, "--max-tokens", "20000")[0] == 0
        assert len(server.windows) == len({request.user for request in server.windows}) == 4


def test_a_cap_on_the_narrative_leaves_it_for_later(catalog: Catalog) -> None:
    """Sentences that were not asked about because of a cap leave the document unfinished, so a rerun takes them up."""
    told = "2023年部门预算\n\n2023年本部门预算支出中，某某活动另有12.34万元，情况与往常相似。\n"
    text = text_of(rows_of(3)).replace("2023年部门预算\n", told)
    with asking(copying) as (desk, server):
        finished = []
        for cap in (0, None):
            readers = Readers("auto", desk._replace(spending=Spending(max_tokens=cap)))
            structure(from_text(text), catalog, readers)
            finished.append((readers.finished, bool(server.windows)))
    assert finished == [(False, False), (True, True)]


def test_prices_cap_the_cost(folder: Path) -> None:
    """With the user's own prices a cap in money holds, and what was spent is said."""
    (folder / "crossfoot.toml").write_text('[prices."m"]\ninput = 10\noutput = 30.5\n', encoding="utf-8")
    with serving(copying) as server:
        status, _, err = crossfoot(folder, server.base_url, "--max-cost", "0.0001")
        assert (status, server.windows) == (1, [])
        assert "the cap of 0.0001 would be passed" in err
        status, _, err = crossfoot(folder, server.base_url, "--max-cost", "5")
    assert status == 0
    assert "probe: 1 calls, 100 tokens in, 50 out" in err
    assert "this cost 0.0126" in err


def test_what_a_model_left_unread_is_taken_up_again(folder: Path) -> None:
    """A document with a record that got no answer is not finished: the same command asks for it, and for no other."""
    stumbling: Script = lambda request: failure(500, headers=AT_ONCE) if "事项7|" in request.user else copying(request)  # noqa: E731
    with serving(stumbling) as server:
        status, _, _ = crossfoot(folder, server.base_url)
        assert status == 1
        first, second, third = stored(folder)[0].tables
        assert [first.verdict.outcome, second.verdict.outcome, third.verdict.outcome] == [
            "accepted", "flagged", "accepted",
        ]  # fmt: skip
        assert len(second.rows) == len(rows_of(20)) - 1
        server.script, before = copying, len(server.windows)
        assert crossfoot(folder, server.base_url)[0] == 0
        assert len(server.windows) == before + 1
        assert [table.verdict.outcome for table in stored(folder)[0].tables] == ["accepted"] * 3
        assert "taken from the store" in crossfoot(folder, server.base_url)[2]


def test_quiet_is_silent_and_a_stop_says_what_was_spent(folder: Path) -> None:
    """No remark but errors; Ctrl-C ends at once and still says what was spent."""
    third = Event()

    def held(request: Request) -> Answer:
        if len(server.windows) == 3 and not request.is_probe:
            third.set()
            server.stopping.wait(60)
        return copying(request)

    with serving(copying) as server:
        _, _, err = crossfoot(folder, server.base_url, "--quiet")
        assert err == ""
    (folder / "s.db").unlink()
    with serving(held) as server, started(folder, server.base_url, CROSSFOOT_TIMEOUT="60") as process:
        assert third.wait(_BOUND_SECONDS)
        since = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=_BOUND_SECONDS)
        assert time.monotonic() - since < 15  # before the answer that is held back
    assert "model: first read: 2 calls" in err


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("CROSSFOOT_TIMEOUT", "", 0), ("CROSSFOOT_TIMEOUT", "2.5", 0), ("CROSSFOOT_TIMEOUT", "0", 2),
     ("CROSSFOOT_TIMEOUT", "nan", 2), ("CROSSFOOT_TIMEOUT", "-1", 2), ("CROSSFOOT_CONCURRENCY", "", 0),
     ("CROSSFOOT_CONCURRENCY", "2", 0), ("CROSSFOOT_CONCURRENCY", "0", 2), ("CROSSFOOT_CONCURRENCY", "1.5", 2)],
)  # fmt: skip
def test_settings_of_the_environment(folder: Path, name: str, value: str, status: int) -> None:
    """An empty setting is none; seconds may be parts of one; what makes no sense is misuse."""
    with serving(copying) as server:
        got, _, err = crossfoot(folder, server.base_url, **{name: value})
    assert (got, name in err) == (status, status == 2)


# --- what is not in the source never becomes a cell -------------------------------------------------------------------

Cells = list[str]
Corruption = Callable[[list[Cells], random.Random], None]


def _anywhere(records: list[Cells], dice: random.Random) -> tuple[Cells, int]:
    cells = dice.choice(records)
    return cells, dice.randrange(len(cells))


def _digit(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    cells[place] = re.sub(r"\d", lambda _: str(dice.randrange(10)), cells[place], count=1)


def _comma(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    cells[place] = cells[place].replace(",", "")


def _wide(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    cells[place] = cells[place].translate(str.maketrans("0123456789.,", "０１２３４５６７８９．，"))


def _rows_swapped(records: list[Cells], dice: random.Random) -> None:
    one, other = dice.choice(records), dice.choice(records)
    one[:], other[:] = other[:], one[:]


def _row_dropped(records: list[Cells], dice: random.Random) -> None:
    dice.choice(records)[:] = [""]


def _shifted(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    cells.insert(place, "")


def _cell_dropped(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    cells[place : place + 1] = [] if len(cells) > 1 else [""]


def _cells_swapped(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    other = dice.randrange(len(cells))
    cells[place], cells[other] = cells[other], cells[place]


def _foreign(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    foreign, there = _anywhere(records, dice)
    cells[place] = foreign[there]


def _repeated(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    cells.insert(place, cells[place])


def _invented(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    cells.insert(place, dice.choice(["0", "0.00", "9,999.99", "合计", "—", "1"]))


def _split(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    at = dice.randrange(len(cells[place]) + 1)
    cells[place : place + 1] = [cells[place][:at], cells[place][at:]]


def _joined(records: list[Cells], dice: random.Random) -> None:
    cells, place = _anywhere(records, dice)
    cells[place : place + 2] = ["".join(cells[place : place + 2])]


CORRUPTIONS: tuple[Corruption, ...] = (
    _digit, _comma, _wide, _rows_swapped, _row_dropped, _shifted, _cell_dropped, _cells_swapped, _foreign, _repeated,
    _invented, _split, _joined,
)  # fmt: skip


class Corrupting:
    """Corrupts the true answers: the cells of its records, now and then their numbers; every answer fits its shape."""

    def __init__(self, corruptions: Sequence[Corruption], seed: int) -> None:
        self._corruptions = corruptions
        self._dice = random.Random(seed)

    def __call__(self, text: str, number: int) -> str:
        """Returns the answer to the question of that number as this model gives it."""
        del number
        answered = json.loads(text)["rows"]
        split = [_taken_apart(row) for row in answered]
        numbers, records = [row[0] for row in split], [row[1] for row in split]
        for corruption in self._corruptions:
            corruption(records, self._dice)
        if self._dice.random() < 0.1:
            self._dice.shuffle(numbers)
        told = [_put_together(*row) for row in zip(answered, numbers, records, strict=True)]
        return json.dumps({"rows": told}, ensure_ascii=False)


def _taken_apart(row: Any) -> tuple[str, Cells]:
    """Returns the number and the cells of a record in either wire format."""
    if isinstance(row, str):
        return row.partition("|")[0], row.split("|")[1:]
    cells = row["cells"] if "cells" in row else [row[name] for name in row if name != "line"]
    return str(row["line"]), list(cells) or [""]


def _put_together(row: Any, number: str, cells: Cells) -> object:
    """Returns the cells under that number in the wire format of the row."""
    if isinstance(row, str):
        return "|".join([number, *cells])
    if "cells" in row:
        return {"line": int(number), "cells": cells[:40]}
    names = [name for name in row if name != "line"]
    return {"line": int(number), **dict(zip(names, (*cells, *[""] * len(names)), strict=False))}


@st.composite
def tables(draw: st.DrawFn) -> Rows:
    """Draws a table that foots, with blanks, zeros and amounts that occur twice."""
    amount = st.sampled_from(["", "0.00", "5.00", "12.50", "610.00", "1,234.56", "20.50"]) | st.decimals(
        1, 99999, places=2
    ).map(lambda value: f"{value:,}")
    names = ["一般公共服务支出", "教育支出", "社会保障和就业支出", "卫生健康支出", "城乡社区支出", "农林水支出"]
    codes = ["201", "205", "208", "210", "212", "213"]
    size = draw(st.integers(2, 6))
    parts = [(draw(amount), draw(amount)) for _ in range(size)]

    def value(text: str) -> Decimal:
        return Decimal(text.replace(",", "") or "0")

    def row(code: str, name: str, basic: str, project: str) -> tuple[str, str, str, str, str]:
        return code, name, f"{value(basic) + value(project):,.2f}", basic, project

    sums = [f"{sum((value(part[side]) for part in parts), Decimal(0)):,.2f}" for side in (0, 1)]
    return [row("", "合计", *sums), *(row(c, n, *part) for c, n, part in zip(codes, names, parts, strict=False))]


def cells_of(text: str) -> set[tuple[int, str, str]]:
    """Returns what a person reads: line, column and printed text of every cell that is not blank."""
    found: set[tuple[int, str, str]] = set()
    for line, printed in enumerate(text.split("\n"), start=1):
        cells = printed.split("\t")
        if len(cells) == 5 and cells[0] != "科目编码":
            found |= {(line, key, cell) for key, cell in zip(COLUMNS, cells, strict=True) if cell}
    return found


def cells_in(table: Table) -> set[tuple[int, str, str]]:
    """Returns the same of a table as read."""
    return {(cell.line, cell.column, cell.printed) for row in table.rows for cell in row.cells if cell.printed}


@pytest.mark.parametrize("prompt", ["rows-1", "objects-1"])
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), st.booleans(), st.lists(st.sampled_from(CORRUPTIONS), max_size=4), st.integers(0, 2**32))
def test_no_corruption_is_silent(  # noqa: PLR0913, PLR0917  two fixtures, and what is drawn
    catalog: Catalog, prompt: str, table: Rows, lost: bool, corruptions: list[Corruption], seed: int
) -> None:
    """However an answer is corrupted: an accepted table is the truth cell by cell, and any cell stands in its place."""
    text = text_of(table)
    model = ScriptedModel({}, Corrupting(corruptions, seed))
    desk = Desk(model, load_prompt(prompt), NoCalls(), Spending())
    (found,) = read(desk, catalog, re.sub(r"\t+", " ", text) if lost else text).tables
    if found.verdict.outcome != "flagged":
        assert cells_in(found) == cells_of(text)
    if not lost:
        assert cells_in(found) <= cells_of(text)
    assert model.asked
