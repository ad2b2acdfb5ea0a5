"""The local server: what it says when it cannot start, and, where the model is there, that it serves and stops."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crossfoot.errors import ModelUnavailable
from crossfoot.reading.llm.localmodel import serve
from crossfoot.reading.llm.modelfile import DEFAULT_MODEL, model_folder

MODEL = model_folder() / DEFAULT_MODEL.file
with_model = pytest.mark.live  # which pulls the model first

ROWS = {
    "type": "object",
    "properties": {
        "rows": {"type": "array", "items": {"type": "string", "pattern": "^L[0-9]$"}, "minItems": 2, "maxItems": 2}
    },
    "required": ["rows"],
    "additionalProperties": False,
}
ANSWER = {"type": "json_schema", "json_schema": {"name": "rows", "schema": ROWS}}


def asked(base: str, **body: object) -> dict[str, Any]:
    """Returns the first choice of an answer."""
    content = {"messages": [{"role": "user", "content": 'Write {"rows": ["L1", "L2"]}'}], "temperature": 0} | body
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{base}/chat/completions", json.dumps(content).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - as above
        choice: dict[str, Any] = json.load(answer)["choices"][0]
    return choice


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """The error names the file and the command that fetches it."""
    with pytest.raises(ModelUnavailable, match="crossfoot model pull"), serve(tmp_path / "none.gguf"):
        pass


def test_a_missing_library_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra that brings it."""
    (tmp_path / "some.gguf").touch()
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelUnavailable, match=r"pip install 'crossfoot\[local\]'"), serve(tmp_path / "some.gguf"):
        pass


def test_a_file_that_is_no_model_is_said(tmp_path: Path) -> None:
    """A damaged file is an error of ours, not a crash."""
    pytest.importorskip("xllamacpp")
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(5000))
    with pytest.raises(ModelUnavailable, match="cannot be served"), serve(tmp_path / "bad.gguf"):
        pass


@with_model
def test_it_serves_and_stops(capfd: pytest.CaptureFixture[str]) -> None:
    """On loopback, without a word on stdout or stderr; after an exception nobody listens any more."""
    pytest.importorskip("xllamacpp")
    addresses = []

    def interrupted() -> None:
        with serve(MODEL) as base:
            addresses.append(base)
            assert asked(base, response_format=ANSWER, max_tokens=3)["finish_reason"] == "length"
            whole = asked(base, response_format=ANSWER, max_tokens=50)
            assert len(json.loads(whole["message"]["content"])["rows"]) == 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert addresses[0].startswith("http://127.0.0.1:")
    assert capfd.readouterr() == ("", "")
    with pytest.raises(urllib.error.URLError):
        asked(addresses[0])


@with_model
def test_it_stops_under_an_open_request() -> None:
    """A client that still waits for a long answer does not hold up the end."""
    pytest.importorskip("xllamacpp")
    body = json.dumps({"messages": [{"role": "user", "content": "Count to 5000."}], "max_tokens": 3000}).encode()
    with serve(MODEL) as base:
        address = urlsplit(base)
        client = socket.create_connection((address.hostname, address.port or 0))
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        client.sendall(head.encode() + body)
        time.sleep(0.5)
        left = time.monotonic()
    assert time.monotonic() - left < 5
    client.close()


@with_model
def test_it_ends_with_a_parent_that_was_killed() -> None:
    """No server is left over after `kill -9`."""
    pytest.importorskip("xllamacpp")
    code = (
        "import sys, os, signal; from pathlib import Path; from crossfoot.reading.llm.localmodel import serve\n"
        "with serve(Path(sys.argv[1])) as base: print(base, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    base = subprocess.run(
        [sys.executable, "-c", code, str(MODEL)], stdout=subprocess.PIPE, text=True, check=False, timeout=60
    ).stdout.strip()
    time.sleep(2)
    with pytest.raises(urllib.error.URLError):
        asked(base)
