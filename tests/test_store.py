"""The store keeps what it was given, refuses what is not its own, and proves itself."""

import os
import sqlite3
from pathlib import Path

import pytest

from crossfoot.errors import StoreError
from crossfoot.figures import Document, Origination, Source
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.storage.store import Store
from crossfoot.tabletypes import load_catalog
from documents_by_hand import TEXT, WRONG, document_of, flagged_document, source_of


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        found = connection.execute(query).fetchall()
        connection.commit()
    finally:
        connection.close()
    return found


def renamed(letter: str, name: str = "灞桥/2021.txt") -> tuple[Document, Source]:
    """Returns the flagged document as if it had another content."""
    source = source_of(TEXT, name).model_copy(update={"sha256": letter * 64})
    origin = Origination(name=name, sha256=letter * 64, encoding="utf-8", characters=9, lines=9)
    return flagged_document(id=letter * 64, source=origin), source


def test_a_document_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """Saving and loading gives the equal document and its source text, lines and pages included."""
    document, source = flagged_document(), source_of(TEXT.replace("210\t", "\f210\t"))
    with Store(tmp_path / "a.db") as store:
        store.save(document, source, "/somewhere/2021.txt")
    with Store(tmp_path / "a.db") as store:
        assert store.load(document.id) == document
        assert store.source(document.id) == source
        assert [entry.department for entry in store.documents()] == ["西安市灞桥区医疗保障局"]


def test_saving_twice_changes_nothing(tmp_path: Path) -> None:
    """A second save of the same content replaces the first, in every table."""
    tables = ("documents", "tables", "cells", "findings", "checks")
    counts = []
    for _ in range(2):
        with Store(tmp_path / "a.db") as store:
            store.save(flagged_document(), source_of(TEXT))
        counts.append([rows(tmp_path / "a.db", f"SELECT count(*) FROM {table}")[0][0] for table in tables])  # noqa: S608
    assert counts[0] == counts[1] == [1, 1, 18, 1, 1]


def test_amounts_are_exact_text_in_sql(tmp_path: Path) -> None:
    """SQL sees amounts as the printed digits and as exact 元, never as binary fractions."""
    with Store(tmp_path / "a.db") as store:
        store.save(flagged_document(), source_of(TEXT))
    query = "SELECT typeof(value), value, value_yuan FROM cells WHERE reference = 't1.r1.total'"
    assert rows(tmp_path / "a.db", query) == [("text", "1292.44", "12924400")]


def test_a_save_that_fails_leaves_the_old_document(tmp_path: Path) -> None:
    """A save is one transaction: when a part of it fails, what was stored before is still there."""
    document, source = flagged_document(), source_of(TEXT)
    twice = document.model_copy(update={"tables": (*document.tables, *document.tables)})
    with Store(tmp_path / "a.db") as store:
        store.save(document, source)
        with pytest.raises(StoreError, match="UNIQUE"):
            store.save(twice, source)
        assert store.load(document.id) == document


def test_a_changed_file_supersedes_its_earlier_content(tmp_path: Path) -> None:
    """Only the newest content of a path is listed; the earlier one can still be loaded by its id."""
    with Store(tmp_path / "a.db") as store:
        store.save(*renamed("a"), path="/x/2021.txt")
        store.save(*renamed("b"), path="/x/2021.txt")
        assert [entry.id for entry in store.documents()] == ["b" * 64]
        assert store.load("a" * 64).id == "a" * 64
        store.save(*renamed("a"), path="/x/2021.txt")
        assert [entry.id for entry in store.documents()] == ["a" * 64]


@pytest.mark.parametrize("content", [b"department,amount\n" * 500, b"SQLite format 3\x00" + b"\x07" * 5000])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    """The error names the file and what to do, and the file is left as it was."""
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"a\.db: .*--db"):
        Store(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """A database with tables of its own is refused before anything is written."""
    rows(tmp_path / "a.db", "CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(StoreError, match="another program"):
        Store(tmp_path / "a.db")
    assert rows(tmp_path / "a.db", "SELECT name FROM sqlite_master") == [("bookmarks",)]


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """The error says that crossfoot is too old for it."""
    Store(tmp_path / "a.db").__exit__(None, None, None)
    rows(tmp_path / "a.db", "PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer crossfoot"):
        Store(tmp_path / "a.db")


def test_a_missing_store_or_folder_says_so(tmp_path: Path) -> None:
    """Reading commands never make an empty store, and a store in no folder is explained."""
    with pytest.raises(StoreError, match="no such store"):
        Store(tmp_path / "a.db", must_exist=True)
    with pytest.raises(StoreError, match="folder exists"):
        Store(tmp_path / "nowhere" / "a.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everything")
def test_a_store_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    """Who may read a store but not write it gets its documents; saving into it is refused in one sentence."""
    with Store(tmp_path / "a.db") as store:
        store.save(flagged_document(), source_of(TEXT))
    (tmp_path / "a.db").chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        with Store(tmp_path / "a.db") as store:
            assert len(store.documents()) == 1
            with pytest.raises(StoreError, match="cannot be written"):
                store.save(flagged_document(), source_of(TEXT))
    finally:
        tmp_path.chmod(0o755)


def test_two_processes_may_use_a_store_at_once(tmp_path: Path) -> None:
    """Two open stores read and write in turn; neither blocks the other's reading."""
    with Store(tmp_path / "a.db") as one, Store(tmp_path / "a.db") as two:
        one.save(*renamed("a"))
        two.save(*renamed("b"))
        assert len(one.documents()) == len(two.documents()) == 2


def test_an_unknown_id_is_an_error(tmp_path: Path) -> None:
    """Loading what is not there names the id."""
    with Store(tmp_path / "a.db") as store, pytest.raises(StoreError, match="holds no document abc"):
        store.load("abc")


def test_verify_finds_nothing_in_what_was_just_structured(tmp_path: Path) -> None:
    """Judging again gives the same verdicts."""
    source, catalog = from_text(WRONG, "2021.txt"), load_catalog()
    with Store(tmp_path / "a.db") as store:
        store.save(structure(source, catalog), source)
        assert list(store.verify(catalog)) == []


def test_verify_finds_a_verdict_that_was_tampered_with(tmp_path: Path) -> None:
    """A verdict or a check that the stored reading does not bear out is reported with both values."""
    source, catalog = from_text(WRONG, "2021.txt"), load_catalog()
    document = structure(source, catalog)
    table = document.tables[0]
    lie = table.model_copy(update={"verdict": table.verdict.model_copy(update={"outcome": "repaired"})})
    with Store(tmp_path / "a.db") as store:
        store.save(document.model_copy(update={"tables": (lie, *document.tables[1:])}), source)
        found = [difference.what for difference in store.verify(catalog)]
    assert found == [f"tables.{table.id}.verdict.outcome: repaired → {table.verdict.outcome}"]


def test_verify_reports_a_document_that_cannot_be_read(tmp_path: Path) -> None:
    """A stored JSON of an unknown shape is a difference that says how to mend it, and the rest is still verified."""
    with Store(tmp_path / "a.db") as store:
        store.save(document_of([]), source_of(TEXT))
    rows(tmp_path / "a.db", "UPDATE documents SET json = '{}'")
    with Store(tmp_path / "a.db") as store:
        assert ["--force" in difference.what for difference in store.verify(load_catalog())] == [True]


def test_facts_of_the_text_are_rows(tmp_path: Path) -> None:
    """SQL sees each fact of the narrative once, its amount exact and in 元 too."""
    source = from_text("某县水利局2023年部门预算\n一、收支情况\n收入总计1.20亿元，比上年减少3.5万元。\n")
    with Store(tmp_path / "a.db") as store:
        store.save(structure(source, load_catalog()), source)
    found = rows(
        tmp_path / "a.db", "SELECT id, measure, role, printed, unit, value_yuan, direction, part_of FROM facts"
    )
    assert found == [
        ("f1", "revenue_total", "amount", "1.20", "亿元", "120000000", "", ""),
        ("f2", "revenue_total", "change", "3.5", "万元", "35000", "decrease", "f1"),
    ]
