"""A choice among candidates."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier import logit


@given(st.dictionaries(st.sampled_from("abc"), st.floats(-1e6, 1e6)))
def test_a_score_is_bounded(weights: Mapping[str, float]) -> None:
    assert -30 <= logit.score({"a": 1.0, "b": 2.0, "c": 3.0}, weights) <= 30


def test_what_has_no_weight_says_nothing() -> None:
    assert logit.score({"unheard": 1.0}, {}) == 0
    assert logit.worths([{"unheard": 1.0}, {"any": 2.0}], {"any": 0.5}) == pytest.approx([1, math.e])


def test_mentions_of_one_thing_count_together() -> None:
    odds, keys = [0.6, 0.9, 0.7], ["goma", "bukavu", "goma"]
    totals = logit.totals(odds, keys)
    assert totals == pytest.approx({"goma": 1.3, "bukavu": 0.9})
    assert logit.likeliest(totals) == "goma"
    assert logit.surest(odds, keys, "goma") == 2


def test_of_equals_the_first_told_is_taken() -> None:
    assert logit.likeliest({"goma": 2.0, "bukavu": 2.0}) == "goma"
    assert logit.surest([1.0, 1.0], ["goma", "goma"], "goma") == 0


@pytest.mark.parametrize("odds", [{}, {"goma": 0.99}])
def test_none_is_taken_where_nothing_is_likelier(odds: Mapping[str, float]) -> None:
    assert logit.likeliest(odds) is None


def test_weights_are_read_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "scene.json"
    path.write_text(json.dumps({"weights": {"any": 0.5}, "cross_validated": {}}))
    assert logit.load(path) == {"any": 0.5}
    with pytest.raises(OSError, match="missing"):
        logit.load(tmp_path / "missing.json")
