"""A batch finds its files, names them, and goes on when one of them fails."""

import os
from pathlib import Path

import pytest

from crossfoot.errors import CrossfootError, SourceError
from crossfoot.reading.llm.opening import Wanted, open_desk
from crossfoot.reading.llm.spending import Spending
from crossfoot.storage.batch import How, Structured, find_inputs, structure_all, structure_into
from crossfoot.storage.store import Store
from crossfoot.tabletypes import Catalog, load_catalog
from documents_by_hand import TEXT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.TXT", "sub/c.txt", "notes.md", "sub/d.pdf"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(TEXT + name, encoding="utf-8")
    return tmp_path


def names(*paths: Path) -> list[str]:
    return [given.name for given in find_inputs(paths)[0]]


def test_a_folder_is_searched_for_texts_in_order(folder: Path) -> None:
    """Every *.txt below it, whatever its case, named relative to the folder; a file is itself, whatever its name."""
    assert names(folder / "in") == ["a.TXT", "b.txt", "sub/c.txt"]
    assert names(folder / "in" / "notes.md") == ["notes.md"]


def test_a_file_given_twice_is_read_once(folder: Path) -> None:
    """A file and the folder that holds it make one document."""
    assert names(folder / "in" / "b.txt", folder / "in") == ["b.txt", "a.TXT", "sub/c.txt"]


def test_files_of_one_name_get_their_folders(folder: Path) -> None:
    """Names are unique within a batch, and never lead out of the folder that the files share."""
    (folder / "other").mkdir()
    (folder / "other" / "b.txt").write_text(TEXT, encoding="utf-8")
    assert names(folder / "in" / "b.txt", folder / "other" / "b.txt") == ["in/b.txt", "other/b.txt"]


def test_a_path_without_texts_is_a_problem(folder: Path) -> None:
    """It is said, and the other paths count."""
    (folder / "empty").mkdir()
    inputs, problems = find_inputs([folder / "empty", folder / "in" / "b.txt", folder / "none.txt"])
    assert len(inputs) == 1
    assert [str(problem) for problem in problems] == [
        f"{folder / 'empty'}: holds no *.txt file",
        f"{folder / 'none.txt'}: no such file or folder",
    ]


def test_a_name_that_is_not_utf8_is_read_as_gb18030(folder: Path) -> None:
    """Files out of archives packed in China keep their names, and are stored like any other."""
    path = Path(os.fsdecode(os.fsencode(folder) + "/灞桥.txt".encode("gb18030")))
    path.write_text(TEXT, encoding="utf-8")
    (given,), _ = find_inputs([path])
    assert given.name == "灞桥.txt"
    with Store(folder / "a.db") as store:
        structure_into(store, given, How(load_catalog()))
        assert [(entry.name, Path(entry.path).name) for entry in store.documents()] == [("灞桥.txt", "灞桥.txt")]


def test_a_bad_file_and_a_bug_are_told_apart(folder: Path) -> None:
    """Both leave the rest of the batch alone; what is our own fault keeps its cause."""
    (folder / "in" / "a.TXT").write_bytes(b"\x00\x00")
    inputs, _ = find_inputs([folder / "in"])
    with Store(folder / "a.db") as store:
        bad, *good = structure_all(store, inputs, How(load_catalog()))
        assert isinstance(bad, SourceError)
        assert [type(one) for one in good] == [Structured, Structured]
        _, bug, _ = structure_all(store, inputs, None)  # type: ignore[arg-type]
    assert isinstance(bug, CrossfootError)
    assert "please report it" in str(bug)
    assert isinstance(bug.__cause__, AttributeError)


def test_a_file_that_returns_to_an_earlier_content_is_listed_with_it(folder: Path) -> None:
    """What the store lists is what the files hold now, though the earlier document is taken from the store."""
    path, catalog = folder / "in" / "b.txt", load_catalog()
    with Store(folder / "a.db") as store:
        kept = []
        for text in (TEXT, TEXT + "1", TEXT):
            path.write_text(text, encoding="utf-8")
            done = structure_into(store, find_inputs([path])[0][0], How(catalog))
            assert [entry.id for entry in store.documents()] == [done.document.id]
            kept.append(done.kept)
    assert kept == [False, False, True]


def test_own_table_types_change_what_documents_are_made_with(folder: Path) -> None:
    """A document is structured again when the table types have changed."""
    (folder / "types").mkdir()
    columns = "columns: {a: {headers: [甲], kind: text}}"
    own = f"type: own\nfamily: mine\nabout: A form.\nshape: records\ntitles: [我的表]\n{columns}"
    (folder / "types" / "own.yaml").write_text(own, encoding="utf-8")
    assert How(load_catalog()).fingerprint == How(load_catalog()).fingerprint
    assert How(load_catalog()).fingerprint != How(load_catalog([folder / "types"])).fingerprint


def test_the_endpoint_belongs_to_how_a_document_is_made(catalog: Catalog, tmp_path: Path) -> None:
    """Another address or way is another reading; what is secret in an address is not, and nothing is asked."""
    with Store(tmp_path / "s.db") as store:

        def made_by(base_url: str, output: str = "") -> str:
            wanted = Wanted(base_url=base_url, model="m", output=output)
            with open_desk(wanted, store.calls, Spending(), lambda _: None) as desk:
                return How(catalog, "llm", desk).fingerprint

        one = made_by("http://127.0.0.1:9/v1")
        assert one == made_by("http://someone:hidden@127.0.0.1:9/v1?key=hidden")
        others = [made_by("http://127.0.0.1:10/v1"), made_by("http://127.0.0.1:9/v1", "json")]
        store.calls.remember_way("http://127.0.0.1:9/v1", "m", "json")
        assert len({one, *others}) == 3
        assert made_by("http://127.0.0.1:9/v1") == others[1]
