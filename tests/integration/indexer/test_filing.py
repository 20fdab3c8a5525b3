"""Filing articles in a real Elasticsearch, with locks in a real Redis."""

from datetime import date, timedelta

from services.indexer.merging.batch import group
from services.indexer.merging.candidates import CANDIDATES, candidates
from services.indexer.merging.nearness import MOST
from services.indexer.report import WIDEST, reports_of
from shared.domain.event import DateRange
from shared.domain.incident import FiledArticle, IncidentStatus
from shared.domain.outcome import Filing
from shared.domain.vocabulary import DatePrecision
from shared.errors import Reason
from shared.incidents.store import Changes, Store
from tests import examples
from tests.examples import NOON, coded, event, toll
from tests.integration.indexer.conftest import File, Incidents


def test_an_article_becomes_an_incident(file: File, incidents: Incidents, store: Store) -> None:
    article = coded(event(killed=toll(3)))
    filing = file(article)
    (incident,) = incidents()
    assert filing == Filing(article_id=article.article.id, incident_ids=(incident.id,))
    assert incident.killed == toll(3)
    filed = store.articles([article.article.id]).get(article.article.id)
    assert filed is not None
    assert (filed.relevant, filed.events) == (True, article.coding.events)


def test_an_irrelevant_article_is_kept_without_an_incident(file: File, incidents: Incidents, store: Store) -> None:
    article = coded()
    assert file(article) == Filing(article_id=article.article.id, discard_reason=Reason.NOT_RELEVANT)
    assert incidents() == []
    filed = store.articles([article.article.id]).get(article.article.id)
    assert filed is not None
    assert filed.text == article.article.text


def test_filing_twice_changes_nothing(file: File, incidents: Incidents) -> None:
    article = coded(event(killed=toll(3)))
    assert file(article) == file(article)
    (incident,) = incidents()
    assert incident.reports == 1


def test_three_tellings_become_one_incident_with_a_range(file: File, incidents: Incidents) -> None:
    for letter, killed in (("a", 2), ("b", 3), ("c", 3)):
        file(coded(event(killed=toll(killed)), url=f"http://{letter}.example/x"))
    (incident,) = incidents()
    assert incident.reports == 3
    assert incident.killed is not None
    assert (incident.killed.min, incident.killed.best, incident.killed.max) == (2, 3, 3)


def test_a_correction_replaces_what_it_corrects_and_keeps_the_number(file: File, incidents: Incidents) -> None:
    file(coded(event(injured=toll(3))))
    (before,) = incidents()
    file(coded(event(injured=toll(2)), fetched_at=NOON + timedelta(hours=1)))
    (after,) = incidents()
    assert (after.id, after.injured, after.reports) == (before.id, toll(2), 1)


def test_an_older_fetch_that_comes_late_changes_nothing(file: File, incidents: Incidents) -> None:
    newest = file(coded(event(injured=toll(2)), fetched_at=NOON + timedelta(hours=1)))
    assert file(coded(event(injured=toll(3)))) == newest
    assert [incident.injured for incident in incidents()] == [toll(2)]


def test_a_story_that_is_no_news_after_all_withdraws_its_incident(file: File, incidents: Incidents) -> None:
    file(coded(event()))
    (before,) = incidents()
    file(coded(fetched_at=NOON + timedelta(hours=1)))
    (after,) = incidents()
    assert (after.id, after.status, after.reports) == (before.id, IncidentStatus.WITHDRAWN, 0)


def test_a_story_that_now_tells_something_else_leaves_its_incident_to_the_others(
    file: File, incidents: Incidents
) -> None:
    file(coded(event()))
    file(coded(event(), url="http://b.example/x"))
    file(coded(event(place=examples.BUKAVU), fetched_at=NOON + timedelta(hours=1)))
    by_place = {incident.place.name: incident for incident in incidents() if incident.place}
    assert {name: incident.reports for name, incident in by_place.items()} == {"Goma": 1, "Bukavu": 1}
    assert by_place["Goma"].sites == ("b.example",)


def test_two_events_of_one_article_are_two_incidents(file: File, incidents: Incidents) -> None:
    filing = file(coded(event(), event()))
    assert len(filing.incident_ids) == 2
    assert len(incidents()) == 2


def test_background_makes_no_incident(file: File, incidents: Incidents) -> None:
    file(coded(event(), event(place=examples.BUKAVU, main=False)))
    assert len(incidents()) == 1


def test_the_likeliest_candidates_come_first_on_a_crowded_day(store: Store) -> None:
    store.ready()
    elsewhere = examples.GOMA.model_copy(update={"name": "Elsewhere", "city": "Elsewhere"})
    crowd = [
        examples.report(f"http://s{number}.example/x", event(place=elsewhere), title="Raid in the hills")
        for number in range(CANDIDATES + 50)
    ]
    right = examples.report("http://right.example/x")
    filed = FiledArticle(**examples.article().model_dump(), relevant=True, model="m")
    store.write(Changes(articles=[filed], reports=[*crowd, right]))
    store.refresh_reports()
    (found,) = candidates([examples.report()], store).values()
    assert len(found) == MOST
    assert found[0].id == right.id
    assert (found[0].article_id, found[0].incident_id) == (right.article_id, right.incident_id)


def test_the_longest_time_is_found_by_its_last_day_and_the_day_after(store: Store) -> None:
    store.ready()
    first = date(2024, 1, 1)
    long = DateRange(start=first, end=first + WIDEST, precision=DatePrecision.SPAN)
    stored = examples.report("http://long.example/x", event(date=long), title="Quiet", text="Nothing moved.")
    store.write(Changes(reports=[stored]))
    store.refresh_reports()
    days = [first + WIDEST + timedelta(days=late) for late in range(3)]
    asked = [examples.report(f"http://{n}.example/x", event(date=examples.day(day))) for n, day in enumerate(days)]
    found = candidates(asked, store)
    assert [[one.id for one in found[report.id]] for report in asked] == [[stored.id], [stored.id], []]


def test_what_another_country_tells_is_no_candidate_but_for_copies(store: Store) -> None:
    store.ready()
    text = "Tamsin Oduya, a baker of Quaxville, was shot beside the Blue Heron mill, witnesses said."
    abroad = event(place=examples.GOMA.model_copy(update={"country": "TD"}))
    unknown = event(place=examples.GOMA.model_copy(update={"country": None}))
    copied = examples.report("http://copy.example/x", abroad, text=f"{text} Nobody was held.")
    vague = examples.report("http://vague.example/x", unknown, text=text)
    store.write(Changes(reports=[copied, vague, examples.report("http://abroad.example/x", abroad, text=text)]))
    store.refresh_reports()
    (found,) = candidates([examples.report(text=f"{text} Nobody was held.")], store).values()
    assert [one.id for one in found] == [copied.id, vague.id]


def test_candidates_that_the_batch_tells_anew_leave_room_for_as_many_others(store: Store) -> None:
    store.ready()
    crowd = [examples.report(f"http://s{number}.example/x") for number in range(MOST + 10)]
    store.write(Changes(reports=crowd))
    store.refresh_reports()
    (likeliest,) = candidates([examples.report()], store).values()
    told = {one.article_id for one in likeliest[:4]}
    (found,) = candidates([examples.report()], store, told=told).values()
    assert found[: len(likeliest)] == likeliest
    assert len(found) == MOST + len(told)


def test_a_wrongly_dated_report_is_found_by_its_words(store: Store) -> None:
    store.ready()
    text = "Tamsin Oduya, a baker of Quaxville, was shot beside the Blue Heron mill, witnesses said."
    stored = examples.report("http://a.example/x", event(place=None), text=text)
    store.write(Changes(reports=[stored, examples.report("http://b.example/x", event(place=examples.BUKAVU))]))
    store.refresh_reports()
    asking = examples.report(told=event(date=examples.day(date(2025, 1, 1))), text=f"{text} Nobody was held.")
    (found,) = candidates([asking], store).values()
    assert [one.id for one in found] == [stored.id]


def test_the_live_indexer_and_the_batch_agree_on_daily_attacks(file: File, incidents: Incidents) -> None:
    told = [
        coded(
            event(date=examples.day(date(2026, 3, number)), killed=toll(5 * number)),
            url=f"http://s{number}.example/x",
            title=f"Shells hit Goma, {5 * number} dead",
        )
        for number in range(1, 7)
    ]
    for article in told:
        file(article)
    batch = group([report for article in told for report in reports_of(article)])
    assert len(incidents()) == len({report.incident_id for report in batch}) == len(told)
