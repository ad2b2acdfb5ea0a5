"""A model file served on loopback by a child process, with an OpenAI-compatible API.

Does not fetch the model (`modelfile` does) and asks it nothing (the client does, over HTTP like any other endpoint).

A child, because the server's native code waits for open requests when it is stopped in its own process, without
letting the thread that made the request go on: an interrupted run would hang for ever. A child can be killed.
"""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crossfoot.errors import ModelUnavailable

#: Tokens of a prompt and its answer together; a longer request is refused with HTTP 400.
CONTEXT = 8192

_MOST_THREADS = 8
_QUIET, _TALKATIVE = 0, 3


@contextmanager
def serve(path: Path) -> Iterator[str]:
    """Returns, as a context manager, the base URL (`http://127.0.0.1:40001/v1`) of a server of the model.

    The server has a free port of its own. It stops when the context ends, however it ends, and when this process does.
    """
    if not path.is_file():
        raise ModelUnavailable(f"{path}: no such model file; `crossfoot model pull` fetches it")
    if importlib.util.find_spec("xllamacpp") is None:
        raise ModelUnavailable(
            "the local model needs xllamacpp: pip install 'crossfoot[local]'; "
            "or use an endpoint with CROSSFOOT_BASE_URL"
        )
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        # -P: a file of the working directory is never taken for a module.
        [sys.executable, "-P", "-m", "crossfoot.reading.llm.localmodel", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if _debugging() else subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is ours: the server must answer until we stop it
        text=True,
    ) as server:
        try:
            yield _address(server, path)
        finally:
            server.kill()
            server.wait()  # Popen itself does not wait after Ctrl-C


def _address(server: "subprocess.Popen[str]", path: Path) -> str:
    """Returns the base URL that the child says once it listens."""
    line = server.stdout.readline() if server.stdout else ""
    if not line:
        raise ModelUnavailable(
            f"{path}: the server ended with status {server.wait()} before it listened; CROSSFOOT_DEBUG=1 shows its log"
        )
    said = json.loads(line)
    if "error" in said:
        raise ModelUnavailable(
            f"{path}: cannot be served ({said['error']}); `crossfoot model list` says whether the file is whole"
        )
    return f"{said['address']}/v1"


def _started(path: str) -> Any:  # noqa: ANN401 - xllamacpp has no types
    """Returns a running server of xllamacpp."""
    xllamacpp = importlib.import_module("xllamacpp")
    settings = xllamacpp.CommonParams()
    settings.model.path = path
    settings.hostnames = ["127.0.0.1"]
    settings.port = 0  # the system gives a free one
    settings.n_ctx = CONTEXT
    settings.n_parallel = 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = _threads()
    settings.warmup = False
    settings.ui = False
    settings.endpoint_slots = False  # would show a prompt to whoever asks
    settings.verbosity = _TALKATIVE if _debugging() else _QUIET
    return xllamacpp.Server(settings)


def _threads() -> int:
    """Returns how many threads generate: the cores that this process may use, at most eight."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, _MOST_THREADS)


def _debugging() -> bool:
    return bool(os.environ.get("CROSSFOOT_DEBUG"))


def _serve_until_left(path: str) -> None:
    """Serves as the child: says the address on stdout, and ends when the parent closes stdin or is gone."""
    with os.fdopen(os.dup(1), "w") as parent:
        os.dup2(2, 1)  # whatever native code prints is not the address
        try:
            server = _started(path)
            parent.write(json.dumps({"address": server.listening_address}) + "\n")
        except (ImportError, RuntimeError, ValueError, OSError) as error:
            parent.write(json.dumps({"error": str(error)}) + "\n")
    sys.stdin.read()
    os._exit(0)  # the server's destructor would wait for open requests


if __name__ == "__main__":
    _serve_until_left(sys.argv[1])
