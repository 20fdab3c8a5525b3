"""What kind a story's incident is of: opinions that stand also where no sentence was read."""

from dataclasses import replace

import numpy as np
import pytest

from services.classifier import classify, kinds
from services.classifier.models import Models
from services.classifier.network.heads import SUBTYPES
from shared.domain.article import Published
from shared.domain.vocabulary import Subtype

TITLE = "Car bomb kills six in Karachi"
TEXT = "A car bomb exploded outside a bank in Karachi on Monday, killing six people, police said."


@pytest.mark.parametrize("read", [True, False], ids=["read", "not read"])
def test_the_kind_is_known_by_the_sentences_or_without_them(models: Models, *, read: bool) -> None:
    found = classify.analyse(TITLE, TEXT, Published.of_day("2022-03-17"), "en", models=models)
    assert found.judgement
    told = found.told if read else tuple(replace(t, roles=None, subtypes=None) for t in found.told)
    strengths = kinds.strengths(told, found.judgement, models.verdicts.kinds)
    assert strengths.shape == (len(SUBTYPES),)
    assert strengths.sum() == pytest.approx(1)
    assert SUBTYPES[int(np.argmax(strengths))] is Subtype.BOMBING


def test_a_story_of_which_nothing_was_read_has_no_opinion_by_sentences(models: Models) -> None:
    found = classify.analyse(TITLE, TEXT, None, "en", models=models)
    assert found.judgement
    _, told, votes = kinds.opinions((), found.judgement)
    assert np.ptp(told) == np.ptp(votes) == 0
