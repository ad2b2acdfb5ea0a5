"""Document and table types → JSON Schema files, so that others can check what they receive."""

import json
from pathlib import Path

from crossfoot.figures import Document
from crossfoot.tabletypes import Catalog, TableType

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schemas(catalog: Catalog) -> dict[str, str]:
    """Returns the schema texts by file name: `document.json`, and `<family>/<type>.json` for each table type."""
    document = {"$schema": _DIALECT, **Document.model_json_schema(mode="serialization")}
    found = {"document.json": _text(document)}
    for known in catalog.types:
        found.setdefault(f"{known.family}/{known.type}.json", _text(_of_type(known)))
    return found


def write_json_schemas(catalog: Catalog, folder: Path) -> tuple[Path, ...]:
    """Writes the schemas below the folder and returns their paths."""
    written: list[Path] = []
    for name, text in json_schemas(catalog).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return tuple(written)


def _of_type(known: TableType) -> dict[str, object]:
    """Returns what a table of this type is beyond being a table; columns unknown to the form are c1, c2, and so on."""
    column = {"anyOf": [{"enum": _keys(known)}, {"pattern": "^c[0-9]+$"}]}
    cells = {"type": "array", "items": {"properties": {"column": column}}}
    row: dict[str, object] = {"cells": cells}
    if known.panels:
        row["panel"] = {"enum": list(known.panels)}
    return {
        "$schema": _DIALECT,
        "title": known.type,
        "description": known.about,
        "allOf": [{"$ref": "../document.json#/$defs/Table"}],
        "properties": {
            "type": {"const": known.type},
            "family": {"const": known.family},
            "shape": {"const": known.shape},
            "rows": {"type": "array", "items": {"properties": row}},
        },
    }


def _keys(known: TableType) -> list[str]:
    keys = dict.fromkeys(known.all_columns())
    for block in known.blocks:
        keys.update(dict.fromkeys([*block.fields, *block.columns]))
    return list(keys)


def _text(schema: dict[str, object]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
