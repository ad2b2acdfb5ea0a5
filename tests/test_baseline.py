"""The gate: a run against committed scores, and the commands that compare, report and check."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crossfoot.cli import app
from crossfoot.errors import CrossfootError
from crossfoot.evaluation.baseline import baseline_of, check, load_baseline, write_baseline
from crossfoot.evaluation.nouns import Condition, Measurement, Setting
from crossfoot.evaluation.runfile import RunFile
from test_comparison import STAMP, measured, miss, table

SCAN = Condition(degradation="bad_scan", level=2, seed=1)


def run_of(*, right: int = 9, silent: int = 0, error: str = "") -> list[Measurement]:
    misses = [miss(line=20 + number, is_silent=True) for number in range(silent)]
    return [
        measured(table("003_a", right=10), subject="003"),
        measured(table("003_a", right=right, misses=misses, silent_amounts=silent), subject="003", condition=SCAN),
        measured(table("100_b", right=10, held_out=True), subject="100", error=error),
    ]


def written(path: Path, run: list[Measurement]) -> Path:
    file = RunFile(path)
    for measurement in run:
        file.add(measurement)
    return path


def test_a_run_does_not_fall_below_itself() -> None:
    checked = check(run_of(), baseline_of(run_of()))
    assert (checked.falls, checked.missing, checked.new, checked.rises) == ((), (), (), 0)


def test_one_cell_less_is_a_fall_and_says_where() -> None:
    falls = check(run_of(right=8), baseline_of(run_of())).falls
    assert ("grid bad_scan 2 open", "amount_recall", (9, 10), (8, 10)) in falls
    assert {fall.group for fall in falls} == {"grid bad_scan 2 open"}


def test_a_score_that_rose_is_counted_and_no_fall() -> None:
    checked = check(run_of(right=10), baseline_of(run_of()))
    assert checked.falls == ()
    assert checked.rises >= 1


def test_a_silent_error_fails_however_good_the_scores_are() -> None:
    falls = check(run_of(right=10, silent=1), baseline_of(run_of(right=9))).falls
    assert [(fall.score, fall.now[0], fall.is_silent) for fall in falls] == [("silent", 1, True)]


def test_a_crash_more_is_a_fall() -> None:
    falls = check(run_of(error="ValueError: no"), baseline_of(run_of())).falls
    assert [(fall.group, fall.before, fall.now) for fall in falls] == [("all", (0, 3), (1, 3))]


def test_what_was_not_measured_is_named() -> None:
    checked = check(run_of()[:1], baseline_of(run_of()))
    assert checked.missing == ("all", "grid bad_scan 2 open", "grid none 0 held out")
    assert check(run_of(), baseline_of(run_of()[:1])).new == ("grid bad_scan 2 open", "grid none 0 held out")


def test_fewer_tables_are_no_better_score() -> None:
    """Without the worse of two tables every share rises."""
    good, bad = table("003_a", right=10), table("003_b", right=1)
    both, one = [measured(good, bad, subject="003")], [measured(good, subject="003")]
    checked = check(one, baseline_of(both))
    assert checked.falls == ()
    assert checked.missing == ("grid none 0 open",)
    assert check(both, baseline_of(one)).missing == ()


def test_a_silent_error_where_the_baseline_has_nothing_is_one() -> None:
    checked = check(run_of(silent=1), baseline_of(run_of()[:1]))
    assert [(fall.group, fall.is_silent, fall.now[0]) for fall in checked.falls] == [("grid bad_scan 2 open", True, 1)]


def test_a_written_baseline_reads_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(path, baseline_of(run_of()))
    assert check(run_of(), load_baseline(path)).falls == ()
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(json.loads(path.read_text(encoding="utf-8"))) + 2


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_what_is_no_baseline_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CrossfootError, match="--write makes one"):
        load_baseline(path)


def test_the_command_passes_and_fails(tmp_path: Path) -> None:
    good, bad = written(tmp_path / "good.jsonl", run_of()), written(tmp_path / "bad.jsonl", run_of(silent=2))
    held = str(tmp_path / "baseline.json")
    assert CliRunner().invoke(app, ["eval", "check", str(good), held, "--write"]).exit_code == 0
    assert CliRunner().invoke(app, ["eval", "check", str(good), held]).exit_code == 0
    failed = CliRunner().invoke(app, ["eval", "check", str(bad), held])
    assert failed.exit_code == 1
    assert "SILENT ERROR grid bad_scan 2 open: silent 0/10 → 2/10" in failed.output


def test_compare_exits_with_one_where_the_second_is_worse(tmp_path: Path) -> None:
    a, b = written(tmp_path / "a.jsonl", run_of()), written(tmp_path / "b.jsonl", run_of(silent=1))
    assert CliRunner().invoke(app, ["eval", "compare", str(a), str(a)]).exit_code == 0
    worse = CliRunner().invoke(app, ["eval", "compare", str(a), str(b)])
    assert worse.exit_code == 1
    assert "REGRESSION" in worse.output
    for name, path in (("A", a), ("B", b)):
        assert f"{name}  {path} · commit {STAMP.commit} · code {STAMP.code[:12]}" in worse.output


def test_a_setting_of_a_run_is_named_behind_a_colon(tmp_path: Path) -> None:
    settings = [Setting(reader="llm", prompt=prompt, model="small") for prompt in ("one-1", "two-1")]
    run = [measured(table("003_a"), subject="003", setting=setting) for setting in settings]
    path = written(tmp_path / "two.jsonl", run)
    done = CliRunner().invoke(app, ["eval", "compare", f"{path}:one-1", f"{path}:llm,two-1"])
    assert done.exit_code == 0, done.output
    unknown = CliRunner().invoke(app, ["eval", "compare", f"{path}:three-1", str(path)])
    assert "it has llm one-1 small, llm two-1 small" in str(unknown.exception)


def test_report_writes_a_page_and_a_summary(tmp_path: Path) -> None:
    run = written(tmp_path / "run.jsonl", run_of())
    for name, beginning in (("page.html", "<!DOCTYPE html>"), ("page.md", "# Mine")):
        path = tmp_path / name
        assert (
            CliRunner().invoke(app, ["eval", "report", str(run), "--out", str(path), "--title", "Mine"]).exit_code == 0
        )
        assert path.read_text(encoding="utf-8").lower().startswith(beginning.lower())
