"""A run's file: one measurement to a line of JSON, appended as they are made, so that a killed run goes on."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from crossfoot.errors import CrossfootError
from crossfoot.evaluation.measure import Task
from crossfoot.evaluation.nouns import Measurement, Setting

#: How the line of every measurement begins: with its first field.
_BEGINNING = f'{{"{next(iter(Measurement.model_fields))}":"'.encode()


class RunError(CrossfootError):
    """A run's file that is missing, holds no measurements, or does not hold what is asked of it."""


def task_of(measurement: Measurement) -> Task:
    """Returns what was measured."""
    return Task(subject=measurement.subject, condition=measurement.condition, setting=measurement.setting)


def load_run(path: Path) -> list[Measurement]:
    """Returns the measurements of a run's file, the last of each task, ordered by setting, condition and subject.

    A last line that was cut while it was written is left out; raises RunError where the file is no run's.
    """
    if not path.is_file():
        raise RunError(f"{path}: no such run; crossfoot eval run --out {path} makes one")
    last: dict[Task, Measurement] = {}
    for measurement in _whole(path):
        last[task_of(measurement)] = measurement
    return sorted(last.values(), key=_order)


def _whole(path: Path) -> Iterator[Measurement]:
    for number, measurement in _measurements(path):
        if measurement is None:
            raise RunError(f"{path}:{number}: this line is no measurement of this version of crossfoot")
        yield measurement


def _measurements(path: Path) -> Iterator[tuple[int, Measurement | None]]:
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield number, Measurement.model_validate_json(line)
            except ValidationError:
                if number < len(lines) or not _is_cut(line):
                    yield number, None


def _is_cut(line: bytes) -> bool:
    """Says whether the line may be the beginning of a measurement, cut off while it was written."""
    return line.startswith(_BEGINNING[: len(line)])


def _order(one: Measurement) -> tuple[str, ...]:
    condition, setting = one.condition, one.setting
    where = f"{condition.level:03}", f"{condition.seed:06}", one.subject
    return setting.reader, setting.prompt, setting.model, condition.degradation, *where


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keeps other runs away from a file while one writes it: each would put the file in order without the other's.

    Raises RunError where another run is at it, or where it cannot be written.
    """
    import fcntl

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(f"{path}: another run is writing it; --out names another file") from None
        yield


class RunFile:
    """A run's file to which measurements are added; opens with what it has, and takes off a line that was cut.

    Raises RunError for a file that holds anything else: it would be lost.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.made = {task_of(one): one for one in _whole(path)} if path.is_file() else {}
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                if file.tell():
                    _mend(path)
        except RunError as error:
            raise RunError(f"{error}; --out names another file") from None
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror})") from None

    def add(self, measurement: Measurement) -> None:
        """Writes a measurement through to the disk."""
        self.made[task_of(measurement)] = measurement
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(measurement.model_dump_json() + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RunError(
                f"{self.path}: cannot be written ({error.strerror}); the same command goes on here"
            ) from None

    def tidy(self) -> None:
        """Writes the file anew, in order, without the measurements that later ones have replaced."""
        kept = sorted(self.made.values(), key=_order)
        beside = self.path.with_suffix(".part")
        try:
            beside.write_text("".join(one.model_dump_json() + "\n" for one in kept), encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise RunError(f"{self.path}: cannot be put in order ({error.strerror}); nothing of it is lost") from None


def _mend(path: Path) -> None:
    """Ends the last line of a file, or takes it off where it was cut."""
    written = path.read_bytes()
    last = written[written.rfind(b"\n") + 1 :]
    if not last:
        return
    try:
        Measurement.model_validate_json(last)
    except ValidationError:
        os.truncate(path, len(written) - len(last))
    else:
        with path.open("ab") as file:
            file.write(b"\n")


def of_setting(measurements: Iterable[Measurement], words: str) -> list[Measurement]:
    """Returns the measurements whose reader, prompt version or model is each of the words, given as `llm,rows-1`."""
    wanted = [word for word in words.split(",") if word]
    return [one for one in measurements if all(word in _names(one.setting) for word in wanted)]


def _names(setting: Setting) -> tuple[str, str, str]:
    return setting.reader, setting.prompt, setting.model
