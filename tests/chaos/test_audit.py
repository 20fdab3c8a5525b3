"""The audit of the drills can fail: each kind of loss and duplicate is found, and a sound record passes."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from services.classifier.classify import code
from services.classifier.models import load_models
from services.extractor.extract import extract
from services.indexer.merging.batch import group
from services.indexer.report import reports_of
from shared.domain.article import article_id
from shared.domain.incident import Incident, Report
from shared.domain.outcome import Outcome, Status
from shared.domain.submission import Submission
from shared.errors import Reason
from shared.incidents.fold import fold, withdraw
from tests import examples
from tests.chaos import news
from tests.chaos.audit import Findings, Record, audit
from tests.chaos.news import End, News

PORT = 1
SERVED = news.make(7, size=0.05)


def outcome(page: news.Page) -> Outcome:
    status = Status.INDEXED if page.end is End.INDEXED else Status.DISCARDED
    reason = None if status is Status.INDEXED else Reason(page.end.value)
    return Outcome.of(Submission.accept(page.url(PORT)), status, step="any", reason=reason)


def folded(reports: Iterable[Report]) -> tuple[Incident, ...]:
    kept = tuple(reports)
    return tuple(fold(one, [r for r in kept if r.incident_id == one]) for one in {r.incident_id for r in kept})


def read(pages: Iterable[news.Page]) -> list[Report]:
    """Code the stories as the workers would, each once."""
    stories = {page.url(PORT): page for page in pages if page.end is End.INDEXED}
    told: list[Report] = []
    for url, page in stories.items():
        article = extract(examples.page(url), page.html.encode(), max_chars=10**6)
        told += reports_of(code(article, models=load_models()))
    return group(told)


@pytest.fixture(scope="module")
def sound() -> Record:
    """What a run without a fault leaves."""
    reports = read(SERVED.pages)
    stories = {article_id(p.url(PORT)) for p in SERVED.pages if p.end in (End.INDEXED, End.NOT_RELEVANT)}
    named = {report.article_id: (report.incident_id,) for report in reports}
    outcomes = tuple(outcome(page) for page in SERVED.pages)
    indexed = sum(one.status is Status.INDEXED for one in outcomes)
    total = {"accepted": len(outcomes), "indexed": indexed, "discarded": len(outcomes) - indexed}
    return Record(
        outcomes=outcomes,
        articles={one: named.get(one, ()) for one in stories},
        reports=tuple(reports),
        incidents=folded(reports),
        sum={**total, "quarantined": 0, "in_flight": 0, "balance": 0},
    )


def findings(record: Record, sound: Record, served: News = SERVED, unsure: dict[str, int] | None = None) -> Findings:
    receipts = {one.submission_id: one.url for one in sound.outcomes}
    return audit(record, served, PORT, receipts=receipts, unsure=unsure or {})


def test_the_same_seed_gives_the_same_news_and_another_does_not() -> None:
    assert news.make(7, size=0.05) == SERVED
    assert news.make(8, size=0.05) != SERVED


def test_a_sound_record_passes(sound: Record) -> None:
    found = findings(sound, sound)
    assert (found.faults, found.lost, found.duplicated) == ([], 0, 0)
    assert len(sound.incidents) == SERVED.happenings


def test_a_missing_outcome_is_lost(sound: Record) -> None:
    assert findings(replace(sound, outcomes=sound.outcomes[1:]), sound).lost == 1


def test_an_outcome_without_a_receipt_is_a_duplicate_unless_a_request_for_it_went_unanswered(sound: Record) -> None:
    again = outcome(SERVED.pages[0])
    total = {**sound.sum, "accepted": len(sound.outcomes) + 1}
    record = replace(sound, outcomes=(*sound.outcomes, again), sum=total)
    assert findings(record, sound).duplicated == 1
    assert findings(record, sound, unsure={again.url: 1}).duplicated == 0


def test_another_end_than_the_page_must_have_is_wrong(sound: Record) -> None:
    first = next(one for one in sound.outcomes if one.reason is Reason.NOT_RELEVANT)
    other = first.model_copy(update={"reason": Reason.EMPTY})
    changed = tuple(other if one is first else one for one in sound.outcomes)
    assert any("wrong: 1 ends" in fault for fault in findings(replace(sound, outcomes=changed), sound).faults)


def test_articles_are_counted_both_ways(sound: Record) -> None:
    kept = dict(list(sound.articles.items())[1:])
    assert findings(replace(sound, articles=kept), sound).lost == 1
    assert findings(replace(sound, articles={**sound.articles, "f" * 32: ()}), sound).duplicated == 1


def test_a_lost_report_is_found(sound: Record) -> None:
    assert findings(replace(sound, reports=sound.reports[1:]), sound).lost == 1


def test_a_happening_that_became_two_incidents_is_a_duplicate(sound: Record) -> None:
    apart = sound.reports[0].model_copy(update={"incident_id": "TCN-APART"})
    reports = (apart, *sound.reports[1:])
    assert findings(replace(sound, reports=reports, incidents=folded(reports)), sound).duplicated == 1


def test_an_active_incident_that_nobody_tells_is_a_duplicate_and_a_withdrawn_one_is_none(sound: Record) -> None:
    ghost = sound.incidents[0].model_copy(update={"id": "TCN-GHOST"})
    assert findings(replace(sound, incidents=(*sound.incidents, ghost)), sound).duplicated == 1
    assert findings(replace(sound, incidents=(*sound.incidents, withdraw(ghost))), sound).duplicated == 0


def test_an_incident_that_is_not_the_fold_of_its_reports_is_wrong(sound: Record) -> None:
    stale = sound.incidents[0].model_copy(update={"reports": 1})
    found = findings(replace(sound, incidents=(stale, *sound.incidents[1:])), sound)
    assert any("not the fold" in fault for fault in found.faults)


def test_a_sum_that_does_not_hold_is_wrong(sound: Record) -> None:
    found = findings(replace(sound, sum={**sound.sum, "balance": 1}), sound)
    assert any("balance is 1, not 0" in fault for fault in found.faults)
