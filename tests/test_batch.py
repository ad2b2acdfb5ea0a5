"""A batch finds its files, names them, and goes on when one of them fails."""

import ast
import os
from pathlib import Path

import pytest

import crossfoot
from archives import crossfoot as command
from crossfoot.errors import SourceError
from crossfoot.reading.llm.opening import Wanted, open_desk
from crossfoot.reading.llm.spending import Spending
from crossfoot.storage.batch import Done, How, modules_of_documents, structure_all
from crossfoot.storage.inputs import Inputs, find_inputs
from crossfoot.storage.query import find_documents
from crossfoot.storage.store import Store
from crossfoot.tabletypes import Catalog, load_catalog
from documents_by_hand import TEXT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.TXT", "sub/c.txt", "notes.md", "sub/d.pdf"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(TEXT + name, encoding="utf-8")
    return tmp_path


def kept_of(store: Store, *paths: Path, force: bool = False) -> list[Done]:
    """Structures the files into the store, in this process, and returns what came of each."""
    return list(structure_all(store, find_inputs(paths)[0], How(load_catalog()), force=force))


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


def test_links_lead_nowhere_twice(folder: Path) -> None:
    """A link to a folder is not followed, even into a circle, and is named; a link to a file is that file, once.

    A text that is a link to nothing is a problem, not no text.
    """
    (folder / "in" / "circle").symlink_to(folder / "in")
    (folder / "in" / "sub" / "self").symlink_to("self")
    (folder / "in" / "sub" / "lost.txt").symlink_to("elsewhere.txt")
    (folder / "in" / "sub" / "round.txt").symlink_to("round.txt")
    (folder / "in" / "0.txt").symlink_to(folder / "in" / "b.txt")
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "e.txt").write_text(TEXT, encoding="utf-8")
    (folder / "in" / "e.txt").symlink_to(folder / "elsewhere" / "e.txt")
    inputs = Inputs([folder / "in"])
    listed = inputs.listed()
    assert [given.name for given in inputs] == ["a.TXT", "b.txt", "e.txt", "sub/c.txt"]
    assert (listed.files, listed.unfollowed) == (4, (str(folder / "in" / "circle"),))
    assert [str(problem) for problem in listed.problems] == [
        f"{folder / 'in' / 'sub' / 'lost.txt'}: is a link to what is not there",
        f"{folder / 'in' / 'sub' / 'round.txt'}: cannot be read: Too many levels of symbolic links",
    ]


def test_a_name_that_is_not_utf8_is_read_as_gb18030(folder: Path) -> None:
    """Files out of archives packed in China keep their names, and are stored like any other."""
    path = Path(os.fsdecode(os.fsencode(folder) + "/灞桥.txt".encode("gb18030")))
    path.write_text(TEXT, encoding="utf-8")
    (given,), _ = find_inputs([path])
    assert given.name == "灞桥.txt"
    with Store(folder / "a.db") as store:
        kept_of(store, given.path)
        assert [(entry.name, Path(entry.path).name) for entry in store.documents()] == [("灞桥.txt", "灞桥.txt")]


def test_a_bad_file_leaves_the_others_alone(folder: Path) -> None:
    """It is an error of its own; what is structured twice is the same."""
    (folder / "in" / "a.TXT").write_bytes(b"\x00\x00")
    with Store(folder / "a.db") as store:
        bad, *good = kept_of(store, folder / "in")
        assert isinstance(bad.problem, SourceError)
        assert [(one.problem, one.kept) for one in good] == [(None, False)] * 2
        assert [one.kept for one in kept_of(store, folder / "in")[1:]] == [True] * 2
        assert [one.kept for one in kept_of(store, folder / "in", force=True)[1:]] == [False] * 2


def test_a_file_that_returns_to_an_earlier_content_is_listed_with_it(folder: Path) -> None:
    """What the store lists is what the files hold now, though the earlier document is taken from the store."""
    path = folder / "in" / "b.txt"
    with Store(folder / "a.db") as store:
        kept = []
        for text in (TEXT, TEXT + "1", TEXT):
            path.write_text(text, encoding="utf-8")
            (done,) = kept_of(store, path)
            assert [entry.id for entry in store.documents()] == [done.id]
            kept.append((done.id, done.kept))
        history = [(one.document, one.state) for one in store.history(str(path))]
    (first, _), (second, _), _ = kept
    assert kept == [(first, False), (second, False), (first, True)]
    assert history == [(second, "replaced"), (first, "current")]
    assert command("verify", "--db", folder / "a.db")[2] == "2 documents judged again: nothing differs\n"


def test_a_copy_is_the_same_document_under_two_paths(folder: Path) -> None:
    """It is not structured again; the document is named after the first of its files, in whatever order they came."""
    first, copy = folder / "in" / "b.txt", folder / "in" / "a copy.txt"
    copy.write_bytes(first.read_bytes())
    with Store(folder / "a.db") as store:
        (one,) = kept_of(store, first)
        (other,) = kept_of(store, copy)
        assert (other.id, other.kept) == (one.id, True)
        assert [(file.path, file.state) for file in store.files(one.id)] == [
            (str(copy), "current"), (str(first), "current"),
        ]  # fmt: skip
        (entry,) = store.documents()
        assert (entry.path, entry.name, store.load(one.id).source.name) == (str(copy), "a copy.txt", "a copy.txt")
        for who in ("b", "b.txt", "a copy", str(first), str(copy)):
            assert find_documents(store, who) == (entry,)
        first.write_text(TEXT + "changed", encoding="utf-8")
        (changed,) = kept_of(store, first)
        assert {entry.id for entry in store.documents()} == {one.id, changed.id}
        assert [find_documents(store, who)[0].id for who in ("b", "a copy")] == [changed.id, one.id]
        copy.write_text(TEXT + "changed", encoding="utf-8")
        kept_of(store, copy)
        assert [entry.id for entry in store.documents()] == [changed.id]
        assert [entry.superseded_by for entry in store.by_id(one.id)] == [changed.id]


def test_a_renamed_file_is_recognised(folder: Path) -> None:
    """Its document takes the new name; the path that it had is not forgotten."""
    before, after = folder / "in" / "b.txt", folder / "in" / "z.txt"
    with Store(folder / "a.db") as store:
        kept_of(store, before)
        before.rename(after)
        (done,) = kept_of(store, after)
        assert done.kept
        assert [(file.name, file.state) for file in store.files(done.id)] == [("b.txt", "gone"), ("z.txt", "current")]
        (entry,) = store.documents()
        assert (entry.name, entry.path) == ("z.txt", str(after))


def test_files_that_are_gone_are_noted(folder: Path) -> None:
    """Their documents stay, under the name of a copy if there is one; a file that comes back is there again."""
    names = ("1.txt", "2.txt", "3.txt")
    for name, text in zip(names, (TEXT, TEXT, TEXT + "other"), strict=True):
        (folder / "in" / name).write_text(text, encoding="utf-8")
    run = ("structure", folder / "in", "--db", folder / "a.db", "--reader", "grid")
    command(*run)
    before = (folder / "in" / "3.txt").read_bytes()
    for name in ("1.txt", "3.txt"):
        (folder / "in" / name).unlink()
    assert "crossfoot: 2 of the files that the store knows are gone" in command(*run)[2]
    with Store(folder / "a.db") as store:
        states = {name: store.history(str(folder / "in" / name))[0].state for name in names}
        assert states == {"1.txt": "gone", "2.txt": "current", "3.txt": "gone"}
        assert {"2.txt", "3.txt"} < {entry.name for entry in store.documents()}
        assert "1.txt" not in {entry.name for entry in store.documents()}
    (folder / "in" / "3.txt").write_bytes(before)
    assert "are gone" not in command(*run)[2]
    with Store(folder / "a.db") as store:
        assert [file.state for file in store.history(str(folder / "in" / "3.txt"))] == ["current"]


def test_no_document_is_written_over_another(folder: Path) -> None:
    """Names that differ only in their ending are two files."""
    for name in ("a.txt", "b.md"):
        (folder / "in" / name).write_text(TEXT + "1" + name, encoding="utf-8")
    paths = [folder / "in", folder / "in" / "notes.md", folder / "in" / "b.md"]
    command("structure", *paths, "--db", folder / "a.db", "--out", folder / "out", "--reader", "grid")
    there = sorted(path.relative_to(folder / "out").as_posix() for path in (folder / "out").rglob("*.json"))
    assert there == ["a.TXT.json", "a.json", "b.json", "b.md.json", "notes.md.json", "sub/c.json"]


def test_copies_are_structured_once(folder: Path) -> None:
    """Also within one run and by several processes; each of the files is one of the document's."""
    for place in range(12):
        (folder / "many").mkdir(exist_ok=True)
        (folder / "many" / f"{place:02}.txt").write_text(TEXT + str(place % 2), encoding="utf-8")
    with Store(folder / "a.db") as store:
        inputs = Inputs([folder / "many"])
        done = list(structure_all(store, inputs, How(load_catalog()), jobs=2))
        assert sorted(one.kept for one in done) == [False] * 2 + [True] * 10
        assert sorted(one.position for one in done) == list(range(12))
        assert [len(store.files(entry.id)) for entry in store.documents()] == [6, 6]


def test_a_store_of_before_has_its_files_and_outlines(folder: Path) -> None:
    """Documents kept before files and outlines had tables of their own are known by both."""
    path = folder / "in" / "b.txt"
    with Store(folder / "a.db") as store:
        (done,) = kept_of(store, path)
        store.write("DELETE FROM outlines")
        assert store.outline(done.id, "b.txt") == done.outline
        assert store.outline(done.id, "b.txt") == done.outline


def test_what_makes_documents_is_all_that_they_depend_on() -> None:
    """Every module that the making of a document and of its rows imports is in the fingerprint; what shows is not."""
    package = Path(crossfoot.__file__).parent
    needed: set[str] = set()
    waiting = ["pipeline.py", "choosing.py", "reading/source.py", "storage/records.py"]
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        tree = ast.parse((package / name).read_text(encoding="utf-8"))
        modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        ours = [module.removeprefix("crossfoot.") for module in modules if module.startswith("crossfoot.")]
        waiting += [f"{module.replace('.', '/')}.py" for module in ours]
    counted = set(modules_of_documents(package))
    assert needed <= counted
    assert not {name for name in counted if name.startswith(("cli/", "evaluation/"))}
    assert "output/render.py" not in counted
    assert "storage/batch.py" not in counted


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
