"""Writes that fail half-way: whatever was written of them, a repeat makes it whole, and a refusal leaves nothing."""

from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from services.indexer.index import Locks, index
from services.indexer.report import reports_of
from shared.domain.base import Model
from shared.domain.coded import CodedArticle
from shared.domain.incident import Incident, IncidentStatus
from shared.errors import Transient
from shared.incidents.answers import Refused
from shared.incidents.fold import fold
from shared.incidents.store import Changes, Held, Store
from tests import examples
from tests.examples import NOON, coded, event, toll
from tests.integration.indexer.conftest import File, Incidents, told, unnumbered
from tests.integration.indexer.mixed import PLACES

LATER = NOON + timedelta(hours=1)


class Conflicting(Store):
    """A store whose first change of a known incident comes too late, after all else of it has been written."""

    failed = False

    def _guarded(self, incident: Incident, held: Held | None) -> dict[str, Any]:
        operation = super()._guarded(incident, held)
        if held is not None and not self.failed:
            self.failed = True
            return {**operation, "if_seq_no": held.seq_no + 1000}
        return operation


def fails_half_way(store: Store, locks: Locks, later: CodedArticle) -> None:
    """File an article whose write fails after its reports, then file it again."""
    with pytest.raises(Transient):
        index([later], store=store, locks=locks)
    index([later], store=store, locks=locks)


@pytest.fixture
def failing(elasticsearch: Elasticsearch, index_prefix: str) -> Store:
    """A store that fails once."""
    return Conflicting(elasticsearch, index_prefix)


def test_a_move_that_fails_half_way_leaves_no_ghost(
    file: File, failing: Store, locks: Locks, incidents: Incidents
) -> None:
    file(coded(event(killed=toll(30))))
    moved = event(place=examples.BUKAVU, killed=toll(30))
    fails_half_way(failing, locks, coded(moved, fetched_at=NOON + timedelta(hours=1)))
    standing = [one for one in incidents() if one.status is IncidentStatus.ACTIVE]
    assert [one.place and one.place.name for one in standing] == ["Bukavu"]


def test_a_withdrawal_that_fails_half_way_leaves_no_ghost(
    file: File, failing: Store, locks: Locks, incidents: Incidents
) -> None:
    file(coded(event(killed=toll(30))))
    fails_half_way(failing, locks, coded(fetched_at=NOON + timedelta(hours=1)))
    assert [one.status for one in incidents()] == [IncidentStatus.WITHDRAWN]


def test_reports_that_a_failed_write_left_are_cleared_by_a_later_version(
    store: Store, file: File, incidents: Incidents
) -> None:
    """The first version was filed up to its article; the next is no news."""
    store.ready()
    first = coded(event())
    (left,) = reports_of(first)
    store._bulk([  # noqa: SLF001 - what `write` does before it is cut off
        store._report(left, Changes()),  # noqa: SLF001
        store._guarded(fold(left.incident_id, [left]), None),  # noqa: SLF001
    ])  # fmt: skip
    store.refresh_reports()
    file(coded(fetched_at=NOON + timedelta(hours=1)))
    assert [one.status for one in incidents()] == [IncidentStatus.WITHDRAWN]
    store.refresh_reports()
    assert store.reports_of_articles([first.article.id]) == []


@pytest.mark.parametrize("alone", [True, False])
def test_a_batch_that_fails_half_way_is_repeated_in_full(
    *, elasticsearch: Elasticsearch, index_prefix: str, locks: Locks, file: File, incidents: Incidents, alone: bool
) -> None:
    file(coded(event(killed=toll(30))))
    gone = coded(fetched_at=LATER)
    others = [coded(event(place=place), url=f"http://{place.name}.example/x") for place in PLACES]
    store = Conflicting(elasticsearch, index_prefix)
    with pytest.raises(Transient):
        index([gone, *others], store=store, locks=locks)
    assert store.articles([gone.article.id])[gone.article.id].fetched_at == NOON
    assert store.articles([one.article.id for one in others]) == {}
    for part in [[one] for one in (gone, *others)] if alone else [[gone, *others]]:
        index(part, store=store, locks=locks)
    assert sorted(told(incidents()).values()) == [("Bukavu.example",), ("Goma.example",), ("Kharkiv.example",)]


class Unfit(Store):
    """A store that writes a field no mapping has into what it knows of one article."""

    def __init__(self, client: Elasticsearch, prefix: str, *, alias: str, article_id: str) -> None:
        super().__init__(client, prefix)
        self._unfit = (alias, article_id)

    def _versioned(self, alias: str, identifier: str, model: Model, version: Any) -> dict[str, Any]:
        operation = super()._versioned(alias, identifier, model, version)
        if (alias, identifier.split("-", maxsplit=1)[0]) == self._unfit:
            operation["_source"]["surplus"] = 1
        return operation


@pytest.mark.parametrize("alias", ["reports", "articles"])
@pytest.mark.parametrize("position", [0, 2])
def test_a_refused_article_takes_no_other_with_it_and_leaves_nothing(
    *, elasticsearch: Elasticsearch, index_prefix: str, locks: Locks, incidents: Incidents, alias: str, position: int
) -> None:
    good = [coded(event(), url=f"http://{letter}.example/x") for letter in "ab"]
    bad = coded(event(killed=toll(40)), event(place=PLACES[2]))
    articles = [*good[:position], bad, *good[position:]]
    store = Unfit(elasticsearch, index_prefix, alias=alias, article_id=bad.article.id)
    with pytest.raises(Refused, match="surplus"):
        index(articles, store=store, locks=locks)
    for article in articles:
        if article is bad:
            with pytest.raises(Refused, match="surplus"):
                index([article], store=store, locks=locks)
        else:
            index([article], store=store, locks=locks)
    (standing,) = [one for one in incidents() if one.status is IncidentStatus.ACTIVE]
    assert (standing.sites, standing.killed) == (("a.example", "b.example"), None)
    store.refresh_reports()
    assert store.reports_of_articles([bad.article.id]) == []
    assert list(store.articles([one.article.id for one in articles])) == sorted(one.article.id for one in good)


@pytest.mark.parametrize("batched", [True, False])
def test_a_refused_correction_leaves_what_it_corrects(
    *, elasticsearch: Elasticsearch, index_prefix: str, locks: Locks, file: File, incidents: Incidents, batched: bool
) -> None:
    first = coded(event(killed=toll(2)), event(place=PLACES[2]))
    filing = file(first)
    before = incidents()
    second = coded(event(place=examples.BUKAVU), fetched_at=LATER)
    store = Unfit(elasticsearch, index_prefix, alias="articles", article_id=first.article.id)
    if batched:
        with pytest.raises(Refused):
            index([second, coded(url="http://quiet.example/x")], store=store, locks=locks)
    with pytest.raises(Refused):
        index([second], store=store, locks=locks)
    standing = [one for one in incidents() if one.status is IncidentStatus.ACTIVE]
    assert unnumbered(standing) == unnumbered(before)
    assert {one.id for one in standing} == set(filing.incident_ids)
    third = coded(event(place=examples.BUKAVU), fetched_at=LATER)
    file(third)
    assert [one.place and one.place.name for one in incidents() if one.status is IncidentStatus.ACTIVE] == ["Bukavu"]
