"""Questions find what is meant, and ask back when more than one thing could be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crossfoot.errors import QueryError
from crossfoot.figures import Document, DocumentKind, Origination
from crossfoot.storage.query import find_documents, find_table, find_tables
from crossfoot.storage.store import Store
from documents_by_hand import TEXT, document_of, source_of, table_of


def add(store: Store, department: str, year: int | None, kind: DocumentKind = "budget", region: str = "") -> str:
    """Stores an empty document of that department and returns its id."""
    identity = f"{len(store.documents()) + 10:064x}"[::-1]
    name = f"{region}{department}/{year}.txt"
    origin = Origination(name=name, sha256=identity, encoding="utf-8", characters=9, lines=9)
    document = document_of(
        [], id=identity, source=origin, department=department, fiscal_year=year, kind=kind, region=region
    )
    source = source_of(TEXT, name).model_copy(update={"sha256": identity})
    store.save(document, source, f"/disclosures/{name}")
    return identity


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as store:
        yield store


def found(
    store: Store, who: str, year: int | None = None, kind: DocumentKind | None = None
) -> list[tuple[str, object]]:
    return [(entry.department, entry.fiscal_year) for entry in find_documents(store, who, year, kind)]


BAQIAO = "西安市灞桥区医疗保障局"
LIANHU = "西安市莲湖区医疗保障局"


@pytest.mark.parametrize("who", ["灞桥", BAQIAO, "灞桥区医疗保障局", "灞桥医保局", "灞桥区医疗保证局", " 灞桥 区 "])
def test_a_department_is_found_by_what_people_call_it(store: Store, who: str) -> None:
    """A part, an abbreviation or a slip of the pen finds the one department, all its years."""
    add(store, BAQIAO, 2021)
    add(store, LIANHU, 2021)
    add(store, BAQIAO, 2020)
    assert found(store, who) == [(BAQIAO, 2020), (BAQIAO, 2021)]


def test_year_and_kind_narrow_it_down(store: Store) -> None:
    """Of several documents of one department only those asked for are returned."""
    add(store, BAQIAO, 2020)
    add(store, BAQIAO, 2021)
    add(store, BAQIAO, 2021, "final_accounts")
    assert found(store, "灞桥", 2021, "final_accounts") == [(BAQIAO, 2021)]
    with pytest.raises(QueryError, match="no document for 2019"):
        find_documents(store, "灞桥", 2019)


def test_a_name_of_two_departments_is_a_question(store: Store) -> None:
    """An ambiguous name is answered with the candidates, never with a guess."""
    add(store, BAQIAO, 2021)
    add(store, LIANHU, 2020)
    with pytest.raises(QueryError, match="several departments") as caught:
        find_documents(store, "医疗保障局")
    assert len(caught.value.candidates) == 2
    assert BAQIAO in caught.value.candidates[0]


def test_an_exact_name_beats_a_longer_one(store: Store) -> None:
    """A department whose whole name was given is meant, even if another's name contains it."""
    add(store, "灞桥区财政局", 2021)
    add(store, "灞桥区财政局国库支付中心", 2021)
    assert found(store, "灞桥区财政局") == [("灞桥区财政局", 2021)]


def test_the_region_belongs_to_the_name(store: Store) -> None:
    """Departments called alike are told apart by their regions."""
    add(store, "医疗保障局", 2021, region="西乡县")
    add(store, "医疗保障局", 2021, region="灞桥区")
    assert [entry.region for entry in find_documents(store, "西乡县医疗保障局")] == ["西乡县"]
    with pytest.raises(QueryError, match="several departments"):
        find_documents(store, "医疗保障局")


def test_a_document_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    """Six hexadecimal digits are enough, five are not."""
    identity = add(store, BAQIAO, 2021)
    assert found(store, identity[:6]) == [(BAQIAO, 2021)]
    with pytest.raises(QueryError):
        find_documents(store, identity[:5])


@pytest.mark.parametrize("who", ["/disclosures/灞桥/2021.txt", "灞桥/2021.txt", "灞桥/2021", "2021.txt", "2021"])
def test_a_document_is_found_by_its_path(store: Store, who: str) -> None:
    """The path, the name relative to what was given, and the bare file name all work."""
    add(store, "灞桥", 2021)
    assert found(store, who) == [("灞桥", 2021)]


def test_a_file_is_found_by_its_content(store: Store, tmp_path: Path) -> None:
    """A copy of a stored file somewhere else is that document."""
    copy = tmp_path / "copy.txt"
    copy.write_text(TEXT, encoding="utf-8")
    from crossfoot.reading.source import load

    source = load(copy)
    store.save(document_of([], id=source.sha256), source)
    assert found(store, str(copy)) == [(BAQIAO, 2021)]


@pytest.mark.parametrize("who", ["广元", "", "长" * 300])
def test_nothing_found_says_what_there_is(store: Store, who: str) -> None:
    """An unknown name, an empty one and one too long for a file are answered with a sentence."""
    add(store, BAQIAO, 2021)
    with pytest.raises(QueryError):
        find_documents(store, who)


def tables() -> Document:
    """Returns a document with tables of several kinds of numbers, two of them sharing one."""
    numbered = [
        ("t1", "表5", "budget_expenditure_summary", "部门支出总表", ""),
        ("t2", "公开03表", "fa_expenditure", "支出决算表", ""),
        ("t3", "表13", "project_performance_target", "专项业务经费绩效目标表", "医保宣传"),
        ("t4", "表13", "project_performance_target", "专项业务经费绩效目标表", "基金监管"),
        ("t5", "", "unknown", "一般公共预算财政拨款支出决算表", ""),
        ("t6", "表3-1", "unknown", "部门支出总表（续）", ""),
    ]
    return document_of(
        [
            table_of([], [], id=identity, number=number, type=name, title=title, owner=owner)
            for identity, number, name, title, owner in numbered
        ]
    )


@pytest.mark.parametrize(
    ("what", "identity"),
    [
        ("表5", "t1"), ("5", "t1"), ("05", "t1"), ("表 ５", "t1"), ("公开03", "t2"), ("公开03表", "t2"), ("03", "t2"),
        ("3", "t2"), ("fa_expenditure", "t2"), ("支出决算表", "t2"), ("财政拨款", "t5"), ("t4", "t4"), ("3-1", "t6"),
        ("部门支出总表", "t1"),
    ],
)  # fmt: skip
def test_a_table_is_found(what: str, identity: str) -> None:
    """A number in any writing, a type, an id, a whole title before a part of one."""
    assert find_table(tables(), what).id == identity


def test_a_table_is_taken_where_it_is() -> None:
    """Budgets have no 公开03: asked for all of a department's documents it is that of the final accounts."""
    with_it, without = tables(), document_of([])
    assert [(one is with_it, table.id) for one, table in find_tables([without, with_it], "公开03")] == [(True, "t2")]
    with pytest.raises(QueryError, match="no table 表99"):
        find_tables([without, with_it], "表99")


@pytest.mark.parametrize("what", ["表13", "13", "project_performance_target", "绩效目标"])
def test_a_number_that_tables_share_is_a_question(what: str) -> None:
    """The candidates show id, number, title and whose table it is, so that the next question can be exact."""
    with pytest.raises(QueryError, match="2 tables") as caught:
        find_table(tables(), what)
    assert caught.value.candidates == (
        "t3  表13  专项业务经费绩效目标表  医保宣传",
        "t4  表13  专项业务经费绩效目标表  基金监管",
    )


@pytest.mark.parametrize("what", ["表99", "t99", "", "采购"])
def test_an_unknown_table_lists_all(what: str) -> None:
    """What no table is called is answered with the tables that there are."""
    with pytest.raises(QueryError, match="no table") as caught:
        find_table(tables(), what)
    assert len(caught.value.candidates) == 6
