"""A scripted model: it answers from hand-written truth, in whichever wire format the question asks for."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from crossfoot.reading.llm.asked import Asked, Reply

TRUTH = Path(__file__).parents[1] / "eval" / "cases"
_RECORD = re.compile(r"^L(\d+)\|", re.MULTILINE)


def load_truth(path: Path) -> dict[str, Any]:
    truth: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return truth


def printed_rows(truths: Iterable[Mapping[str, Any]]) -> dict[int, Sequence[str]]:
    """Returns the printed cells of each row and header of some tables of one document, by line."""
    rows: dict[int, Sequence[str]] = {}
    for truth in truths:
        for row in (*truth["header"], *truth["rows"]):
            if isinstance(row, dict):
                rows[row.get("line") or row["lines"][0]] = row["printed"]
            else:
                rows[row[0]] = row[1]
    return rows


class ScriptedModel:
    """Answers each record with the cells that `rows` has for its line.

    A line of which the truth says that it is no data (a merged label, a repeated total) is copied as it is shown.
    `spoil` may change an answer, given as text with the number of the question, before it is sent.
    """

    name = identity = "scripted"
    settings = known_settings = "scripted"

    def __init__(
        self,
        rows: Mapping[int, Sequence[str]],
        spoil: Callable[[str, int], str] | None = None,
        concurrency: int = 1,
    ) -> None:
        self.rows = rows
        self.spoil = spoil
        self.concurrency = concurrency
        self.asked: list[Asked] = []

    def ask(self, asked: Asked) -> Reply:
        """Returns the scripted answer."""
        self.asked.append(asked)
        number = len(self.asked)
        properties = asked.answer.model_json_schema()["properties"]
        if "rows" not in properties:
            return Reply("", "garbled", len(asked.user), 0, "the script has rows of tables only")
        item = properties["rows"]["items"]
        rows = [self._row(int(match[1]), asked, item) for match in _RECORD.finditer(asked.user)]
        text = json.dumps({"rows": rows}, ensure_ascii=False)
        text = text if self.spoil is None else self.spoil(text, number)
        try:
            asked.answer.model_validate_json(text, context=dict(asked.context))
        except ValueError as error:
            return Reply(text, "garbled", len(asked.user), len(text), str(error)[:80])
        return Reply(text, "stop", len(asked.user), len(text))

    def _row(self, number: int, asked: Asked, item: Mapping[str, Any]) -> object:
        shown = asked.context["records"][number].fields
        cells = self.rows.get(number) or [field.text for field in shown]
        cells = [cell.replace("|", "¦").replace('"', "”") for cell in cells]
        if item["type"] == "string":
            return "|".join([f"L{number}", *cells])
        names = [name for name in item["properties"] if name != "line"]
        if names == ["cells"]:
            return {"line": number, "cells": [cell for cell in cells if cell]}
        return {"line": number, **{name: cells[i] if i < len(cells) else "" for i, name in enumerate(names)}}
