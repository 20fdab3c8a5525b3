"""News with marked place names: how it is read, and what the models learn of it."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.classifier.models import load_rules
from services.classifier.training import place_cases, small_words, toponyms
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledEvent, LabelledStory
from services.classifier.where import gazetteer, placing
from shared.domain.vocabulary import Realis, Subtype

ARTICLE = """<articles><article><feedid>7</feedid><title>Fire in Quetta</title>
<text>A fire broke out in Quetta, not in Pakistani Paris.</text><toponyms>
<toponym><start>{start}</start><phrase>Quetta</phrase>
<gaztag geonameid="1167528"><lat>30.18</lat><lon>67.0</lon></gaztag>
</toponym><toponym><start>0</start><phrase>Nowhere</phrase></toponym></toponyms></article></articles>"""


def marked(folder: Path, start: int = 20) -> toponyms.MarkedText:
    path = folder / toponyms.FILES["lgl"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(ARTICLE.format(start=start).encode()))
    (article,) = toponyms.read("lgl", folder)
    return article


@pytest.mark.parametrize("start", [20, 23])
def test_a_name_is_found_where_it_stands(tmp_path: Path, start: int) -> None:
    article = marked(tmp_path, start)
    (name,) = article.toponyms
    assert (article.source, name.phrase, name.geonames_id, name.point) == (7, "Quetta", 1167528, (30.18, 67.0))
    assert article.text[name.start : name.end] == "Quetta"


@pytest.mark.parametrize(("text", "upper"), [("Quetta", "QUETTA"), ("Straße", "STRAßE"), ("", "")])
def test_capitals_keep_the_length(text: str, upper: str) -> None:
    assert toponyms.capitals(text) == upper


def test_a_marked_span_is_right_and_others_are_not(tmp_path: Path) -> None:
    case = place_cases.case(marked(tmp_path), gazetteer.load(), load_rules(), {})
    assert case is not None
    labels = {n.text: label for n, label in zip(case.seen.text.names, case.labels, strict=True) if label is not None}
    assert labels["Quetta"] is True
    assert labels["Paris"] is False
    assert case.wanted == 1
    told = placing.first_rows(case.seen)
    assert told.shape == (len(case.seen.table.entries), len(placing.WHICH_FIRST))
    assert np.isfinite(told).all()


@pytest.mark.parametrize(("page", "kinds"), [("Kano", {"city"}), ("Kano (state)", {"city", "admin1"})])
def test_a_bare_title_of_an_encyclopedia_means_the_town(tmp_path: Path, page: str, kinds: set[str]) -> None:
    text = "A fire broke out in Kano."
    name = toponyms.Toponym(20, 24, "Kano", (12.0, 8.52), None, page)
    article = replace(marked(tmp_path), text=text, toponyms=(name,))
    case = place_cases.case(article, gazetteer.load(), load_rules(), {})
    assert case is not None
    assert _right_kinds(case, "Kano") == kinds


def _right_kinds(case: place_cases.Case, name: str) -> set[str]:
    at = next(n for n, found in enumerate(case.seen.text.names) if found.text == name and case.right[n] is not None)
    right = case.right[at]
    assert right is not None
    entries = case.seen.table.entries[case.seen.table.slices[case.seen.text.names[at].key]]
    return {e.precision.value for e, ok in zip(entries, right, strict=True) if ok}


@pytest.mark.parametrize(
    ("city", "admin1", "kind"), [("Kano", "Kano", "city"), (None, "Kano", "admin1"), (None, None, None)]
)
def test_our_labels_say_town_or_area(city: str | None, admin1: str | None, kind: str | None) -> None:
    case = _told("A fire broke out in Kano, not in Lagos.", {"name": "Kano", "city": city, "admin1": admin1})
    assert case is not None
    assert case.labels == (None,) * len(case.labels)
    if kind is None:  # no country has that name
        assert all(right is None for right in case.right)
    else:
        assert _right_kinds(case, "Kano") == {kind}
        named = [n.text for n, right in zip(case.seen.text.names, case.right, strict=True) if right is not None]
        assert named == ["Kano"]


def test_a_word_for_its_kind_leaves_nothing_to_learn() -> None:
    case = _told("A fire broke out in Kano state.", {"name": "Kano", "city": "Kano", "admin1": "Kano"})
    assert case is not None
    assert all(right is None for right in case.right)
    assert _told("A fire broke out in Lagos.", {"name": "Kano", "city": "Kano", "admin1": "Kano"}) is None


def _told(text: str, place: dict[str, str | None]) -> place_cases.Case | None:
    facts = {"place": {**place, "country": "NG"}}
    event = LabelledEvent(Subtype.ARSON, Realis.ACTUAL, True, False, (0,), (0,), facts)
    label = LabelledStory("x/1", True, False, (event,), ())
    return place_cases.told(Story("x", "1", "", text), label, gazetteer.load(), load_rules(), {})


@pytest.mark.parametrize(
    ("one", "other", "share"), [((0, 4), (0, 4), 1.0), ((0, 4), (2, 4), 0.5), ((0, 4), (4, 8), 0.0)]
)
def test_overlap(one: tuple[int, int], other: tuple[int, int], share: float) -> None:
    assert place_cases.overlap(one, other) == share


def test_words_in_small_letters_are_counted() -> None:
    texts = ["We had a nice day near Quetta and Quetta again."] * 8
    found = small_words.shares(texts, gazetteer.load())
    assert found["nice"] == 1.0
    assert "quetta" not in found
