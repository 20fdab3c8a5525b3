"""Stories cut short, with what is still told of them."""

import pytest

from services.classifier.models import load_rules
from services.classifier.training import briefs
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledEvent, LabelledStory
from shared.domain.vocabulary import Realis, Subtype

TEXT = "A bomb went off in Kalou.\nTwo died.\nIt rained.\nIn June a mill was burnt there."


def labelled(*core: int | None, relevant: bool = True) -> LabelledStory:
    own = LabelledEvent(Subtype.BOMBING, Realis.ACTUAL, True, False, core, core, {})
    start = TEXT.index("In June")
    old = LabelledEvent(Subtype.ARSON, Realis.ACTUAL, False, False, (start,), (start,), {})
    return LabelledStory("x/1", relevant, doubtful=False, events=(own, old) if relevant else (), uncoded=())


def cut(title: str, label: LabelledStory) -> list[tuple[str, str, tuple[Subtype, ...]]]:
    found = briefs.cut([(Story("x", "1", title, TEXT, None), label)], load_rules())
    assert all(story.key == short.key for story, short in found)
    found = briefs.cut([(Story("x", "1", title, TEXT, None), label)], load_rules())
    return [(story.title, story.text, tuple(e.subtype for e in short.events)) for story, short in found]


def test_a_story_gives_its_headline_and_its_beginning() -> None:
    assert cut("Bomb in Kalou", labelled(None, 0)) == [
        ("Bomb in Kalou", "", (Subtype.BOMBING,)),
        ("Bomb in Kalou", "A bomb went off in Kalou.\nTwo died.", (Subtype.BOMBING,)),
    ]


@pytest.mark.parametrize(("title", "core", "kept"), [("Rain", (0,), [2]), ("", (0,), [2]), ("Rain", (36,), [])])
def test_what_does_not_show_the_event_is_left_out(title: str, core: tuple[int], kept: list[int]) -> None:
    assert [len(text.splitlines()) for _, text, _ in cut(title, labelled(*core))] == kept


def test_the_beginnings_of_other_stories_stay_irrelevant() -> None:
    assert [events for _, _, events in cut("Rain", labelled(relevant=False))] == [(), ()]
