"""`tocsin audit`: the sum, and in words what departs from it."""

from typing import Any

from services.cli import show

_SUMS = ("accepted", "indexed", "discarded", "quarantined", "in_flight", "balance", "oldest_in_flight_s", "at")

#: Rows shown of what is no fault; --json gives more.
NOTES = 10


def differs(found: dict[str, Any]) -> bool:
    """Return whether something was lost, is foreign, or was counted twice."""
    return bool(found["balance"] or found["missing"]["total"] or found["unknown"]["total"])


def print_audit(found: dict[str, Any]) -> None:
    """Print an audit for people."""
    sums = [(name, str(found[name])) for name in _SUMS if found[name] is not None]
    show.table("Audit", ("what", "submissions"), sums)
    _odd("Missing: accepted, without an outcome and not in flight", found["missing"])
    _odd("Unknown: with an outcome, and never accepted or counted twice", found["unknown"])
    still, again = found["stuck"], found["ended_in_ledger"]
    rows = [(row["submission_id"], row["step"], f"{row['still_s']:.0f} s") for row in still["rows"][:NOTES]]
    _notes("Without progress for long: in a long queue, or about to be sent again", still["total"], rows, "for")
    rows = [(row["submission_id"], row["step"], row["status"]) for row in again["rows"][:NOTES]]
    _notes("In flight again after an outcome", again["total"], rows, "had ended")
    read = f"{found['days_read']} of {found['days']} days read in full"
    if found["days_unknown"]:
        read += f"; nothing to compare {found['days_unknown']} older days with"
    verdict = "Something differs" if differs(found) else "Nothing differs"
    show.out.print(f"{verdict}. {read}.", markup=False, highlight=False)


def _odd(title: str, listing: dict[str, Any]) -> None:
    rows = [
        (str(row["day"]), str(row["count"]), row["submission_id"] or f"begin with {' or '.join(row['prefixes'])}")
        for row in listing["rows"]
    ]
    if rows:
        show.table(f"{title} ({listing['total']})", ("accepted on", "submissions", "which"), rows)


def _notes(title: str, total: int, rows: list[tuple[str, str, str]], last: str) -> None:
    if rows:
        show.table(f"{title} ({total})", ("submission", "at", last), rows)
