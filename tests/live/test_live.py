"""With the real local model, through the command line: minutes, and about 1.1 GB once. `make test-live`.

What the model answers may change with the machine; what may be accepted does not. CROSSFOOT_SKIP_LIVE=1 skips it.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(os.environ.get("CROSSFOOT_SKIP_LIVE") == "1", reason="CROSSFOOT_SKIP_LIVE=1"),
]

#: Where the model is, as the caller says; the other tests run as on a machine without one.
MODEL_DIR = os.environ.get("CROSSFOOT_MODEL_DIR")

BY_FUNCTION = """\
雁塔区档案馆

2023年度部门决算

一般公共预算财政拨款支出决算表

公开05表

编制部门：雁塔区档案馆

单位：万元

项目⇥⇥本年支出⇥⇥
科目代码⇥科目名称⇥小计⇥基本支出⇥项目支出
⇥合计⇥312.40⇥250.15⇥62.25
201⇥一般公共服务支出⇥280.90⇥218.65⇥62.25
20126⇥档案事务⇥280.90⇥218.65⇥62.25
2012601⇥行政运行⇥218.65⇥218.65⇥
2012604⇥档案馆⇥62.25⇥⇥62.25
221⇥住房保障支出⇥31.50⇥31.50⇥
22102⇥住房改革支出⇥31.50⇥31.50⇥
2210201⇥住房公积金⇥31.50⇥31.50⇥
"""
THREE_PUBLIC = """\
2021年档案馆部门预算公开

2021年一般公共预算“三公”经费支出情况表

部门名称：档案馆

单位：万元

项 目⇥2021年“三公”经费预算数
共计⇥4.70
1、因公出国（境）费用⇥0.00
2、公务接待费⇥1.30
3、公务用车费⇥3.40
其中：（1）公务用车运行维护费⇥3.40
（2）公务用车购置⇥0.00
"""
DOCUMENTS = {
    "function": BY_FUNCTION.replace("⇥", "\t"),
    "three": THREE_PUBLIC.replace("⇥", "\t"),
    "lost": re.sub("⇥+", " ", BY_FUNCTION),
}
#: The columns of the cells that are printed, by table.
COLUMNS = {
    "function": ("code", "name", "total", "basic", "project"),
    "three": ("label", "amount"),
    "lost": ("code", "name", "total", "basic", "project"),
}


class Run(NamedTuple):
    """What a run of the command line said and wrote, and whether a process of it is left."""

    status: int
    said: str
    documents: Mapping[str, Any]
    left: bool


def crossfoot(folder: Path, *arguments: str) -> Run:
    """Runs the command line in that folder, with the model of this machine."""
    mark = f"CROSSFOOT_LIVE_TEST={uuid4()}"
    environment = dict([mark.split("=")]) | {
        name: value for name, value in os.environ.items() if not name.startswith("CROSSFOOT_")
    }
    if MODEL_DIR:
        environment["CROSSFOOT_MODEL_DIR"] = MODEL_DIR
    done = subprocess.run(
        [sys.executable, "-c", "from crossfoot.cli import main; main()", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    documents = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (folder / "json").glob("*.json")}
    return Run(done.returncode, done.stderr, documents, _is_left(mark))


def _is_left(mark: str) -> bool:
    """Says whether a process that inherited the mark still runs; a port does not outlive its process."""
    for path in Path("/proc").glob("[0-9]*/environ"):  # nothing is known where there is no /proc
        with suppress(OSError):
            if mark.encode() in path.read_bytes():
                return True
    return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder with the documents, the model being there: it is pulled if it is not."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "in").mkdir()
    for name, text in DOCUMENTS.items():
        (folder / "in" / f"{name}.txt").write_text(text, encoding="utf-8")
    pulled = crossfoot(folder, "model", "pull")
    assert pulled.status == 0, pulled.said
    return folder


@pytest.fixture(scope="module")
def runs(folder: Path) -> tuple[Run, Run]:
    """Returns a first and a second run over the same documents with the same store."""
    arguments = ("structure", "in", "--reader", "llm", "--out", "json", "--db", "live.db", "--force")
    return crossfoot(folder, *arguments), crossfoot(folder, *arguments)


def printed(document: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    """Returns column and printed text of the cells that are not blank."""
    cells = [cell for table in document["tables"] for row in table["rows"] for cell in row["cells"]]
    return Counter((cell["column"], cell["printed"]) for cell in cells if cell["printed"])


def meant(name: str) -> Counter[tuple[str, str]]:
    """Returns the same of the text with its tabs, read by eye: the records are those with a number."""
    text = BY_FUNCTION if name == "lost" else DOCUMENTS[name].replace("\t", "⇥")
    rows = [line.split("⇥") for line in text.splitlines() if "⇥" in line and "." in line]
    return Counter((key, cell) for row in rows for key, cell in zip(COLUMNS[name], row, strict=True) if cell)


def test_the_model_read_every_table(runs: tuple[Run, Run]) -> None:
    """All three tables were found, and the model read those that have their tabs."""
    first, _ = runs
    readers = {name: [table["reader"] for table in document["tables"]] for name, document in first.documents.items()}
    assert set(readers) == set(DOCUMENTS), first.said
    assert readers["function"] == readers["three"] == ["llm"], first.said
    assert len(readers["lost"]) == 1


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_printed_cell_stands_in_the_source(runs: tuple[Run, Run], name: str) -> None:
    """The text of a cell is the source's at its place, digit for digit."""
    for table in runs[0].documents[name]["tables"]:
        for row in table["rows"]:
            for cell in row["cells"]:
                start, end = cell["span"]
                assert cell["printed"] == DOCUMENTS[name][start:end].strip()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_accepted_is_right(runs: tuple[Run, Run], name: str) -> None:
    """In an accepted or repaired table no cell is wrong and none is missing."""
    document = runs[0].documents[name]
    if document["verdict"]["outcome"] in {"accepted", "repaired"}:
        assert printed(document) == meant(name)


def test_a_second_run_asks_nothing(runs: tuple[Run, Run]) -> None:
    """Every answer is in the store, so that the model is not even started, and the same comes out."""
    first, second = runs
    assert "starting the local model" in first.said
    assert "starting the local model" not in second.said
    assert re.findall(r": (\d+) calls", second.said)
    assert set(re.findall(r": (\d+) calls", second.said)) == {"0"}
    assert second.documents == first.documents


def test_nothing_is_left_running(runs: tuple[Run, Run]) -> None:
    """With the command the server has ended, and its port with it."""
    assert [run.left for run in runs] == [False, False]
