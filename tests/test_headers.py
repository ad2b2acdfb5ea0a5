"""Header rows → paths: what stands above each column."""

from crossfoot.figures import Column
from crossfoot.reading.cells import make_cell
from crossfoot.reading.fields import Field, Fields
from crossfoot.reading.headers import header_paths, printed_paths

_WORDS = frozenset({"项目", "金额"})


def row(text: str) -> Fields:
    return tuple(Field(part, 1, 0, len(part)) for part in text.split("\t"))


def test_a_row_of_numbers_says_how_many_columns_there_are() -> None:
    """栏次 names no column; where it is wider than the words above it, the last columns are without a header."""
    rows = [row("项目\t金额"), row("栏次\t1\t2")]
    assert header_paths(rows, _WORDS) == (("项目",), ("金额",), ())
    assert printed_paths(rows, _WORDS) == ("项目", "金额", "")


def test_a_percentage_among_amounts_keeps_its_decimal_places() -> None:
    """It is no amount, so it has no value; how it is printed is not lost with that."""
    cell = make_cell(Column(key="total", header="合计", kind="amount", unit="万元"), Field("12.34%", 1, 0, 6))
    assert (cell.state, cell.value, cell.places) == ("illegible", None, 2)
