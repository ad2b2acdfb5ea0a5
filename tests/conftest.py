"""The example documents, structured once for all tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crossfoot.figures import Document, Source
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text, load
from crossfoot.tabletypes import Catalog, load_catalog


@pytest.fixture(scope="session", autouse=True)
def _without_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every test runs as on a machine without a model, unless it names one; commands started by tests as well."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CROSSFOOT_MODEL_DIR", str(tmp_path_factory.mktemp("no-models")))
        for name in ("CROSSFOOT_BASE_URL", "CROSSFOOT_MODEL", "OPENAI_API_KEY", "CROSSFOOT_OUTPUT"):
            environment.delenv(name, raising=False)
        yield


EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.txt"))
INVENTED = sorted((Path(__file__).parents[1] / "eval" / "cases" / "documents").glob("*.txt"))


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def sources() -> dict[str, Source]:
    """The five examples by the first three characters of their names."""
    return {path.name[:3]: load(path) for path in EXAMPLES}


@pytest.fixture(scope="session")
def texts(sources: dict[str, Source]) -> dict[str, Source]:
    """The texts that have labels: the examples, and the invented documents, which are held out and not structured."""
    return sources | {path.stem: load(path) for path in INVENTED}


@pytest.fixture(scope="session")
def examples(sources: dict[str, Source], catalog: Catalog) -> dict[str, Document]:
    return {name: structure(source, catalog) for name, source in sources.items()}


@pytest.fixture(scope="session")
def structured(catalog: Catalog) -> Callable[[str], Document]:
    """Structures a text; `⇥` stands for a tab, so that a test's document can be read."""
    return lambda text: structure(from_text(text.replace("⇥", "\t")), catalog)
