"""A model file served in this process, on loopback, with an OpenAI-compatible API.

Does not fetch the model (`modelfile` does) and asks it nothing (the client does, over HTTP like any other endpoint).
"""

import importlib
import json
import os
from collections.abc import Iterator, Mapping
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

    The server has a free port of its own and stops when the context ends, however it ends.
    """
    server = _started(path)
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server  # its destructor stops the threads and closes the port


def compact_grammar(schema: Mapping[str, object]) -> str:
    """Returns the grammar of a JSON Schema without optional whitespace, for `grammar` in a request's body.

    It takes the place of `response_format`, which lets a model spend tokens on indentation. Only for a server that
    `serve` started: other servers do not know this form.
    """
    spacing = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
    return "%llguidance {}\nstart: %json " + json.dumps({**schema, "x-guidance": spacing}, ensure_ascii=False)


def _started(path: Path) -> Any:  # noqa: ANN401 - xllamacpp has no types
    """Returns a running server of xllamacpp."""
    if not path.is_file():
        raise ModelUnavailable(f"{path}: no such model file; `crossfoot model pull` fetches it")
    try:
        xllamacpp = importlib.import_module("xllamacpp")
    except ImportError as error:
        raise ModelUnavailable(
            f"the local model needs xllamacpp ({error}): pip install 'crossfoot[local]', "
            "or use an endpoint with CROSSFOOT_BASE_URL"
        ) from None
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.hostnames = ["127.0.0.1"]
    settings.port = 0  # the system gives a free one
    settings.n_ctx = CONTEXT
    settings.n_parallel = 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = _threads()
    settings.warmup = False
    settings.ui = False
    settings.endpoint_slots = False  # would show a prompt to whoever asks
    settings.verbosity = _TALKATIVE if os.environ.get("CROSSFOOT_DEBUG") else _QUIET
    try:
        return xllamacpp.Server(settings)
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelUnavailable(
            f"{path}: cannot be served ({error}); `crossfoot model list` says whether it is whole"
        ) from None


def _threads() -> int:
    """Returns how many threads generate: the cores that this process may use, at most eight."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, _MOST_THREADS)
