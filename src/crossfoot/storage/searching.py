"""Words → the lines of the stored texts that have them all, with the tables in which these stand.

An index of trigrams says which documents may have the words; only their texts are looked through. It changes nothing.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crossfoot.errors import QueryError
from crossfoot.figures import LINE_END, DocumentKind, Noun, Span
from crossfoot.storage.departments import in_region
from crossfoot.storage.query import find_departments
from crossfoot.storage.store import Store, Stored, TablePlace

#: As search_texts in analysis.sql: blanks go, full-width punctuation becomes half-width.
_FOLDED = {" ": "", "\u3000": "", "\xa0": "", "（": "(", "）": ")", "：": ":", "，": ",", "．": "."}
_TRANSLATION = str.maketrans(_FOLDED)
_TRIGRAM = 3
#: A word of one or two characters begins this many trigrams at most for the index to be of use.
_MOST_TERMS = 200


class Filters(NamedTuple):
    """Which documents are searched; nothing given leaves nothing out."""

    department: str | None = None
    region: str | None = None
    year: int | None = None
    kind: DocumentKind | None = None


class Line(Noun):
    """A line that has all the words: its text, where in it they stand, and the table it belongs to, if any."""

    line: int
    text: str
    marks: tuple[Span, ...]
    table: TablePlace | None


class Hit(Noun):
    """A document with its lines that have all the words."""

    document: Stored
    lines: tuple[Line, ...]


def search(store: Store, words: Sequence[str], filters: Filters = Filters()) -> Iterator[Hit]:  # noqa: B008  frozen
    """Yields the documents that have a line with all the words: those with a table titled so first, then by department.

    Blanks and the width of punctuation make no difference, nor does upper case.
    """
    wanted = tuple(dict.fromkeys(folded(word) for word in words if folded(word)))
    if not wanted:
        raise QueryError("nothing to search for; give a word")
    allowed = _allowed(store, filters)
    queries = [_query(store, word) for word in wanted]
    if None in queries:
        return
    match = " AND ".join(query for query in queries if query)
    candidates = store.with_terms(match, wanted, filters.year, filters.kind)
    for document, department, region in candidates:
        if allowed is not None and (department, region) not in allowed:
            continue
        lines = tuple(_lines(store, document, wanted))
        if lines:
            yield Hit(document=store.by_id(document)[0], lines=lines)


def folded(text: str) -> str:
    """Returns the text as it is searched for: `收 入（万元）` and `收入(万元)` are one."""
    return text.translate(_TRANSLATION).lower()


def _allowed(store: Store, filters: Filters) -> set[tuple[str, str]] | None:
    """Returns the departments, with their regions, that the filters leave, or None for all."""
    if filters.department:
        found = find_departments(store, filters.department, region=filters.region)
    elif filters.region:
        found = in_region(store.departments(), filters.region)
        if not found:
            raise QueryError(f"no department of {filters.region} in the store")
    else:
        return None
    return {(one.name if one.is_named else "", one.region) for one in found}


def _query(store: Store, word: str) -> str | None:
    """Returns the word as a question to the index, "" if the index cannot narrow it down, None if no text has it."""
    if len(word) >= _TRIGRAM:
        trigrams = dict.fromkeys(word[at : at + _TRIGRAM] for at in range(len(word) - _TRIGRAM + 1))
        return " AND ".join(map(_quoted, trigrams))
    terms = store.terms_from(word, _MOST_TERMS + 1)
    if len(terms) > _MOST_TERMS:
        return ""
    return f"({' OR '.join(map(_quoted, terms))})" if terms else None


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _lines(store: Store, document: str, wanted: Sequence[str]) -> Iterator[Line]:
    text = store.text(document)
    whole = folded(text)
    if not all(word in whole for word in wanted):
        return
    tables = store.tables(document)
    for number, line in enumerate(LINE_END.split(text), start=1):
        plain = folded(line)
        if all(word in plain for word in wanted):
            around = [table for table in tables if table.first_line <= number <= table.last_line]
            table = min(around, key=lambda table: table.last_line - table.first_line, default=None)
            yield Line(line=number, text=line, marks=_marks(line, wanted), table=table)


def _marks(line: str, wanted: Sequence[str]) -> tuple[Span, ...]:
    """Returns where the words stand in the line as it is printed, from left to right, none inside another."""
    letters = [(letter, at) for at, printed in enumerate(line) for letter in folded(printed)]
    plain = "".join(letter for letter, _ in letters)
    found: list[Span] = []
    for word in wanted:
        start = plain.find(word)
        while start >= 0:
            found.append((letters[start][1], letters[start + len(word) - 1][1] + 1))
            start = plain.find(word, start + len(word))
    marks: list[Span] = []
    for first, last in sorted(found):
        if marks and first <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(last, marks[-1][1]))
        else:
            marks.append((first, last))
    return tuple(marks)
