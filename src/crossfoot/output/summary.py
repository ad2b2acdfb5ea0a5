"""Outlines → the end of a batch: counts over all documents, and of many documents only the worst."""

import heapq
from collections import Counter
from typing import NamedTuple, TypeVar

from rich.console import Console
from rich.text import Text

from crossfoot.figures import Finding, Outcome, Severity
from crossfoot.output.findings import print_headline
from crossfoot.output.outline import MOST_FINDINGS, Outline
from crossfoot.output.tallies import STYLES, share
from crossfoot.output.terminal import print_grid, say

#: So many documents have a line each; of more than that only the worst have one.
_MOST_LISTED, _WORST_LISTED = 50, 25
_WORST_FIRST = ("error", "warning", "note")


class Counts:
    """Sums over some documents: tables by outcome, amounts proved, checks, findings."""

    def __init__(self) -> None:
        self.documents = 0
        self.tables: Counter[str] = Counter()
        self.outcomes: Counter[Outcome] = Counter()
        self.severities: Counter[Severity] = Counter()
        self.proved = self.amounts = self.executed = self.declared = self.failed = 0

    def add(self, entry: Outline) -> None:
        """Counts a document in."""
        self.documents += 1
        self.tables.update(entry.tables)
        self.outcomes[entry.outcome] += 1
        self.severities.update(entry.severities)
        tally = entry.tally
        self.proved, self.amounts = self.proved + tally.proved, self.amounts + tally.amounts
        self.executed, self.declared = self.executed + tally.checks_executed, self.declared + tally.checks_declared
        self.failed += tally.checks_failed

    @property
    def fields(self) -> tuple[str | Text, ...]:
        """Returns the counts as the fields of a row."""
        numbers = self.failed, self.severities["error"], self.severities["warning"]
        return (
            self._tables_text(),
            share(self.proved, self.amounts),
            f"{self.executed}/{self.declared}",
            *map(str, numbers),
        )

    def _tables_text(self) -> Text:
        """Returns how many tables were found and how they came out, e.g. `14: 9 footed, 1 copied, 4 flagged`."""
        text = Text()
        for head in dict.fromkeys([*STYLES, *sorted(self.tables)]):
            if self.tables[head]:
                text.append(", " if text else "").append(f"{self.tables[head]} {head}", style=STYLES.get(head, ""))
        return Text(f"{self.tables.total()}: ").append(text) if text else Text("none")


class _Placed(NamedTuple):
    """A finding as the heap keeps it, the least important on top; `rank` is unique, so nothing else is compared."""

    rank: tuple[int, int, int]
    name: str
    finding: Finding


class _Ranked(NamedTuple):
    rank: tuple[int, int, int, int]
    entry: Outline


_Entry = TypeVar("_Entry", _Placed, _Ranked)


class Summary:
    """Takes outlines in any order, says the same in the end, and keeps only so many of them."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._listed: list[tuple[int, Outline]] = []
        self._worst: list[_Ranked] = []
        self._findings: list[_Placed] = []
        self._found = 0

    def add(self, position: int, entry: Outline) -> None:
        """Counts a document in; `position` is its place among the files."""
        self.counts.add(entry)
        self._found += entry.severities.get("error", 0) + entry.severities.get("warning", 0)
        for place, finding in enumerate(entry.findings):
            rank = (-_WORST_FIRST.index(finding.severity), -position, -place)
            _keep(self._findings, _Placed(rank, entry.name, finding), MOST_FINDINGS)
        bare = entry.model_copy(update={"findings": ()})
        severities = entry.severities.get("error", 0), entry.severities.get("warning", 0)
        _keep(self._worst, _Ranked((*severities, entry.tally.checks_failed, -position), bare), _WORST_LISTED)
        if len(self._listed) <= _MOST_LISTED:
            self._listed.append((position, bare))

    def print(self, console: Console) -> None:
        """Prints a line per document (of many: for the worst), one for all, and the worst findings."""
        if not self.counts.documents:
            return
        many = self.counts.documents > _MOST_LISTED
        shown = (
            [one.entry for one in sorted(self._worst, key=lambda one: one.rank, reverse=True)]
            if many
            else [entry for _, entry in sorted(self._listed, key=lambda one: one[0])]
        )
        rows: list[tuple[str | Text, ...]] = [(_who(entry), *_counts_of(entry).fields) for entry in shown]
        if self.counts.documents > 1:
            every = f"{self.counts.documents:,} documents" if many else f"{self.counts.documents} documents"
            rows.append((Text(every, style="bold"), *self.counts.fields))
        head = f"the worst {len(shown)} documents" if many else "document"
        print_grid(console, (head, "tables", ">proved", ">checks", ">failed", ">errors", ">warnings"), rows)
        for one in sorted(self._findings, key=lambda one: one.rank, reverse=True):
            print_headline(console, one.finding, one.name)
        left = self._found - len(self._findings)
        if left > 0:
            say(console, f"… and {left:,} more; `crossfoot flags` lists them all", style="dim")


def _keep(heap: list[_Entry], entry: _Entry, most: int) -> None:
    if len(heap) < most:
        heapq.heappush(heap, entry)
    else:
        heapq.heappushpop(heap, entry)


def _counts_of(entry: Outline) -> Counts:
    counts = Counts()
    counts.add(entry)
    return counts


def _who(entry: Outline) -> Text:
    who = Text(entry.department or entry.name, style=STYLES[entry.outcome])
    who.append(f" {entry.fiscal_year or 'year unknown'}")
    if entry.department:
        who.append(f"\n{entry.name}", style="dim")
    return who
