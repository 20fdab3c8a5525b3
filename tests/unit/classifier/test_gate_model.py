"""The gate: hashed words, a weight for each, and a threshold."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.classifier import gate
from services.classifier.gate import Gate
from services.classifier.models import Models
from services.classifier.training import written


def test_words_fall_into_bins_by_crc32() -> None:
    # crc32(b"bomb") = 0x800F7917, of which the lowest 18 bits count.
    assert gate.bins("Bomb", "").tolist() == [0x800F7917 & 0x3FFFF]


def test_numbers_share_a_bin_and_pairs_count() -> None:
    assert gate.bins("12 dead", "").tolist() == gate.bins("7 dead", "").tolist()
    assert len(gate.bins("two dead", "")) == 3


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_has_bins_in_range_each_once(title: str, text: str) -> None:
    found = gate.bins(title, text)
    assert found.tolist() == sorted(set(found.tolist()))
    assert ((found >= 0) & (found < 1 << gate.BITS)).all()


def test_the_score_is_the_mean_weight_by_root() -> None:
    weights = np.zeros(1 << gate.BITS, np.float16)
    weights[gate.bins("bomb", "")] = 2.0
    assert Gate(weights, bias=-1.0, threshold=0.0).score("bomb", "") == 1.0
    assert Gate(weights, bias=-1.0, threshold=0.0).score("", "") == 0.0


def test_the_shipped_gate_lets_incidents_in(models: Models) -> None:
    stories = [s for s, label in written.load() if label.relevant]
    passed = [models.gate.score(s.title, s.text) >= models.gate.threshold for s in stories]
    assert sum(passed) / len(passed) >= 0.97


def test_ordinary_news_scores_below_nearly_all_incidents(models: Models) -> None:
    scores = sorted(models.gate.score(s.title, s.text) for s, label in written.load() if label.relevant)
    opening = "Shares in the bank rose by three per cent after its profits for the quarter beat the forecasts. "
    assert models.gate.score("Profits lift bank", opening * 5) < scores[len(scores) // 10]
