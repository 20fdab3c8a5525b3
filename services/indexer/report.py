"""Makes reports of an article's events."""

from datetime import date, timedelta

from services.indexer.merging.words import ages, names, terms
from shared.domain.article import Article
from shared.domain.coded import CodedArticle
from shared.domain.event import Event
from shared.domain.incident import Quotes, Report, incident_id
from shared.domain.vocabulary import Realis

#: News without a word about time is of the day of publication or shortly before: days searched for candidates.
UNDATED_DAYS = 3


#: An event that may have happened on any day of a longer time is not sought by its days: they say nothing.
WIDEST = timedelta(days=400)


def reports_of(coded: CodedArticle, *, background: bool = False) -> list[Report]:
    """Return a report for each main event of an article, every one the founder of an incident of its own.

    Background is not news: it stays with the article and makes no incident. Nor does what was only imagined. With
    `background` there is a report for every event.
    """
    return [
        _report(coded, position, event)
        for position, event in enumerate(coded.coding.events)
        if background or (event.main and event.realis is not Realis.HYPOTHETICAL)
    ]


def _report(coded: CodedArticle, position: int, event: Event) -> Report:
    article = coded.article
    identifier = f"{article.id}-{position}"
    published = article.published.day if article.published else None
    start, end = _when(event, published)
    return Report(
        id=identifier,
        article_id=article.id,
        position=position,
        incident_id=incident_id(f"{identifier}@{article.fetched_at.isoformat()}"),
        score=1.0,
        reason="first report",
        event=event,
        quotes=quotes(event, article),
        title=article.title,
        url=article.url,
        site=article.site,
        fingerprint=article.fingerprint,
        published=published,
        when_start=start,
        when_end=end,
        fetched_at=article.fetched_at,
        terms=terms(article.title, article.text),
        names=names(article.text),
        ages=ages(article.text),
    )


def _when(event: Event, published: date | None) -> tuple[date | None, date | None]:
    if event.date and event.date.end - event.date.start <= WIDEST:
        return event.date.start, event.date.end
    if event.date:
        return None, None
    if published:
        return published - timedelta(days=UNDATED_DAYS), published
    return None, None


def quotes(event: Event, article: Article) -> Quotes:
    """Return the sentences that say so, by field: those of the text, or the headline where only it does."""
    spoken = {field: tuple(article.text[start:end] for start, end in spans) for field, spans in event.evidence.items()}
    return spoken | dict.fromkeys(event.headline, (article.title,))
