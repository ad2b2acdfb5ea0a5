"""Headers that code does not know → schema fields: the model is asked only for those, from the fields still unused.

What it answers is a proposal; it is believed where the table's own sums survive it (pipeline.py sees to that).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, create_model

from crossfoot.reading.fields import Fields
from crossfoot.reading.layout import Layout
from crossfoot.reading.llm.asked import Asked
from crossfoot.reading.llm.sheets import shown_text
from crossfoot.reading.llm.windows import Desk, answer_of, ask
from crossfoot.tabletypes import TableType

_NONE = "none"
#: Heads of what is no amount of this year: never one of the form's own columns under another name.
_OF_ANOTHER = re.compile(r"上年|上一年|去年|前年|增减|增长|比例|占比|率|人数|数量|其中")
_SAMPLES = 3
#: More leftover columns than this are not a form with a few strange headers but another form.
_MOST = 6


class Leftover(NamedTuple):
    """The amount columns that a form does not know, by position, and its amount fields that no column took."""

    positions: tuple[int, ...]
    fields: tuple[str, ...]


def leftover(layout: Layout, known: TableType) -> Leftover:
    """Returns what is left to map; nothing for tables with lists side by side, where a field is not one column."""
    if known.shape != "records" or len(layout.panels) != 1:
        return Leftover((), ())
    columns = layout.panels[0].columns
    used = {column.key for column in columns.values()}
    positions = tuple(
        p
        for p, c in sorted(columns.items())
        if c.key not in known.columns and c.kind == "amount" and not _OF_ANOTHER.search(c.header)
    )
    fields = tuple(key for key, spec in known.columns.items() if spec.kind == "amount" and key not in used)
    return Leftover(positions, fields) if len(positions) <= _MOST else Leftover((), ())


def ask_columns(
    desk: Desk, title: str, left: Leftover, known: TableType, rows: tuple[Layout, Sequence[Fields]]
) -> dict[int, str]:
    """Returns position → field as the model proposes it, each field once; raises ModelUnavailable."""
    layout, body = rows
    columns = layout.panels[0].columns
    slots = {
        "title": shown_text(title),
        "columns": [(shown_text(columns[p].header) or "（无表头）", _samples(body, p)) for p in left.positions],
        "fields": [(key, shown_text(next(iter(known.columns[key].headers), key))) for key in left.fields],
    }
    asked = Asked(
        system=desk.prompt.fill("columns_system", {}).strip(),
        user=desk.prompt.fill("columns", slots).strip(),
        answer=_answer(left),
        max_tokens=40 + 16 * len(left.positions),
        context={},
    )
    (reply,) = ask(desk, [asked], "columns")
    answer = answer_of(asked, reply)
    if answer is None:
        return {}
    named: list[str] = getattr(answer, "columns")  # noqa: B009  made at run time
    return {
        place: key
        for place, key in zip(left.positions, named, strict=True)
        if key != _NONE and named.count(key) == 1
    }  # fmt: skip


def rivals(named: Mapping[int, str], left: Leftover) -> Iterator[dict[int, str]]:
    """Yields every other way to give as many leftover columns unused fields; a sum that several fit pins none."""
    for positions in combinations(left.positions, len(named)):
        for keys in permutations(left.fields, len(named)):
            other = dict(zip(positions, keys, strict=True))
            if other != dict(named):
                yield other


def _answer(left: Leftover) -> type[BaseModel]:
    number = len(left.positions)
    names: Any = Literal[(*left.fields, _NONE)]
    return create_model(
        "Columns",
        __config__=ConfigDict(extra="forbid"),
        columns=(Annotated[list[names], Field(min_length=number, max_length=number)], ...),
    )


def _samples(body: Sequence[Fields], place: int) -> list[str]:
    texts = [shown_text(row[place].text) for row in body if place < len(row) and row[place].text]
    return texts[:_SAMPLES]
