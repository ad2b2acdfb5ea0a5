"""The JSON Schemas say what comes out, and those in the repository are today's."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from crossfoot.output.jsonschemas import json_schemas, write_json_schemas
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog
from documents_by_hand import CLEAN, flagged_document

IN_REPOSITORY = Path(__file__).parents[1] / "schemas" / "json"


def validator(name: str) -> Draft202012Validator:
    """Returns a validator of that schema file, which may refer to the others."""
    texts = json_schemas(load_catalog())
    resources = [(f"file:///{path}", Resource.from_contents(json.loads(text))) for path, text in texts.items()]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator({"$ref": f"file:///{name}"}, registry=registry)


def test_a_document_is_what_its_schema_says() -> None:
    """What is printed validates, and an amount that is not a string does not."""
    document = flagged_document().model_dump(mode="json")
    assert list(validator("document.json").iter_errors(document)) == []
    document["tables"][0]["rows"][0]["cells"][2]["value"] = 1294.44
    assert list(validator("document.json").iter_errors(document))


def test_a_table_is_what_its_types_schema_says() -> None:
    """A column that neither the form nor the reader could have made is refused."""
    document = structure(from_text(CLEAN, "2021.txt"), load_catalog())
    table = next(table for table in document.tables if table.type == "gpb_expenditure_by_function")
    checked = validator(f"{table.family}/{table.type}.json")
    content = table.model_dump(mode="json")
    assert list(checked.iter_errors(content)) == []
    content["rows"][0]["cells"][0]["column"] = "colour"
    assert list(checked.iter_errors(content))


def test_every_table_type_has_a_valid_schema() -> None:
    """Each file is itself a JSON Schema of the dialect it names."""
    catalog = load_catalog()
    texts = json_schemas(catalog)
    assert len(texts) == 1 + len({(known.family, known.type) for known in catalog.types})
    for text in texts.values():
        Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("name", sorted(json_schemas(load_catalog())))
def test_the_schemas_in_the_repository_are_todays(name: str) -> None:
    """When this fails, run `crossfoot schema json` and look at what changed."""
    assert (IN_REPOSITORY / name).read_text(encoding="utf-8") == json_schemas(load_catalog())[name]


def test_schemas_are_written_as_files(tmp_path: Path) -> None:
    """One file for the document and one for each table type, below a folder per family."""
    written = write_json_schemas(load_catalog(), tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == set(json_schemas(load_catalog()))
