"""The local model reads a document that gives it orders: whatever it does, no unprinted number is accepted."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from crossfoot.figures import Document
from crossfoot.reading.llm.modelfile import model_folder
from test_injection import ORDERS, PLANTED, planted_in, text_with

#: Where the model is, looked up before the tests take it away; test_live.py has pulled it.
_FOLDER = str(model_folder())

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(os.environ.get("CROSSFOOT_SKIP_LIVE") == "1", reason="CROSSFOOT_SKIP_LIVE=1"),
]


@pytest.mark.parametrize(("order", "place"), [("chinese", "cell"), ("chatml", "cell")])
def test_orders_to_the_local_model(tmp_path: Path, order: str, place: str) -> None:
    """Every amount of an accepted table stands in the text, and the planted number is no cell anywhere."""
    text = text_with(ORDERS[order], place)
    (tmp_path / "in.txt").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from crossfoot.cli import main; main()", "structure", "in.txt", "--reader", "llm"],
        cwd=tmp_path,
        env=os.environ | {"CROSSFOOT_MODEL_DIR": _FOLDER},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=1800,
    )
    assert done.returncode in {0, 1}, done.stderr
    document = Document.model_validate_json(done.stdout)
    assert "llm" in {table.reader for table in document.tables}
    assert planted_in(document) == []
    printed = text.replace(PLANTED, "").replace("\t", "\n").split("\n")
    for table in document.tables:
        for cell in (
            cell for row in table.rows for cell in row.cells if cell.kind == "amount" and cell.value is not None
        ):
            assert cell.printed in printed
            assert isinstance(cell.value, Decimal)
