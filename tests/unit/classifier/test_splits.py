"""Where sentences begin and end, and what of a text is no story."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier import furniture, joints, sentences
from services.classifier.models import Rules, load_rules
from services.classifier.sentences import PIECE_CHARS, READ_CHARS


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def split(text: str) -> list[str]:
    read = sentences.read("", text, load_rules().splitter)
    assert all(s.span and text[s.span[0] : s.span[1]] == s.text for s in read)
    return [s.text for s in read]


@pytest.mark.parametrize(
    "text",
    [
        "Newsletter editor Ana Ruiz was shot dead in Tacna.",
        "Subscribers fled when a bomb went off in the hall.",
        "Copyright activists were beaten by masked men.",
        "Comments by the general set off the riot.",
        "Advertisements burnt as the mob moved on.",
        "Related articles were found in the bomber's flat.",
        "By nightfall soldiers had sealed the town.",
        "Corrections: officers were attacked in two jails.",
        "Correction officers were held hostage.",
        "The earlier version of the army's rifle was used.",
    ],
)
def test_news_that_begins_like_furniture_is_read(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe to our newsletter. It is free.",
        "Read more: Bomb kills two in Kano",
        "Copyright 2021 The Daily Post",
        "\u00a9 The Daily Post",
        "Newsletter",
        "ADVERTISEMENT",
        "Related stories: A mayor shot",
        "By Ana Ruiz",
        "Comments",
        "Last updated: 3 March 2021 at 10:30 am GMT",
        "Updated: 2 hours ago",
        "Correction: Two died. Not three.",
        "Editor's note: An earlier version of this story said that three died.",
        "(This story has been corrected to say two.)",
    ],
)
def test_furniture_is_left_out(line: str) -> None:
    assert split(f"Two men died.\n{line}\nA third fled.") == ["Two men died.", "A third fled."]


def test_only_the_invitation_goes_from_a_long_paragraph() -> None:
    news = (
        "Gunmen shot dead two guards at the gate of the mill on Monday and fled into the hills to the north."
        + " It rained." * 12
    )
    assert split(f"Sign up for our letter. {news}")[0].startswith("Gunmen shot dead")


@pytest.mark.parametrize("label", ["Updated: ", "UPDATED: ", "Last updated: ", "Advertisement "])
def test_a_label_goes_and_its_sentence_stays(label: str) -> None:
    assert split(f"{label}Gunmen killed 3 people in Kano. Police came.") == [
        "Gunmen killed 3 people in Kano.",
        "Police came.",
    ]


def test_an_army_report_of_old_is_no_note_on_this_story() -> None:
    assert (
        len(split("The original version of the report by the army said that 12 died. Gunmen also shot two guards."))
        == 2
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Lt. Col. Juan Perez was killed.",
        "Sgt. Maj. Tom Li and Capt. Ed Roe fled.",
        "LT. COL. PEREZ AND GEN. LI MET MR. ROE.",
        "J. Smith and A. B. Roe told U.S. troops of it.",
        "Col. (ret.) Juan Roe was shot by Sgt. 1st Class Li near Ft. Hood.",
        "Shots hit house No. 5 on Sept. 3.",
        "THE GUARDS OF DETACHMENT NO. 6 FLED ON SEPT. 3.",
    ],
)
def test_an_abbreviation_ends_no_sentence(sentence: str) -> None:
    assert split(f"{sentence} It rained.") == [sentence, "It rained."]


@pytest.mark.parametrize("text", ["HE SAID NO. THEN HE FLED.", "It was over. 12 men died.", "he fled. she stayed."])
def test_other_words_end_sentences(text: str) -> None:
    assert len(split(text)) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Police denied it.", '"There was none," he said.'),
        ("Police denied it.", "'None at all,' he said."),
        ("Police denied it.", "\u201cThere was none,\u201d he said."),
        ("Two died.", "(Reuters)"),
        ('"We saw none."', "(Reuters)"),
        ('"We saw none."', '"Nor did we," he said.'),
    ],
)
def test_marks_belong_to_what_they_open_or_close(first: str, second: str) -> None:
    assert split(f"{first} {second}") == [first, second]
    assert joints.mended(f"{first} {second}", [(0, len(f"{first} {second}"))]) == [(0, len(f"{first} {second}"))]


def test_marks_alone_are_never_lost() -> None:
    assert joints.mended('"("Ten', [(0, 3), (3, 6)]) == [(0, 3), (3, 6)]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    told = [f"Gunmen shot dead {n} guards at the gate of the mill, police said." for n in range(60)]
    assert split(" ".join(told)) == told


def test_a_run_without_an_end_is_cut_all_the_same() -> None:
    pieces = split("word " * PIECE_CHARS)
    assert all(0 < len(piece) <= PIECE_CHARS for piece in pieces)
    assert sum(piece.count("word") for piece in pieces) == PIECE_CHARS


@settings(deadline=None)  # the first call loads the rules
@given(
    st.lists(
        st.sampled_from(['"', " ", "(", ".", "Lt.", "No.", "A", "b", "5", "\n", "Updated:", "\u201c", "\u0130"]),
        max_size=60,
    )
)
def test_sentences_are_of_the_text_in_its_order(parts: list[str]) -> None:
    text = "".join(parts)
    read = sentences.read("", text, load_rules().splitter)
    spans = [s.span for s in read if s.span]
    assert all(text[start:end] == s.text.strip() != "" for s, (start, end) in zip(read, spans, strict=True))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    "text",
    [
        "Lt. ",
        "A. " + "b" * 998,
        'a. "',
        "((((a",
        "Updated:",
        "Correction of this ",
        "a b. " * 199 + "c" * 4,
        "earlier version of ",
    ],
)
def test_reading_hostile_text_takes_little(text: str, rules: Rules) -> None:
    text = text * (READ_CHARS // len(text))
    began = time.process_time()
    sentences.read("", text, rules.splitter)
    assert time.process_time() - began < 3


@pytest.mark.parametrize("sentence", ["Updated: 3 killed in Kano", "Updated: Kano quiet"])
def test_only_a_time_makes_an_update_furniture(sentence: str) -> None:
    assert furniture.begin(sentence) == len("Updated: ")


def test_a_note_that_takes_nothing_back_ends_with_its_sentence() -> None:
    told = "Editor's note: This story tells of violence. A bomb killed nine people in Kabul."
    assert split(told) == ["A bomb killed nine people in Kabul."]
    assert split("Two died. This story was updated with a new toll. A third fled.") == ["Two died.", "A third fled."]
