"""What is to be decided on in a table, printed: one block for each slip, tie, repair and computed figure.

Each says where, what is printed, what is proposed or was made of it, whose fault it is, and the sums with and without.
"""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from crossfoot.figures import Check, Evidence, Fault, Source, Table, Term
from crossfoot.output.decisions import Alternative, Compared, Decisions, Filled, Mended, Slip, Tie
from crossfoot.output.places import Place, Places, table_label
from crossfoot.output.proposals import Proposal
from crossfoot.output.quoting import quoted
from crossfoot.output.sumlines import sum_lines
from crossfoot.output.terminal import flow, room_of, say
from crossfoot.output.weighing import Weighed, sides, signed

#: Whose fault it is, as a sentence.
FAULTS: dict[Fault, str] = {
    "misread": "our reading: it does not stand so in the source",
    "glyph": "the source text is damaged here",
    "structure": "a figure, sign or unit stands in the wrong place",
    "source_inconsistency": "the document contradicts itself; it was read digit for digit",
}
_EVIDENCE: dict[Evidence, str] = {
    "source": "it stands so in the source at its place",
    "mask": "the only value that fits the legible digits and the sums",
    "glyphs": "what the damaged glyphs show, and two sums agree on it",
    "copy": "the same amount stands clean elsewhere in the document",
}
_MOST_CONSIDERED = 3
#: More computed figures than these are a list, and their sums are left to the words.
_MOST_FILLED = 8
_INDENT = "    "
_SUM_INDENT = "      "


class _Page:
    """What blocks are printed on: the console, the table shown, where cells stand, and the source."""

    def __init__(self, console: Console, table: Table, places: Places, source: Source) -> None:
        self.console = console
        self.table = table
        self.places = places
        self.source = source

    def called(self, cell: str) -> str:
        """Returns what to call a cell; with its table if that is not the one shown."""
        place = self.places[cell]
        other = "" if place.table.id == self.table.id else f"{table_label(place.table)} "
        return f"{other}{place.label}"

    def head(self, sign: str, text: str, style: str) -> None:
        """Prints the first line of a block, an empty line before it."""
        say(self.console, "")
        flow(self.console, f"{sign} ", Text(text), style=style)

    def field(self, name: str, *texts: str | tuple[str, str], width: int = 10) -> None:
        """Prints a named line of a block."""
        flow(self.console, f"{_INDENT}{name.ljust(width)}", Text.assemble(*texts))

    def quote(self, line: int, places: Iterable[Place]) -> None:
        """Prints a line of the source with carets below the cells."""
        prefix = f"{_INDENT}{line} | "
        room = room_of(self.console) - len(prefix)
        for text, carets in quoted(self.source, line, [place.cell for place in places], room):
            say(self.console, f"{prefix}{text}", style="dim")
            if carets:
                say(self.console, f"{' ' * len(prefix)}{carets}", style="bold")

    def sums(self, lines: Sequence[Weighed], indent: str = _SUM_INDENT) -> None:
        """Prints the same sum with different figures, one line each."""
        for text in sum_lines(lines, room_of(self.console) - len(indent)):
            say(self.console, indent, text)


def print_decisions(console: Console, decisions: Decisions, table: Table, places: Places, source: Source) -> None:
    """Prints a block for all that is to be decided on in the table, what is wrong before what was mended."""
    page = _Page(console, table, places, source)
    for slip in decisions.slips:
        _print_slip(page, slip)
    for tie in decisions.ties:
        _print_tie(page, tie)
    for mended in decisions.repairs:
        _print_repair(page, mended)
    if len(decisions.derived) > _MOST_FILLED:
        _print_many_filled(page, decisions.derived)
        return
    for filled in decisions.derived:
        _print_filled(page, filled)


# --- slips ------------------------------------------------------------------------------------------------------------


def _print_slip(page: _Page, slip: Slip) -> None:
    fault = _fault_of([one.check for one in slip.sums])
    if len(slip.proposals) == 1 and not slip.move:
        (only,) = slip.proposals
        page.head("✗", f"line {only.line} · {page.called(only.cell)}", "bold red")
        printed, proposed = _aligned([only.printed or "blank", only.proposed])
        page.field("printed", (printed, "red"))
        page.field("proposed", (proposed, "green"), f"  {only.slip}" if only.slip else "")
    else:
        page.head("✗", slip.move or f"{len(slip.proposals)} figures that change together", "bold red")
        changes = [one._replace(slip="") if slip.move else one for one in slip.proposals]
        for at, line in enumerate(_changes(page, changes), start=1):
            flow(page.console, f"{_INDENT}{at}  ", line)
    if fault:
        page.field("fault", fault)
    _quote_all(page, slip.proposals)
    figures = [one.cell for one in slip.proposals]
    for one in slip.sums:
        _print_compared(page, one, figures)
    if any(not one.after.holds for one in slip.sums):
        flow(page.console, _INDENT, Text("not all of these sums close: the finding cites only some of the figures"))
    if slip.broken:
        count = "1 sum that holds" if len(slip.broken) == 1 else f"{len(slip.broken)} sums that hold"
        flow(page.console, _INDENT, Text(f"but {count} as printed would not:", style="bold red"))
        for one in slip.broken:
            _print_compared(page, one, figures)


def _fault_of(checks: Iterable[Check]) -> str:
    return "; ".join(dict.fromkeys(FAULTS[check.fault] for check in checks if check.fault))


def _aligned(texts: Sequence[str]) -> list[str]:
    """Returns the texts, each as wide as the widest, to the right."""
    width = max(map(cell_len, texts))
    return [" " * (width - cell_len(text)) + text for text in texts]


def _changes(page: _Page, proposals: Sequence[Proposal]) -> list[Text]:
    """Returns a line for each change: source line, printed → proposed, the slip, and the cell's name last."""
    printed = _aligned([one.printed or "blank" for one in proposals])
    proposed = _aligned([one.proposed for one in proposals])
    lines = _aligned([str(one.line) for one in proposals])
    widest = max(cell_len(one.slip) for one in proposals)
    return [
        Text.assemble(
            f"line {line}  ", (before, "red"), "" if one.is_moved else " → ", ("" if one.is_moved else after, "green"),
            "  ", f"{one.slip}{' ' * (widest - cell_len(one.slip))}  " if widest else "", page.called(one.cell),
        )
        for one, line, before, after in zip(proposals, lines, printed, proposed, strict=True)
    ]  # fmt: skip


def _quote_all(page: _Page, proposals: Sequence[Proposal]) -> None:
    by_line: dict[int, list[Place]] = {}
    for one in proposals:
        by_line.setdefault(one.line, []).append(page.places[one.cell])
    for line, places in by_line.items():
        page.quote(line, places)


def _print_compared(page: _Page, one: Compared, figures: Sequence[str]) -> None:
    """Prints a sum under what it is, as printed and with the proposal; of several figures it says which ones."""
    own = [str(at) for at, cell in enumerate(figures, start=1) if cell in one.cells and len(figures) > 1]
    named = [f"figure{'s' if len(own) > 1 else ''} {', '.join(own)}"] if own else []
    others = [page.called(cell) for cell in sorted(one.cells - set(figures))]
    named += [f"with {' and '.join(others)}"] if others else []
    which = f"{' '.join(named)}: " if named else ""
    flow(page.console, _INDENT, Text(f"{which}{_said_of(page, one.check, one.cells)}", style="dim"))
    page.sums([one.after] if one.before is None else [one.before, one.after])


def _said_of(page: _Page, check: Check, cells: frozenset[str]) -> str:
    """Returns in words where the cells in question stand in a sum: they are its total, one of its parts, or a copy."""
    stated, parts = (_counted(page.places, side, cells) for side in sides(check.terms))
    above = [term for term in stated if term.cell not in cells]
    below = [term for term in parts if term.cell not in cells]
    total = " and ".join(_named(page, term.cell) for term in above)
    if len(stated) == 1 and len(parts) == 1 and len(above) + len(below) == 1:
        other = (above or below)[0].cell
        return f"{'at least' if check.kind == 'at_most' else 'the same as'} {_named(page, other)}"
    if not above:
        lines = sorted({page.places[term.cell].cell.line for term in parts})
        where = f"line {lines[0]}" if len(lines) == 1 else f"lines {lines[0]}–{lines[-1]}"
        both = "" if len(below) == len(parts) else ", itself among them"
        return f"its parts, {where}{both}"
    return f"a part of {total}" if len(below) < len(parts) else total


def _counted(places: Places, side: Sequence[Term], cells: frozenset[str]) -> list[Term]:
    """Returns the terms of a side that are in question or not zero; the first one if none is."""
    return [term for term in side if term.cell in cells or places[term.cell].cell.value] or list(side[:1])


def _named(page: _Page, cell: str) -> str:
    return f"{page.called(cell)} (line {page.places[cell].cell.line})"


# --- ties -------------------------------------------------------------------------------------------------------------


def _print_tie(page: _Page, tie: Tie) -> None:
    number = len(tie.alternatives)
    page.head("?", f"{number} ways to explain it; it cannot be known which figure is wrong", "bold yellow")
    fault = _fault_of(tie.checks)
    if fault:
        page.field("fault", fault)
    marked = frozenset(one.cell for way in tie.alternatives for one in way.proposals)
    for check, weighed in zip(tie.checks, tie.sums, strict=True):
        flow(page.console, _INDENT, Text(_total_of(page, check, marked), style="dim"))
        page.sums([weighed])
    if all(way.mended == len(tie.checks) for way in tie.alternatives):
        page.field("each", "closes this sum" if len(tie.checks) == 1 else f"closes these {len(tie.checks)} sums")
    width = len(str(number))
    lines = _changes(page, [one for way in tie.alternatives for one in way.proposals])
    for at, way in enumerate(tie.alternatives, start=1):
        for place, _ in enumerate(way.proposals):
            prefix = f"{_INDENT}{('' if place else str(at)).rjust(width)}  "
            worth = "" if place + 1 < len(way.proposals) else _worth(way, len(tie.checks))
            flow(page.console, prefix, Text.assemble(lines.pop(0), worth))
    for shared in tie.shared:
        page.field("certain", f"in each of these {page.called(shared.cell)} is {shared.proposed}")


def _total_of(page: _Page, check: Check, cells: frozenset[str]) -> str:
    """Returns which sum it is: the parts of a total, or two figures that should be the same."""
    stated, parts = (_counted(page.places, side, cells) for side in sides(check.terms))
    total = " and ".join(_named(page, term.cell) for term in stated)
    return f"the parts of {total}" if len(parts) > 1 else f"{total} and its copy, {_named(page, parts[0].cell)}"


def _worth(way: Alternative, failing: int) -> str:
    """Returns how many of the failing sums an alternative closes, where that is not all there is to say."""
    said = [] if way.mended == failing else [f"closes {way.mended} of {failing}"]
    if way.broken:
        said.append(f"breaks {way.broken} that {'holds' if way.broken == 1 else 'hold'}")
    return f"  ({', '.join(said)})" if said else ""


# --- repairs and computed figures -------------------------------------------------------------------------------------


def _print_repair(page: _Page, mended: Mended) -> None:
    repair = mended.repair
    page.head("*", f"line {repair.line} · {page.called(repair.cell)}", "bold cyan")
    source, read = _aligned([repair.original or "blank", repair.printed])
    page.field("source", (source, "red"))
    page.field("read as", (read, "green"))
    page.field("evidence", _EVIDENCE[repair.evidence])
    page.field("fault", FAULTS[repair.fault])
    if repair.alternatives:
        page.field("rejected", _considered(repair.alternatives))
    page.quote(repair.line, [mended.place])
    for one in mended.sums:
        _print_compared(page, one, [repair.cell])


def _considered(alternatives: Sequence[str]) -> str:
    """Returns the first alternatives, what is said of all of them once, and how many more there are."""
    shown = alternatives[:_MOST_CONSIDERED]
    hidden = len(alternatives) - len(shown)
    said = {alternative.partition(" ")[2] for alternative in alternatives}
    if len(said) > 1:
        return "; ".join([*shown, *([f"{hidden} more"] if hidden else [])])
    values = ", ".join(alternative.partition(" ")[0] for alternative in shown)
    more = f" and {hidden} more" if hidden else ""
    return f"{values}{more}: {said.pop()}"


def _print_filled(page: _Page, filled: Filled) -> None:
    one = filled.derivation
    page.head("=", f"line {one.line} · {page.called(one.cell)}", "bold cyan")
    page.field("source", (filled.place.cell.printed or "nothing", "yellow"))
    page.field("computed", (signed(one.value), "cyan"), _between(filled))
    page.field("because", one.reason)
    for compared in filled.sums:
        _print_compared(page, compared, [one.cell])


def _between(filled: Filled) -> str:
    one = filled.derivation
    return "" if one.low == one.high else f"  (between {signed(one.low)} and {signed(one.high)})"


def _print_many_filled(page: _Page, derived: Sequence[Filled]) -> None:
    """Prints two lines for each of many computed figures; the sums are left to the words."""
    page.head("=", f"{len(derived)} figures computed from the document's own sums, not read", "bold cyan")
    lines = _aligned([str(filled.derivation.line) for filled in derived])
    values = _aligned([signed(filled.derivation.value) for filled in derived])
    for filled, line, value in zip(derived, lines, values, strict=True):
        called = page.called(filled.derivation.cell)
        text = Text.assemble(f"line {line}  ", (value, "cyan"), _between(filled), f"  {called}")
        flow(page.console, _INDENT, text)
        flow(page.console, _SUM_INDENT, Text(filled.derivation.reason, style="dim"))
