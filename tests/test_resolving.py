"""A person's decisions: recorded for ever, judged with, found again, and taken back with nothing left of them."""

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from crossfoot.errors import QueryError, StoreError
from crossfoot.figures import Cell, Document, Finding, Row
from crossfoot.findingids import finding_ids
from crossfoot.output.facts import facts, parents
from crossfoot.pipeline import cells_as_read, structure
from crossfoot.reading.source import from_text
from crossfoot.storage.batch import How, structure_all
from crossfoot.storage.inputs import Input
from crossfoot.storage.labels import labels_yaml
from crossfoot.storage.queue import Asked
from crossfoot.storage.resolving import Wish, record
from crossfoot.storage.store import Store
from crossfoot.tabletypes import Catalog
from documents_by_hand import CLEAN, WRONG
from test_cli import crossfoot

ILLEGIBLE = CLEAN.replace("677.44", "[illegible]").replace("541.65\t48.21\t87.58", "[illegible]\t48.21\t87.58")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as store:
        yield store


def stored(store: Store, text: str, catalog: Catalog) -> Document:
    """Structures a text and keeps it."""
    source = from_text(text, "2021.txt")
    document = structure(source, catalog)
    store.save(document, source, "/x/2021.txt", "made so")
    return document


def value(printed: str, cell: str = "", by: str = "王") -> Wish:
    return Wish("value", "seen on the scan", by, cell, printed)


ACCEPT, UNDO = Wish("accept", "the office was told", "李"), Wish("undo", "wrong page", "王")


def first(store: Store) -> str:
    return next(store.queue.asked(Asked())).id


def cell_of(document: Document, ref: str) -> Cell:
    return next(cell for table in document.tables for name, _, cell in table.cells() if name == ref)


def open_findings(document: Document) -> list[Finding]:
    return [finding for finding in document.findings if finding.severity != "note"]


def test_a_value_of_a_person_is_evidence(store: Store, catalog: Catalog) -> None:
    """The sums hold with it; what was read stays beside it, and the table is `repaired`, not accepted."""
    stored(store, WRONG, catalog)
    after = record(store, first(store), value("677.44"), catalog).after
    (decided,) = after.resolutions
    cell = cell_of(after, decided.cell)
    assert (cell.state, cell.printed, cell.original, cell.value) == ("resolved", "677.44", "679.44", Decimal("677.44"))
    assert (decided.by, decided.note, decided.read and decided.read.printed) == ("王", "seen on the scan", "679.44")
    verdict = after.tables[0].verdict
    assert (verdict.outcome, verdict.basis, verdict.tally.resolved, verdict.tally.checks_failed) == (
        "repaired", "footed", 1, 0
    )  # fmt: skip
    assert [finding.code for finding in after.findings] == ["resolved"]
    assert list(store.queue.asked(Asked())) == []
    assert [one.code for one in store.queue.asked(Asked(settled=True))] == ["resolved"]


def test_a_value_that_does_not_foot_is_not_believed_against_the_sums(store: Store, catalog: Catalog) -> None:
    """The sums still fail; the person's figure is not proposed to be another, so the doubt falls on the others."""
    stored(store, WRONG, catalog)
    after = record(store, first(store), value("678.44"), catalog).after
    ref = after.resolutions[0].cell
    assert after.verdict.outcome == "flagged"
    assert open_findings(after)
    assert not [one for finding in open_findings(after) for one in finding.cells if one.cell == ref and one.implied]
    assert cell_of(after, ref).proof == "neither"


@pytest.mark.parametrize("text", [WRONG, ILLEGIBLE, WRONG.replace("75.18\t\t", "7S.18\t\t")])
def test_what_is_taken_back_leaves_the_first_verdict(store: Store, catalog: Catalog, text: str) -> None:
    """Every amount of the document, resolved and undone, gives the document that was first structured."""
    document = stored(store, text, catalog)
    finding = first(store)
    for ref, cell in cells_as_read(document).items():
        if cell.kind == "amount" and cell.printed:
            changed = record(store, finding, value("12.34", ref), catalog).after
            assert cell_of(changed, ref).state == "resolved"
            assert record(store, finding, UNDO, catalog).after == document
    assert store.load(document.id) == document


def test_accepting_is_known_and_flags_no_more(store: Store, catalog: Catalog) -> None:
    """The finding is kept as a note that says what it was; the check still fails, and the table is `repaired`."""
    document = stored(store, WRONG, catalog)
    finding = first(store)
    after = record(store, finding, ACCEPT, catalog).after
    known = [one for one in after.findings if one.accepted_from]
    assert [(one.severity, one.accepted_from, one.message) for one in known] == [
        ("note", "error", document.findings[0].message)
    ]
    verdict = after.tables[0].verdict
    assert (verdict.outcome, verdict.reasons, verdict.tally.known) == ("repaired", (), 1)
    assert verdict.tally.checks_failed == document.tables[0].verdict.tally.checks_failed > 0
    assert [one.id for one in store.queue.asked(Asked(settled=True))] == [finding]
    assert record(store, finding, UNDO, catalog).after == document


def test_a_table_of_which_something_is_missing_stays_flagged(store: Store, catalog: Catalog) -> None:
    """Knowing that figures are illegible takes them off the queue; their table is not whole all the same."""
    stored(store, ILLEGIBLE, catalog)
    while found := list(store.queue.asked(Asked())):
        after = record(store, found[0].id, ACCEPT, catalog).after
    assert open_findings(after) == []
    assert (after.verdict.outcome, after.tables[0].verdict.outcome) == ("flagged", "flagged")


def test_an_illegible_figure_that_a_person_reads_is_read(store: Store, catalog: Catalog) -> None:
    """Both illegible cells get what the paper shows; nothing is computed any more, and all sums are executed."""
    document = stored(store, ILLEGIBLE, catalog)
    assert document.derivations
    for printed in ("541.65", "677.44"):
        column = ".personnel" if printed == "541.65" else ".total"
        illegible = [one for one in store.queue.asked(Asked()) if one.code == "illegible"]
        (name,) = [one.id for one in illegible if one.finding.cells[0].cell.endswith(column)]
        after = record(store, name, value(printed), catalog).after
    assert after.derivations == ()
    assert after.verdict.outcome == "repaired"
    assert after.verdict.tally.checks_untestable == 0


def test_the_last_word_counts_and_the_earlier_stay(store: Store, catalog: Catalog) -> None:
    """Two values and an undo are three rows; the rows can be neither changed nor deleted."""
    document = stored(store, WRONG, catalog)
    finding = first(store)
    record(store, finding, value("678.44", by="甲"), catalog)
    record(store, finding, value("677.44", by="乙"), catalog)
    assert [one.by for one in store.load(document.id).resolutions] == ["乙"]
    record(store, finding, UNDO, catalog)
    rows = store.resolutions.of_document(document.id)
    assert [(row.decision, row.printed, row.was_read) for row in rows] == [
        ("value", "678.44", "679.44"), ("value", "677.44", "679.44"), ("undo", "", "679.44")
    ]  # fmt: skip
    for statement in ("UPDATE resolutions SET note = ''", "DELETE FROM resolutions"):
        with pytest.raises(StoreError, match="never"):
            store.write(statement)


def test_a_value_ends_an_earlier_acceptance(store: Store, catalog: Catalog) -> None:
    """Who corrects the figure of a finding no longer says that the document is so."""
    stored(store, WRONG, catalog)
    finding = first(store)
    record(store, finding, ACCEPT, catalog)
    after = record(store, finding, value("677.44"), catalog).after
    assert [one.decision for one in after.resolutions] == ["value"]
    assert [one.code for one in after.findings] == ["resolved"]


def test_verify_holds_with_decisions(store: Store, catalog: Catalog) -> None:
    """Judged again a resolved document is the same; a value that was tampered with is not what the person said."""
    document = stored(store, WRONG, catalog)
    record(store, first(store), value("677.44"), catalog)
    assert list(store.verify(catalog)) == []
    tampered = store.load(document.id)
    lie = tampered.resolutions[0].model_copy(update={"printed": "677.45"})
    store.put_judgement(tampered.model_copy(update={"resolutions": (lie,)}), store.source(document.id))
    assert list(store.verify(catalog)) != []


def test_what_made_a_document_and_its_path_stay(store: Store, catalog: Catalog) -> None:
    """A decision about an earlier content of a file does not make it the newest again."""
    old = stored(store, WRONG, catalog)
    finding = first(store)
    stored(store, CLEAN, catalog)
    record(store, finding, value("677.44"), catalog)
    (entry,) = store.by_id(old.id)
    assert (entry.path, entry.made_with, bool(entry.superseded_by)) == ("/x/2021.txt", "made so", True)
    assert entry.outcome == "repaired"


@pytest.mark.parametrize("jobs", [1, 2])
def test_structuring_again_keeps_a_persons_work(tmp_path: Path, store: Store, catalog: Catalog, jobs: int) -> None:
    """With --force the stored decisions are applied to the new reading, whichever process makes it."""
    path = tmp_path / "2021.txt"
    path.write_text(WRONG, encoding="utf-8")
    inputs = [Input(path, "2021.txt")]
    list(structure_all(store, inputs, How(catalog), jobs=jobs))
    resolved = record(store, first(store), value("677.44"), catalog).after
    (again,) = structure_all(store, inputs, How(catalog), force=True, jobs=jobs)
    assert not again.kept
    assert again.outline is not None
    assert again.outline.outcome == "repaired" == store.outline(again.id, "2021.txt").outcome
    assert store.load(again.id) == resolved


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_decision_that_cannot_be_read_costs_its_document(
    tmp_path: Path, store: Store, catalog: Catalog, jobs: int
) -> None:
    """A row that no crossfoot wrote: the document is said, as it was it stays, and the others are made."""
    inputs = [Input(tmp_path / name, name) for name in ("1.txt", "2.txt", "3.txt")]
    for number, given in enumerate(inputs):
        given.path.write_text(WRONG + "\n" * number, encoding="utf-8")
    made = {done.given.name: done.id for done in structure_all(store, inputs, How(catalog))}
    record(store, first(store), value("677.44"), catalog)
    (about,) = store.resolutions.in_force()
    before = store.text_of(about.document)
    store.resolutions.add(about._replace(span_start=0, line="the third"))  # type: ignore[arg-type]
    done = list(structure_all(store, inputs, How(catalog), force=True, jobs=jobs))
    bad = [str(one.problem) for one in done if one.problem is not None]
    (name,) = [name for name, document in made.items() if document == about.document]
    assert len(bad) == 1
    assert bad[0].startswith(f"{name}: what was decided about it cannot be put in: ")
    assert {one.id for one in done if one.problem is None} == set(made.values()) - {about.document}
    assert store.text_of(about.document) == before


def test_a_cell_is_found_by_its_place_when_tables_are_numbered_otherwise(store: Store, catalog: Catalog) -> None:
    """The reference that was recorded is another cell's now; line and column still say which one was meant."""
    document = stored(store, WRONG, catalog)
    record(store, first(store), value("677.44"), catalog)
    plain = structure(store.source(document.id), catalog)
    table = plain.tables[0]
    shifted = tuple(row.model_copy(update={"index": row.index + 1}) for row in table.rows)
    renumbered = plain.model_copy(update={"tables": (table.model_copy(update={"rows": shifted}),)})
    after = store.resolutions.applied_to(renumbered, store.source(document.id), catalog)
    (resolved,) = [cell for _, _, cell in after.tables[0].cells() if cell.state == "resolved"]
    assert (resolved.original, resolved.printed) == ("679.44", "677.44")


def test_a_decision_without_its_cell_is_reported(store: Store, catalog: Catalog) -> None:
    """Where the cell is not read any more, a warning says whose work does not apply; taken back, it is gone."""
    document = stored(store, WRONG, catalog)
    finding = first(store)
    record(store, finding, value("677.44"), catalog)
    plain = structure(store.source(document.id), catalog)
    table = plain.tables[0]
    fewer = tuple(row for row in table.rows if row.code != "21015")
    source = store.source(document.id)
    lost = store.resolutions.applied_to(
        plain.model_copy(update={"tables": (table.model_copy(update={"rows": fewer}),)}), source, catalog
    )
    told = [one for one in lost.findings if one.code == "resolution_lost"]
    assert [one.severity for one in told] == ["warning"]
    assert finding in told[0].message
    store.put_judgement(lost, source)
    undone = record(store, finding, UNDO, catalog).after
    assert not [one for one in undone.findings if one.code == "resolution_lost"]


def test_an_accepted_finding_that_is_gone_is_noted(store: Store, catalog: Catalog) -> None:
    """Another reading does not have it: a note says so, and nothing is flagged for it."""
    document = stored(store, WRONG, catalog)
    record(store, first(store), ACCEPT, catalog)
    source = store.source(document.id)
    plain = structure(source, catalog)
    table = plain.tables[0]
    fewer = table.model_copy(update={"rows": tuple(row for row in table.rows if row.code != "21015")})
    after = store.resolutions.applied_to(plain.model_copy(update={"tables": (fewer,)}), source, catalog)
    assert [one.severity for one in after.findings if one.code == "resolution_lost"] == ["note"]


def test_a_text_of_a_person_is_kept_too(store: Store, catalog: Catalog) -> None:
    """A cell of text takes any text; no sum depends on it."""
    document = stored(store, WRONG, catalog)
    ref = next(name for name in cells_as_read(document) if name.endswith(".note"))
    after = record(store, first(store), value("见附注", ref), catalog).after
    assert (cell_of(after, ref).state, cell_of(after, ref).printed) == ("resolved", "见附注")
    assert len(open_findings(after)) == len(open_findings(document))


def row_of(document: Document, ref: str) -> Row:
    return next(row for table in document.tables for name, row, _ in table.cells() if name == ref)


@pytest.mark.parametrize(("right", "wrong"), [("21013", "21011"), ("2101599", "201599"), ("2101506", "2101501")])
def test_a_corrected_code_is_the_rows(store: Store, catalog: Catalog, right: str, wrong: str) -> None:
    """The row goes by what the person says: in roll-ups, findings and views; taken back, by what was read."""
    document = stored(store, CLEAN.replace(f"{right}\t", f"{wrong}\t", 1), catalog)
    line = 1 + CLEAN.split(f"{right}\t")[0].count("\n")
    ref = next(name for name, cell in cells_as_read(document).items() if cell.line == line and cell.printed == wrong)
    asked = next(iter(store.queue.asked(Asked())))
    after = record(store, asked.id, value(right, ref), catalog).after
    clean = structure(from_text(CLEAN), catalog)
    assert [(row.code, row.name, row.kind) for row in after.tables[0].rows] == [
        (row.code, row.name, row.kind) for row in clean.tables[0].rows
    ]
    assert parents(after.tables[0]) == parents(clean.tables[0])
    assert (open_findings(after), after.verdict.outcome) == ([], "repaired")
    assert after.verdict.tally.proved == clean.verdict.tally.proved
    cell = cell_of(after, ref)
    assert (cell.state, cell.printed, cell.original) == ("resolved", right, wrong)
    with sqlite3.connect(store.path) as database:
        query = "SELECT code FROM by_function WHERE cell = ?"
        assert database.execute(query, [f"{ref.rpartition('.')[0]}.total"]).fetchall() == [(right,)]
    assert list(store.verify(catalog)) == []
    again = record(store, asked.id, value(f"{right}1", ref), catalog).after
    assert row_of(again, ref).code == f"{right}1"
    assert record(store, asked.id, UNDO, catalog).after == document


def test_a_row_that_a_person_names_a_total_is_one(store: Store, catalog: Catalog) -> None:
    """It is no item beside the others any more: what it prints is checked as their sum."""
    total = "\t合汁\t1292.44\t541.65\t48.21\t702.58\t\n"
    document = stored(store, CLEAN.replace("210\t卫", f"{total}210\t卫", 1).replace("2101599", "201599"), catalog)
    asked = next(iter(store.queue.asked(Asked())))
    ref = next(name for name, cell in cells_as_read(document).items() if cell.printed == "合汁")
    after = record(store, asked.id, value("合计", ref), catalog).after
    row = row_of(after, ref)
    assert (row.name, row.kind, row.level) == ("合计", "total", 0)
    total_of = f"{ref.rpartition('.')[0]}.total"
    assert any(check.outcome == "holds" and check.terms[0].cell == total_of for check in after.checks)
    assert record(store, asked.id, UNDO, catalog).after == document


def test_a_person_may_say_that_nothing_is_printed(store: Store, catalog: Catalog) -> None:
    """A figure that the paper does not show counts as blank in the sums, and its place in the text is still used."""
    text = CLEAN.replace("2101502\t一般行政管理事务\t3\t\t\t3\t", "2101502\t一般行政管理事务\t3\t3\t\t3\t")
    document = stored(store, text, catalog)
    assert document.verdict.outcome == "flagged"
    ref = next(
        name for name, cell in cells_as_read(document).items()
        if name.endswith(".personnel") and cell.printed == "3"
    )  # fmt: skip
    after = record(store, first(store), value("", ref), catalog).after
    assert cell_of(after, ref).is_blank
    assert open_findings(after) == []
    assert after.verdict.outcome == "repaired"


@pytest.mark.parametrize(
    ("finding", "wish", "said"),
    [
        ("zzzz", value("1"), "no finding"), ("", ACCEPT, "no finding"), (None, value("12,3.4"), "no number"),
        (None, value("3%"), "percentage"), (None, value("3", "t9.r9.total"), "no cell"), (None, UNDO, "to take back"),
        (None, value("一百"), "no number"), (None, value("6□7.44"), "no number"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    store: Store, catalog: Catalog, finding: str | None, wish: Wish, said: str
) -> None:
    """The error says why, and nothing is recorded or changed."""
    document = stored(store, WRONG, catalog)
    with pytest.raises(QueryError, match=said):
        record(store, first(store) if finding is None else finding, wish, catalog)
    assert store.resolutions.of_document(document.id) == ()
    assert store.load(document.id) == document


def test_a_finding_of_several_cells_asks_which(store: Store, catalog: Catalog) -> None:
    """The candidates have their references, so that the next try can be exact; with one of them it is recorded."""
    text = "一般公共预算支出表\n单位：万元\n科目代码\t科目名称\t小计\n\t合计\t500.00\n"
    stored(store, text + "205\t教育支出\t300.00\n208\t社会保障和就业支出\t150.00\n", catalog)
    (tie,) = [one for one in store.queue.asked(Asked()) if one.checks_broken]
    with pytest.raises(QueryError, match="several cells") as caught:
        record(store, tie.id, value("200.00"), catalog)
    refs = [line.split()[0] for line in caught.value.candidates]
    assert len(refs) == 3
    after = record(store, tie.id, value("200.00", refs[2]), catalog).after
    assert not [one for one in open_findings(after) if one.code == "source_inconsistency"]


def test_a_note_cannot_be_accepted(store: Store, catalog: Catalog) -> None:
    """It flags nothing."""
    document = stored(store, CLEAN.replace("677.44", "6□7.44"), catalog)
    (name,) = finding_ids(document.id, document.findings)
    with pytest.raises(QueryError, match="flags nothing"):
        record(store, name, ACCEPT, catalog)


def test_facts_say_which_values_come_from_a_person(store: Store, catalog: Catalog) -> None:
    """`state` is resolved, `original` what was read, in every row of a resolved cell and in no other."""
    document = stored(store, WRONG, catalog)
    after = record(store, first(store), value("677.44"), catalog).after
    told = [(one.printed, one.original) for one in facts(after, store.source(document.id)) if one.state == "resolved"]
    assert told == [("677.44", "679.44")]


def test_decisions_are_labels(store: Store, catalog: Catalog) -> None:
    """Each is an entry with the line, row and column and what the person says; what was taken back is none."""
    assert yaml.safe_load("".join(labels_yaml(store))) == []
    document = stored(store, WRONG, catalog)
    finding = first(store)
    record(store, finding, value("677.44"), catalog)
    (label,) = yaml.safe_load("".join(labels_yaml(store)))
    line = 1 + WRONG.split("\n").index(next(one for one in WRONG.split("\n") if one.startswith("21015\t")))
    assert (label["line"], label["code"], label["column"], label["printed"]) == (line, "21015", "total", "677.44")
    assert (label["sha256"], label["type"]) == (document.source.sha256, document.tables[0].type)
    record(store, finding, UNDO, catalog)
    record(store, finding, ACCEPT, catalog)
    (label,) = yaml.safe_load("".join(labels_yaml(store)))
    assert label["accepted"] == document.findings[0].message


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_records_and_says_what_became_of_it(tmp_path: Path) -> None:
    """The beginning of an id is enough; the user is taken from the environment; `get` and `verify` agree."""
    (tmp_path / "wrong.txt").write_text(WRONG, encoding="utf-8")
    crossfoot(tmp_path, "structure", "wrong.txt")
    name = crossfoot(tmp_path, "flags").stdout.split()[0]
    before = crossfoot(tmp_path, "get", "灞桥").stdout
    done = crossfoot(tmp_path, "resolve", name[:4], "--value", "677.44", "--note", "扫描件", CROSSFOOT_USER="小王")
    assert done.returncode == 0, done.stderr
    assert "677.44 (679.44 was read), by 小王" in done.stdout
    assert "flagged → repaired" in done.stdout
    assert crossfoot(tmp_path, "flags").returncode == 0
    assert '"state": "resolved"' in crossfoot(tmp_path, "get", "灞桥").stdout
    assert "nothing differs" in crossfoot(tmp_path, "verify").stderr
    assert "†" in crossfoot(tmp_path, "show", "灞桥", "表5").stdout
    assert crossfoot(tmp_path, "resolve", name, "--undo", "--note", "错页").returncode == 0
    assert crossfoot(tmp_path, "get", "灞桥").stdout == before


def test_whose_decision_it_is_is_said(tmp_path: Path) -> None:
    """In the queue, beside a table, in files; and another person's decision does not end without a word."""
    (tmp_path / "wrong.txt").write_text(WRONG, encoding="utf-8")
    crossfoot(tmp_path, "structure", "wrong.txt")
    name = crossfoot(tmp_path, "flags").stdout.split()[0]
    crossfoot(tmp_path, "resolve", name, "--accept", "--note", "已函告", "--by", "王敏")
    assert "    accepted, by 王敏, 20" in crossfoot(tmp_path, "flags", "--all").stdout
    assert "nothing to review" in crossfoot(tmp_path, "flags").stderr
    ended = crossfoot(tmp_path, "resolve", name, "--value", "677.44", "--note", "扫描件\n第9页", "--by", "李雷").stdout
    assert "  ends: accepted, by 王敏, 20" in ended
    assert ": 已函告\n" in ended
    said = "李雷 says '677.44' (扫描件 第9页); '679.44' was read"
    assert said in crossfoot(tmp_path, "flags", "--all").stdout
    assert said in crossfoot(tmp_path, "show", "灞桥", "表5").stdout
    assert (
        "677.44 (by a person; 679.44 was read)"
        in crossfoot(tmp_path, "get", "灞桥", "--table", "5", "--format", "csv").stdout
    )
    ended = crossfoot(tmp_path, "resolve", name, "--undo", "--note", "错页", "--by", "王敏").stdout
    assert ": 677.44, by 李雷, 20" in ended


def test_a_sentence_can_be_accepted_only(store: Store, catalog: Catalog) -> None:
    """Its figure is no cell; the error does not ask for one."""
    text = CLEAN + "\n一、收支情况\n2021年本部门机关运行经费支出94.66万元，比2020年增加10.02万元，增长11.94%。\n"
    stored(store, text, catalog)
    asked = next(one for one in store.queue.asked(Asked()) if "operating expenses" in one.message)
    with pytest.raises(QueryError, match="a sentence has no cell"):
        record(store, asked.id, value("26.17"), catalog)
    after = record(store, asked.id, ACCEPT, catalog).after
    assert [one.accepted_from for one in after.findings if one.message == asked.message] == ["warning"]


def test_a_decision_must_be_one_and_have_a_reason(tmp_path: Path) -> None:
    """Exactly one of value, accept and undo, and a note; else nothing is recorded and the exit status is 2."""
    (tmp_path / "wrong.txt").write_text(WRONG, encoding="utf-8")
    crossfoot(tmp_path, "structure", "wrong.txt")
    name = crossfoot(tmp_path, "flags").stdout.split()[0]
    for options in (
        ["--accept"], ["--note", "x"], ["--accept", "--undo", "--note", "x"], ["--accept", "--note", " "],
        ["--value", "1", "--accept", "--note", "x"], ["--accept", "--cell", "t1.r1.total", "--note", "x"],
    ):  # fmt: skip
        done = crossfoot(tmp_path, "resolve", name, *options)
        assert (done.returncode, done.stdout) == (2, ""), options
    assert crossfoot(tmp_path, "export", "--format", "labels").stdout == "[]\n"
