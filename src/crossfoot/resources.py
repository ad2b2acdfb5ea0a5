"""Finds the files that ship with crossfoot, in a checkout and in an installed wheel alike."""

from pathlib import Path

#: The prompt version that is used unless another is named.
DEFAULT_PROMPT = "rows-1"


def schema_folder() -> Path:
    """Returns the folder of the built-in table types."""
    return _shipped("schemas")


def prompt_folder() -> Path:
    """Returns the folder of the prompt versions."""
    return _shipped("prompts")


def _shipped(name: str) -> Path:
    installed = Path(__file__).parent / name
    return installed if installed.is_dir() else Path(__file__).parents[2] / name
