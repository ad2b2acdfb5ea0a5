"""The cases as a whole: they load, are enough, the right ones are held out, and what is written of them is today's."""

import json
from collections import Counter
from pathlib import Path

import agreement
import pytest
import yaml
from agreement import PROPERTIES, RAW, REPORT, disagreements, interval, labelled, pairs, report, resolutions
from case_schema import SCHEMA, case_schema
from held_out import CASES, Named, chosen, named, shares
from jsonschema import Draft202012Validator

from crossfoot.evaluation.cases import CaseError, Cases, load_cases
from crossfoot.evaluation.labelled import load_facts, load_findings
from crossfoot.tabletypes import Catalog

ROOT = Path(__file__).parents[1]
FILES = sorted(CASES.glob("*.yaml"))

TEXT = (
    "某市水利局\n收入决算表\n单位：万元\n科目代码\t科目名称\t本年收入合计\n208\t社会保障\t1.50\n210\t卫生健康\t20.00\n"
)
LABEL = {
    "document": "900",
    "title": "收入决算表",
    "type": "fa_revenue",
    "family": "final_accounts",
    "shape": "records",
    "unit": "万元",
    "lines": [2, 6],
    "header": [[4, ["科目代码", "科目名称", "本年收入合计"]]],
    "columns": ["code", "name", "total"],
    "rows": [[5, ["208", "社会保障", "1.50"]], [6, ["210", "卫生健康", "20.00"]]],
    "not_data": [[2, "title"], [3, "unit"]],
}


@pytest.fixture(scope="module")
def cases(catalog: Catalog) -> Cases:
    return load_cases(CASES, [ROOT / "examples", CASES / "documents"], catalog)


def small(folder: Path, catalog: Catalog, **changed: object) -> Cases:
    """Loads a case of two rows, with what is changed in its file."""
    (folder / "900_accounts.txt").write_text(TEXT, encoding="utf-8")
    (folder / "900_fa_revenue.yaml").write_text(yaml.safe_dump(LABEL | changed, allow_unicode=True), encoding="utf-8")
    return load_cases(folder, [folder], catalog)


def test_there_are_enough(cases: Cases) -> None:
    """At least 30 tables and 2,000 cells, of all five examples and in every shape; nothing below the folder is one."""
    assert len(cases.cases) == len(FILES)
    examples = [case for case in cases.cases if case.document.startswith("0")]
    assert len(examples) >= 30
    assert sum(len(case.cells) for case in examples) >= 2000
    assert {case.document for case in examples} == {path.name[:3] for path in (ROOT / "examples").glob("*.txt")}
    assert {case.label.shape for case in examples} == {"records", "panels", "form"}


def test_the_invented_documents_are_held_out(cases: Cases) -> None:
    """Every table of each of them is, in every shape; there are as many as the README says."""
    invented = [case for case in cases.cases if case.document.startswith("1")]
    assert all(case.label.held_out for case in invented)
    assert {case.document for case in invented} == {path.stem for path in (CASES / "documents").glob("*.txt")}
    assert {case.label.shape for case in invented} == {"records", "panels", "form"}
    documents = sorted({case.document for case in invented})
    wrong = sum(len(load_findings(CASES / "findings", name).wrong) for name in documents)
    facts = sum(len(load_facts(CASES / "facts", name).facts) for name in documents)
    cells = [cell for case in invented for cell in case.cells]
    said = (
        f"{len(invented)} tables with {len(cells):,} cells, {sum(cell.is_number for cell in cells):,} of them numbers, "
        f"{facts} facts and {wrong} things that are wrong"
    )
    assert said in " ".join((CASES / "README.md").read_text(encoding="utf-8").split())


def test_each_cell_has_a_place_of_its_own(cases: Cases) -> None:
    """The characters at a cell's places are the cell, and no character serves two cells of a table."""
    for case in cases.cases:
        lines = case.text.split("\n")
        places = [place for cell in case.cells for place in cell.places]
        assert len(places) == len(set(places)), case.name
        for cell in case.cells:
            assert "".join(lines[line - 1][offset] for line, offset in cell.places) == "".join(cell.printed.split())


def test_a_small_case_loads(tmp_path: Path, catalog: Catalog) -> None:
    """Each cell of it has its line, its column, and the kind that the form gives it."""
    (case,) = small(tmp_path, catalog).cases
    assert [(cell.line, cell.column, cell.printed) for cell in case.cells if cell.is_number] == [
        (5, "total", "1.50"),
        (6, "total", "20.00"),
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rows": [[6, ["208", "社会保障", "1.50"]]]}, "line 6"),  # another line
        ({"rows": [[5, ["208", "社会保障", "1.60"]]]}, "line 5"),  # another digit
        ({"rows": [[5, ["社会保障", "208", "1.50"]]]}, "line 5"),  # another order
        ({"rows": [[60, ["208"]]]}, "line 60"),  # past the end
        ({"type": "no_such_form"}, "no_such_form"),
        ({"shape": "circle"}, "shape"),
        ({"document": "901"}, "901"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_label_is_refused(changed: dict[str, object], said: str, tmp_path: Path, catalog: Catalog) -> None:
    """The error names the file and what is wrong in it."""
    with pytest.raises(CaseError, match=said) as caught:
        small(tmp_path, catalog, **changed)
    assert "900_fa_revenue.yaml" in str(caught.value)


def test_a_third_is_held_out_by_the_rule() -> None:
    """The files that say so are those that the rule takes: a third, two or more of each document, every shape."""
    known = named(CASES)
    texts = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES}
    marked = [case for case in known if texts[case.file].get("held_out")]
    assert {case.file for case in marked} == chosen(known)
    assert len(marked) == len(known) // 3
    assert min(Counter(case.document for case in marked).values()) >= 2
    assert {case.document for case in marked} == {case.document for case in known}
    assert {case.shape for case in marked} == {case.shape for case in known}


def test_the_held_out_are_listed() -> None:
    """The README's table names each of them in its document's line, and nothing else."""
    section = (CASES / "README.md").read_text(encoding="utf-8").split("## Held out")[1]
    listed = {
        f"{document.strip()}_{name.strip()[1:-1]}.yaml"
        for line in section.splitlines()
        if line.startswith("| 0")
        for document, names in [line.strip("|").split("|")]
        for name in names.split(",")
    }
    assert listed == chosen(named(CASES))


def test_shares_are_by_size() -> None:
    """Largest remainders, equal ones by name; nobody below the least, nor above what it has."""
    assert shares(3, {"a": 4, "b": 1, "c": 5}) == {"a": 1, "b": 0, "c": 2}
    assert shares(1, {"b": 2, "a": 2}) == {"a": 1, "b": 0}
    assert shares(5, {"a": 2, "b": 1, "c": 12}, 2) == {"a": 2, "b": 1, "c": 2}


def test_the_rule_does_not_see_the_order() -> None:
    """The same cases listed backwards give the same choice."""
    cases = [Named(f"00{n % 2}_t{n}.yaml", f"00{n % 2}", "form" if n % 3 else "panels") for n in range(18)]
    assert chosen(cases) == chosen(cases[::-1])
    assert len(chosen(cases)) == 6


def test_the_agreement_report_is_todays(catalog: Catalog) -> None:
    """When this fails, run `make agreement` and look at what changed."""
    assert REPORT.read_text(encoding="utf-8") == report(RAW, catalog)


def test_each_disagreement_is_resolved_once(catalog: Catalog) -> None:
    """Resolutions and disagreements answer each other one by one; at least ten tables were labelled twice."""
    found = pairs(RAW, catalog)
    assert len(found) >= 10
    entries = yaml.safe_load((RAW / "resolved.yaml").read_text(encoding="utf-8"))
    assert len(entries) == len(resolutions(RAW))
    assert {one[:3] for one in disagreements(found)} == set(resolutions(RAW))


def test_where_the_second_was_right_the_case_says_so(cases: Cases, catalog: Catalog) -> None:
    """A property that was resolved for the second labelling is what the case has now."""
    second = labelled(RAW / "second", catalog)
    now = {case.name: case for case in cases.cases}
    resolved = [one for one in resolutions(RAW).values() if one.right == "second"]
    assert resolved
    for one in resolved:
        assert one.about in PROPERTIES, "compare this sort as well"
        assert getattr(now[one.table].label, one.about) == getattr(second[one.table].label, one.about)


def test_a_difference_is_counted_and_listed(tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """One amount under another column: both sayings are in the union, and the line is one disagreement."""
    moved = {"columns": ["code", "name", "fiscal"]}
    for name, changed in (("first", {}), ("second", moved)):
        (tmp_path / "raw" / name).mkdir(parents=True)
        path = tmp_path / "raw" / name / "900_fa_revenue.yaml"
        path.write_text(yaml.safe_dump(LABEL | changed, allow_unicode=True), encoding="utf-8")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "900_accounts.txt").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(agreement, "ROOT", tmp_path)
    found = pairs(tmp_path / "raw", catalog)
    assert [tuple(one) for one in agreement.counts(found)[:3]] == [("cells", 4, 8), ("numbers", 0, 4), ("texts", 4, 4)]
    assert [(one.line, one.about, one.first, one.second) for one in disagreements(found) if one.line] == [
        (5, "cells", "total = 1.50", "fiscal = 1.50"),
        (6, "cells", "total = 20.00", "fiscal = 20.00"),
    ]


def test_intervals_are_wilsons() -> None:
    """By hand: for 10 of 10 the lower end is n / (n + z²), for 5 of 10 the ends are 0.5 ± 0.5 · z / √(n + z²)."""
    z = 1.959964
    assert interval(10, 10) == pytest.approx((10 / (10 + z * z), 1.0))
    half = 0.5 * z / (10 + z * z) ** 0.5
    assert interval(5, 10) == pytest.approx((0.5 - half, 0.5 + half))


def test_the_schema_in_the_repository_is_todays() -> None:
    """When this fails, run `make fresh` and look at what changed."""
    assert SCHEMA.read_text(encoding="utf-8") == case_schema()


def test_every_case_is_what_the_schema_says() -> None:
    """Each file validates, and one with a key of its own does not."""
    schema = json.loads(case_schema())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for path in FILES:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert list(validator.iter_errors(content)) == [], path.name
    assert list(validator.iter_errors(LABEL)) == []
    assert list(validator.iter_errors(LABEL | {"colour": "red"}))
