"""Writes eval/cases/case.schema.json, the JSON Schema of a case file, from the model that loads one; `make fresh`."""

import json
from pathlib import Path

from crossfoot.evaluation.cases import CaseFile

SCHEMA = Path(__file__).parent / "cases" / "case.schema.json"


def case_schema() -> str:
    """Returns the schema's text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **CaseFile.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(case_schema(), encoding="utf-8")
