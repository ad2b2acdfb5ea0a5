"""Two judgements of one document → what differs between them, one sentence each."""

from collections.abc import Iterator

from crossfoot.figures import Document

#: What may differ without a difference in the judgement.
_IGNORED = {"crossfoot_version": True, "source": True}
_LONGEST = 120


def differences(before: Document, after: Document) -> Iterator[str]:
    """Yields where two judgements of one document differ, e.g. `tables.t3.verdict.outcome: accepted → flagged`."""
    yield from _differing(
        "", before.model_dump(mode="json", exclude=_IGNORED), after.model_dump(mode="json", exclude=_IGNORED)
    )


def _differing(path: str, before: object, after: object) -> Iterator[str]:
    if isinstance(before, list) and isinstance(after, list):
        before, after = _keyed(before), _keyed(after)
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _differing(f"{path}.{key}".lstrip("."), before.get(key), after.get(key))
    elif before != after:
        yield f"{path}: {_short(before)} → {_short(after)}"


def _keyed(entries: list[object]) -> dict[object, object]:
    """Returns the list by what names its entries, so that one more entry is one difference and not a shift of all."""
    found: dict[object, object] = {}
    for position, entry in enumerate(entries):
        key = _key(entry) if isinstance(entry, dict) else None
        found[f"#{position}" if key is None or key in found else key] = entry
    return found


def _key(entry: dict[object, object]) -> str | None:
    if "code" in entry and "message" in entry:
        return f"{entry['code']} in line {entry.get('line')}"
    return next((str(entry[name]) for name in ("id", "index", "column", "cell", "key") if name in entry), None)


def _short(value: object) -> str:
    """Returns a value, or of a whole entry what tells most about it."""
    if isinstance(value, dict):
        value = next((value[name] for name in ("message", "outcome", "printed", "name") if value.get(name)), "an entry")
    text = "nothing" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
