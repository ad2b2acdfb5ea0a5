"""A sum as printed and with a proposal → two lines of text, one below the other, figure under figure."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from crossfoot.output.weighing import Figure, Weighed

#: Of more parts than these the middle is left out, however much room there is.
_MOST_PARTS = 8
_CHANGED = "bold"
_RELATIONS = {"exact": "green", "rounded": "green", "fails": "bold red", "unread": "yellow"}


class _Token(NamedTuple):
    """A piece of a line that is not broken: a sign and a figure; `is_kept` if it is never left out."""

    sign: str
    figure: str
    style: str
    is_kept: bool

    @property
    def text(self) -> str:
        return f"{self.sign} {self.figure}".strip()


def sum_lines(sums: Sequence[Weighed], room: int) -> list[Text]:
    """Returns the lines of the same sum with different figures; what does not fit goes on in a further line.

    Parts are left out of the middle, the same ones everywhere, never a figure in question and never a total.
    """
    lines = [_parts(one) for one in sums]
    remarks = [Text(f"  {one.remark}" if one.remark else "", style=_RELATIONS[one.state]) for one in sums]
    ends = [_ends(one) for one in sums]
    length = len(lines[0])
    hidden: list[int] = []
    unchanged = [at for at in range(length) if not any(line[at].is_kept for line in lines)]
    while unchanged and (length - len(hidden) > _MOST_PARTS or _widest(_cut(lines, ends, hidden)) > room):
        hidden.append(unchanged.pop(-2 if len(unchanged) > 1 else -1))
    cut = _cut(lines, ends, hidden if len(hidden) > 1 else ())
    return [text for line, remark in zip(cut, remarks, strict=True) for text in _flowed(line, remark, room)]


def _parts(one: Weighed) -> list[_Token]:
    return [_token(figure, figure.sign) for figure in one.parts]


def _ends(one: Weighed) -> list[_Token]:
    """Returns what the parts give, and the stated side."""
    given = [_Token("=", one.total, "", is_kept=True)] if one.total else []
    style = _RELATIONS[one.state]
    relation = [_Token("", one.relation, style, is_kept=True)]
    stated = [_token(figure, figure.sign) for figure in one.stated]
    total = [_Token("=", one.stated_total, "", is_kept=True)] if one.stated_total else []
    return [*given, *relation, *stated, *total]


def _token(figure: Figure, sign: str) -> _Token:
    if figure.is_changed:
        return _Token(sign, f"[{figure.amount}]", _CHANGED, is_kept=True)
    return _Token(sign, figure.amount, "", is_kept=False)


def _cut(lines: list[list[_Token]], ends: list[list[_Token]], hidden: Sequence[int]) -> list[list[_Token]]:
    """Returns the lines without the hidden parts, a word for them in their place, figures as wide as one another."""
    first = min(hidden, default=-1)
    said = f"… {len(hidden)} more {'part' if len(hidden) == 1 else 'parts'}"
    whole: list[list[_Token]] = []
    for line, end in zip(lines, ends, strict=True):
        kept: list[_Token] = []
        for at, token in enumerate(line):
            if at == first:
                kept.append(_Token("+" if at else "", said, "dim", is_kept=True))
            elif at not in hidden:
                kept.append(token)
        whole.append([*kept, *end])
    return _padded(whole)


def _padded(lines: list[list[_Token]]) -> list[list[_Token]]:
    """Returns the lines, of the same form all, with what stands below one another of the same width."""
    padded: list[list[_Token]] = []
    for tokens in zip(*lines, strict=True):
        width = max(cell_len(token.figure) for token in tokens)
        signs = max(cell_len(token.sign) for token in tokens)
        padded.append(
            [
                token._replace(
                    sign=token.sign.rjust(signs), figure=" " * (width - cell_len(token.figure)) + token.figure
                )
                for token in tokens
            ]
        )
    return [list(line) for line in zip(*padded, strict=True)]


def _widest(lines: Sequence[Sequence[_Token]]) -> int:
    return max(sum(cell_len(_written(token)) + 1 for token in line) - 1 for line in lines)


def _written(token: _Token) -> str:
    return f"{token.sign} {token.figure}" if token.sign else token.figure


def _flowed(line: Sequence[_Token], remark: Text, room: int) -> list[Text]:
    """Returns the tokens as lines of the room's width, the remark behind them; further lines are set in."""
    texts = [Text()]
    for token in line:
        written = _written(token)
        if texts[-1].cell_len + 1 + cell_len(written) > room and texts[-1].plain.strip():
            texts.append(Text("  "))
        elif texts[-1].plain:
            texts[-1].append(" ")
        texts[-1].append(written, style=token.style)
    if texts[-1].cell_len + remark.cell_len > room:
        texts.append(Text("  "))
    texts[-1].append(remark)
    return texts
