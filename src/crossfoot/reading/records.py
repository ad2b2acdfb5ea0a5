"""Lines without tabs → records: one row of a table each, with the pieces of a name that wrapped over several lines.

A name is only cut where its column ends: every piece of it but the last is as wide as the column. Where that leaves
two ways to share out the pieces they are given to nobody, and are found as text that no cell uses.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from crossfoot.figures import Line, Source
from crossfoot.labels import words
from crossfoot.reading.cells import TOTAL_NAMES
from crossfoot.reading.fields import Field, Fields
from crossfoot.reading.tokens import LinePieces, take_apart, width_of

#: How much narrower than the column (in half-width places) a piece may be that was cut; letters and digits fill it
#: less evenly, and no line begins with a closing mark.
_SLACK, _MORE_SLACK = 1, 3
_MOST_WORDS = 2
_UNEVEN = re.compile(r"[!-~]|[（《“]$")
_NO_BEGINNING = re.compile(r".?[）、，。》”：；]")


class Record(NamedTuple):
    """One row: its lines, and its pieces as fields with their spans; a wrapped name is one field over its lines.

    `is_whole` is False for lines that are no row: their words do not stand in the order of one.
    """

    lines: tuple[int, ...]
    codes: Fields
    name: Field | None
    second_codes: Fields
    second_name: Field | None
    numerals: Fields
    rest: Field | None
    is_whole: bool = True


class _Anchor(NamedTuple):
    """A line (or a coded line and that of its figures) that is certainly of a row of its own."""

    lines: tuple[int, ...]
    pieces: LinePieces
    names: Fields


def records_of(source: Source, numbers: Sequence[int]) -> list[Record]:
    """Returns the rows that the lines of a body (without its header) hold, in their order; blank lines hold none."""
    taken = [(number, take_apart(source.line(number))) for number in numbers if source.line(number).text.strip()]
    width = max((width_of(pieces.name.text) for _, pieces in taken if pieces.name is not None), default=0)
    anchors, gaps = _anchored(taken, width)
    if not anchors:
        return []
    shares = _shares(anchors, gaps, width)
    records: list[Record] = []
    for place, anchor in enumerate(anchors):
        before = gaps[place][shares[place] :] if shares[place] is not None else []
        after = gaps[place + 1][: shares[place + 1]] if shares[place + 1] is not None else []
        records.append(_record(anchor, before, after))
    return records


def record_of(line: Line) -> Record:
    """Returns the record that one line alone holds."""
    pieces = take_apart(line)
    return _record(_Anchor((line.number,), pieces, (pieces.name,) if pieces.name is not None else ()), (), ())


def _record(anchor: _Anchor, before: Sequence[Field], after: Sequence[Field]) -> Record:
    pieces = anchor.pieces
    names = [*before, *anchor.names, *after]
    lines = sorted({*anchor.lines, *(name.line for name in names)})
    return Record(
        lines=tuple(lines),
        codes=pieces.codes,
        name=joined(names) if names else None,
        second_codes=pieces.second_codes,
        second_name=pieces.second_name,
        numerals=pieces.numerals,
        rest=pieces.rest,
        is_whole=pieces.is_whole,
    )


def joined(pieces: Sequence[Field]) -> Field:
    """Returns the pieces of a cell that wrapped as one field; its span reaches from the first to the last."""
    first, last = pieces[0], pieces[-1]
    text = "".join(piece.text for piece in pieces)
    return Field(text, first.line, first.start, last.end)


def _anchored(taken: Sequence[tuple[int, LinePieces]], width: int) -> tuple[list[_Anchor], list[list[Field]]]:
    """Returns the anchors, and before, between and after them the pieces that are only words."""
    anchors: list[_Anchor] = []
    gaps: list[list[Field]] = [[]]
    for number, pieces in taken:
        if _is_piece_of_name(pieces) and pieces.name is not None:
            gaps[-1].append(pieces.name)
        elif anchors and _has_figures_of(anchors[-1], gaps[-1], pieces, width):
            before = anchors.pop()
            anchors.append(_completed(before, gaps.pop(), (number, pieces)))
            gaps.append([])
        else:
            is_row = pieces.is_anchor or (pieces.name is not None and words(pieces.name.text) in TOTAL_NAMES)
            whole = pieces._replace(is_whole=pieces.is_whole and is_row)
            anchors.append(_Anchor((number,), whole, (pieces.name,) if pieces.name is not None else ()))
            gaps.append([])
    return anchors, gaps


def _is_piece_of_name(pieces: LinePieces) -> bool:
    """Says whether a line of nothing but words may be a piece of a name: not a total, not a row of several words."""
    if pieces.is_anchor or pieces.name is None:
        return False
    return words(pieces.name.text) not in TOTAL_NAMES and len(pieces.name.text.split()) <= _MOST_WORDS


def _has_figures_of(before: _Anchor, between: Sequence[Field], pieces: LinePieces, width: int) -> bool:
    """Says whether a line without code has the figures of the coded line above, which has none.

    If the line has words too they must go on with a name that was cut; a total is a row of its own.
    """
    if before.pieces.numerals or before.pieces.rest or pieces.codes or not pieces.numerals:
        return False
    if pieces.name is None:
        return bool(before.pieces.codes) or not between
    if not before.pieces.codes or words(pieces.name.text) in TOTAL_NAMES:
        return False
    return _are_cut([*before.names, *between, pieces.name], width)


def _completed(before: _Anchor, between: Sequence[Field], line: tuple[int, LinePieces]) -> _Anchor:
    number, pieces = line
    names = (*before.names, *between, *((pieces.name,) if pieces.name is not None else ()))
    whole = pieces._replace(
        codes=before.pieces.codes,
        second_codes=before.pieces.second_codes or pieces.second_codes,
        second_name=before.pieces.second_name or pieces.second_name,
        is_whole=before.pieces.is_whole and pieces.is_whole,
    )
    return _Anchor((*before.lines, number), whole, names)


def _are_cut(pieces: Sequence[Field], width: int) -> bool:
    """Says whether each of the pieces but the last is as wide as the column."""
    return all(_is_full(piece, after, width) for piece, after in pairwise(pieces))


def _is_full(piece: Field, after: Field, width: int) -> bool:
    is_uneven = _UNEVEN.search(piece.text) or _NO_BEGINNING.match(after.text)
    return width_of(piece.text) >= width - (_MORE_SLACK if is_uneven else _SLACK)


# --- sharing out the pieces -------------------------------------------------------------------------------------------


def _shares(anchors: Sequence[_Anchor], gaps: Sequence[Sequence[Field]], width: int) -> list[int | None]:
    """Returns for each gap how many of its pieces belong to the row above it; None where that is not certain.

    A way is possible if no row's name was cut before the end of its column and no row is left without one that
    needs it; only what is the same in all ways is certain.
    """
    reach = _reached(anchors, gaps, width)
    back = _reached([*reversed(anchors)], [*reversed(gaps)], width, backwards=True)[::-1]
    shares: list[int | None] = []
    for gap, (forth, left) in zip(gaps, zip(reach, back, strict=True), strict=True):
        possible = [share for share in range(len(gap) + 1) if share in forth and share in left]
        shares.append(possible[0] if len(possible) == 1 else None)
    return shares


def _reached(
    anchors: Sequence[_Anchor], gaps: Sequence[Sequence[Field]], width: int, *, backwards: bool = False
) -> list[set[int]]:
    """Returns for each gap the shares that some way of sharing out the gaps up to it arrives at."""
    first, last = gaps[0], gaps[-1]
    reach: list[set[int]] = [{len(first)} if backwards else {0}]
    for place, anchor in enumerate(anchors):
        before, after = (gaps[place + 1], gaps[place]) if backwards else (gaps[place], gaps[place + 1])
        following = gaps[place + 1]
        shares = range(len(following) + 1)
        if following is last and place == len(anchors) - 1:
            shares = range(1) if backwards else range(len(last), len(last) + 1)
        reach.append(
            {
                share
                for share in shares
                for known in reach[-1]
                if _may_have(
                    anchor, before[share if backwards else known :], after[: known if backwards else share], width
                )
            }
        )
    return reach


def _may_have(anchor: _Anchor, before: Sequence[Field], after: Sequence[Field], width: int) -> bool:
    names = [*before, *anchor.names, *after]
    if not anchor.pieces.codes:
        return not before and not after  # a line of words beside it may be a row of its own, all its figures blank
    if not names:
        return False
    return _are_cut(names, width)
