"""Questions → replies as they come, several under way at once.

The threads are daemons: whoever ends the program does not wait for the answers under way, as a pool would.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

from crossfoot.errors import ModelRefused, ModelUnavailable
from crossfoot.reading.llm.asked import Asked, Model, Reply

Answered = Reply | ModelRefused | ModelUnavailable
_Came = SimpleQueue[tuple[int, Answered | BaseException]]


def answers(model: Model, questions: Mapping[int, Asked]) -> Iterator[tuple[int, Answered]]:
    """Yields each reply with the place of its question when it is there, or why there is none.

    After a ModelUnavailable the questions not yet under way are not asked any more; they have the same error.
    """
    if len(questions) < 2:
        yield from ((place, _answer(model, asked)) for place, asked in questions.items())
        return
    waiting, came = deque(questions.items()), _Came()
    for _ in range(min(len(questions), max(1, model.concurrency))):
        Thread(target=_work, args=(model, waiting, came), daemon=True).start()
    rest = len(questions)
    try:
        while rest:
            place, reply = came.get()
            if not isinstance(reply, Answered):
                raise reply
            places = [place, *(_cleared(waiting) if isinstance(reply, ModelUnavailable) else ())]
            rest -= len(places)
            yield from ((one, reply) for one in places)
    finally:
        waiting.clear()


def _work(model: Model, waiting: "deque[tuple[int, Asked]]", came: "_Came") -> None:
    """Answers what is waiting until nothing is."""
    for place, asked in _taken(waiting):
        try:
            came.put((place, _answer(model, asked)))
        except BaseException as error:  # noqa: BLE001  a bug must be seen where it is waited for
            came.put((place, error))


def _answer(model: Model, asked: Asked) -> Answered:
    try:
        return model.ask(asked)
    except (ModelRefused, ModelUnavailable) as error:
        return error


def _cleared(waiting: "deque[tuple[int, Asked]]") -> list[int]:
    """Takes all that is waiting and returns its places."""
    return [place for place, _ in _taken(waiting)]


def _taken(waiting: "deque[tuple[int, Asked]]") -> Iterator[tuple[int, Asked]]:
    """Yields what is waiting, each question to one thread only, until nothing is."""
    with suppress(IndexError):
        while True:
            yield waiting.popleft()
