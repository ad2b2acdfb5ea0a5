"""A local HTTP server that speaks enough of the chat-completions API to answer from a script, and to misbehave.

A script is a function from a request to an Answer; `copying` is the model that does what it is asked.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple

Manner = Literal["whole", "cut", "trickle", "stall", "endless"]

_RECORD = re.compile(r"^L(\d+)\|(.*)$", re.MULTILINE)


class Request(NamedTuple):
    """A request as it came: its place among all, its body, its headers in lower case, and when, in seconds."""

    number: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    at: float

    @property
    def mode(self) -> str:
        """Returns the way of structured output that the body asks for."""
        if self.body.get("tools"):
            return "tools"
        kind = self.body.get("response_format", {}).get("type", "")
        return {"json_schema": "json_schema", "json_object": "json"}.get(kind, "")

    @property
    def is_probe(self) -> bool:
        """Says whether this is the tiny question that finds out the way."""
        return '"ready"' in self.user and "yes" in self.user

    @property
    def user(self) -> str:
        """Returns the text of the last message."""
        return str(self.body["messages"][-1]["content"])

    @property
    def records(self) -> tuple[tuple[int, str], ...]:
        """Returns the records asked for: number and cells as shown."""
        return tuple((int(match[1]), match[2]) for match in _RECORD.finditer(self.user))


class Answer(NamedTuple):
    """What is sent back, and in what manner; `after` seconds of waiting."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = {}
    manner: Manner = "whole"
    after: float = 0.0


Script = Callable[[Request], Answer]


class Misbehaving(ThreadingHTTPServer):
    """The server: its requests in their order, and how many were under way at once at most."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.requests: list[Request] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()

    @property
    def base_url(self) -> str:
        """Returns the base URL, as CROSSFOOT_BASE_URL wants it."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def windows(self) -> list[Request]:
        """Returns the requests that were not the tiny question."""
        return [request for request in self.requests if not request.is_probe]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: a client that hangs up is what many tests want."""


class _Handler(BaseHTTPRequestHandler):
    server: Misbehaving

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            request = Request(
                len(self.server.requests) + 1, body, {k.lower(): v for k, v in self.headers.items()}, time.monotonic()
            )
            self.server.requests.append(request)
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        try:
            answer = self.server.script(request)
            self.server.stopping.wait(answer.after)
        finally:
            with self.server.lock:
                self.server.at_once -= 1
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        longer = 10_000 if answer.manner in {"cut", "trickle", "stall", "endless"} else 0
        headers = {"Content-Type": "application/json", "Content-Length": str(len(answer.body) + longer)}
        if answer.manner == "endless":
            del headers["Content-Length"]
        self.send_response(answer.status)
        for name, value in {**headers, "Connection": "close", **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if answer.manner == "stall":
            self.server.stopping.wait(30)
        elif answer.manner == "trickle":
            while not self.server.stopping.wait(0.02):
                self.wfile.write(b" ")
        elif answer.manner == "endless":
            while not self.server.stopping.is_set():
                self.wfile.write(b" " * 1_000_000)
        else:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Says nothing."""


@contextmanager
def serving(script: Script) -> Iterator[Misbehaving]:
    """Returns, as a context manager, a server of the script on a port of its own."""
    server = Misbehaving(script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


# --- answers ----------------------------------------------------------------------------------------------------------


def completion(request: Request, text: object, finish: str = "stop", **changes: object) -> Answer:
    """Returns a completion that says the text, as a call of the tool where that is asked for; `changes` to its body."""
    message: dict[str, object] = {"role": "assistant", "content": text}
    if request.mode == "tools":
        name = request.body["tools"][0]["function"]["name"]
        call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": text}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
        **changes,
    }
    return Answer(json.dumps(body, ensure_ascii=False).encode())


def spoken(request: Request, text: object, finish: str = "stop") -> Answer:
    """Returns a completion whose message is the text, whatever way was asked for."""
    message = {"role": "assistant", "content": text}
    return completion(request, "", choices=[{"index": 0, "finish_reason": finish, "message": message}])


def failure(status: int, said: str = "no", headers: Mapping[str, str] | None = None) -> Answer:
    """Returns an error as such servers word it."""
    return Answer(json.dumps({"error": {"message": said, "type": "t"}}).encode(), status, headers or {})


def rows(records: Sequence[tuple[int, str]]) -> str:
    """Returns the records as an answer in the delimited format."""
    return json.dumps({"rows": [f"L{number}|{cells}" for number, cells in records]}, ensure_ascii=False)


# --- scripts ----------------------------------------------------------------------------------------------------------


def said(request: Request) -> str:
    """Returns what a model says that copies every record as it is shown."""
    return '{"ready": "yes"}' if request.is_probe else rows(request.records)


def copying(request: Request) -> Answer:
    """Answers as asked, right in everything."""
    return completion(request, said(request))


def windows(script: Script) -> Script:
    """Returns the script that answers the tiny question right and everything else as `script` does."""
    return lambda request: copying(request) if request.is_probe else script(request)


def at_first(number: int, script: Script, then: Script = copying) -> Script:
    """Returns the script that misbehaves for the first requests, so many of them, and is good from then on."""
    return lambda request: script(request) if request.number <= number else then(request)
