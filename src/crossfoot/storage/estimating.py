"""What a run would do, before it does anything: how many files are missing, how long they take, how many tokens.

A sample of the missing files is structured without a model and thrown away; nothing is written and nothing asked.
"""

import time
from collections.abc import Iterable
from typing import NamedTuple

from crossfoot.errors import CrossfootError
from crossfoot.figures import Document, Source
from crossfoot.pipeline import structure
from crossfoot.reading.llm.sentences import NUMERALS_OF_A_QUESTION
from crossfoot.reading.llm.windows import WINDOW_CHARACTERS, WINDOW_RECORDS
from crossfoot.reading.prose import unread_numerals
from crossfoot.reading.source import hash_of, load
from crossfoot.storage.batch import How
from crossfoot.storage.inputs import Input
from crossfoot.storage.records import ready
from crossfoot.storage.store import Store

_SAMPLE = 20
_SECONDS = 10.0
#: What goes with every window, and with every question about sentences and every numeral in it.
_TOKENS_OF_A_WINDOW, _TOKENS_OF_A_QUESTION, _TOKENS_OF_A_NUMERAL = 450, 330, 65
_SIGNS_OF_A_RECORD = 8


class Estimate(NamedTuple):
    """How many files would be structured, are there already (or are copies), and cannot be read.

    `seconds` are those of one processor; `tokens` are None without a model. Both come from `sampled` documents.
    """

    missing: int
    kept: int
    unreadable: int
    sampled: int
    seconds: float
    tokens: int | None


def estimate(store: Store | None, inputs: Iterable[Input], files: int, how: How, *, force: bool = False) -> Estimate:
    """Returns what a run over the inputs would do; `files` is about how many there are."""
    sample = _Sample(how, max(1, files // _SAMPLE))
    seen: set[int] = set()
    missing = kept = unreadable = 0
    for given in inputs:
        try:
            sha256 = hash_of(given.path)
        except CrossfootError:
            unreadable += 1
            continue
        content = int(sha256[:16], 16)
        is_kept = store is not None and not force and store.made_from(sha256, *how.as_good) is not None
        if is_kept or content in seen:
            kept += 1
            continue
        seen.add(content)
        try:
            sample.take(missing, load(given.path, given.name))
        except CrossfootError:
            unreadable += 1
        else:
            missing += 1
    tokens = None if how.desk is None else round(sample.tokens_each * missing)
    return Estimate(missing, kept, unreadable, sample.size, sample.seconds_each * missing, tokens)


class _Sample:
    """Every so many of the missing documents, as long as that takes no longer than a person waits."""

    def __init__(self, how: How, stride: int) -> None:
        self._how = how
        self._stride = stride
        self._until = time.monotonic() + _SECONDS
        self._seconds = 0.0
        self._tokens = 0
        self.size = 0

    @property
    def seconds_each(self) -> float:
        """Returns the processor's time for one document."""
        return self._seconds / self.size if self.size else 0.0

    @property
    def tokens_each(self) -> float:
        """Returns the tokens for one document."""
        return self._tokens / self.size if self.size else 0.0

    def take(self, number: int, source: Source) -> None:
        """Measures the text if it is one of the sample."""
        if number % self._stride or time.monotonic() > self._until:
            return
        started = time.process_time()
        document = structure(source, self._how.catalog)
        ready(document, source)
        self._seconds += time.process_time() - started
        self._tokens += _tokens_of(document, source, whole=self._how.choice == "llm")
        self.size += 1


def _tokens_of(document: Document, source: Source, *, whole: bool) -> int:
    """Returns about how many tokens a model takes for what columns do not tell, or for `whole` documents."""
    numerals = len(unread_numerals(source, document.sections, document.facts))
    tokens = _TOKENS_OF_A_QUESTION * -(-numerals // NUMERALS_OF_A_QUESTION) + _TOKENS_OF_A_NUMERAL * numerals
    for table in document.tables:
        if table.body == "present" and (whole or table.reader == "none"):
            first, last = table.lines
            lengths = [len(source.line(line).text) for line in range(first, last + 1)]
            shown, records = sum(lengths), sum(1 for length in lengths if length)
            windows = max(-(-records // WINDOW_RECORDS), -(-shown // WINDOW_CHARACTERS))
            tokens += windows * _TOKENS_OF_A_WINDOW + 2 * shown + _SIGNS_OF_A_RECORD * records
    return tokens
