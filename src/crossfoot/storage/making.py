"""One file → its document with all rows ready for the store, or why there is none. It looks at no store.

Runs in the process that writes, in processes beside it, or in threads that ask a model.
"""

import time
import traceback
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from crossfoot.choosing import Choice, Readers
from crossfoot.errors import CrossfootError, SourceError, StoreError
from crossfoot.output.outline import Outline, outline
from crossfoot.pipeline import structure
from crossfoot.reading.llm.asked import Asked, NoCalls, Reply
from crossfoot.reading.llm.prompts import load_prompt
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.source import load
from crossfoot.storage.inputs import Input
from crossfoot.storage.records import Ready, ready
from crossfoot.tabletypes import Catalog


class Task(NamedTuple):
    """A file to structure, its place among the files, and the hash of the content that it had when it was listed."""

    position: int
    given: Input
    sha256: str


class Made(NamedTuple):
    """What came of a task: a document's rows, an error, or that a model must be asked.

    `asked` says that a model was, `finished` that it left nothing; `trace` is where a bug of our own arose.
    """

    task: Task
    seconds: float
    ready: Ready | None = None
    outline: Outline | None = None
    error: CrossfootError | None = None
    trace: str = ""
    wants_model: bool = False
    asked: bool = False
    finished: bool = True


class _ModelWanted(Exception):  # noqa: N818  no error: it ends what can be done without a model
    """A question would be asked."""


class _Nobody(NoCalls):
    """A model, and the calls kept of it, that is never asked: the first question ends the attempt."""

    name = identity = settings = known_settings = ""
    concurrency = 1

    def kept(self, key: str) -> NoReturn:
        raise _ModelWanted(key)

    def ask(self, asked: Asked) -> Reply:
        raise _ModelWanted(asked.system)


class Maker:
    """Makes documents with one catalog by one choice of reader; without a desk it does what needs no model."""

    def __init__(
        self,
        catalog: Catalog,
        choice: Choice,
        desk: Desk | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._catalog = catalog
        self._choice = choice
        self._desk = desk
        self._say = say

    def make(self, task: Task) -> Made:
        """Returns what came of the task; a bug met in one document is an error of that document."""
        started = time.monotonic()
        try:
            return self._make(task, started)
        except _ModelWanted:
            return Made(task, time.monotonic() - started, wants_model=True)
        except (SourceError, StoreError) as error:
            return Made(task, time.monotonic() - started, error=error)
        except Exception as error:  # noqa: BLE001  the other documents must not suffer from it
            problem = CrossfootError(
                f"{task.given.name}: crossfoot failed on this document, please report it: {error!r}"
            )
            return Made(task, time.monotonic() - started, error=problem, trace=traceback.format_exc())

    def _make(self, task: Task, started: float) -> Made:
        name = task.given.name
        source = load(task.given.path, name)
        readers = Readers(self._choice, self._desk, lambda line: self._say(f"{name}: {line}"))
        document = structure(source, self._catalog, readers)
        return Made(
            task,
            time.monotonic() - started,
            ready(document, source),
            outline(document),
            asked=self._choice != "grid" and self._desk is not None and not isinstance(self._desk.model, _Nobody),
            finished=readers.finished,
        )


def without_model(catalog: Catalog, choice: Choice, prompt: str) -> Maker:
    """Returns a maker of what needs no model: with a prompt version named, it stops where a model would be asked."""
    if choice == "grid" or not prompt:
        return Maker(catalog, "grid")
    nobody = _Nobody()
    return Maker(catalog, choice, Desk(nobody, load_prompt(prompt), nobody, Spending()))
