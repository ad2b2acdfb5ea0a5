"""Measurements as lines of JSON: what came out is kept raw, so that a killed run goes on and scores are made later.

A measurement is taken up only if it was made of the very code and prompts that stand in the checkout.
"""

import ast
import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
SEED = 1

Measurement = dict[str, Any]


class Key(NamedTuple):
    """What was measured: `code` is the hash of all that decides the outcome."""

    way: str
    prompt: str
    condition: str
    table: str
    seed: int
    code: str


class Measurements:
    """The measurements in a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: dict[Key, Measurement] = {}
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                self._found[Key(**entry["key"])] = entry

    def __contains__(self, key: Key) -> bool:
        """Says whether that was measured."""
        return key in self._found

    def get(self, key: Key) -> Measurement | None:
        """Returns the measurement, or None."""
        return self._found.get(key)

    def newest_code(self, way: str) -> str:
        """Returns the hash of the code that was measured last in that way, "" for none; a report is about that one."""
        return next((key.code for key in reversed(self._found) if key.way == way), "")

    def add(self, key: Key, measurement: Measurement) -> None:
        """Appends a measurement and writes it through."""
        entry = {"key": key._asdict(), **measurement}
        self._found[key] = entry
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def code_of(paths: Sequence[str]) -> str:
    """Returns a hash of what the paths say: of Python files the syntax tree, so that comments do not matter."""
    digest = hashlib.sha256()
    for start in paths:
        files = sorted((ROOT / start).rglob("*")) if (ROOT / start).is_dir() else [ROOT / start]
        for path in files:
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".json":
                content = path.read_text(encoding="utf-8")
                said = ast.dump(ast.parse(content)) if path.suffix == ".py" else content
                digest.update(f"{path.relative_to(ROOT)}\0{said}\0".encode())
    return digest.hexdigest()[:12]


def commit_of(paths: Sequence[str]) -> str:
    """Returns the commit that is checked out; refuses to measure what is not committed."""
    changed = _git("status", "--porcelain", "--", *paths)
    if changed:
        sys.exit(f"measure only what is committed; changed are:\n{changed}")
    return _git("rev-parse", "--short", "HEAD")


def machine() -> str:
    """Returns the machine in a few words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.machine()}, {cores} cores, Python {platform.python_version()}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Yields the lines of a Markdown table."""
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return done.stdout.strip()
