"""Files → text: decoded if they can be, refused with one sentence if not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfoot.errors import SourceError
from crossfoot.reading.source import LONGEST_LINE, from_bytes, from_text, load

TEXT = "西安市某区医疗保障局\n2021年部门预算收入合计 1,292.44 万元，其中一般公共预算拨款收入\n"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\r"), min_size=1))
def test_lines_index_the_text(text: str) -> None:
    """Every line stands in the text where its start says."""
    source = from_text(text)
    for line in source.lines:
        assert source.text[line.start : line.start + len(line.text)] == line.text


def test_gb18030_is_decoded_and_said() -> None:
    """A file in GB18030 comes out as Chinese, and its encoding is told."""
    source = from_bytes(TEXT.encode("gb18030"), "a.txt")
    assert (source.text, source.encoding) == (TEXT, "gb18030")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\x00\x01\x02binary\xff", "NUL bytes"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"PK\x03\x04....", "an office or zip file"),
        ("Ünïcödé tëxt in Latin-1, not Chinese".encode("latin-1") * 20, "GB18030"),
        ("正常\x1b[31m".encode(), "control characters"),
        (b"\xff\xfea", "starts like UTF-16"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, what: str) -> None:
    """Junk is refused with a reason, never turned into mojibake."""
    with pytest.raises(SourceError, match=what):
        from_bytes(content, "a.txt")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file and a directory get a sentence; an endless line and a huge file are refused."""
    with pytest.raises(SourceError, match="No such file"):
        load(tmp_path / "missing.txt")
    with pytest.raises(SourceError, match="is a directory"):
        load(tmp_path)
    (tmp_path / "long.txt").write_text("9" * (LONGEST_LINE + 1))
    with pytest.raises(SourceError, match="characters; it is not a text of lines"):
        load(tmp_path / "long.txt")
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(SourceError, match="are refused"):
        load(tmp_path / "huge.txt")


def test_form_feeds_number_the_pages() -> None:
    """Pages are counted only where the text marks them."""
    assert [line.page for line in from_text("a\n\fb\nc").lines] == [1, 2, 2]
    assert from_text("a\nb").lines[0].page is None
