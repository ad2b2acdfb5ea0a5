"""The command line as a person meets it: what goes where, the exit status, and never a traceback."""

import csv
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from documents_by_hand import CLEAN, WRONG


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns a working directory with a clean and a wrong disclosure of two departments."""
    (tmp_path / "in" / "莲湖").mkdir(parents=True)
    (tmp_path / "in" / "clean.txt").write_text(CLEAN, encoding="utf-8")
    (tmp_path / "in" / "莲湖" / "wrong.txt").write_text(WRONG.replace("灞桥", "莲湖"), encoding="utf-8")
    return tmp_path


def crossfoot(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line in that folder."""
    done = subprocess.run(
        [sys.executable, "-c", "from crossfoot.cli import main; main()", *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "CROSSFOOT_DB"} | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return done


def test_one_document_is_json_on_stdout(folder: Path) -> None:
    """The data alone is on stdout, the summary on stderr, and a clean document exits with 0."""
    done = crossfoot(folder, "structure", "in/clean.txt")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["department"] == "西安市灞桥区医疗保障局"
    assert "non-zero amounts proved" in done.stderr
    assert crossfoot(folder, "structure", "in/clean.txt", "--quiet").stderr == ""


def test_a_document_with_findings_exits_with_1(folder: Path) -> None:
    """The finding is on stderr as name, line, severity and message."""
    done = crossfoot(folder, "structure", "in/莲湖/wrong.txt")
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"]["outcome"] == "flagged"
    assert "wrong.txt:" in done.stderr
    assert ": error: " in done.stderr


def test_several_documents_are_a_summary(folder: Path) -> None:
    """A folder is searched through, and the summary says all of it on stdout."""
    done = crossfoot(folder, "structure", "in")
    assert done.returncode == 1
    assert "莲湖/wrong.txt" in done.stdout
    assert "2 documents" in done.stdout
    assert done.stderr == ""


def test_json_files_go_where_asked(folder: Path) -> None:
    """Each document is a file of its own, below the folder as the sources were."""
    crossfoot(folder, "structure", "in", "--out", "out")
    assert sorted(path.relative_to(folder).as_posix() for path in (folder / "out").rglob("*.json")) == [
        "out/clean.json",
        "out/莲湖/wrong.json",
    ]


def test_one_bad_file_never_stops_the_others(folder: Path) -> None:
    """Each gets one line on stderr, the rest is structured, the exit status is 1."""
    (folder / "in" / "a_binary.txt").write_bytes(b"%PDF-1.7 \x00\x01\x02")
    (folder / "in" / "b_empty.txt").write_text("", encoding="utf-8")
    (folder / "in" / "莲湖" / "wrong.txt").unlink()
    done = crossfoot(folder, "structure", "in", "missing.txt")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 3
    assert all(line.startswith("crossfoot: ") for line in done.stderr.splitlines())
    assert "西安市灞桥区医疗保障局" in done.stdout


@pytest.mark.parametrize("path", ["missing.txt", "nothing_here", "empty.txt", "book.xlsx"])
def test_a_bad_path_alone_is_misuse(folder: Path, path: str) -> None:
    """One clear line that names it, and exit status 2."""
    (folder / "nothing_here").mkdir()
    (folder / "empty.txt").write_text("\n\n", encoding="utf-8")
    (folder / "book.xlsx").write_bytes(b"PK\x03\x04" + b"\x00" * 50)
    done = crossfoot(folder, "structure", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert path in done.stderr


def test_gb_encoded_text_is_decoded_and_said(folder: Path) -> None:
    """A GB18030 file gives the same department as the UTF-8 one, and a note that it was decoded."""
    (folder / "gb.txt").write_bytes(CLEAN.encode("gb18030"))
    done = crossfoot(folder, "structure", "gb.txt")
    document = json.loads(done.stdout)
    assert document["department"] == "西安市灞桥区医疗保障局"
    assert [finding["severity"] for finding in document["findings"] if finding["code"] == "decoded"] == ["note"]
    assert done.returncode == 0


def test_files_called_the_same_are_told_apart(folder: Path) -> None:
    """Two files of one name in two folders keep their folders in their names."""
    for place in ("x", "y"):
        (folder / place).mkdir()
        (folder / place / "2021.txt").write_text(CLEAN + place, encoding="utf-8")
    crossfoot(folder, "structure", "x/2021.txt", "y/2021.txt", "--out", "out")
    assert sorted(path.relative_to(folder / "out").as_posix() for path in (folder / "out").rglob("*.json")) == [
        "x/2021.json",
        "y/2021.json",
    ]


def test_a_second_run_takes_up_only_what_changed(folder: Path) -> None:
    """Unchanged documents come from the store, said on stderr; --force structures them again."""
    first = crossfoot(folder, "structure", "in")
    again = crossfoot(folder, "structure", "in")
    assert again.stdout == first.stdout
    assert "2 files are unchanged" in again.stderr
    assert crossfoot(folder, "structure", "in", "--force").stderr == ""
    (folder / "in" / "clean.txt").write_text(CLEAN + "\n", encoding="utf-8")
    assert "1 file is unchanged" in crossfoot(folder, "structure", "in").stderr


def test_several_processes_may_fill_one_store(folder: Path) -> None:
    """Started at once on a store that does not exist yet, each keeps its document."""
    command = [sys.executable, "-c", "from crossfoot.cli import main; main()", "structure", "--quiet"]
    names = [f"{letter}.txt" for letter in "abcd"]
    for name in names:
        (folder / name).write_text(CLEAN + name, encoding="utf-8")
    running = [
        subprocess.Popen([*command, name], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for name in names
    ]
    assert [process.communicate(timeout=120)[1] for process in running] == [b""] * 4
    assert len(json.loads(crossfoot(folder, "get", "灞桥").stdout)) == 4


def test_get_answers_in_json_csv_and_markdown(folder: Path) -> None:
    """JSON is a list even of one; one table is that table, whole documents are facts."""
    crossfoot(folder, "structure", "in")
    documents = json.loads(crossfoot(folder, "get", "灞桥").stdout)
    assert [document["fiscal_year"] for document in documents] == [2021]
    table = list(csv.reader(io.StringIO(crossfoot(folder, "get", "灞桥", "--table", "5", "--format", "csv").stdout)))
    assert table[1][:4] == ["210", "卫生健康支出", "1292.44", "541.65"]
    facts = list(csv.DictReader(io.StringIO(crossfoot(folder, "get", "灞桥", "--format", "csv").stdout)))
    assert facts[2]["value_yuan"] == "12924400"
    assert "| 210 | 卫生健康支出 | 1292.44 |" in crossfoot(folder, "get", "灞桥", "--format", "md").stdout


def test_xlsx_goes_to_a_file(folder: Path) -> None:
    """A workbook needs --out, and says so."""
    crossfoot(folder, "structure", "in")
    assert crossfoot(folder, "get", "灞桥", "--format", "xlsx").returncode == 2
    assert crossfoot(folder, "get", "灞桥", "--format", "xlsx", "--out", "new/a.xlsx").returncode == 0
    assert (folder / "new" / "a.xlsx").read_bytes().startswith(b"PK")


def test_an_ambiguous_department_is_a_question(folder: Path) -> None:
    """The candidates stand on stderr, nothing on stdout, exit status 2."""
    crossfoot(folder, "structure", "in")
    done = crossfoot(folder, "get", "医疗保障局")
    assert (done.returncode, done.stdout) == (2, "")
    assert "which one?" in done.stderr
    assert "西安市灞桥区医疗保障局" in done.stderr
    assert "西安市莲湖区医疗保障局" in done.stderr


def test_show_writes_the_failing_sum_out(folder: Path) -> None:
    """From the store by department, and a file that was never stored by its path."""
    stored = folder / "crossfoot.db"
    done = crossfoot(folder, "show", "in/莲湖/wrong.txt", "表5")
    assert done.returncode == 1
    assert not stored.exists()
    assert "✗" in done.stdout
    assert "≠ [679.44]  gap −2.00 万元\n" in done.stdout
    assert "= [677.44]\n" in done.stdout
    crossfoot(folder, "structure", "in")
    assert crossfoot(folder, "show", "莲湖", "表5").stdout == done.stdout.replace("wrong.txt", "莲湖/wrong.txt")
    assert crossfoot(folder, "show", "灞桥").returncode == 0
    assert crossfoot(folder, "show", "灞桥", "表9").returncode == 2


def test_flags_lists_what_needs_an_eye(folder: Path) -> None:
    """The findings of all documents with the money at stake, and exit status 1 if there are any."""
    crossfoot(folder, "structure", "in")
    done = crossfoot(folder, "flags")
    assert done.returncode == 1
    assert "莲湖/wrong.txt:" in done.stdout
    assert "20,000 元 at stake" in done.stdout
    assert "illegible: " in crossfoot(folder, "flags", "--codes").stdout


def test_export_gives_every_cell(folder: Path) -> None:
    """The facts of all documents, in a file or on stdout."""
    crossfoot(folder, "structure", "in")
    done = crossfoot(folder, "export", "--format", "facts")
    assert done.returncode == 0
    facts = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {fact["document"] for fact in facts} == {"clean", "莲湖/wrong"}
    crossfoot(folder, "export", "--format", "facts", "--out", "facts.csv")
    assert (folder / "facts.csv").read_text(encoding="utf-8") == done.stdout


def test_verify_says_that_nothing_differs(folder: Path) -> None:
    """What was stored is what is judged today."""
    crossfoot(folder, "structure", "in")
    done = crossfoot(folder, "verify")
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing differs" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["get", "灞桥"], ["flags"], ["show", "灞桥"], ["export"], ["verify"], ["structure", "in", "--reader", "llm"],
        ["get", "灞桥", "--format", "pdf"], ["get", "灞桥", "--year", "zwanzig"], ["frobnicate"], ["structure"],
        ["structure", "in", "--schemas", "nowhere"], ["schema", "show", "nothing"], ["schema", "check", "none.yaml"],
    ],
)  # fmt: skip
def test_misuse_exits_with_2(folder: Path, arguments: list[str]) -> None:
    """Without a store, with unknown values or names: a sentence on stderr and status 2."""
    done = crossfoot(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_the_store_is_where_it_was_said_to_be(folder: Path) -> None:
    """--db goes before CROSSFOOT_DB, which goes before crossfoot.db."""
    crossfoot(folder, "structure", "in", CROSSFOOT_DB="b.db")
    crossfoot(folder, "structure", "in", "--db", "a.db", CROSSFOOT_DB="c.db")
    assert sorted(path.name for path in folder.glob("*.db")) == ["a.db", "b.db"]


def test_a_file_that_is_no_store_is_refused(folder: Path) -> None:
    """It is not written to, and the way out is said."""
    (folder / "crossfoot.db").write_text("not a database at all, but a note", encoding="utf-8")
    done = crossfoot(folder, "structure", "in")
    assert done.returncode == 2
    assert "--db" in done.stderr
    assert (folder / "crossfoot.db").read_text(encoding="utf-8").startswith("not a database")


def test_an_output_that_cannot_be_written_is_said(folder: Path) -> None:
    """A file where a folder should be is named on one line."""
    done = crossfoot(folder, "structure", "in/clean.txt", "--out", "in/clean.txt/x")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_output_is_utf8_whatever_the_locale(folder: Path) -> None:
    """A pipe is UTF-8 even where the locale is not."""
    done = crossfoot(folder, "structure", "in", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert "西安市灞桥区医疗保障局" in done.stdout


def test_a_closed_pipe_is_no_error(folder: Path) -> None:
    """`crossfoot export | head -1` ends without a word."""
    crossfoot(folder, "structure", "in")
    command = f"{sys.executable} -c 'from crossfoot.cli import main; main()' export | head -1"
    done = subprocess.run(command, cwd=folder, shell=True, capture_output=True, encoding="utf-8", check=False)  # noqa: S602
    assert done.stdout.startswith("document,document_id,")
    assert done.stderr == ""


def test_schemas_are_listed_shown_and_checked(folder: Path) -> None:
    """The table types are data that a person can look at and add to."""
    listed = crossfoot(folder, "schema", "list")
    assert listed.returncode == 0
    assert "gpb_expenditure_by_function" in listed.stdout
    shown = crossfoot(folder, "schema", "show", "gpb_expenditure_by_function")
    assert "功能科目编码" in shown.stdout
    (folder / "bad.yaml").write_text("type: x\nfamly: y\n", encoding="utf-8")
    checked = crossfoot(folder, "schema", "check", "bad.yaml")
    assert checked.returncode == 1
    assert "famly" in checked.stdout


def test_the_output_is_what_its_json_schema_says(folder: Path) -> None:
    """The schema that is written out accepts what `structure` prints."""
    crossfoot(folder, "schema", "json", "--out", "json")
    schema = json.loads((folder / "json" / "document.json").read_text(encoding="utf-8"))
    document = json.loads(crossfoot(folder, "structure", "in/莲湖/wrong.txt").stdout)
    jsonschema.validate(document, schema)
    assert (folder / "json" / "shaanxi_budget" / "gpb_expenditure_by_function.json").is_file()


def test_help_answers_at_once_and_teaches(folder: Path) -> None:
    """Every command has an example, and asking for help loads nothing heavy."""
    start = time.monotonic()
    assert "crossfoot structure" in crossfoot(folder, "--help").stdout
    assert time.monotonic() - start < 2
    for command in ("structure", "get", "years", "search", "show", "flags", "export", "verify"):
        assert "For example:\n" in crossfoot(folder, command, "--help").stdout


def test_version_is_one_line(folder: Path) -> None:
    """Name and number."""
    assert crossfoot(folder, "version").stdout.startswith("crossfoot ")


def test_verify_asks_for_the_schemas_a_document_was_structured_with(folder: Path) -> None:
    """Without them nothing can be judged again; with them nothing differs."""
    form = (
        "type: grain_reserve\nfamily: own\nabout: Stocks.\ntitles: [粮食储备情况表]\nshape: records\ncolumns:\n"
        "  name: {headers: [品种], kind: text}\n  total: {headers: [合计], kind: amount}\n"
        "identities:\n  - grand total: 合计\n"
    )
    (folder / "own").mkdir()
    (folder / "own" / "grain.yaml").write_text(form, encoding="utf-8")
    text = "粮食储备情况表\n单位：万元\n品种\t合计\n合计\t3.00\n小麦\t1.00\n稻谷\t2.00\n"
    (folder / "grain.txt").write_text(text, encoding="utf-8")
    done = crossfoot(folder, "structure", "grain.txt", "--schemas", "own", "--db", "own.db")
    assert '"type": "grain_reserve"' in done.stdout
    without = crossfoot(folder, "verify", "--db", "own.db")
    assert without.returncode == 1
    assert without.stdout.count("\n") == 1
    assert "give their folder with --schemas" in without.stdout
    assert crossfoot(folder, "verify", "--db", "own.db", "--schemas", "own").returncode == 0


def test_one_table_as_csv_is_of_one_document(folder: Path) -> None:
    """Where the department has several documents, the question is which."""
    (folder / "in" / "莲湖" / "wrong.txt").unlink()
    for year in ("2021", "2022"):
        text = CLEAN.replace("2021", year)
        (folder / "in" / f"{year}.txt").write_text(text, encoding="utf-8")
    (folder / "in" / "clean.txt").unlink()
    crossfoot(folder, "structure", "in")
    both = crossfoot(folder, "get", "灞桥", "--table", "t1", "--format", "csv")
    assert (both.returncode, both.stdout) == (2, "")
    assert "--year" in both.stderr
    assert crossfoot(folder, "get", "灞桥", "--year", "2022", "--table", "t1", "--format", "csv").returncode == 0


def test_a_full_disk_is_one_line(folder: Path) -> None:
    """What cannot be written is said, and the exit status is that of misuse, not of findings."""
    code = "from crossfoot.cli import main; main()"
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, "structure", "in"], cwd=folder, stdout=full, stderr=subprocess.PIPE,
            encoding="utf-8", check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_usable_makes_no_store(folder: Path) -> None:
    """Paths that all do not exist are misuse, and leave nothing behind."""
    done = crossfoot(folder, "structure", "nope.txt", "neither.txt", "--db", "new.db")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 2)
    assert not (folder / "new.db").exists()
