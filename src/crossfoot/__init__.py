"""crossfoot: messy government budget disclosures → checked data.

    >>> import crossfoot
    >>> document = crossfoot.structure(crossfoot.load("disclosure.txt"))  # doctest: +SKIP

Nothing heavy is imported until it is used.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from crossfoot.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Collection

    from crossfoot.figures import Document, Source
    from crossfoot.tabletypes import Catalog

__all__ = ["VERSION", "load", "structure", "undo"]


def load(path: str | Path) -> "Source":
    """Returns a file's text with numbered lines; raises SourceError with one sentence if it is not text."""
    from crossfoot.reading.source import load as load_path

    return load_path(Path(path))


def structure(source: "Source", catalog: "Catalog | None" = None) -> "Document":
    """Returns the structured and judged document; without a catalog, with the built-in table types."""
    from crossfoot.pipeline import structure as structure_source
    from crossfoot.tabletypes import load_catalog

    return structure_source(source, catalog or load_catalog())


def undo(
    document: "Document", source: "Source", cells: "Collection[str]", catalog: "Catalog | None" = None
) -> "Document":
    """Returns the document judged anew with the repairs of these cells (`t5.r3.total`) taken back for good."""
    from crossfoot.pipeline import undo as undo_repairs
    from crossfoot.tabletypes import load_catalog

    return undo_repairs(document, source, catalog or load_catalog(), cells)
