"""Tasks → what came of them, in whatever order: by processes where no model is asked, by threads where one is.

Each process has a thread of its own here that hands it tasks and takes back what it made. The document in the hands of
a process that dies is given to another; one of which two have died is given up. When this process dies, however it
does, the others end.
"""

import gc
import multiprocessing
import os
import signal
from contextlib import suppress
from itertools import count
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import Queue, SimpleQueue
from threading import BoundedSemaphore, Lock, Thread
from typing import NamedTuple, Protocol, Self

from crossfoot.choosing import Choice
from crossfoot.errors import CrossfootError
from crossfoot.pipeline import collector_paused
from crossfoot.reading.llm.asked import Asked, Model, Reply
from crossfoot.storage.making import Made, Maker, Task, without_model
from crossfoot.tabletypes import Catalog

#: Results that wait for the writer, for each hand: more would only take memory.
_AHEAD = 2
#: So many documents are made or kept between two searches for what is no longer needed.
_BETWEEN_COLLECTIONS = 50
#: A document of which so many processes have died is given up: it may be what kills them.
_PROCESSES_FOR_A_DOCUMENT = 2


class Means(NamedTuple):
    """What a process makes documents by; `prompt` is empty if no model may be asked."""

    catalog: Catalog
    choice: Choice
    prompt: str


class Hands(Protocol):
    """What makes documents: tasks are put in, results come out; `busy` are under way, `room` says if more may be."""

    @property
    def busy(self) -> int:
        """Returns how many tasks are under way."""

    @property
    def room(self) -> bool:
        """Says whether another task may be put in."""

    def put(self, task: Task) -> None:
        """Takes a task."""

    def next(self) -> Made:
        """Returns what came of one of the tasks; waits for it."""


class Here:
    """Makes one document at a time, in this very thread; asks the model where the first maker stops at it."""

    def __init__(self, first: Maker | None, asking: Maker | None) -> None:
        self._makers = [maker for maker in (first, asking) if maker is not None]
        self._tasks: list[Task] = []

    @property
    def busy(self) -> int:
        """Returns how many tasks are under way."""
        return len(self._tasks)

    @property
    def room(self) -> bool:
        """Says whether another task may be put in."""
        return not self._tasks

    def put(self, task: Task) -> None:
        """Takes a task."""
        self._tasks.append(task)

    def next(self) -> Made:
        """Makes the document."""
        task = self._tasks.pop()
        made = self._makers[0].make(task)
        return self._makers[1].make(task) if made.wants_model else made


class Beside:
    """Makes documents in processes, and those that need a model in threads, so many as are useful."""

    def __init__(self, means: Means | None, jobs: int, asking: Maker | None, askers: int) -> None:
        self._means = means
        self._jobs = jobs
        self._asking = asking
        self._askers = askers
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._to_ask: SimpleQueue[Task] = SimpleQueue()
        self._made: Queue[Made] = Queue(maxsize=_AHEAD * (jobs + askers))
        self._hands = self._asking_hands = self._asked = 0
        self._workers: dict[int, _Worker] = {}
        self._starting = Lock()
        self._closed = False
        self.busy = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._starting:  # a process that is half started when this one ends dies with a traceback
            self._closed = True
            for worker in self._workers.values():
                worker.process.kill()

    @property
    def room(self) -> bool:
        """Says whether another task may be put in; those that wait are small, so that no hand ever waits for them."""
        return self.busy < 4 * (self._jobs + self._askers)

    def put(self, task: Task) -> None:
        """Takes a task; a process is started when there is work for it and not before."""
        self.busy += 1
        if self._means is None:
            self._ask_about(task)
            return
        if self._hands < min(self._jobs, self.busy):
            Thread(target=self._hand, args=(self._hands, self._means), daemon=True).start()
            self._hands += 1
        self._tasks.put(task)

    def next(self) -> Made:
        """Returns what came of one of the tasks."""
        while True:
            made = self._made.get()
            if not made.wants_model:
                self.busy -= 1
                self._asked -= made.asked
                return made
            self._ask_about(made.task)

    def _ask_about(self, task: Task) -> None:
        self._asked += 1
        if self._asking_hands < min(self._askers, self._asked) and self._asking is not None:
            Thread(target=self._asking_hand, args=(self._asking,), daemon=True).start()
            self._asking_hands += 1
        self._to_ask.put(task)

    def _asking_hand(self, maker: Maker) -> None:
        while True:
            self._made.put(maker.make(self._to_ask.get()))

    def _hand(self, number: int, means: Means) -> None:
        while True:
            task = self._tasks.get()
            if self._closed:
                return
            try:
                made = self._made_by(number, task, means)
            except Exception as error:  # noqa: BLE001  whatever it is, somebody waits for this task
                made = Made(task, 0.0, error=CrossfootError(f"{task.given.name}: no process could take it: {error!r}"))
            self._made.put(made)

    def _made_by(self, number: int, task: Task, means: Means) -> Made:
        """Returns what a process made of the task; who kills one process at random does not cost a document."""
        died = ""
        for _ in range(_PROCESSES_FOR_A_DOCUMENT):
            try:
                with self._starting:
                    if self._closed:
                        break
                    worker = self._workers.get(number) or _started(means)
                    self._workers[number] = worker
            except (OSError, EOFError) as error:  # it died before it had begun
                died = f"no process could be started ({error!r})"
                continue
            made = worker.made(task)
            if made is not None:
                return made
            with self._starting:
                del self._workers[number]
            died = worker.death()
        return Made(task, 0.0, error=CrossfootError(f"{task.given.name}: {died}; the same command tries again"))


class _Worker(NamedTuple):
    process: BaseProcess
    line: "Connection[object, object]"

    def made(self, task: Task) -> Made | None:
        """Returns what the process made of the task; None if it died of it."""
        try:
            self.line.send(task)
            made = self.line.recv()
        except (EOFError, OSError):
            return None
        assert isinstance(made, Made)  # noqa: S101  nothing else is sent
        return made

    def death(self) -> str:
        """Returns how the process ended."""
        self.process.join(5)
        status = self.process.exitcode
        how = f"killed by signal {-status}" if status is not None and status < 0 else f"status {status}"
        return f"the processes that structured it died (the last: {how})"


def _started(means: Means) -> _Worker:
    # A server that has imported everything once makes a process in no time, and they share its memory.
    ways = multiprocessing.get_all_start_methods()
    here, there = multiprocessing.Pipe()
    process: BaseProcess
    if "forkserver" in ways:
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload([__name__])
        # The server is deaf to Ctrl-C only when it has imported everything; till then it is by what it inherits.
        resource_tracker.ensure_running()  # which takes the signal out of the thread's mask
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        process = server.Process(target=_work, args=(there, means), daemon=True)
    else:
        process = multiprocessing.get_context("spawn").Process(target=_work, args=(there, means), daemon=True)
    process.start()
    there.close()
    return _Worker(process, here)


def _work(line: "Connection[object, object]", means: Means) -> None:
    """Is the life of a process: tasks come in, results go out, until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()
    maker = without_model(*means)
    with suppress(EOFError, OSError), collector_paused():
        for number in count(1):
            task = line.recv()
            assert isinstance(task, Task)  # noqa: S101  nothing else is sent
            line.send(maker.make(task))
            collect_after(number)


def collect_after(documents: int) -> None:
    """Looks for cycles of what is no longer needed, but not after each document, nor in the midst of one."""
    if documents % _BETWEEN_COLLECTIONS == 0:
        gc.collect()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


class Shared:
    """A model that several documents ask at once: no more calls are under way than it answers side by side."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._free = BoundedSemaphore(max(1, model.concurrency))
        self.name = model.name
        self.concurrency = model.concurrency

    @property
    def identity(self) -> str:
        """Returns the model's."""
        return self._model.identity

    @property
    def settings(self) -> str:
        """Returns the model's."""
        return self._model.settings

    @property
    def known_settings(self) -> str:
        """Returns the model's."""
        return self._model.known_settings

    def ask(self, asked: Asked) -> Reply:
        """Returns the model's reply, when it is free to give one."""
        with self._free:
            return self._model.ask(asked)
