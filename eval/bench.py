"""Prints how fast crossfoot is: documents per second, peak memory, growth with length, start-up times.

In-process and warm, on one core, over the example disclosures. Run it with `make bench`.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path

from crossfoot.figures import Source
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text, load
from crossfoot.tabletypes import Catalog, load_catalog

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.txt"))
ROUNDS = 7


def seconds_for(sources: list[Source], catalog: Catalog) -> float:
    """Returns the CPU seconds of structuring all sources once."""
    started = time.process_time()
    for source in sources:
        structure(source, catalog)
    return time.process_time() - started


def shifted(sources: list[Source], lines: int) -> list[Source]:
    """Returns the same texts with blank lines before them, so that nothing remembered of a line helps."""
    return [from_text("\n" * lines + source.text) for source in sources]


def startup(*command: str) -> float:
    """Returns the median wall seconds of starting a process, of five."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  our own interpreter
        times.append(time.perf_counter() - started)
    return sorted(times)[2]


def growth(text: str, catalog: Catalog) -> list[tuple[int, float]]:
    """Returns CPU seconds for a document repeated 1, 10 and 100 times."""
    found = []
    for times in (1, 10, 100):
        source = from_text("\n" * (times + ROUNDS) + "\n\n".join([text] * times))
        found.append((times, seconds_for([source], catalog)))
    return found


def main() -> None:
    """Prints the report."""
    catalog = load_catalog()
    sources = [load(path) for path in EXAMPLES]
    seconds_for(sources, catalog)
    rounds = sorted(seconds_for(shifted(sources, lines), catalog) for lines in range(1, ROUNDS + 1))
    median = rounds[ROUNDS // 2]
    best = len(sources) / rounds[0]
    print(f"documents per second   {len(sources) / median:6.1f}   (best {best:.1f}, one core, warm)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory            {peak:6.1f} MB after {ROUNDS + 1} rounds over {len(sources)} documents")
    for times, seconds in growth(sources[0].text, catalog):
        print(f"document × {times:<3}         {seconds:8.3f} s   {1000 * seconds / times:6.1f} ms each")
    print(f"import crossfoot       {startup(sys.executable, '-c', 'import crossfoot'):6.2f} s")
    print(f"crossfoot --help       {startup(str(Path(sys.executable).with_name('crossfoot')), '--help'):6.2f} s")


if __name__ == "__main__":
    main()
