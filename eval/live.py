"""Measures reading with the embedded model: small tables, three conditions, every prompt version. `make live`.

Results go to out/live.jsonl one by one, so that a run that was killed goes on; the report is made of what is there.
`make live ARGS="--prompt rows-1 --minutes 30"` asks one version and stops starting tables after half an hour.
"""

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path

from conditions import CONDITIONS
from livereport import DECIDING, write_report
from measured import ROOT, SEED, Key, Measurements, code_of, commit_of, machine
from smalltables import TABLES, Small, small

from crossfoot.choosing import Readers
from crossfoot.pipeline import structure
from crossfoot.reading.llm.asked import Asked, NoCalls
from crossfoot.reading.llm.endpoint import Ready
from crossfoot.reading.llm.opening import Wanted, open_desk
from crossfoot.reading.llm.prompts import versions
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog, load_catalog

OUT = ROOT / "out" / "live.jsonl"
REPORT = ROOT / "eval" / "reports" / "live.md"


class Unkept(NoCalls):
    """Keeps no calls, so that every table is measured with all of its own."""

    def way_of(self, base_url: str, model: str) -> str | None:
        """Returns None: the embedded model's way is known."""
        del base_url, model
        return None

    def remember_way(self, base_url: str, model: str, output: str) -> None:
        """Does nothing."""


def measure(desk: Desk, table: Small, catalog: Catalog) -> dict[str, object]:
    """Returns what structuring the table with the model gave, and what it took."""
    spending = Spending()
    started = time.perf_counter()
    document = structure(from_text(table.text), catalog, Readers("llm", desk._replace(spending=spending)))
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "spent": [spent._asdict() for spent in spending.by_cause()],
        "document": document.model_dump(mode="json"),
        "model": desk.model.name,
        "settings": desk.model.settings,
        "prompt_sha256": desk.prompt.files.sha256,
        "machine": machine(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def measure_version(version: str, measurements: Measurements, until: float, tables: tuple[str, ...]) -> None:
    """Measures what is missing of a prompt version, table by table, while there is time."""
    catalog, commit, code = load_catalog(), commit_of(DECIDING), code_of(DECIDING)
    keys = [Key("live", version, condition, name, SEED, code) for name in tables for condition in CONDITIONS]
    missing = [key for key in keys if key not in measurements]
    if not missing or time.monotonic() > until:
        return
    with open_desk(Wanted(prompt=version), Unkept(), Spending(), print) as desk:
        if desk is None:
            raise SystemExit("there is no embedded model: crossfoot model pull")
        desk.model.ask(Asked("Answer in JSON.", 'Answer {"ready": "yes"}.', Ready, 30, {}))  # loads it
        for key in missing:
            if time.monotonic() > until:
                print("no time is left; the next run goes on here")
                return
            measurement = measure(desk, small(key.table, key.condition, catalog, SEED), catalog)
            measurements.add(key, {"commit": commit, **measurement})
            print(f"{key.prompt} {key.table}, {key.condition}: {measurement['seconds']} s", flush=True)


def main() -> None:
    """Measures what is missing, then writes the report of all there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompt", choices=versions(), help="only this prompt version")
    parser.add_argument("--minutes", type=float, default=1e6, help="start no table after so many minutes")
    parser.add_argument("--tables", type=int, default=len(TABLES), help="only the N smallest tables")
    parser.add_argument("--report", type=Path, default=REPORT, help="where the report is written")
    arguments = parser.parse_args()
    measurements = Measurements(OUT)
    until = time.monotonic() + 60 * arguments.minutes
    for version in sorted(versions(), reverse=True):  # rows-1 is the one used
        if arguments.prompt in {None, version} and arguments.minutes > 0:
            measure_version(version, measurements, until, TABLES[: arguments.tables])
    arguments.report.write_text(write_report(measurements), encoding="utf-8")
    print(f"{arguments.report}: written")


if __name__ == "__main__":
    main()
