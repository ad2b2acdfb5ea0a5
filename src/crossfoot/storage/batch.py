"""Files → documents in the store: what is missing is made by many hands, and one writer keeps it.

What need not be redone is known by content: of the text, of the table types, of the code and of what a model was told.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from crossfoot.choosing import Choice
from crossfoot.errors import CrossfootError, SourceError, StoreError
from crossfoot.figures import Document, Source
from crossfoot.output.outline import Outline, outline
from crossfoot.pipeline import collector_paused, structure
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.source import hash_of, load
from crossfoot.storage.hands import Beside, Hands, Here, Means, Shared, collect_after
from crossfoot.storage.inputs import Input, readable
from crossfoot.storage.making import Made, Maker, Task, without_model
from crossfoot.storage.records import Ready, contents, ready
from crossfoot.storage.runs import Course
from crossfoot.storage.store import Store
from crossfoot.tabletypes import Catalog

#: What makes no documents; of what keeps and shows, the rows and the outline of a document are part of it, and how
#: a person's decisions are put in.
_BESIDE = frozenset({"cli", "configuration.py", "evaluation", "output", "storage"})
_OF_DOCUMENTS = frozenset(
    f"{name}.py"
    for name in (
        "output/facts", "output/outline", "output/places", "output/quoting", "storage/records", "storage/resolutions"
    )
)  # fmt: skip


class How:
    """By what documents are structured: the table types, the choice of reader, and the desk of the model, if any."""

    def __init__(
        self,
        catalog: Catalog,
        choice: Choice = "grid",
        desk: Desk | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.catalog = catalog
        self.choice = choice
        self.desk = desk if choice != "grid" else None
        self.say = say

    @cached_property
    def by_code(self) -> str:
        """Returns what a document depends on besides its text if no model may be asked: code and table types."""
        return hashlib.sha256(own_code() + self.catalog.digest).hexdigest()

    @cached_property
    def by_code_alone(self) -> str:
        """Returns the same for a document that asks a model nothing where one may be asked: any model is as good."""
        return hashlib.sha256(own_code() + self.catalog.digest + b"asks nothing").hexdigest()

    @property
    def fingerprint(self) -> str:
        """Returns what a document depends on besides its text: code, table types, and the prompt and model asked."""
        if self.desk is None:
            return self.by_code
        desk = self.desk
        by = (self.choice, desk.prompt.files.sha256, desk.model.identity, desk.model.known_settings)
        return hashlib.sha256(own_code() + self.catalog.digest + "\0".join(by).encode()).hexdigest()

    @property
    def as_good(self) -> tuple[str, ...]:
        """Returns the fingerprints of the documents that would come out the same."""
        return (self.fingerprint,) if self.choice == "llm" else (self.fingerprint, self.by_code_alone)

    def made_with(self, made: Made) -> str:
        """Returns the fingerprint of what was made; an unfinished document has none, so that a rerun takes it up."""
        if not made.finished:
            return ""
        # Only now: the first question finds out settings of the model that belong to it.
        return self.fingerprint if made.asked or self.desk is None else self.by_code_alone


@cache
def own_code() -> bytes:
    """Returns a hash of the code that makes documents, not the version's number: a checkout changes without one."""
    package = Path(__file__).parents[1]
    return hashlib.sha256(b"".join((package / name).read_bytes() for name in modules_of_documents(package))).digest()


def modules_of_documents(package: Path) -> list[str]:
    """Returns the names of the modules on which a document depends, by their paths in the package."""
    names = sorted(path.relative_to(package).as_posix() for path in package.rglob("*.py"))
    return [name for name in names if name.partition("/")[0] not in _BESIDE or name in _OF_DOCUMENTS]


class Done(NamedTuple):
    """What came of a file: a document of this id, new or `kept` as the store has it, or why there is none."""

    position: int
    given: Input
    id: str = ""
    outline: Outline | None = None
    kept: bool = False
    seconds: float = 0.0
    problem: CrossfootError | None = None


class _Trace(Exception):  # noqa: N818  it only carries a text
    """Where a bug of our own arose, in whichever process."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def structure_input(given: Input, catalog: Catalog) -> tuple[Document, Source]:
    """Returns the file's document and text, without looking at any store and without a model."""
    source = load(given.path, given.name)
    return structure(source, catalog), source


def structure_all(  # noqa: PLR0913  what is asked for, and the run that it is a part of
    store: Store, inputs: Iterable[Input], how: How, *, force: bool = False, jobs: int = 1, course: Course | None = None
) -> Iterator[Done]:
    """Yields what came of each file, as it comes: one bad file never stops the others.

    A content is structured once, however many files have it. Each document is kept in one transaction. Only a store
    that cannot be written ends the batch.
    """
    with _hands(how, jobs) as hands, collector_paused():
        batch = _Batch(store, how, hands, force, course)
        for position, given in enumerate(inputs):
            yield from batch.take(position, given)
            while not hands.room:
                yield from batch.settle(hands.next())
        while hands.busy:
            yield from batch.settle(hands.next())


@contextmanager
def _hands(how: How, jobs: int) -> Iterator[Hands]:
    """Yields what makes the documents: this process alone, or others and threads."""
    desk, prompt = how.desk, ""
    asking, askers = None, 0
    if desk is not None:
        prompt = desk.prompt.version
        askers = max(1, desk.model.concurrency)
        if desk.spending.max_tokens is not None or desk.spending.max_cost is not None or jobs == 1:
            askers = 1  # a cap holds for one document after another
        desk = desk._replace(model=Shared(desk.model)) if askers > 1 else desk
        asking = Maker(how.catalog, how.choice, desk, how.say)
    means = None if how.choice == "llm" and asking else Means(how.catalog, how.choice, prompt)
    if jobs == 1 and askers < 2:
        yield Here(without_model(*means) if means else None, asking)
        return
    with Beside(means, jobs, asking, askers) as hands:
        yield hands


class _Batch:
    """The one that decides and writes: which files are missing, and what of them goes into the store."""

    def __init__(self, store: Store, how: How, hands: Hands, force: bool, course: Course | None) -> None:
        self._store = store
        self._how = how
        self._hands = hands
        self._force = force
        self._course = course
        #: Files of a content that is being structured, by its hash.
        self._same: dict[str, list[tuple[int, Input]]] = {}
        self._written = 0

    def take(self, position: int, given: Input) -> Iterator[Done]:
        """Yields what came of the file if that is known at once; else it is given to the hands."""
        try:
            sha256 = hash_of(given.path)
        except SourceError as error:
            yield self._failed(Done(position, given, problem=error))
            return
        entry = self._store.made_from(sha256, *self._how.as_good)
        if entry is not None and (not self._force or self._store.is_of_run(entry.id)):
            path = readable(given.path.resolve())
            self._store.note_file(path, given.name, entry.id)
            said = self._store.outline(entry.id, given.name)
            if self._course is not None:
                self._course.count(said, kept=True)
                self._course.note()
            yield Done(position, given, entry.id, said, kept=True)
        elif sha256 in self._same:
            self._same[sha256].append((position, given))
        else:
            self._same[sha256] = []
            self._hands.put(Task(position, given, sha256))

    def settle(self, made: Made) -> Iterator[Done]:
        """Keeps what was made and yields it, with the other files that have the same content."""
        position, given, sha256 = made.task
        others = self._same.pop(sha256)
        if made.error is not None or made.ready is None or made.outline is None:
            problem = made.error or CrossfootError(f"{given.name}: nothing came of it")
            if isinstance(problem, StoreError):
                raise problem
            problem.__cause__ = _Trace(made.trace) if made.trace else None
            yield self._failed(Done(position, given, seconds=made.seconds, problem=problem))
        else:
            yield self._kept(made, made.ready, made.outline)
        for other in others:
            yield from self.take(*other)

    def _kept(self, made: Made, document: Ready, said: Outline) -> Done:
        """Keeps a document with what persons decided about it; whatever cannot be put in costs this document alone."""
        position, given, _ = made.task
        try:
            with self._store.writing():
                document, said = self._with_decisions(given, document, said)
                self._store.keep(document, readable(given.path.resolve()), self._how.made_with(made))
                if self._course is not None:
                    self._course.count(said, kept=False)
                    self._course.write()
        except StoreError:
            raise
        except CrossfootError as problem:
            return self._failed(Done(position, given, seconds=made.seconds, problem=problem))
        self._written += 1
        collect_after(self._written)
        return Done(position, given, document.id, said, seconds=made.seconds)

    def _with_decisions(self, given: Input, made: Ready, said: Outline) -> tuple[Ready, Outline]:
        """Returns the document judged with what persons decided about it; whoever made it has no store to ask."""
        if not self._store.resolutions.of_document(made.id):
            return made, said
        try:
            document, source = contents(made)
            document = self._store.resolutions.applied_to(document, source, self._how.catalog)
            return ready(document, source), outline(document)
        except StoreError:
            raise
        except Exception as error:
            raise CrossfootError(f"{given.name}: what was decided about it cannot be put in: {error!r}") from error

    def _failed(self, done: Done) -> Done:
        if self._course is not None:
            self._course.failed += 1
            self._course.note()
        return done
