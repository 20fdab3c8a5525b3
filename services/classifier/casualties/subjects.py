"""Who is told of before a word of harm: "a man was shot and died", "with two guards hurt"."""

from collections.abc import Sequence

from services.classifier.casualties import phrases
from services.classifier.casualties.auxiliaries import BE_MANY, BE_ONE
from services.classifier.casualties.phrases import Group
from services.classifier.casualties.tokens import Token


def antecedent(left: Sequence[Token]) -> list[Group]:
    """Return those of whom a relative clause tells: "a call from the mother of a boy who was shot"."""
    if not left or left[-1].text != "who":
        return []
    start = max(
        (n + 1 for n, t in enumerate(left) if t.kind in ("place", "break", "stop") or t.text == "of"), default=0
    )
    return [g for g in phrases.groups(left[start:-1], closed=True) if g.counts][-1:]


def with_them(left: Sequence[Token]) -> list[Group]:
    """Return those of whom a phrase without a verb tells: "with at least 70 people injured"."""
    ends = [n for n, t in enumerate(left) if t.text == "with" or t.kind in ("break", "stop", "verb")]
    at = ends[-1] if ends else 0
    if not ends or left[at].text != "with" or at + 1 == len(left):
        return []
    return phrases.groups(left[at + 1 :], closed=True) if left[at + 1].kind == "count" else []


def subject_before(left: Sequence[Token], many: bool | None) -> tuple[list[Group], bool | None]:
    """Return the subject of the verb before: "a man was shot and died"."""
    at = max((n for n, t in enumerate(left) if t.kind == "break"), default=None)
    if at is None:
        return [], many
    aux = left[at].text
    while at and left[at - 1].kind in ("break", "loose_word"):
        at -= 1
    return behind(left[:at]), False if aux in BE_ONE else True if aux in BE_MANY else many


def behind(left: Sequence[Token]) -> list[Group]:
    """Return the groups of the clause that ends here."""
    start = max((n + 1 for n, t in enumerate(left) if t.kind in ("break", "stop")), default=0)
    return phrases.groups(left[start:], closed=False)
