"""Claims in so many words."""

import pytest

from services.classifier.who import claims


@pytest.mark.parametrize(
    ("sentence", "claimed"),
    [
        ("The River Front claimed responsibility for the blast.", True),
        ("The River Front has taken credit for it in a video.", True),
        ("The River Front, a splinter group, admitted the attack.", True),
        ("Responsibility for the blast was claimed by the River Front.", True),
        ("The River Front said it was far away.", False),
        ("The River Front denied everything. Others claimed responsibility.", False),
        ("Others claimed responsibility; it was not the River Front.", False),
        ("The River Front took the town.", False),
    ],
)
def test_who_claims_an_act(sentence: str, claimed: bool) -> None:
    lower = sentence.lower()
    start = lower.index("river front")
    assert claims.claims(lower, start, start + len("river front")) is claimed
