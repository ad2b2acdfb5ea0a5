"""What persons decided → labels for the evaluation, in YAML: what the paper shows, cell by cell.

eval/cases/README.md describes labels of whole tables; these are of single cells and findings, one entry each.
"""

from collections.abc import Iterator

import yaml

from crossfoot.storage.resolutions import Decided
from crossfoot.storage.store import Store


def labels_yaml(store: Store) -> Iterator[str]:
    """Yields the decisions in force as a YAML list; an empty list where there are none."""
    decided = store.resolutions.in_force()
    if not decided:
        yield "[]\n"
    documents = {entry.id: entry for entry in store.documents()}
    for row in decided:
        entry = documents[row.document]
        label = {"document": entry.name, "sha256": entry.sha256, **_label(row)}
        yield yaml.safe_dump([label], allow_unicode=True, sort_keys=False, width=1000)


def _label(row: Decided) -> dict[str, object]:
    """Returns what a decision says: what is printed in a cell, or that the document is as the finding says."""
    about: dict[str, object] = {"line": row.line}
    if row.cell:
        about |= {
            "type": row.table_type,
            "title": row.table_title,
            "unit": row.unit,
            "panel": row.panel,
            "code": row.row_code,
            "row": row.row_name,
            "column": row.column_key,
            "printed": row.printed,
            "read": row.was_read,
        }
    else:
        about |= {"accepted": row.message}
    return about | {"finding": row.code, "by": row.made_by, "at": row.made_at, "note": row.note}
