"""The made archive: same verdicts as the examples it is made of, other content in every document, nothing by chance."""

import ast
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import corpus
import pytest

from crossfoot.figures import Document
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog

#: Figures as they stand in the examples, and as they stand 7 times as large.
SCALED = [
    ("1,292.44", ",", "9,047.08"), ("589.86", "", "4129.02"), ("589.86", ",", "4,129.02"), ("0.00", "", "0.00"),
    ("657. 63", "", "4603. 41"), ("-3.5", "", "-24.5"), ("0", "", "0"), ("123.9844", "", "867.8908"),
    ("550", "", "3850"),
]  # fmt: skip


def verdicts(document: Document) -> list[object]:
    tables = [
        (table.type, table.verdict.outcome, table.verdict.basis, table.verdict.reasons) for table in document.tables
    ]
    failed = Counter((check.kind, check.rule) for check in document.checks if check.outcome == "fails")
    return [document.verdict.outcome, tables, failed, Counter(finding.code for finding in document.findings)]


def test_made_documents_are_judged_as_their_examples(examples: dict[str, Document], catalog: Catalog) -> None:
    """What held still holds and what failed still fails: the verdicts are those of the examples, of the other place."""
    for made in corpus.documents(50, seed=6):
        document = structure(from_text(made.text), catalog)
        assert verdicts(document) == verdicts(examples[made.seed.file[:3]]), made.path
        assert document.fiscal_year == made.year
        assert document.department.startswith(made.place.region)


def test_a_failing_sum_fails_by_as_much_more(examples: dict[str, Document], catalog: Catalog) -> None:
    seed = corpus.SEEDS[0]
    made = next(made for made in corpus.documents(5) if made.seed == seed)
    gaps, grown = (
        sorted(
            abs(check.gap)
            for check in document.checks
            if check.outcome == "fails" and check.gap and check.unit == "万元"
        )
        for document in (examples["000"], structure(from_text(made.text), catalog))
    )
    assert len(gaps) > 2
    assert [gap * made.factor for gap in gaps] == grown


@pytest.mark.parametrize(("printed", "separator", "expected"), SCALED)
def test_an_amount_keeps_its_look(printed: str, separator: str, expected: str) -> None:
    assert corpus.scaled(printed, 7, separator) == expected


def test_a_rounded_amount_is_rounded_again() -> None:
    """123.98 万元 of 1,239,844 元 is 247.97 when doubled, not 247.96."""
    assert corpus.scaled("123.98", 2, exact=[Decimal("123.9844")]) == "247.97"
    assert corpus.scaled("1.13", 3, rounding=Decimal("0.01")) == "3.37"


def test_what_is_no_amount_stays() -> None:
    """Percentages, scores, codes, thresholds and line numbers of every example stay as they were."""
    kept = re.compile(r"[\d.]+%|[\d.]+ ?分(?!项)|\d[\d.]*万?[人家份次起]|(?<=\t)\d{3,7}\t(?=[一-鿿])|\d+ ?万元以上")
    for made in corpus.documents(10):
        before, after = (Counter(kept.findall(text)) for text in (corpus.text_of(made.seed.file), made.text))
        assert sum(before.values()) > 20
        assert before == after, made.path


def test_documents_differ_and_do_not_depend_on_chance() -> None:
    made = list(corpus.documents(300))
    assert len({document.text for document in made}) == len({document.path for document in made}) == 300
    assert list(corpus.documents(40)) == made[:40]
    assert [document.text for document in corpus.documents(40, seed=2)] != [document.text for document in made[:40]]
    for document in made[:40]:
        own = {name for name, into in document.seed.names if into != name}
        text = document.text.replace("医疗保障局信息化建设", "")
        assert document.place.department == "医疗保障局" or not [name for name in own if name in text]


def test_an_archive_is_a_tree(tmp_path: Path) -> None:
    """region/department/year_kind.txt, as many files as asked for."""
    size = corpus.write(tmp_path, 25)
    files = sorted(tmp_path.rglob("*.txt"))
    assert len(files) == 25
    assert sum(path.stat().st_size for path in files) == size
    assert all(
        re.fullmatch(r"[^/]+/[^/]+局/20\d\d_(budget|final_accounts)\.txt", str(p.relative_to(tmp_path))) for p in files
    )


def test_the_maker_knows_nothing_of_crossfoot() -> None:
    for name in ("corpus", "corpus_names"):
        tree = ast.parse((Path(corpus.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not [module for module in modules if (module or "").startswith("crossfoot")]
