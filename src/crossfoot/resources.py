"""Finds the files that ship with crossfoot, in a checkout and in an installed wheel alike."""

from pathlib import Path


def schema_folder() -> Path:
    """Returns the folder of the built-in table types."""
    installed = Path(__file__).parent / "schemas"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "schemas"
