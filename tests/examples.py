"""Examples of the nouns, with the few fields that a test cares about as parameters."""

from datetime import UTC, date, datetime
from typing import Any

from services.indexer.report import reports_of
from shared.domain.article import Article, Published, article_id, fingerprint
from shared.domain.coded import CodedArticle, Coding
from shared.domain.event import DateRange, Event, Place, Toll
from shared.domain.incident import Report
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.domain.vocabulary import TYPE_OF, DatePrecision, PlacePrecision, Realis, Subtype
from shared.errors import Reason

#: Where a client of a test finds the API: under an address, as the command line does.
API = "http://127.0.0.1:8000"
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
GOMA = Place(name="Goma", city="Goma", country="CD", lat=-1.67, lon=29.23, precision=PlacePrecision.CITY)
BUKAVU = Place(name="Bukavu", city="Bukavu", country="CD", lat=-2.51, lon=28.84, precision=PlacePrecision.CITY)


def submission(url: str = "http://example.org/story") -> Submission:
    """A submission of `url`."""
    return Submission.accept(url, source="test")


def page(url: str = "http://example.org/story") -> Page:
    """A page of HTML that was fetched at noon."""
    return Page(
        url=url,
        final_url=url,
        status=200,
        content_type="text/html",
        body_key="0" * 64,
        body_bytes=10,
        fetched_at=NOON,
    )


def toll(number: int) -> Toll:
    """An exact number."""
    return Toll(min=number, best=number, max=number)


def day(value: date) -> DateRange:
    """One day."""
    return DateRange(start=value, end=value, precision=DatePrecision.DAY)


def event(subtype: Subtype = Subtype.BOMBING, **fields: Any) -> Event:
    """A main event that happened in Goma on 3 March 2026."""
    values: dict[str, Any] = {
        "type": TYPE_OF[subtype],
        "subtype": subtype,
        "realis": Realis.ACTUAL,
        "main": True,
        "date": day(date(2026, 3, 3)),
        "place": GOMA,
        "evidence": {"type": ((0, 9),)},
    }
    return Event(**(values | fields))


def article(url: str = "http://north.example/story", text: str = "", **fields: Any) -> Article:
    """An article of 4 March 2026."""
    text = text or f"A bomb went off in Goma. So says {url}."
    values: dict[str, Any] = {
        "id": article_id(url),
        "url": url,
        "canonical_url": url,
        "title": "Bomb goes off in Goma",
        "text": text,
        "published": Published.of_day("2026-03-04"),
        "language": "en",
        "site": url.split("/")[2],
        "fingerprint": fingerprint(text),
        "fetched_at": NOON,
    }
    return Article(**(values | fields))


def coded(*events: Event, url: str = "http://north.example/story", **fields: Any) -> CodedArticle:
    """A coded article; without events it is discarded as not relevant."""
    reason = None if events else Reason.NOT_RELEVANT
    coding = Coding(relevant=bool(events), discard_reason=reason, model="test-1", events=events)
    return CodedArticle(article=article(url, **fields), coding=coding)


def report(url: str = "http://north.example/story", told: Event | None = None, **fields: Any) -> Report:
    """The report of one event by the article at `url`."""
    return reports_of(coded(told or event(), url=url, **fields))[0]
