"""schemas/*.yaml → TableType and Rule: what a form contains and what must foot, as data.

The language is small and closed (README of schemas/); an unknown word is a SchemaError that names the file.
It does not read documents and does not compute.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ConfigDict, Field, ValidationError

from crossfoot.errors import SchemaError
from crossfoot.figures import ColumnKind, Noun, RowKind, Shape
from crossfoot.labels import header_words, words
from crossfoot.resources import schema_folder

RuleKind = Literal[
    "each row", "rollup", "grand total", "panel total", "panel grand", "balance", "sum", "check",
    "each code", "each name", "each unit", "each project", "equal", "stated",
]  # fmt: skip
Hierarchy = Literal["none", "code", "label", "unit", "position"]


class ColumnType(Noun):
    """A column of a form: the headers it is known by (`基本支出/小计` names the path), its kind and fixed unit."""

    headers: tuple[str, ...]
    kind: ColumnKind
    unit: str | None = None

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """Returns the headers as comparable paths."""
        return tuple(tuple(header_words(part) for part in header.split("/")) for header in self.headers)


class FieldType(Noun):
    """A labelled field of a form; `nth` tells apart fields whose label stands twice in one block."""

    labels: tuple[str, ...]
    kind: ColumnKind = "text"
    nth: int = 1

    @cached_property
    def known(self) -> frozenset[str]:
        """Returns the labels for comparing."""
        return frozenset(header_words(label) for label in self.labels)


class BlockType(Noun):
    """A part of a form: labelled fields, or records under a header row; `tree` columns are filled down."""

    name: str
    fields: Mapping[str, FieldType] = {}
    columns: Mapping[str, ColumnType] = {}
    rows: RowKind = "item"
    tree: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()

    @cached_property
    def leaves(self) -> frozenset[str]:
        """Returns the words right above the columns, for telling header rows from records."""
        return frozenset(path[-1] for column in self.columns.values() for path in column.paths)


class Rule(Noun):
    """One identity as declared, e.g. kind `each row`, text `total = personnel + operating`."""

    kind: RuleKind
    text: str
    names: tuple[str, ...] = ()


class TableType(Noun):
    """A form of a table type, as its YAML file says it."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    type: str
    family: str
    about: str
    shape: Shape
    titles: tuple[str, ...]
    tried: bool = True
    money: bool = True
    columns: Mapping[str, ColumnType] = {}
    panels: Mapping[str, Mapping[str, ColumnType]] = {}
    blocks: tuple[BlockType, ...] = ()
    memo: tuple[str, ...] = ()
    vertical: bool = False
    colon: bool = False
    identities: tuple[Rule, ...] = Field(default=())

    @cached_property
    def known_titles(self) -> tuple[str, ...]:
        """Returns the titles for comparing."""
        return tuple(words(title) for title in self.titles)

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """Returns by what the rows are ordered under one another."""
        for rule in self.identities:
            if rule.kind == "rollup":
                return rule.text  # type: ignore[return-value]  # checked when the rule was parsed
        return "none"

    def all_columns(self) -> Mapping[str, ColumnType]:
        """Returns the columns of a records table, or those of all panels."""
        if self.panels:
            return {key: column for panel in self.panels.values() for key, column in panel.items()}
        return self.columns


class Catalog(Noun):
    """All known table types and the identities between them, per family."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    types: tuple[TableType, ...]
    links: Mapping[str, tuple[Rule, ...]]
    codes: Mapping[str, Mapping[str, str]] = {}

    def economic_codes(self) -> Mapping[str, str]:
        """Returns the 类 codes of the departmental economic classification with their standard names."""
        return self.codes.get("economic", {})

    def get(self, name: str) -> TableType | None:
        """Returns the first table type of that name, or None."""
        return next((known for known in self.types if known.type == name), None)

    @cached_property
    def digest(self) -> bytes:
        """Returns a hash of everything in the catalog, for telling whether a stored document was made with it."""
        return hashlib.sha256(self.model_dump_json().encode()).digest()

    @cached_property
    def forms(self) -> Mapping[tuple[str, str, str], TableType]:
        """Returns the forms by family, type and what they are about, as a reading names them."""
        return {(known.family, known.type, known.about): known for known in reversed(self.types)}

    @cached_property
    def headers(self) -> frozenset[str]:
        """Returns every header word of every form, for telling header rows from data."""
        found: set[str] = set()
        for known in self.types:
            for column in known.all_columns().values():
                found.update(part for path in column.paths for part in path)
            for block in known.blocks:
                found.update(part for column in block.columns.values() for path in column.paths for part in path)
        return frozenset(found)


#: The checks in code that a schema can name; judging/performance.py has them.
NAMED_CHECKS = (
    "scores", "scored_values", "listed_items",
    "execution_scores", "ratio_variants", "authority_codes", "stated_amounts",
)  # fmt: skip
_ROLLUPS = ("code", "label", "unit", "position")
_SIDE = r"[\w\[\]/.*一-鿿（）()、:：“”\"-]+"


def load_catalog(folders: Sequence[Path] = ()) -> Catalog:
    """Returns the built-in table types, and before them those of the user's own folders.

    Raises SchemaError naming the file and what is wrong in it.
    """
    return _load(tuple(folders))


@lru_cache(maxsize=8)
def _load(folders: tuple[Path, ...]) -> Catalog:
    types: list[TableType] = []
    links: dict[str, tuple[Rule, ...]] = {}
    for folder in (*folders, schema_folder()):
        if not folder.is_dir():
            raise SchemaError(f"{folder}: no such folder of schemas")
        for path in sorted(folder.rglob("*.yaml")):
            if path.name == "links.yaml":
                links[path.parent.name] = links.get(path.parent.name, ()) + _read_links(path)
            else:
                types.append(_read_type(path))
    codes = _parsed(schema_folder() / "codes.yml")
    return Catalog(types=tuple(types), links=links, codes=codes)


def check_file(path: Path) -> list[str]:
    """Returns what is wrong in a schema file, one sentence each; an empty list means nothing."""
    try:
        if path.name == "links.yaml":
            _read_links(path)
        else:
            _read_type(path)
    except SchemaError as error:
        return str(error).splitlines()
    return []


def _parsed(path: Path) -> Any:  # noqa: ANN401  YAML is untyped until pydantic has seen it
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SchemaError(f"{path}: {' '.join(str(error).split())}") from None


def _read_type(path: Path) -> TableType:
    content = _parsed(path)
    if not isinstance(content, dict):
        raise SchemaError(f"{path}: must be a mapping that starts with `type:`")
    content = {**content, "identities": [_rule(path, entry) for entry in content.get("identities", [])]}
    try:
        known = TableType.model_validate(content)
    except ValidationError as error:
        problems = [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise SchemaError("\n".join(problems)) from None
    _check_columns(path, known)
    return known


def _read_links(path: Path) -> tuple[Rule, ...]:
    content = _parsed(path)
    if not isinstance(content, list):
        raise SchemaError(f"{path}: must be a list of identities")
    return tuple(_rule(path, entry) for entry in content)


def _rule(path: Path, entry: Any) -> Rule:  # noqa: ANN401
    if not isinstance(entry, dict) or len(entry) != 1:
        raise SchemaError(f"{path}: an identity is one `kind: text`, not {entry!r}")
    kind, text = next(iter(entry.items()))
    names = tuple(map(str, text)) if isinstance(text, list) else (str(text),)
    try:
        rule = Rule(kind=kind, text=" ".join(names), names=names)
    except ValidationError:
        raise SchemaError(f"{path}: unknown kind of identity {kind!r}") from None
    if kind == "rollup" and rule.text not in _ROLLUPS:
        raise SchemaError(f"{path}: rollup by {rule.text!r}; known are {', '.join(_ROLLUPS)}")
    if kind == "check" and rule.text not in NAMED_CHECKS:
        raise SchemaError(f"{path}: unknown check {rule.text!r}; known are {', '.join(NAMED_CHECKS)}")
    if kind in {"each row", "equal", "stated", "sum", "each code", "each name", "each unit", "each project"}:
        relation(rule.text, str(path))
    return rule


def _check_columns(path: Path, known: TableType) -> None:
    columns = {*known.all_columns()} | {key for block in known.blocks for key in block.columns}
    for rule in known.identities:
        if rule.kind != "each row":
            continue
        left, _, right = relation(rule.text, str(path))
        for name in (*(name for _, name in left), *(name for _, name in right)):
            if name not in columns:
                raise SchemaError(f"{path}: `{rule.text}` names {name!r}, which is no column")


@lru_cache(maxsize=1024)
def relation(
    text: str, where: str = "identity"
) -> tuple[tuple[tuple[int, str], ...], str, tuple[tuple[int, str], ...]]:
    """Returns `a = b + c` as signed terms, the relation (`=`, `<=` or `/`) and signed terms.

    >>> relation("total = basic + project")
    (((1, 'total'),), '=', ((1, 'basic'), (1, 'project')))
    """
    sides = re.split(r"\s(<=|=)\s", text)
    if len(sides) != 3:
        raise SchemaError(f"{where}: `{text}` is not of the form `a = b + c`")
    left, sign, right = sides
    if " / " in right:
        numerator, _, denominator = right.partition(" / ")
        return _terms(left, where), "/", (*_terms(numerator, where), *_terms(denominator, where))
    return _terms(left, where), sign, _terms(right, where)


def _terms(side: str, where: str) -> tuple[tuple[int, str], ...]:
    tokens = re.split(r"\s([+-])\s", side.strip())
    terms = [(1, tokens[0])]
    terms += [(1 if sign == "+" else -1, name) for sign, name in zip(tokens[1::2], tokens[2::2], strict=True)]
    for _, name in terms:
        if not re.fullmatch(_SIDE, name):
            raise SchemaError(f"{where}: {name!r} is no column and no `type[row].column`")
    return tuple(terms)
