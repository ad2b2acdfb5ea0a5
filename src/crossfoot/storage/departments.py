"""A department's name as people write it → the departments of the store that it may mean, the best fit first.

Only the distinct names are compared, which stand in an index; no document is looked at.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crossfoot.labels import words
from crossfoot.storage.store import Department

#: A department's name may be misspelt in about one character of five.
_SIMILAR = 80.0
#: A name of these characters only is ready for comparing.
_PLAIN = re.compile(r"[一-鿿]*")


class Asked(NamedTuple):
    """A name asked for: the `body` it must contain, and the region words in front of it.

    医保局 stands for 医疗保障局, so 雁塔医保局 is asked as it stands and as 雁塔 with the body 医疗保障局.
    """

    region: str
    body: str

    @property
    def whole(self) -> str:
        """Returns the name in one piece."""
        return self.region + self.body


def fitting(departments: Sequence[Department], who: str) -> tuple[Department, ...]:
    """Returns the departments whose names fit best: exactly, in part, in order, abbreviated, or misspelt."""
    plain = words(who)
    asked = (Asked("", plain), *_expansions(plain))
    named = [(department, _names(department)) for department in departments]
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: any(name == form.whole for form in asked),
        lambda name: any(form.whole in name for form in asked),
        lambda name: any(_in_front(form, name) for form in asked[1:]),
        lambda name: _abbreviates(plain, name),
    )
    for test in tests:
        found = tuple(department for department, names in named if any(map(test, names)))
        if found:
            return found
    return _similar(named, [form.whole for form in asked]) if len(plain) > 2 else ()


def nearest(departments: Sequence[Department], who: str, most: int) -> tuple[Department, ...]:
    """Returns the departments whose names are least unlike what was asked for."""
    from rapidfuzz import fuzz

    asked = words(who)
    ranked = sorted(departments, key=lambda department: -max(fuzz.ratio(asked, name) for name in _names(department)))
    return tuple(ranked[:most])


def in_region(departments: Sequence[Department], region: str) -> tuple[Department, ...]:
    """Returns the departments of that region or of one within it: 西安 means 西安市雁塔区, too."""
    asked = words(region)
    return tuple(department for department in departments if asked in _folded(department.region + department.name))


def are_one(departments: Sequence[Department]) -> bool:
    """Says whether all are the same department; a region that one of them does not print tells nothing."""
    first = departments[0]
    return all(
        one.name == first.name and (one.region in first.region or first.region in one.region) for one in departments
    )


@cache
def short_names() -> dict[str, tuple[str, ...]]:
    """Returns what short names stand for, the longest first, so that 教科体局 goes before 教科局."""
    from yaml import safe_load

    text = Path(__file__).with_name("short_names.yaml").read_text(encoding="utf-8")
    stated: dict[str, list[str]] = safe_load(text)
    return {short: tuple(stated[short]) for short in sorted(stated, key=lambda short: (-len(short), short))}


def _expansions(asked: str) -> Iterator[Asked]:
    """Yields what is asked for with its short name written out; of several, the longest that stands in it."""
    for short, names in short_names().items():
        region, found, rest = asked.partition(short)
        if found:
            yield from (Asked(region, name + rest) for name in names)
            return


def _names(department: Department) -> tuple[str, ...]:
    if not department.is_named:
        return (_folded(department.name),)
    return _folded(department.name), _folded(department.region + department.name)


def _folded(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else words(name)


def _in_front(form: Asked, name: str) -> bool:
    """Says whether the body stands in the name with the region's characters in order before it."""
    place = name.find(form.body)
    if place < 0:
        return False
    before = iter(name[:place])
    return all(character in before for character in form.region)


def _abbreviates(short: str, name: str) -> bool:
    """Says whether the characters of `short` stand in this order in the name: 雁塔医保局 in 西安市雁塔区医疗保障局."""
    rest = iter(name)
    return len(short) > 2 and all(character in rest for character in short)


def _similar(named: Sequence[tuple[Department, tuple[str, ...]]], asked: Sequence[str]) -> tuple[Department, ...]:
    """Returns the departments whose names are similar enough, the most similar first."""
    from rapidfuzz import fuzz

    scored = (
        (max(fuzz.partial_ratio(form, name, score_cutoff=_SIMILAR) for form in asked for name in names), department)
        for department, names in named
    )
    return tuple(department for score, department in sorted(scored, key=lambda one: -one[0]) if score)
