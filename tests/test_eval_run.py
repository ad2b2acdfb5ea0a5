"""A run: killed and gone on with, measured once, one crash for one task; the command and its complaints."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest

from crossfoot.cli import app
from crossfoot.errors import CrossfootError
from crossfoot.evaluation.cases import CaseError
from crossfoot.evaluation.measure import Task, crash
from crossfoot.evaluation.nouns import Condition, Measurement, Setting
from crossfoot.evaluation.recording import Record, Replied
from crossfoot.evaluation.run import Bench, commit_of, missing, prepare, run_in_processes, tasks_of
from crossfoot.evaluation.runfile import RunError, RunFile, held, load_run, of_setting
from crossfoot.evaluation.subjects import degraded
from crossfoot.evaluation.totals import SCORES, tally_of
from crossfoot.reading.llm.asked import Reply
from crossfoot.reading.source import MOST_LINES
from documents_by_hand import CLEAN
from misbehaving import Answer, Request, copying, failure, serving
from test_scoring import AMOUNTS, LABELS, TEXTS

FEW = ("--degrade", "none", "--degrade", "masked_digits", "--level", "4")
MANY = ("--seeds", "12", "--degrade", "none", "--degrade", "masked_digits", "--level", "4")


class Place(NamedTuple):
    """Where a test's runs are: labels with their texts, and the run's file."""

    cases: Path
    out: Path

    @property
    def bench(self) -> Bench:
        """Returns the bench of whole documents."""
        return Bench(self.cases, (self.cases,))

    @property
    def lines(self) -> list[str]:
        """Returns the lines of the run's file."""
        return self.out.read_text(encoding="utf-8").splitlines()

    @property
    def arguments(self) -> list[str]:
        """Returns what every command begins with."""
        return ["eval", "run", "--cases", str(self.cases), "--texts", str(self.cases), "--out", str(self.out)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Two documents of one table, the second held out."""
    cases = tmp_path / "cases"
    cases.mkdir()
    for name, held_out in (("900", "false"), ("901", "true")):
        labels = LABELS.replace("'900'", f"'{name}'") + f"held_out: {held_out}\n"
        (cases / f"{name}_table.yaml").write_text(labels, encoding="utf-8")
        (cases / f"{name}.txt").write_text(CLEAN.replace("灞桥", f"灞{name}桥"), encoding="utf-8")
    return Place(cases, tmp_path / "runs" / "run.jsonl")


def run(place: Place, *words: str) -> int:
    """Runs the command here, without processes, and returns its exit status; expected errors are raised."""
    return int(app([*place.arguments, "--jobs", "1", *words], standalone_mode=False) or 0)


def said(place: Place, *words: str) -> tuple[int, str]:
    """Runs the command as a user does, and returns its exit status and what it wrote to stderr."""
    done = subprocess.run([*_COMMAND, *place.arguments, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


_COMMAND = (sys.executable, "-c", "from crossfoot.cli import main; main()")


def apart_from_time(lines: list[str]) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in lines]
    for one in found:
        one["seconds"] = one["stamp"]["measured_at"] = None
    return found


# --- killed, and gone on with -----------------------------------------------------------------------------------------


#: Measures like the command, and kills itself behind the third measurement, while its processes have others in hand.
_KILLED = """
import os, signal, sys
from collections import deque
from pathlib import Path
from crossfoot.cli.evaluating import conditions_of
from crossfoot.evaluation.nouns import Setting
from crossfoot.evaluation.run import Bench, prepare, run_in_processes, tasks_of
from crossfoot.evaluation.runfile import RunFile
from test_eval_run import workers_of

if __name__ == "__main__":
    bench = Bench(Path(sys.argv[1]), (Path(sys.argv[1]),))
    prepared = prepare(bench)
    tasks = tasks_of(prepared.subjects, conditions_of(("none", "masked_digits"), (4,), 12), [Setting()])
    file = RunFile(Path(sys.argv[2]))
    for measurement in run_in_processes(deque(tasks), bench, prepared, 2):
        file.add(measurement)
        if len(file.made) == 3:
            print(*(pid for pid, _ in workers_of(os.getpid())), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_in_the_middle(place: Place, folder: Path) -> list[int]:
    """Runs until a run kills itself behind its third line; returns its processes."""
    script = folder / "killed.py"
    script.write_text(_KILLED, encoding="utf-8")
    paths = os.pathsep.join(path for path in (str(Path(__file__).parent), *sys.path) if path)
    done = subprocess.run(
        [sys.executable, str(script), str(place.cases), str(place.out)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.returncode == -signal.SIGKILL
    return [int(pid) for pid in done.stdout.split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_run_that_was_killed_goes_on_and_measures_nothing_twice(place: Place, tmp_path: Path) -> None:
    workers = killed_in_the_middle(place, tmp_path)
    before = place.lines
    assert (len(workers), len(before)) == (2, 3)
    waited = time.monotonic() + 120
    while any(is_alive(pid) for pid in workers) and time.monotonic() < waited:
        time.sleep(0.02)
    assert not [pid for pid in workers if is_alive(pid)], "processes of a killed run live on"

    assert run(place, *MANY) == 0
    assert set(before) <= set(place.lines)
    undisturbed = place._replace(out=place.out.with_name("undisturbed.jsonl"))
    assert run(undisturbed, *MANY) == 0
    assert len(place.lines) == 26
    assert apart_from_time(place.lines) == apart_from_time(undisturbed.lines)


def test_a_finished_run_measures_nothing(place: Place) -> None:
    assert run(place, *FEW) == 0
    written = [line.replace('"damages":', '"damages":1000') for line in place.lines]  # no measurement says that
    place.out.write_text("".join(f"{line}\n" for line in written), encoding="utf-8")
    assert run(place, *FEW) == 0
    assert place.lines == written


def test_a_document_is_measured_again_for_tables_that_were_not_asked_for_then(place: Place) -> None:
    """A row that has one of two tables would stand for the whole document, and the other be nobody's failure."""
    labels = (place.cases / "900_table.yaml").read_text(encoding="utf-8")
    (place.cases / "900_other.yaml").write_text(labels, encoding="utf-8")
    for words, wanted in (
        (("--case", "900_table"), ["900_table"]),
        (("--case", "900_*"), ["900_other", "900_table"]),
        (("--case", "900_other"), ["900_other", "900_table"]),
    ):
        assert run(place, "--degrade", "none", *words) == 0
        (one,) = load_run(place.out)
        assert [score.case for score in one.tables] == wanted


def test_what_was_measured_of_older_labels_is_a_rest(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place, *FEW) == 0
    path = place.cases / "900_table.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("'9.4', '', '', '9.4'", "'9.4'"), encoding="utf-8")
    assert run(place, *FEW, "--minutes", "0") == 1
    assert "0 of 4 measurements; the same command goes on with the rest" in capsys.readouterr().err
    assert run(place, *FEW) == 0
    assert run(place, *FEW, "--minutes", "0") == 0


def test_processes_give_what_one_gives(place: Place) -> None:
    prepared = prepare(place.bench)
    tasks = tasks_of(prepared.subjects, [Condition(), Condition(degradation="bad_scan", level=4, seed=1)], [Setting()])
    one, two = (
        sorted(
            (
                made.model_copy(update={"seconds": 0, "stamp": prepared.stamp})
                for made in run_in_processes(deque(tasks), place.bench, prepared, jobs)
            ),
            key=lambda made: (made.condition.level, made.subject),
        )
        for jobs in (1, 2)
    )
    assert one == two
    assert len(one) == 4


@pytest.mark.parametrize("cut", [1, 40, 300])
def test_a_line_that_was_cut_is_measured_again_however_often(place: Place, cut: int) -> None:
    assert run(place, *FEW) == 0
    whole = place.lines
    for _ in range(2):  # killed twice in the middle of a line
        place.out.write_bytes(place.out.read_bytes()[:-cut])
        assert len(load_run(place.out)) == len(whole) - (cut > 1)
        RunFile(place.out)
        assert len(load_run(place.out)) == len(whole) - (cut > 1)
        assert run(place, *FEW) == 0
        assert apart_from_time(place.lines) == apart_from_time(whole)
        assert place.lines[:-1] == whole[:-1]


def test_a_changed_label_is_measured_again(place: Place) -> None:
    assert run(place, *FEW) == 0
    before = load_run(place.out)
    path = place.cases / "900_table.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("'9.4', '', '', '9.4'", "'9.4'"), encoding="utf-8")
    assert run(place, *FEW) == 0
    after = load_run(place.out)
    assert len(after) == len(before) == len(place.lines)
    assert not {one.stamp.cases_sha256 for one in before} & {one.stamp.cases_sha256 for one in after}
    assert [after[-1].tables[0].amounts, before[-1].tables[0].amounts] == [AMOUNTS, AMOUNTS]
    assert after[0].tables[0].amounts == before[0].tables[0].amounts - 1 == AMOUNTS - 1


@pytest.mark.parametrize("field", ["code", "cases_sha256", "schema_sha256", "prompt_sha256", "model_settings"])
def test_what_a_measurement_depends_on_makes_it_measured_again(place: Place, field: str) -> None:
    prepared = prepare(place.bench)
    stamp = prepared.stamp
    file = RunFile(place.out)
    task = Task(subject="900", condition=Condition(), setting=Setting())
    assert missing([task], file, prepared, stamp) == [task]
    file.add(crash(prepared.subjects["900"], task, stamp, ""))
    assert missing([task], file, prepared, stamp) == []
    assert missing([task], RunFile(place.out), prepared, stamp) == []
    assert missing([task], file, prepared, stamp.model_copy(update={field: "other"})) == [task]
    elsewhere = {"commit": "other", "machine": "other", "measured_at": "later"}
    assert missing([task], file, prepared, stamp.model_copy(update=elsewhere)) == []


def test_a_crash_with_a_model_is_tried_again_and_one_without_is_not(place: Place) -> None:
    prepared = prepare(place.bench)
    file = RunFile(place.out)
    settings = Setting(), Setting(reader="llm", prompt="rows-1", model="m")
    tasks = [Task(subject="900", condition=Condition(), setting=setting) for setting in settings]
    for task in tasks:
        file.add(crash(prepared.subjects["900"], task, prepared.stamp, "it fell"))
    assert missing(tasks, file, prepared, prepared.stamp) == tasks[1:]


def test_the_last_measurement_of_a_task_counts_and_a_cut_one_never(place: Place) -> None:
    stamp = prepare(place.bench).stamp
    made = [
        Measurement(subject=name, condition=Condition(), setting=Setting(), stamp=stamp, tables=(), damages=number)
        for number, name in enumerate(("901", "900", "901"))
    ]
    for one in made:
        RunFile(place.out).add(one)
    assert load_run(place.out) == [made[1], made[2]]
    place.out.write_bytes(place.out.read_bytes()[:-40])
    assert load_run(place.out) == [made[1], made[0]]
    file = RunFile(place.out)
    file.add(made[2])
    assert load_run(place.out) == [made[1], made[2]]
    file.tidy()
    assert place.lines == [one.model_dump_json() for one in made[1:]]


def test_two_settings_stand_in_one_file(place: Place) -> None:
    stamp = prepare(place.bench).stamp
    file = RunFile(place.out)
    names = ("rows-1", "objects-1")
    for name in names:
        setting = Setting(reader="llm", prompt=name, model="m")
        file.add(Measurement(subject="900", condition=Condition(), setting=setting, stamp=stamp, tables=()))
    file.tidy()
    assert [one.setting.prompt for one in load_run(place.out)] == sorted(names)
    for name in names:
        assert [one.setting.prompt for one in of_setting(load_run(place.out), f"llm,{name}")] == [name]
    assert of_setting(load_run(place.out), "rows") == []


def test_the_commit_is_that_of_the_code_and_says_when_something_in_it_was_changed(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        author = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(tmp_path), *author, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    module, report, other = (tmp_path / name for name in ("src/module.py", "eval/reports/grid.md", "ignored/module.py"))
    for path in (module, report, other):
        path.parent.mkdir(parents=True)
        path.write_text("1\n", encoding="utf-8")
    assert commit_of(module) == ""
    git("init", "-q")
    git("add", "src", "eval")
    git("commit", "-qm", "first")
    commit = git("rev-parse", "--short", "HEAD")
    assert (commit_of(module), commit_of(other)) == (commit, "")  # the other was installed there, and is of no commit
    report.write_text("2\n", encoding="utf-8")
    assert commit_of(module) == commit
    module.write_text("2\n", encoding="utf-8")
    assert commit_of(module) == f"{commit}+"


# --- a process that dies ----------------------------------------------------------------------------------------------


def workers_of(parent: int) -> Iterator[tuple[int, float]]:
    """Yields the processes that a process has spawned, with the seconds that they have computed."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
                is_worker = b"spawn_main" in (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if int(words[1]) == parent and is_worker:
                yield int(entry.name), (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _kill_all(stop: Event) -> None:
    while not stop.wait(0.02):
        for pid, _ in workers_of(os.getpid()):
            os.kill(pid, signal.SIGKILL)


def test_a_process_that_dies_is_a_crash_of_its_task_alone(place: Place) -> None:
    """The processes are killed, as by a system short of memory, while only the long document is in hand."""
    table = CLEAN.split("\n", 4)[4]
    (place.cases / "902_table.yaml").write_text(LABELS.replace("'900'", "'902'"), encoding="utf-8")
    (place.cases / "902.txt").write_text(CLEAN + table * 600, encoding="utf-8")
    prepared = prepare(place.bench)
    conditions = [Condition(), Condition(degradation="masked_digits", level=1, seed=1)]
    tasks = tasks_of(["900", "901"], conditions, [Setting()])
    long = Task(subject="902", condition=Condition(), setting=Setting())
    stop = Event()
    killer = Thread(target=_kill_all, args=(stop,))
    made = []
    try:
        for one in run_in_processes(deque([*tasks, long]), place.bench, prepared, 2):
            made.append(one)
            if len(made) == len(tasks):
                killer.start()
    finally:
        stop.set()
        killer.join()
    assert sorted(one.subject for one in made) == ["900", "900", "901", "901", "902"]
    (crashed,) = [one for one in made if one.error]
    assert (crashed.subject, crashed.tables[0].verdict) == ("902", "crashed")
    assert (crashed.tables[0].amounts, crashed.tables[0].amounts_right) == (AMOUNTS, 0)
    assert "the process died" in crashed.error
    assert all(one.tables[0].amounts_right > 0 for one in made if not one.error)


# --- the command ------------------------------------------------------------------------------------------------------


def long_text(place: Place) -> None:
    """The first document has more lines than are read: structuring it ends with an error."""
    path = place.cases / "900.txt"
    path.write_text(path.read_text(encoding="utf-8") + "\n" * MOST_LINES, encoding="utf-8")


def signal_for_an_amount(place: Place) -> None:
    """The first document prints what Python takes for a number that must not be compared: scoring it raises."""
    for path in place.cases.glob("900*"):
        path.write_text(path.read_text(encoding="utf-8").replace("9.4", "sNaN1"), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "error"), [(long_text, "SourceError: 900: more than 200,000 lines"), (signal_for_an_amount, "Invalid")]
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_document_that_crashes_is_a_row_and_the_status_is_one(
    place: Place, capsys: pytest.CaptureFixture[str], harm: Callable[[Place], None], error: str, jobs: str
) -> None:
    harm(place)
    assert run(place, "--degrade", "none", "--jobs", jobs) == 1
    assert "2 of 2 measurements, 1 of them crashes" in capsys.readouterr().err
    crashed, other = load_run(place.out)
    assert error in crashed.error
    assert_failed(crashed)
    assert (other.subject, other.error, other.tables[0].amounts_right) == ("901", "", AMOUNTS)


def test_a_degradation_that_fails_is_a_row(place: Place) -> None:
    """No command asks for one that there is not; a caller may."""
    prepared = prepare(place.bench)
    wrong = [Condition(degradation="nonsense", level=1, seed=1), Condition(degradation="bad_scan", level=9, seed=1)]
    tasks = tasks_of(["900"], [Condition(), *wrong], [Setting()])
    fine, *crashed = run_in_processes(deque(tasks), place.bench, prepared, 1)
    assert (fine.error, fine.tables[0].amounts_right) == ("", AMOUNTS)
    assert ["KeyError: 'nonsense'" in crashed[0].error, "ValueError: There is no level 9" in crashed[1].error] == [
        True
    ] * 2
    for one in crashed:
        assert_failed(one)


def assert_failed(crashed: Measurement) -> None:
    """Every score of it is the worst there is: nothing right of all that is asked for, and nothing given out."""
    (table,) = crashed.tables
    assert (table.verdict, table.amounts, table.texts, table.silent_amounts) == ("crashed", AMOUNTS, TEXTS, 0)
    assert len(table.misses) == AMOUNTS + TEXTS
    tally = tally_of(crashed.tables)
    held = [score for score in SCORES if score.name not in {"silent", "checked"}]  # how many checks, nobody knows
    assert [(score.name, score.ratio(tally).value) for score in held] == [(score.name, 0.0) for score in held]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--degrade", "nonsense"), "known are none, tabs_to_spaces"),
        (("--case", "nothing"), "no case is called nothing; they are called as their files, e.g. 900_table"),
        (("--case", "901*", "--open"), "no case that is not held out is called 901*"),
        (("--reader", "nobody"), "known are grid, auto, llm"),
        (("--reader", "llm"), "crossfoot model pull"),
        (("--reader", "llm", "--base-url", "http://127.0.0.1:1/v1", "--prompt", "nothing-1"), "nothing-1"),
    ],
)
def test_what_cannot_be_measured_is_said_with_a_hint(place: Place, words: tuple[str, ...], hint: str) -> None:
    with pytest.raises(CrossfootError) as raised:
        run(place, *words)
    assert hint in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_expected_error_is_one_line_and_status_two(place: Place) -> None:
    status, error = said(place, "--case", "nothing")
    assert (status, error.count("\n")) == (2, 1)
    assert "Traceback" not in error


def test_cases_that_are_not_there(place: Place, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="holds no labelled case"):
        run(place._replace(cases=tmp_path / "nowhere"))


FOREIGN = ("# notes\nnot a run\n", "one line without an end", '{"a": 1}\n', '{"subject":"900"}\n', "\x00\x01\n\n")


@pytest.mark.parametrize("content", FOREIGN)
def test_a_file_that_is_no_run_is_left_alone(place: Place, content: str) -> None:
    place.out.parent.mkdir()
    place.out.write_text(content, encoding="utf-8")
    with pytest.raises(RunError, match=r"run\.jsonl:1: this line is no measurement.*--out names another file"):
        run(place, *FEW)
    assert place.out.read_text(encoding="utf-8") == content
    with pytest.raises(RunError, match=r"run\.jsonl:1: this line is no measurement"):
        load_run(place.out)


def test_a_broken_line_in_the_middle_is_named(place: Place) -> None:
    assert run(place, *FEW) == 0
    first, second, *rest = place.lines
    place.out.write_text("\n".join([first, second[:-30], *rest, ""]), encoding="utf-8")
    with pytest.raises(RunError, match=r"run\.jsonl:2: this line is no measurement"):
        load_run(place.out)


def test_a_place_that_cannot_be_written_is_said(place: Place) -> None:
    place.out.mkdir(parents=True)
    with pytest.raises(RunError, match="cannot be written"):
        run(place, *FEW)
    with pytest.raises(RunError, match="no such run"):
        load_run(place.out)


def test_two_runs_do_not_write_one_file(place: Place) -> None:
    """Each would end with a file in order, and without what the other measured."""
    with held(place.out):
        status, error = said(place, *FEW)
    assert status == 2
    assert error == f"crossfoot: {place.out}: another run is writing it; --out names another file\n"
    assert run(place, *FEW) == 0


def test_a_disk_that_is_full_is_said_and_the_run_goes_on_later(place: Place) -> None:
    """The system lets no file grow beyond two kilobytes: a line is cut in the middle."""
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)); "
    command = [sys.executable, "-c", limited + _COMMAND[2], *place.arguments, *FEW, "--jobs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, place.out.stat().st_size) == (2, 2048)
    why = f"{place.out}: cannot be written (File too large); the same command goes on here"
    assert done.stderr.splitlines() == [f"crossfoot: {why}"]
    assert run(place, *FEW) == 0
    assert len(place.lines) == 4


def test_no_minutes_start_nothing(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place, *FEW, "--minutes", "0") == 1
    assert "0 of 4 measurements; the same command goes on with the rest" in capsys.readouterr().err
    assert run(place, *FEW) == 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_when_the_minutes_are_over_what_is_under_way_is_kept(place: Place, jobs: int) -> None:
    """Over after the first measurement, while another process has its task in hand."""
    prepared = prepare(place.bench)
    waiting = deque(tasks_of(prepared.subjects, [Condition(), *_conditions(10)], [Setting()]))
    every = len(waiting)
    made = []
    for one in run_in_processes(waiting, place.bench, prepared, jobs):
        made.append(one)
        waiting.clear()
    assert len(made) == (1 if jobs == 1 else len({(one.subject, one.condition) for one in made}))
    assert 1 <= len(made) <= 4 * jobs < every


def _conditions(number: int) -> list[Condition]:
    return [Condition(degradation="masked_digits", level=1, seed=seed) for seed in range(1, number + 1)]


def test_only_open_cases_and_patterns(place: Place) -> None:
    assert run(place, "--degrade", "none", "--open") == 0
    assert [one.subject for one in load_run(place.out)] == ["900"]
    assert run(place, "--degrade", "none", "--case", "901*", "--scope", "tables") == 0
    assert [one.subject for one in load_run(place.out)] == ["900", "901_table"]


# --- subjects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["none", "duplicated_lines", "dropped_lines", "page_breaks", "bad_scan"])
def test_a_table_cut_out_keeps_the_lines_of_its_document(place: Place, name: str) -> None:
    subject = prepare(place.bench._replace(scope="tables")).subjects["900_table"]
    done = degraded(subject, Condition(degradation=name, level=4, seed=1))
    lines = CLEAN.split("\n")
    assert {number for line in done.lines for number in line.numbers} <= set(range(5, 23))
    for damage in done.damages:
        assert lines[damage.line - 1][damage.start :].startswith(damage.before)
    if name == "none":
        assert [(line.numbers, line.text) for line in done.lines] == [((n,), lines[n - 1]) for n in range(5, 23)]


# --- with a model -----------------------------------------------------------------------------------------------------

MODEL = ("--degrade", "none", "--scope", "tables", "--reader", "llm", "--prompt", "rows-1", "--model", "m")


def test_a_recorded_run_asks_nothing_and_says_the_same(place: Place) -> None:
    with serving(lambda request: copying(request)._replace(after=0.2)) as server:
        at = (*MODEL, "--base-url", server.base_url)
        assert run(place, *at) == 0
        asked = len(server.requests)
        again = place._replace(out=place.out.with_name("again.jsonl"))
        assert run(again, *at) == 0
        written = place.lines
        assert run(place, *at) == 0
        assert (asked > 1, len(server.requests)) == (True, asked)
        assert place.lines == written
    first, second = load_run(place.out), load_run(again.out)
    assert apart_from_time(place.lines) == apart_from_time(again.lines)
    for one, other in zip(first, second, strict=True):
        assert one.tables[0].amounts_right == AMOUNTS
        assert one.spent == other.spent
        assert sum(spent.tokens_in for spent in one.spent) >= 100
        assert other.seconds >= 0.2
    assert all(one.stamp.prompt_sha256 for one in first)
    assert {one.stamp.model_settings for one in first} == {"temperature=0 output=json_schema"}


def test_a_model_that_is_not_there_is_a_crash_of_every_row_until_it_is(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was not read because nobody answered must not look like a bad reader, nor stay."""
    is_there: list[bool] = []

    def script(request: Request) -> Answer:
        return copying(request) if is_there else failure(401, "no such key")

    with serving(script) as server:
        at = (*MODEL, "--base-url", server.base_url)
        assert run(place, *at) == 1
        assert "2 of 2 measurements, 2 of them crashes" in capsys.readouterr().err
        for one in load_run(place.out):
            assert "the model could not be asked" in one.error
            assert (one.tables[0].amounts, one.tables[0].amounts_right) == (AMOUNTS, 0)
            assert one.tables[0].silent_amounts == 0
        is_there.append(True)
        assert run(place, *at) == 0
    assert [(one.error, one.tables[0].amounts_right) for one in load_run(place.out)] == [("", AMOUNTS)] * 2


def test_a_record_survives_what_a_kill_leaves(tmp_path: Path) -> None:
    """A line that was cut inside a character, one that is no reply, and line ends inside a reply."""
    path = tmp_path / "calls.jsonl"
    reply = Reply("甲\u2028乙\x85丙", "stop", 10, 5)
    record = Record(path)
    record.add("a", Replied(reply, 1.5))
    record.add("b", Replied(reply, 2.5))
    written = path.read_bytes()
    at = written.rindex("乙".encode()) + 1
    path.write_bytes(b'{"key": "c"}\n[]\n' + written[:at])
    again = Record(path)
    assert again.replied("a") == Replied(reply, 1.5)
    assert (again.replied("b"), again.replied("c")) == (None, None)
    again.add("b", Replied(reply, 2.5))
    assert Record(path).replied("b") == Replied(reply, 2.5)
