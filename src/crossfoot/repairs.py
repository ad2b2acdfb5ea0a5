"""What was mended and what was computed: repairs with their evidence, and figures derived from sums.

A repair replaces what we read, never what the document prints: the source text stays beside it, and the document
judged without its repairs is the same reading again.
"""

from typing import Literal

from crossfoot.noun import Amount, Noun

#: Whose fault a failing check or a repaired cell is: our reading is not what stands at the cell's place; the source
#: text is damaged; a row, column, sign or unit stands in the wrong place; or the document contradicts itself.
Fault = Literal["misread", "glyph", "structure", "source_inconsistency"]

#: What in the source speaks for a repaired value: it stands at the cell's place; it is the only one that fits a damaged
#: numeral's legible digits; it is a plausible undamaged form and two sums agree on it; the same quantity stands clean
#: elsewhere.
Evidence = Literal["source", "mask", "glyphs", "copy"]

#: What sums can tell of an error in a cell, known before they are evaluated: it stands in a declared one; in one that
#: was executed; in a pattern of executed ones that no other cell shares, so that the error can be located.
Reach = Literal["covered", "detectable", "locatable"]


class Repair(Noun):
    """A damaged or misread cell with the value that evidence and sums give it.

    `original` is the source text, `printed` the numeral it is read as, `checks` the sums that agree on it, and
    `alternatives` what else was considered, each with why it is out.
    """

    cell: str
    line: int
    original: str
    printed: str
    value: Amount
    fault: Fault
    evidence: Evidence
    reason: str
    checks: tuple[str, ...]
    alternatives: tuple[str, ...] = ()


class Derivation(Noun):
    """A cell that cannot be read, computed from the document's own sums: `low` ≤ true value ≤ `high`.

    It is never counted as read and is evidence for nothing.
    """

    cell: str
    line: int
    value: Amount
    low: Amount
    high: Amount
    reason: str
    checks: tuple[str, ...]
