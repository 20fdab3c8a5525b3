"""Second opinions over real HTTP: what is asked, and what an answer may do."""

import json
from typing import Any

import pytest

from services.classifier.second_opinion.allowance import in_process
from services.classifier.second_opinion.ask import open_second
from shared.domain.coded import Coding, Opinion
from shared.domain.vocabulary import CodedBy, Subtype
from shared.errors import Reason
from shared.settings import Settings
from tests.integration.classifier.asking import BOMB, CODED, KEY, NEARLY, TEXT, TITLE, ask, none, open_
from tests.llm import Llm, told


def test_none_is_asked_by_default() -> None:
    assert open_second(Settings(), in_process()) is None


def test_a_model_that_agrees_vouches_for_what_is_coded(llm: Llm) -> None:
    llm.says(told("bombing", BOMB))
    coding = ask(open_(llm))
    assert coding.opinion == Opinion(model="tiny", agrees=True)
    assert coding.events == (CODED.events[0].model_copy(update={"coded_by": CodedBy.BOTH}),)


def test_what_is_asked(llm: Llm) -> None:
    llm.says()
    ask(open_(llm, llm_max_tokens=77, llm_max_chars=len(TITLE) + 10))
    (body,), (headers,) = llm.asked, llm.headers
    assert (headers["path"], headers["Authorization"]) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("tiny", 0, 77)
    schema = body["response_format"]["json_schema"]["schema"]
    assert set(schema["$defs"]["Subtype"]["enum"]) == set(Subtype)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    data = json.loads(body["messages"][1]["content"].partition("\n")[2])
    assert data == {"title": TITLE, "published": "2026-03-04", "text": TEXT[:10]}


def test_a_server_without_a_key_is_sent_none(llm: Llm) -> None:
    llm.says()
    ask(open_(llm, llm_key=""))
    assert "Authorization" not in llm.headers[0]


def test_what_only_the_model_sees_is_added_as_background_with_its_quote(llm: Llm) -> None:
    quote = "gunmen shot a judge - he died - in Bukavu."
    llm.says(told("assassination", quote), told("bombing", BOMB))
    coding = ask(open_(llm))
    ours, added = coding.events
    assert (ours.coded_by, ours.main) == (CodedBy.BOTH, True)
    assert (added.subtype, added.coded_by, added.main) == (Subtype.ASSASSINATION, CodedBy.LLM, False)
    ((start, end),) = added.evidence["type"]
    assert TEXT[start:end] == "gunmen shot a\n   judge \u2013 he died \u2013 in Bukavu."
    assert coding.opinion
    assert not coding.opinion.agrees  # to it, the murder is news too


@pytest.mark.parametrize(
    "events",
    [[], [told("bombing", BOMB, realis="denied")], [told("bombing", BOMB, main=False)], [told("arrest", BOMB)]],
    ids=["no event", "denied", "background", "another type"],
)
def test_a_model_that_differs_changes_nothing_that_is_coded(llm: Llm, events: list[dict[str, Any]]) -> None:
    llm.says(*events)
    coding = ask(open_(llm))
    assert coding.opinion == Opinion(model="tiny", agrees=False)
    first = coding.events[0]
    assert first.model_copy(update={"coded_by": CodedBy.MODEL}) == CODED.events[0]
    assert not any(event.main for event in coding.events[1:])


def test_what_was_nearly_relevant_is_read_too_and_stays_discarded(llm: Llm) -> None:
    llm.says(told("bombing", BOMB))
    coding = ask(open_(llm), NEARLY)
    assert (coding.relevant, coding.discard_reason) == (False, Reason.NOT_RELEVANT)
    assert [(one.coded_by, one.main) for one in coding.events] == [(CodedBy.LLM, False)]
    assert coding.opinion == Opinion(model="tiny", agrees=False)


@pytest.mark.parametrize(
    "coding",
    [
        NEARLY.model_copy(update={"score": 0.1}),
        NEARLY.model_copy(update={"score": None}),
        NEARLY.model_copy(update={"discard_reason": Reason.LANGUAGE}),
    ],
)
def test_nothing_else_is_sent(llm: Llm, coding: Coding) -> None:
    assert ask(open_(llm), coding) == coding
    assert llm.asked == []


def test_an_invented_quote_is_dropped_and_an_event_without_any_too(llm: Llm) -> None:
    llm.says(told("bombing", "The army did it in secret.", BOMB), told("arrest", "Two men were arrested."))
    (event,) = ask(open_(llm)).events
    assert event.coded_by is CodedBy.BOTH


def test_an_opinion_that_quotes_nothing_of_the_article_is_none(llm: Llm) -> None:
    llm.says(told("arrest", "Two men were arrested on Sunday.", "in Goma"))
    assert none(llm) == [("unquoted", None)]
