"""One reading judged alone: which of its own sums hold, and across which columns. For choosing among readings."""

from collections.abc import Set as AbstractSet
from typing import NamedTuple

from crossfoot.figures import Reading
from crossfoot.judging.check import check_identity
from crossfoot.judging.identities import table_identities
from crossfoot.judging.ledger import Entry, Ledger
from crossfoot.tabletypes import Catalog


class Trial(NamedTuple):
    """The sums of a reading: how many were executed, which fail, and the columns that a sum across columns holds.

    A sum down one column holds under any name of the column, so it says nothing of the name. `lines` are those of the
    rows that stand in a failing sum.
    """

    executed: int
    failing: frozenset[str]
    held: frozenset[str]
    lines: frozenset[int] = frozenset()

    @property
    def foots(self) -> bool:
        """Says whether sums were executed and none fails."""
        return self.executed > 0 and not self.failing

    def survives(self, columns: AbstractSet[str]) -> bool:
        """Says whether every one of the columns stands in a sum that holds, and none fails anywhere."""
        return self.foots and columns <= self.held


def try_reading(reading: Reading, catalog: Catalog) -> Trial:
    """Returns how the reading's own sums come out; sums that are all zero prove nothing and are left out."""
    known = catalog.forms.get((reading.family, reading.type, reading.form))
    entry = Entry(reading, reading.type, "present", known)
    ledger = Ledger((entry,), catalog)
    failing: set[str] = set()
    held: set[str] = set()
    lines: set[int] = set()
    executed = 0
    for identity in table_identities(entry):
        check = check_identity(identity, ledger)
        if check.outcome not in {"holds", "fails"} or check.all_zero or check.kind not in {"sum", "equal"}:
            continue
        executed += 1
        if check.outcome == "fails":
            failing.add(check.id)
            lines.update(ledger.cells[term.cell][1].line for term in check.terms)
        else:
            columns = {ledger.cells[t.cell][2].column for t in check.terms if ledger.cells[t.cell][2].value}
            held.update(columns if len(columns) > 1 else ())
    return Trial(executed, frozenset(failing), frozenset(held), frozenset(lines))
