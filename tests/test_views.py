"""The views for analysts: right, exact, each amount once, and as docs/views.md and the README show them."""

import csv
import io
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from crossfoot.figures import Document, Source
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.storage.database import _MIGRATIONS
from crossfoot.storage.records import document_record, table_records
from crossfoot.storage.searching import search
from crossfoot.storage.store import Store
from crossfoot.tabletypes import load_catalog
from documents_by_hand import CLEAN, flagged_document, source_of

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "docs" / "views.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
VIEWS = ("amounts", "by_function", "by_economic", "three_public", "execution_rates", "budget_and_accounts")


@pytest.fixture(scope="module")
def stored(
    tmp_path_factory: pytest.TempPathFactory, examples: dict[str, Document], sources: dict[str, Source]
) -> sqlite3.Connection:
    """The five examples in a store, opened as datasette or pandas would."""
    path = tmp_path_factory.mktemp("views") / "a.db"
    with Store(path) as store:
        for name, document in examples.items():
            store.save(document, sources[name])
    return sqlite3.connect(path)


def answer(store: sqlite3.Connection, query: str) -> str:
    cursor, out = store.execute(query), io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column[0] for column in cursor.description])
    writer.writerows(cursor)
    return out.getvalue()


EXAMPLES = re.findall(r"```sql\n(.*?)```\n\n```csv\n(.*?)```", DOCS, re.DOTALL)


def test_every_view_is_shown() -> None:
    """The page has an example of each view, and no query without its output."""
    assert len(EXAMPLES) == DOCS.count("```sql")
    for view in VIEWS:
        assert any(re.search(rf"FROM {view}\b", query) for query, _ in EXAMPLES), view


def test_the_example_in_python_is_real(stored: sqlite3.Connection, tmp_path: Path) -> None:
    """It runs where the store is called as it says, and prints what stands behind its last line."""
    (example,) = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    with sqlite3.connect(tmp_path / "crossfoot.db") as copy:
        stored.backup(copy)
    run = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == (example.rpartition("# ")[2].strip(), "")


@pytest.mark.parametrize(("query", "output"), EXAMPLES)
def test_the_examples_are_real(stored: sqlite3.Connection, query: str, output: str) -> None:
    """What the page shows is what the five disclosures give."""
    assert answer(stored, query) == output


#: What the texts print as total: of the general public budget's expenditure, and of the basic expenditure, in 元.
TOTALS = {
    "000": ("12924400", "5898600"),
    "002": ("1239844", "1189844"),
    # 194.39 万元 is printed; of the parts, 2.05 + 0.07 + 1.13 were rounded up and stand below 3.24.
    "003": ("6576200", "1944000"),
    "004": ("15708300", "12522700"),
}


@pytest.mark.parametrize("view", ["by_function", "by_economic"])
@pytest.mark.parametrize("name", TOTALS)
def test_the_leaves_add_up_to_the_printed_total(
    stored: sqlite3.Connection, examples: dict[str, Document], view: str, name: str
) -> None:
    """Each amount counts once: one table a document, one row a code and unit, the leaves' sum is what is printed."""
    query = f"SELECT table_id, unit_name, code, yuan FROM {view} WHERE is_leaf AND document = ?"  # noqa: S608
    rows = stored.execute(query, [examples[name].id]).fetchall()
    assert len({row[0] for row in rows}) == 1
    assert set(Counter(row[1:3] for row in rows).values()) == {1}
    assert sum(Decimal(row[3]) for row in rows) == Decimal(TOTALS[name][view == "by_economic"])


@pytest.mark.parametrize("view", [*VIEWS[:4], "by_function_all_tables", "by_economic_all_tables"])
def test_amounts_are_exact_text_beside_an_approximation(stored: sqlite3.Connection, view: str) -> None:
    """元 as text with nothing lost; only what is called approximate is a binary fraction; each row leads back."""
    cursor = stored.execute(f"SELECT * FROM {view}")  # noqa: S608
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    assert rows
    for row in rows:
        assert isinstance(row["yuan"], str)
        assert abs(Decimal(row["yuan"]) - Decimal(row["approximate_yuan"])) < Decimal("0.005")
        assert not [name for name in names if isinstance(row[name], float) and not name.startswith("approximate_")]
        assert all((row["document"], row["department"], row["line"], row["cell"]))


def test_all_tables_have_one_preferred(stored: sqlite3.Connection) -> None:
    """Of several tables for one question one alone is preferred, and the view says which."""
    for view in ("by_function", "by_economic"):
        query = f"SELECT document, table_id, max(is_preferred) FROM {view}_all_tables GROUP BY 1, 2"  # noqa: S608
        rows = stored.execute(query).fetchall()
        preferred = Counter(row[0] for row in rows if row[2])
        assert set(preferred.values()) == {1}
        assert len(rows) > len(preferred)


def test_three_public_expenses_are_taken_once(stored: sqlite3.Connection) -> None:
    """One row for each document, stage and item; its parts give its total where all are printed."""
    rows = stored.execute("SELECT document, stage, item, yuan FROM three_public").fetchall()
    assert set(Counter(row[:3] for row in rows).values()) == {1}
    whole = {row[:3]: Decimal(row[3]) for row in rows}
    compared = 0
    for (document, stage, item), value in whole.items():
        parts = [whole.get((document, stage, part)) for part in ("abroad", "vehicle", "reception")]
        if item == "total" and None not in parts:
            compared += 1
            assert value == sum(part for part in parts if part is not None)
    assert compared >= 2


ACCOUNTS = """\
西安市灞桥区医疗保障局
2021年度部门决算
公开05表
一般公共预算财政拨款支出决算表
单位：万元
科目代码\t科目名称\t小计\t基本支出\t项目支出
合计\t\t1200.00\t500.00\t700.00
210\t卫生健康支出\t1200.00\t500.00\t700.00
21015\t医疗保障管理事务\t1200.00\t500.00\t700.00
2101501\t行政运行\t500.00\t500.00\t
2101506\t医疗保障经办事务\t700.00\t\t700.00
"""


def test_a_budget_stands_beside_its_final_accounts(tmp_path: Path) -> None:
    """The codes that both have, by department and year, and the rate of what was executed."""
    catalog = load_catalog()
    with Store(tmp_path / "a.db") as store:
        for name, text in (("b.txt", CLEAN), ("a.txt", ACCOUNTS), ("c.txt", CLEAN.replace("2021", "2020"))):
            source = from_text(text, name)
            store.save(structure(source, catalog), source)
    rows = sqlite3.connect(tmp_path / "a.db").execute(
        "SELECT fiscal_year, code, budget_yuan, executed_yuan, approximate_rate_percent, budget_line, accounts_line "
        "FROM budget_and_accounts ORDER BY code"
    )
    assert rows.fetchall() == [
        (2021, "2101501", "5898600", "5000000", 84.77, 19, 10),
        (2021, "2101506", "94000", "7000000", 7446.81, 21, 11),
    ]


#: In the form of the central government, whose amounts of two years stand side by side; no department is called so.
NATIONAL = """\
国家文献档案局
2024年部门预算

表五
一般公共预算支出表
单位：万元
功能分类科目⇥⇥2023年执行数⇥2024年预算数⇥⇥⇥2024年预算数比2023年执行数⇥
科目编码⇥科目名称⇥⇥小计⇥基本支出⇥项目支出⇥增减额⇥增减%
201⇥一般公共服务支出⇥9,200.00⇥9,870.50⇥4,110.50⇥5,760.00⇥670.50⇥7.29
20126⇥档案事务⇥9,200.00⇥9,870.50⇥4,110.50⇥5,760.00⇥670.50⇥7.29
2012601⇥行政运行⇥4,000.00⇥4,110.50⇥4,110.50⇥⇥110.50⇥2.76
2012604⇥档案馆⇥5,200.00⇥5,760.00⇥⇥5,760.00⇥560.00⇥10.77
221⇥住房保障支出⇥480.00⇥512.30⇥512.30⇥⇥32.30⇥6.73
22102⇥住房改革支出⇥480.00⇥512.30⇥512.30⇥⇥32.30⇥6.73
2210201⇥住房公积金⇥480.00⇥512.30⇥512.30⇥⇥32.30⇥6.73
合计⇥⇥9,680.00⇥10,382.80⇥4,622.80⇥5,760.00⇥702.80⇥7.26

表六
一般公共预算基本支出表
单位：万元
部门预算支出经济分类科目⇥⇥本年一般公共预算基本支出⇥⇥
科目编码⇥科目名称⇥合计⇥人员经费⇥公用经费
301⇥工资福利支出⇥3,712.30⇥3,712.30⇥
30101⇥基本工资⇥3,200.00⇥3,200.00⇥
30113⇥住房公积金⇥512.30⇥512.30⇥
302⇥商品和服务支出⇥910.50⇥⇥910.50
30201⇥办公费⇥910.50⇥⇥910.50
合计⇥⇥4,622.80⇥3,712.30⇥910.50

表七
一般公共预算“三公”经费支出表
单位：万元
2023年预算数⇥⇥⇥⇥⇥⇥2024年预算数⇥⇥⇥⇥⇥
合计⇥因公出国（境）费⇥公务用车购置及运行费⇥⇥⇥公务接待费⇥合计⇥因公出国（境）费⇥公务用车购置及运行费⇥⇥⇥公务接待费
⇥⇥小计⇥公务用车购置费⇥公务用车运行费⇥⇥⇥⇥小计⇥公务用车购置费⇥公务用车运行费⇥
96.00⇥60.00⇥24.00⇥⇥24.00⇥12.00⇥91.50⇥58.00⇥22.50⇥⇥22.50⇥11.00

表八
政府性基金预算支出表
单位：万元
科目编码⇥科目名称⇥本年政府性基金预算支出⇥⇥
⇥⇥合计⇥基本支出⇥项目支出

注：本部门2024年没有政府性基金预算拨款安排的支出。
"""


def test_a_national_form_is_asked_like_any_other(tmp_path: Path) -> None:
    """Of two years side by side the budget's own is taken; a blank table of funds has nothing to say."""
    source = from_text(NATIONAL.replace("⇥", "\t"), "a.txt")
    document = structure(source, load_catalog())
    assert [table.verdict.outcome for table in document.tables] == ["accepted"] * 4
    with Store(tmp_path / "a.db") as store:
        store.save(document, source)
    database = sqlite3.connect(tmp_path / "a.db")
    query = "SELECT department, region, fiscal_year, code, yuan FROM by_function WHERE is_leaf"
    assert database.execute(query).fetchall() == [
        ("国家文献档案局", "", 2024, "2012601", "41105000"),
        ("国家文献档案局", "", 2024, "2012604", "57600000"),
        ("国家文献档案局", "", 2024, "2210201", "5123000"),
    ]
    assert database.execute("SELECT code, yuan, proof FROM by_economic WHERE level = '类'").fetchall() == [
        ("301", "37123000", "proved"),
        ("302", "9105000", "proved"),
    ]
    assert database.execute("SELECT item, yuan, verdict FROM three_public ORDER BY item").fetchall() == [
        ("abroad", "580000", "accepted"),
        ("reception", "110000", "accepted"),
        ("total", "915000", "accepted"),
        ("vehicle", "225000", "accepted"),
        ("vehicle_running", "225000", "accepted"),
    ]


def test_a_code_of_several_units_is_added_up_exactly(tmp_path: Path) -> None:
    """Henan's budgets go by units; what two of them spend on one code stands beside the accounts of both."""
    head = "某某市审计局\n2021年部门预算\n2021年一般公共预算支出情况表\n单位：元\n"
    head += "科目编码\t\t\t单位代码\t单位（科目名称）\t合计\t基本支出\t项目支出\n类\t款\t项\t\t\t\t\t\n"
    budget = head + (
        "\t\t\t\t合计\t30.30\t30.30\t\n\t\t\t101\t某某市审计局\t10.10\t10.10\t\n201\t08\t01\t101\t行政运行\t10.10\t10.10\t\n"
        "\t\t\t102\t某某市审计中心\t20.20\t20.20\t\n201\t08\t01\t102\t行政运行\t20.20\t20.20\t\n"
    )
    accounts = ACCOUNTS.split("科目代码", maxsplit=1)[0].replace("西安市灞桥区医疗保障局", "某某市审计局").replace(
        "万元", "元"
    ) + (
        "科目代码\t科目名称\t小计\t基本支出\t项目支出\n合计\t\t30.00\t30.00\t\n"
        "201\t一般公共服务支出\t30.00\t30.00\t\n20108\t审计事务\t30.00\t30.00\t\n2010801\t行政运行\t30.00\t30.00\t\n"
    )
    with Store(tmp_path / "a.db") as store:
        for name, text in (("b.txt", budget), ("a.txt", accounts)):
            source = from_text(text, name)
            store.save(structure(source, load_catalog()), source)
    query = "SELECT code, budget_yuan, executed_yuan, budget_rows, budget_proof, approximate_rate_percent FROM "
    rows = sqlite3.connect(tmp_path / "a.db").execute(f"{query} budget_and_accounts").fetchall()
    assert rows == [("2010801", "30.3", "30", 2, "proved", 99.01)]


def test_what_was_superseded_is_in_no_view(tmp_path: Path) -> None:
    """Of a file's contents only the newest counts."""
    catalog = load_catalog()
    with Store(tmp_path / "a.db") as store:
        for text in (CLEAN, CLEAN + "\n\n"):
            source = from_text(text, "a.txt")
            store.save(structure(source, catalog), source, "/a.txt")
        store.save(flagged_document(department="某局"), source_of("某局"))
    found = sqlite3.connect(tmp_path / "a.db").execute("SELECT DISTINCT document FROM by_function").fetchall()
    assert len(found) == 2


def test_an_older_store_is_brought_up_to_date(tmp_path: Path) -> None:
    """Documents kept before there was an index are found in it, and their tables know their lines."""
    before = next(number for number, script in enumerate(_MIGRATIONS) if "CREATE TABLE searched" in script)
    source = from_text(CLEAN, "a.txt")
    document = structure(source, load_catalog())
    connection = sqlite3.connect(tmp_path / "a.db")
    for script in _MIGRATIONS[:before]:
        connection.executescript(script)
    connection.executescript(f"PRAGMA user_version = {before}; PRAGMA application_id = {0x78666F6F}")
    rows = [
        ("documents", {**document_record(document), "path": "", "sha256": source.sha256, "encoding": "utf-8",
                       "made_with": "", "source_text": CLEAN}),
        *(("tables", {key: value for key, value in record.items() if key not in {"owner", "first_line", "last_line"}})
          for record in table_records(document)),
    ]  # fmt: skip
    for table, record in rows:
        marks = ", ".join("?" * len(record))
        connection.execute(f"INSERT INTO {table} ({', '.join(record)}) VALUES ({marks})", [*record.values()])  # noqa: S608
    connection.commit()
    connection.close()
    with Store(tmp_path / "a.db") as store:
        (hit,) = search(store, ["城乡医疗救助"])
        (line,) = hit.lines
        assert line.table is not None
        assert (line.table.id, line.table.first_line, line.table.last_line) == ("t1", *document.tables[0].lines)
        store.save(document, source)
        assert len(list(search(store, ["城乡医疗救助"]))) == 1


def test_the_years_shown_are_real(tmp_path: Path) -> None:
    """The README's table of two years is what `crossfoot years` prints of the example and an altered copy of it."""
    shown = re.search(r"```console\n\$ crossfoot (years .*?)\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    text = next((ROOT / "examples").glob("000_*.txt")).read_text(encoding="utf-8")
    (tmp_path / "2021.txt").write_text(text, encoding="utf-8")
    earlier = re.sub("2021( ?年)", r"2020\1", text).replace("\t677.44\t", "\t667.44\t")
    assert "667.44" in earlier
    (tmp_path / "2020.txt").write_text(earlier, encoding="utf-8")
    code = "from crossfoot.cli import main; main()"
    for arguments in (["structure", ".", "--reader", "grid"], shown[1].split()):
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode < 2, done.stderr
    assert done.stdout == shown[2]
