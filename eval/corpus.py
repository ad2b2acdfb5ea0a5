"""Makes an archive of any size from the disclosures in examples/: other places, departments, years and amounts.

Every amount of a document is multiplied by one whole number, so every sum that held still holds and one that failed
fails by as much more; percentages, scores, codes, counts of people, line numbers and thresholds in words of law stay.
Years move together, names are replaced throughout. Nothing of crossfoot is imported: what is made does not depend on
what will read it. `python eval/corpus.py FOLDER --documents 2000`
"""

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_DOWN, Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from corpus_names import COUNTIES, DEPARTMENTS, DISTRICTS, cities

EXAMPLES = Path(__file__).parents[1] / "examples"
YEARS = (2019, 2020, 2021, 2022, 2023)

_DECIMAL_CELL = re.compile(r"-?\d[\d,]*\.\d+")
_WHOLE_CELL = re.compile(r"-?\d[\d,]*")
#: An amount in words: a numeral and its unit, also over a line's end; 单价50万元以上 is a threshold and no amount.
_STATED = re.compile(r"(?<![\d.,])(-?\d[\d,]*(?:\. ?\d+)?)[,，]?\s*余?(?:[万亿]元|元(?!/))(?!以上)")
#: A figure without its unit, of a sentence that goes on with a share of it.
_UNSTATED = re.compile(r"支出 (\d+\.\d\d) ，占")
_YEAR = re.compile(r"(?<!\d)(20[12]\d)(?= ?年|[〕\]]|-50)")
_TAG = re.compile(r"</?b>")


class Place(NamedTuple):
    """Whose document it is: `region` in full (西安市灞桥区), its city and its own last name; of which department."""

    city: str
    region: str
    short: str
    department: str


class Seed(NamedTuple):
    """An example and what is known of it by reading: which whole numbers are money, and how large it may become.

    `whole`: lines whose whole numbers, right of their last word, are money. `rounding`: figures that hold a rounding
    difference, which does not grow. `factors`: beyond the last, a rate that was cut instead of rounded would show.
    `names`: what is replaced, longest first, with fields of a place.
    """

    file: str
    level: str
    kind: str
    year: int
    factors: range
    names: Sequence[tuple[str, str]]
    whole: Sequence[range] = ()
    rounding: Sequence[tuple[str, str]] = ()


_OWN_NAMES = (("医疗保障局", "{department}"), ("医保局", "{department}"))
SEEDS = (
    Seed(
        "000_b49794fa5bd95bdc.txt", "district", "budget", 2021, range(2, 40),
        (("西安市灞桥区医疗保险", "{region}{subject}"), ("西安市灞桥区", "{region}"), ("西安市", "{city}"),
         ("灞桥", "{short}"), *_OWN_NAMES),
        whole=(range(316, 327), range(335, 355), range(463, 465), range(485, 487), range(507, 509), range(529, 531),
               range(551, 553), range(574, 586)),
    ),
    Seed(
        "001_783ddd8eb3e7f2f3.txt", "city", "final_accounts", 2021, range(2, 40),
        (("广元市医疗保障事务中心", "{region}{subject}事务中心"), ("广元市", "{region}"), ("广元", "{short}"),
         ("广财绩", "{initial}财绩"), ("广府发", "{initial}府发"), *_OWN_NAMES),
        whole=(range(475, 486), range(573, 584), range(669, 680), range(772, 783), range(887, 898)),
        rounding=(("147.75", "-0.01"),),
    ),
    Seed(
        "002_731074827a2ad24a.txt", "county", "budget", 2023, range(2, 40),
        (("西乡县医疗保险基金管理中心", "{region}{subject}服务中心"), ("西乡县", "{region}"),
         ("医疗保险基金管理中心", "{subject}服务中心"), *_OWN_NAMES),
        whole=(range(461, 462),),
    ),
    Seed(
        "003_97d50bc877a759dd.txt", "district", "final_accounts", 2023, range(2, 5),
        (("西安市莲湖区医疗保险经办中心", "{region}{subject}经办中心"),
         ("西安市莲湖区医疗保障经办中心", "{region}{subject}经办中心"), ("西安市莲湖区", "{region}"),
         ("莲湖区", "{district}"), ("西安市", "{city}"), ("莲湖", "{short}"),
         ("莲字", "{initial}字"), ("莲办字", "{initial}办字"), ("莲编办发", "{initial}编办发"),
         ("医疗保障局信息化建设", "医疗保障局信息化建设"), *_OWN_NAMES),
        whole=(range(298, 305),),
        rounding=(("1.13", "0.01"),),
    ),
    Seed(
        "004_429070526a6ff533.txt", "city", "budget", 2021, range(2, 40),
        (("南阳市医疗保险中心", "{region}{subject}中心"), ("市医疗保险中心", "{region}{subject}中心"),
         ("南阳市医疗保障局", "{region}{department}"), ("医疗保障局机关", "{region}{department}机关"),
         ("南阳市", "{region}"), ("南阳", "{short}"), *_OWN_NAMES),
    ),
)  # fmt: skip


class Slot(NamedTuple):
    """A span of a seed's text that changes: `kind` is amount, year or name; `into` what a name becomes.

    Of an amount `into` is the thousands separator that it would have if it were large enough for one.
    """

    start: int
    end: int
    kind: str
    into: str = ""


class Made(NamedTuple):
    """A made document: where it stands in the archive, its text, the example it was made of and the factor."""

    path: Path
    text: str
    seed: Seed
    factor: int
    year: int
    place: Place


def documents(count: int, seed: int = 1) -> Iterator[Made]:
    """Yields `count` made documents; the same ones for the same seed, and the first of many are those of few."""
    chance = random.Random(seed)
    made = 0
    for places in _places(chance):
        for year in YEARS:
            for example in SEEDS:
                if made == count:
                    return
                place = places[example.level]
                factor = chance.choice(example.factors)
                yield Made(
                    _path(place, year, example), made_text(example, place, year, factor), example, factor, year, place
                )
                made += 1


def write(folder: Path, count: int, seed: int = 1) -> int:
    """Writes the documents as folder/region/department/year_kind.txt and returns their bytes."""
    size = 0
    for made in documents(count, seed):
        path = folder / made.path
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(made.text.encode())
    return size


def made_text(example: Seed, place: Place, year: int, factor: int) -> str:
    """Returns the example as if it were that place's, of that year, with every amount `factor` times as large."""
    text = text_of(example.file)
    exact = _exact_amounts(text) if "单位：元" in text else ()
    fields, rounding = _fields(place), dict(example.rounding)
    pieces, last = [], 0
    for slot in slots_of(example.file):
        printed = text[slot.start : slot.end]
        match slot.kind:
            case "year":
                new = str(int(printed) + year - example.year)
            case "name":
                new = slot.into.format_map(fields)
            case _:
                new = scaled(printed, factor, slot.into, exact, Decimal(rounding.get(printed, "0")))
        pieces += [text[last : slot.start], new]
        last = slot.end
    return "".join([*pieces, text[last:]])


def scaled(
    printed: str, factor: int, separator: str = "", exact: Sequence[Decimal] = (), rounding: Decimal = Decimal(0)
) -> str:
    """Returns a printed amount `factor` times as large, with its decimals, its blanks and that thousands separator.

    `exact` are the document's amounts in 万元 with all their digits: one that the printed figure was rounded from is
    what is multiplied, or the rounding would grow. `rounding` is a part of the figure that does not grow.
    """
    plain = Decimal(printed.replace(",", "").replace(" ", ""))
    places = -int(plain.as_tuple().exponent)
    # Not half a unit: some figures were cut where they should have been rounded.
    near = [amount for amount in exact if places > 1 and abs(amount - plain) <= Decimal(7).scaleb(-places - 1)]
    grown = (
        factor * (min(near, key=lambda amount: (abs(amount - plain), amount)) if near else plain - rounding) + rounding
    )
    grown = grown.quantize(Decimal(1).scaleb(-places), ROUND_HALF_DOWN)
    new = f"{grown:,}" if separator else f"{grown}"
    return new.replace(".", ". ") if ". " in printed else new


@cache
def text_of(file: str) -> str:
    """Returns an example's text."""
    return (EXAMPLES / file).read_bytes().decode()


@cache
def slots_of(file: str) -> tuple[Slot, ...]:
    """Returns what changes in an example, in order."""
    example = next(seed for seed in SEEDS if seed.file == file)
    text = text_of(file)
    amounts = {
        *_cells(text, example),
        *(match.span(1) for match in (*_STATED.finditer(text), *_UNSTATED.finditer(text))),
    }
    slots = list(_with_separators(text, sorted(amounts)))
    slots += [Slot(*match.span(1), "year") for match in _YEAR.finditer(text)]
    into = dict(example.names)
    names = re.compile("|".join(map(re.escape, into)))
    slots += [Slot(*match.span(), "name", into[match[0]]) for match in names.finditer(text)]
    return tuple(sorted(slots))


def _with_separators(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[Slot]:
    """Yields the amounts with the separator that they have; small ones do as the last large one before them."""
    separator = ""
    for start, end in spans:
        printed = text[start:end]
        if Decimal(printed.replace(",", "").replace(" ", "")) >= 1000:
            separator = "," if "," in printed else ""
        yield Slot(start, end, "amount", separator)


def _cells(text: str, example: Seed) -> Iterator[tuple[int, int]]:
    """Yields the spans of the cells that are money: all with decimals, whole numbers where the example says so."""
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            cells = []
            for cell in line.split("\t"):
                inner = _TAG.sub("", cell).strip()
                cells.append((start + (cell.index(inner) if inner else 0), inner))
                start += len(cell) + 1
            yield from ((at, at + len(cell)) for at, cell in cells if _DECIMAL_CELL.fullmatch(cell))
            if any(number in lines for lines in example.whole):
                words = [
                    index for index, (_, cell) in enumerate(cells) if cell and not re.fullmatch(r"[\d.,%—-]+", cell)
                ]
                behind = cells[max(words, default=-1) + 1 :]
                yield from ((at, at + len(cell)) for at, cell in behind if _WHOLE_CELL.fullmatch(cell))
        else:
            start += len(line) + 1


@cache
def _exact_amounts(text: str) -> tuple[Decimal, ...]:
    cells = (_TAG.sub("", cell).strip() for cell in re.split(r"[\t\n]", text))
    amounts = {Decimal(cell.replace(",", "")) / 10000 for cell in cells if _DECIMAL_CELL.fullmatch(cell)}
    return tuple(sorted(amount for amount in amounts if amount))


def _fields(place: Place) -> dict[str, str]:
    return {
        "region": place.region,
        "city": place.city,
        "district": place.region.removeprefix(place.city),
        "short": place.short,
        "initial": place.short[0],
        "department": place.department,
        "subject": place.department.removesuffix("局"),
    }


def _places(chance: random.Random) -> Iterator[dict[str, Place]]:
    """Yields a city's, a district's and a county's department, each once, in an order that `chance` decides."""
    towns = cities()
    areas = [(city, district) for city in towns for district in DISTRICTS]
    city_places = [Place(city, city, city.removesuffix("市"), name) for city in towns for name in DEPARTMENTS]
    district_places = [Place(city, city + area, area[:-1], name) for city, area in areas for name in DEPARTMENTS]
    county_places = [Place("", county, county[:-1], name) for county in COUNTIES for name in DEPARTMENTS]
    orders = [chance.sample(places, len(places)) for places in (city_places, district_places, county_places)]
    for city, district, county in zip(*orders, strict=False):
        yield {"city": city, "district": district, "county": county}


def _path(place: Place, year: int, example: Seed) -> Path:
    return Path(place.region, place.department, f"{year}_{example.kind}.txt")


def main() -> None:
    """Writes an archive into a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    size = write(asked.folder, asked.documents, asked.seed)
    print(f"{asked.documents} documents, {size / 1_000_000:.1f} MB, below {asked.folder}")


if __name__ == "__main__":
    main()
