"""What the README and the Makefile say is true: commands run, and the output shown is today's."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CROSSFOOT = str(Path(sys.executable).with_name("crossfoot"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder with the demo's store, and what the demo printed."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "examples").symlink_to(ROOT / "examples")
    command = [CROSSFOOT, "structure", "examples", "--db", "out/demo.db"]
    (folder / "out").mkdir()
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr
    return folder, run.stdout


def test_the_output_shown_is_real(demo: tuple[Path, str]) -> None:
    """Every line of the README's console block stands in what the demo prints."""
    shown = re.search(r"```console\n\$ make demo\n(.*?)…\n```", README, re.DOTALL)
    assert shown is not None
    printed = {line.rstrip() for line in demo[1].splitlines()}
    missing = [line for line in shown[1].splitlines() if line.strip() and line.rstrip() not in printed]
    assert missing == []


def test_the_decisions_shown_are_real(tmp_path: Path) -> None:
    """The commands of the review queue, run one after another on the example, print what the README shows."""
    shown = re.search(r"```console\n(\$ crossfoot resolve .*?)```", README, re.DOTALL)
    assert shown is not None
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    example = min(path.name for path in (ROOT / "examples").glob("*.txt"))
    subprocess.run([CROSSFOOT, "structure", f"examples/{example}"], cwd=tmp_path, capture_output=True, check=False)
    for session in shown[1].split("$ crossfoot ")[1:]:
        command, _, printed = session.partition("\n")
        run = subprocess.run([CROSSFOOT, *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert run.stdout == printed, run.stderr


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.split("#")[0].strip() for line in lines if line.startswith("crossfoot ")]


@pytest.mark.parametrize("command", commands())
def test_the_commands_shown_run(command: str, demo: tuple[Path, str]) -> None:
    """Each command of the README runs and does not call it a misuse."""
    run = subprocess.run([CROSSFOOT, *command.split()[1:]], cwd=demo[0], capture_output=True, text=True, check=False)
    assert run.returncode in {0, 1}, run.stderr
    assert run.stdout or "nothing differs" in run.stderr


def test_the_finding_codes_are_explained() -> None:
    """Every finding code has its sentence, and no sentence is without a code."""
    from typing import get_args

    from crossfoot.figures import FINDING_SENTENCES, FindingCode

    assert set(FINDING_SENTENCES) == set(get_args(FindingCode))


def test_public_surface_is_sorted_and_there() -> None:
    """What the package exports is a sorted list, and all of it exists."""
    import crossfoot

    assert crossfoot.__all__ == sorted(crossfoot.__all__)
    assert all(hasattr(crossfoot, name) for name in crossfoot.__all__)


def test_asking_loads_nothing_that_reads_and_judges() -> None:
    """What `get` and `search` need starts without the pipeline: most of their time is their start."""
    code = (
        "import sys, crossfoot.storage.searching, crossfoot.output.export; print('crossfoot.pipeline' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_importing_is_light() -> None:
    """`import crossfoot` pulls in none of the heavy libraries."""
    heavy = "pydantic,rich,openpyxl,sqlite_utils,rapidfuzz,yaml,typer"
    code = f"import sys, crossfoot; print([m for m in '{heavy}'.split(',') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
