"""prompts/<version>/ → the messages of a question. A version is a folder of templates; its hash is that of its files.

`wire.txt` names the wire format, `system.j2` holds the constant rules, the other templates are filled from the table.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crossfoot.errors import ReaderError
from crossfoot.reading.llm.wire import WireFormat
from crossfoot.resources import prompt_folder

if TYPE_CHECKING:
    import jinja2

_WIRES: dict[str, WireFormat] = {"delimited": "delimited", "objects": "objects"}


class PromptFiles(NamedTuple):
    """A version's name, wire format and hash."""

    version: str
    wire: WireFormat
    sha256: str


class Prompt:
    """One prompt version, ready to be filled in."""

    def __init__(self, folder: Path) -> None:
        self.version = folder.name
        self._folder = folder

    @cached_property
    def files(self) -> PromptFiles:
        """Returns what the version is; its hash covers every file of the folder, name and content."""
        digest = hashlib.sha256()
        for path in sorted(self._folder.iterdir()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        wire = (self._folder / "wire.txt").read_text(encoding="utf-8").strip()
        if wire not in _WIRES:
            raise ReaderError(f"{self._folder / 'wire.txt'}: {wire!r} is no wire format; known are {', '.join(_WIRES)}")
        return PromptFiles(self.version, _WIRES[wire], digest.hexdigest())

    def fill(self, template: str, slots: Mapping[str, Any]) -> str:
        """Returns a template filled in; a slot that is missing is our bug and raises."""
        return self._environment.get_template(f"{template}.j2").render(slots)

    @cached_property
    def _environment(self) -> "jinja2.Environment":
        import jinja2

        return jinja2.Environment(
            loader=jinja2.FileSystemLoader(self._folder),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701  prompts are plain text, not HTML
            trim_blocks=True,
            lstrip_blocks=True,
        )


@lru_cache(maxsize=8)
def load_prompt(version: str) -> Prompt:
    """Returns a prompt version; raises ReaderError that names the known ones."""
    folder = prompt_folder() / version
    if not (folder / "wire.txt").is_file() or folder.parent != prompt_folder():
        raise ReaderError(f"{version}: no such prompt version; known are {', '.join(versions())}")
    return Prompt(folder)


def versions() -> tuple[str, ...]:
    """Returns the names of all prompt versions."""
    return tuple(sorted(path.parent.name for path in prompt_folder().glob("*/wire.txt")))
