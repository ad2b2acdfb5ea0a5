"""The two halves and the order of the stages, as a table of allowed imports."""

import ast
from pathlib import Path

SRC = Path(__file__).parents[1] / "src" / "crossfoot"
NOUNS = {
    "damage", "errors", "figures", "findingcodes", "findingids", "labels", "noun", "numerals", "plausible", "repairs",
    "resources", "statements", "tabletypes", "version",
}  # fmt: skip

#: Which packages a package may import; the judging half never sees the reading half, what shows never stores.
ALLOWED = {
    "reading": NOUNS | {"reading"},
    "judging": NOUNS | {"judging"},
    "output": NOUNS | {"output"},
    "storage": NOUNS | {"choosing", "output", "pipeline", "reading", "storage"},
}


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def test_halves_do_not_know_each_other() -> None:
    """Reading may be wrong, judging is pure: no import crosses, and neither half imports the store or the outside."""
    for half, allowed in ALLOWED.items():
        for path in (SRC / half).rglob("*.py"):
            ours = {name.split(".")[1] for name in imports_of(path) if name.startswith("crossfoot.")}
            assert ours <= allowed, f"{path.name} imports {ours - allowed}"


def test_judging_is_pure() -> None:
    """No clock, no network, no randomness, no files in the judging half."""
    forbidden = {"time", "datetime", "random", "socket", "urllib", "http", "os", "pathlib", "sqlite3", "openai"}
    for path in (SRC / "judging").glob("*.py"):
        assert not {name.split(".")[0] for name in imports_of(path)} & forbidden, path.name


def test_no_float_touches_an_amount() -> None:
    """The modules that carry amounts never call float()."""
    doors = [SRC / f"{name}.py" for name in ("damage", "numerals", "plausible")]
    for path in [*(SRC / "judging").glob("*.py"), *(SRC / "reading").rglob("*.py"), *doors]:
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
        ]
        assert calls == [] or path.name == "endpoint.py", path.name  # which counts seconds


def test_modules_and_functions_stay_small() -> None:
    """No module passes 400 lines and no function 60."""
    for path in SRC.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, path.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path.name}: {node.name}"


def test_no_example_is_known_by_name() -> None:
    """Nothing in the code or the schemas knows an example by department, value or file name."""
    words = ["灞桥", "西乡县", "莲湖", "南阳市", "广元市", "1294.44", "b49794fa", "783ddd8e"]
    for path in [*SRC.rglob("*.py"), *(SRC.parents[1] / "schemas").rglob("*.yaml")]:
        text = path.read_text(encoding="utf-8")
        assert not [word for word in words if word in text], path.name
