"""Analysts find departments by what people call them, words in the texts, and years side by side."""

import csv
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from crossfoot.errors import QueryError
from crossfoot.figures import Document, Origination, Source
from crossfoot.output.export import to_json
from crossfoot.output.years import side_by_side
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.storage.departments import short_names
from crossfoot.storage.query import comparable, find_documents
from crossfoot.storage.searching import Filters, folded, search
from crossfoot.storage.store import Store
from crossfoot.tabletypes import load_catalog
from documents_by_hand import CLEAN, document_of, source_of


def keep(store: Store, department: str, text: str = "", year: int = 2021, region: str = "") -> str:
    """Stores an empty document of that department with that text and returns its id."""
    source = from_text(text or f"{department}{year}", f"{department}{year}.txt")
    origin = Origination(name=source.name, sha256=source.sha256, encoding="utf-8", characters=9, lines=9)
    document = document_of([], id=source.sha256, source=origin, department=department, fiscal_year=year, region=region)
    store.save(document, source)
    return source.sha256


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.db") as store:
        yield store


YANTA, BEILIN = "西安市雁塔区", "西安市碑林区"


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("雁塔医保局", "医疗保障局"),
        ("雁塔区人社局", "人力资源和社会保障局"),
        ("西安市雁塔区卫健局", "卫生健康委员会"),
        ("雁塔卫健委", "卫生健康委员会"),
        ("雁塔教体局", "教育和体育局"),
        ("雁塔教育局", "教育和体育局"),
        ("雁塔住建局", "住房和城乡建设局"),
        ("雁塔市监局", "市场监督管理局"),
        ("雁塔发改委", "发展和改革委员会"),
        ("雁塔文旅局", "文化和旅游局"),
        ("雁塔区农业局", "农业农村局"),
        ("雁塔财政局", "财政局"),
    ],
)
def test_short_names_find_their_body(store: Store, who: str, name: str) -> None:
    """A short name means the body it stands for, of the region in front of it, among all bodies of two districts."""
    bodies = (
        "医疗保障局 人力资源和社会保障局 卫生健康委员会 教育和体育局 住房和城乡建设局 市场监督管理局 发展和改革委员会 "
        "文化和旅游局 农业农村局 财政局 人民政府办公室"
    )
    for region in (YANTA, BEILIN):
        for body in bodies.split():
            keep(store, region + body, region=region)
    assert [entry.department for entry in find_documents(store, who)] == [YANTA + name]


def test_a_short_name_alone_is_a_question_that_a_region_answers(store: Store) -> None:
    """医保局 of two districts asks which one; --region says it, with or without the city."""
    keep(store, f"{YANTA}医疗保障局", region=YANTA)
    keep(store, f"{BEILIN}医疗保障局", region=BEILIN)
    with pytest.raises(QueryError, match="several departments") as caught:
        find_documents(store, "医保局")
    assert caught.value.candidates == (f"{YANTA}医疗保障局  2021 budget", f"{BEILIN}医疗保障局  2021 budget")[::-1]
    for region in ("碑林", BEILIN):
        (entry,) = find_documents(store, "医保局", region=region)
        assert entry.department == f"{BEILIN}医疗保障局"
    with pytest.raises(QueryError, match="no department of 宝鸡"):
        find_documents(store, "医保局", region="宝鸡")


def test_many_candidates_are_cut(store: Store) -> None:
    """Of thousands that fit or do not, a person sees the first twenty and how to go on."""
    for number in range(30):
        keep(store, f"第{number}县财政局")
    for who in ("财政局", "测绘研究院"):
        with pytest.raises(QueryError) as caught:
            find_documents(store, who)
        assert len(caught.value.candidates) <= 21
    with pytest.raises(QueryError) as caught:
        find_documents(store, "财政局")
    assert "10 more" in caught.value.candidates[-1]


def test_short_names_are_short_and_say_something() -> None:
    """Each short name stands for names that are not empty, the longest short name first."""
    names = short_names()
    assert len(names) > 80
    assert [len(short) for short in names] == sorted(map(len, names), reverse=True)
    assert all(all(full for full in stands) and stands for stands in names.values())


def test_get_is_quick_among_many(store: Store, examples: dict[str, Document], sources: dict[str, Source]) -> None:
    """Among 600 departments one is found by any kind of name, loaded and written within 100 ms of work."""
    cities, bodies = "安宁平凉汉中榆林延川", "财政局 审计局 统计局 民政局 司法局 水利局".split()
    regions = [f"{one}{two}县" for one in cities for two in cities]
    rows = [
        {
            "id": f"{number:064x}", "name": f"{number}.txt", "path": f"/{number}.txt", "department": region + body,
            "region": region, "fiscal_year": 2021, "kind": "budget", "outcome": "accepted", "sha256": f"{number:064x}",
            "encoding": "utf-8", "crossfoot_version": "0", "made_with": "", "json": "{}", "source_text": region + body,
        }
        for number, (region, body) in enumerate((region, body) for region in regions for body in bodies)
    ]  # fmt: skip
    store._db.insert("documents", tuple(rows[0]), [tuple(row.values()) for row in rows])
    store.save(examples["000"], sources["000"])
    department = examples["000"].department
    for who in (
        department,
        department[3:],
        department[3:5] + "医保局",
        department.replace("保障", "保证"),
        "000_b49794",
    ):
        took = []
        for _ in range(3):
            start = time.process_time()
            try:
                entries = find_documents(store, who)
            except QueryError:
                assert who == "000_b49794"
            else:
                assert [entry.department for entry in entries] == [department]
                to_json([store.load(entry.id) for entry in entries])
            took.append(time.process_time() - start)
        assert min(took) < 0.1, who


TITLED = "某某市水利局\n表3\n公务接待情况表\n合 计（万元）\t1.00\n"
PLAIN = "某某市司法局\n公务接待费０.5万元，公务 用车费2万元。\nABC会议\n末尾"


def found(store: Store, *words: str, filters: Filters = Filters()) -> list[tuple[str, int]]:  # noqa: B008  frozen
    hits = search(store, words, filters)
    return [(hit.document.department, line.line) for hit in hits for line in hit.lines]


def test_words_are_found_in_lines(store: Store) -> None:
    """Long and short words, in any width and with blanks between; all words must be in one line."""
    keep(store, "水利局", TITLED)
    keep(store, "司法局", PLAIN)
    assert found(store, "公务接待") == [("司法局", 2), ("水利局", 3)]
    assert found(store, "接待", "用车") == [("司法局", 2)]
    assert found(store, "公务用车费") == [("司法局", 2)]
    assert found(store, "合计(万元)") == [("水利局", 4)]
    assert found(store, "合计 （万元）") == [("水利局", 4)]
    assert found(store, "abc") == [("司法局", 3)]
    assert found(store, "末尾") == [("司法局", 4)]
    assert found(store, "尾") == [("司法局", 4)]
    assert found(store, "用车", "水利") == []
    assert found(store, '"', "*") == []
    with pytest.raises(QueryError):
        found(store, " ")


def test_what_was_found_is_marked_where_it_is_printed(store: Store) -> None:
    """The marks are places in the printed line, blanks inside included."""
    keep(store, "司法局", PLAIN)
    (hit,) = search(store, ["公务用车", "接待"])
    (line,) = hit.lines
    assert [line.text[first:last] for first, last in line.marks] == ["接待", "公务 用车"]


def test_search_follows_what_is_stored(store: Store) -> None:
    """A document saved again is found once, by its new text; one that is deleted or superseded not at all."""
    keep(store, "司法局", PLAIN)
    assert keep(store, "司法局", PLAIN)
    assert found(store, "公务接待") == [("司法局", 2)]
    source = from_text(PLAIN.replace("接待", "用餐"), "b.txt")
    for text, identity in ((PLAIN, "a" * 64), (source.text, "b" * 64)):
        store.save(document_of([], id=identity), source_of(text).model_copy(update={"sha256": identity}), "/x.txt")
    assert len(found(store, "公务用餐")) == 1
    assert len(found(store, "公务接待")) == 1
    store.save(document_of([], id=identity), source_of(PLAIN), "/x.txt")
    assert (len(found(store, "公务用餐")), len(found(store, "公务接待"))) == (0, 2)
    store.write("DELETE FROM documents")
    assert found(store, "公务用餐") == []
    assert store.terms_from("公", 9) == ()


def test_the_index_folds_as_the_search_does(store: Store, sources: dict[str, Source]) -> None:
    """What SQL puts into the index is what Python looks for, for every example."""
    for source in sources.values():
        keep(store, "某局", source.text)
    texts = store._db.rows("SELECT text, source_text FROM search_texts JOIN documents ON id = document")
    assert len(texts) == 5
    assert all(text.lower() == folded(printed) + "\n\n\n" for text, printed in texts)


def test_a_table_titled_so_comes_first_and_filters_hold(
    store: Store, examples: dict[str, Document], sources: dict[str, Source]
) -> None:
    """Lines lead to their tables; department, region, year and kind narrow the search as they do for get."""
    for name, document in examples.items():
        store.save(document, sources[name])
    hits = {hit.document.id: hit for hit in search(store, ["公务接待费"])}
    for name in ("003", "004"):
        lines = [at for at, line in enumerate(sources[name].text.split("\n"), 1) if "公务接待费" in line]
        assert [line.line for line in hits[examples[name].id].lines] == lines
    tables = {line.line: line.table.type for line in hits[examples["004"].id].lines if line.table}
    assert tables[467] == "three_public_budget"
    assert {hit.document.fiscal_year for hit in search(store, ["万元"], Filters(year=2023))} == {2023}
    regions = {hit.document.region for hit in search(store, ["万元"], Filters(region="西安"))}
    assert regions == {"西安市灞桥区", "西安市莲湖区"}
    one = search(store, ["万元"], Filters(department="莲湖医保局", kind="final_accounts"))
    assert [hit.document.id for hit in one] == [examples["003"].id]
    assert next(search(store, ["支出决算表"])).document.id == examples["003"].id


def year_of(year: int, *changes: tuple[str, str]) -> Document:
    """Returns the clean disclosure of that year with some texts replaced."""
    text = CLEAN.replace("2021", str(year))
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return structure(from_text(text, f"{year}.txt"), load_catalog())


def test_years_stand_side_by_side() -> None:
    """A line for each code, a column for each year, in one unit; new and gone lines stay empty, changes are exact."""
    yuan = [(old, f"{Decimal(old) * 10000:f}".removesuffix(".00")) for old in ("1292.44", "541.65", "48.21", "702.58")]
    older = year_of(2020, ("2101502\t一般行政管理事务\t3\t\t\t3\t\n", ""), ("2101506", "2101507"))
    in_yuan = year_of(2022, *yuan, ("单位：万元", "单位：元"))
    (tables,) = comparable([in_yuan, older], "表5")
    shown = side_by_side(tables)
    assert shown.unit == "元"
    assert [year.label for year in shown.years] == ["2020", "2022"]
    lines = {line.code: line for line in shown.lines}
    assert list(lines)[-5:] == ["2101501", "2101502", "2101506", "2101507", "2101599"]
    first, second = lines["210"].entries
    assert first is not None
    assert second is not None
    assert (first.printed, first.value, second.value, second.printed) == ("1292.44", 12924400, 12924400, "12924400")
    assert lines["2101502"].entries[0] is None
    assert lines["2101507"].entries[1] is None
    assert lines["2101502"].changes == (None,)
    change = lines["21011"].changes[0]
    assert change is not None
    assert (change.amount, change.percent) == (610 - 6100000, Decimal("-100.0"))


def test_a_column_can_be_asked_for() -> None:
    """By its key, by its header, or all of them."""
    (tables,) = comparable([year_of(2020), year_of(2021)], None)
    personnel = side_by_side(tables, "personnel")
    assert {line.column for line in personnel.lines} == {"人员经费支出"}
    assert personnel == side_by_side(tables, "人员经费")
    assert len({line.column for line in side_by_side(tables, "all").lines}) == 4


def test_only_tables_of_one_type_are_compared() -> None:
    """One document alone, or documents without a common type, are answered with what there is."""
    with pytest.raises(QueryError, match="no two documents") as caught:
        comparable([year_of(2020)], None)
    assert "gpb_expenditure_by_function" in caught.value.candidates[0]
    with pytest.raises(QueryError, match="no table 表9"):
        comparable([year_of(2020), year_of(2021)], "表9")


def crossfoot(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from crossfoot.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=240)


def test_the_commands_write_text_csv_and_json(tmp_path: Path) -> None:
    """`years` and `search` print for people, spreadsheets and programs; the signs of doubt come with the amounts."""
    (tmp_path / "in").mkdir()
    for year in (2020, 2021):
        text = CLEAN.replace("2021", str(year)).replace("677.44", "679.44" if year == 2020 else "677.44")
        (tmp_path / "in" / f"{year}.txt").write_text(text, encoding="utf-8")
    assert crossfoot(tmp_path, "structure", "in").returncode == 1
    text = crossfoot(tmp_path, "years", "灞桥医保局", "--table", "表5").stdout
    assert "679.44  ✗   677.44   -2.00   -0.3\n" in text
    assert "2020  2020.txt 表5  flagged" in text
    rows = list(csv.DictReader(io.StringIO(crossfoot(tmp_path, "years", "灞桥", "--format", "csv").stdout)))
    row = next(row for row in rows if row["code"] == "21015")
    assert (row["2020"], row["2021"], row["2021 change"], row["2020 verdict"]) == (
        "679.44",
        "677.44",
        "-2.00",
        "flagged",
    )
    name = crossfoot(tmp_path, "flags").stdout.split()[0]
    crossfoot(tmp_path, "resolve", name, "--value", "677.44", "--note", "扫描件")
    assert "† as a person says" in crossfoot(tmp_path, "years", "灞桥", "--table", "表5").stdout
    (shown,) = json.loads(crossfoot(tmp_path, "years", "灞桥", "--format", "json").stdout)
    assert shown["lines"][0]["entries"][0]["yuan"] == "12924400"
    done = crossfoot(tmp_path, "search", "城乡医疗救助", "--year", "2021")
    assert done.stdout.endswith("line 17  表5 t1  2101301⇥»城乡医疗救助«⇥5⇥⇥⇥5\n")
    rows = list(csv.DictReader(io.StringIO(crossfoot(tmp_path, "search", "医疗", "--format", "csv").stdout)))
    assert {row["fiscal_year"] for row in rows} == {"2020", "2021"}
    assert len(json.loads(crossfoot(tmp_path, "search", "医疗", "--limit", "1", "--format", "json").stdout)) == 1
    nothing = crossfoot(tmp_path, "search", "核潜艇")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "no line has 核潜艇" in nothing.stderr
