"""From an article's words to its verdict and events: `classify(title, text, …) -> Coding`.

sentences ─▶ readings (triggers, dates) ─▶ gate ─▶ happenings ─▶ Event (place, tolls, evidence)
"""

from collections.abc import Sequence
from datetime import date

from services.classifier import events, evidence, gate, places, reading, scene, sentences, tolls, unlisted
from services.classifier.events import Happening
from services.classifier.models import Models
from services.classifier.places import Found
from services.classifier.sentences import Sentence
from services.classifier.wording import Harm
from shared.domain.article import Article, Published
from shared.domain.coded import CodedArticle, Coding
from shared.domain.event import Event, Mention
from shared.domain.vocabulary import TYPE_OF
from shared.errors import Reason

#: Publication dates before this are mistakes of the page: nothing is counted back from them.
_EARLIEST = date(1800, 1, 1)


def code(article: Article, *, models: Models) -> CodedArticle:
    """Return the article with its verdict and events."""
    coding = classify(article.title, article.text, article.published, article.language, models=models)
    return CodedArticle(article=article, coding=coding)


def classify(title: str, text: str, published: Published | None, language: str | None, *, models: Models) -> Coding:
    """Code a story by rules. Never raises: any string has a verdict.

    Type, realis, date, place, killed, injured and their evidence are coded; actors, targets, weapons and claims are
    null. Only the first `sentences.READ_CHARS` code points are read. Spans count code points of `text`.
    """
    if not title.strip() and not text.strip():
        return _discarded(Reason.EMPTY, models)
    if not gate.is_english(f"{title}\n{text}", language):
        return _discarded(Reason.LANGUAGE, models)
    anchor = published.day if published and published.day >= _EARLIEST else None
    read = sentences.read(title, text, models.splitter)
    readings = reading.read(read, models.lexicon, anchor)
    score = round(gate.relevance(readings, anchor), 3)
    happenings = events.find(readings, anchor) if score >= gate.THRESHOLD else ()
    found = _places(read, models)
    body = [s for s in read if s.span]
    mentions = tuple(_mention(f, f.sentence.start) for f in found if f.sentence.start is not None)
    if not happenings:
        return _discarded(Reason.NOT_RELEVANT, models, score=score, places_=mentions)
    coded = tuple(_event(h, found, body, models) for h in happenings)
    kept = tuple(e for e in coded if e.main or e.date or e.place)
    return Coding(relevant=True, score=score, model=models.version, events=kept, places=mentions)


def _places(read: Sequence[Sentence], models: Models) -> tuple[Found, ...]:
    listed = places.find(tuple(read), models.gazetteer)
    more = [f for s in read for f in unlisted.find(s, [p for p in listed if p.sentence is s])]
    return tuple(sorted((*listed, *more), key=lambda f: (f.sentence.rank, f.start)))


def _discarded(
    reason: Reason, models: Models, *, score: float | None = None, places_: tuple[Mention, ...] = ()
) -> Coding:
    return Coding(relevant=False, score=score, discard_reason=reason, model=models.version, places=places_)


def _event(happening: Happening, found: Sequence[Found], body: Sequence[Sentence], models: Models) -> Event:
    telling = [r.sentence for r in happening.telling()]
    said = {"type": (telling[:2], telling[0].text)}
    if happening.dated_by:
        said["date"] = ([happening.dated_by.sentence], "")
    chosen = scene.choose(happening, found, models.gazetteer)
    if chosen:
        said["place"] = ([chosen[1].sentence], chosen[1].name)
    told = {harm: tolls.of([r.sentence for r in happening.readings], harm) for harm in Harm}
    said |= {harm.value: (list(toll.sentences), toll.phrase) for harm, toll in told.items() if toll}
    killed, injured = told[Harm.KILLED], told[Harm.INJURED]
    cited = {field: evidence.cite(sentences, phrase, body) for field, (sentences, phrase) in said.items()}
    return Event(
        type=TYPE_OF[happening.subtype],
        subtype=happening.subtype,
        realis=happening.realis,
        main=happening.main,
        date=happening.date,
        place=chosen[0] if chosen else None,
        killed=killed.toll if killed else None,
        injured=injured.toll if injured else None,
        evidence={field: spans for field, spans in cited.items() if spans},
        headline=tuple(
            field
            for field, (sentences, _) in said.items()
            if not any(s.span for s in sentences) or any(t and t.titled and harm == field for harm, t in told.items())
        ),
    )


def _mention(found: Found, offset: int) -> Mention:
    entry = found.entry
    return Mention(
        start=offset + found.start,
        end=offset + found.end,
        name=found.name,
        lat=round(entry.lat, 4) if entry else None,
        lon=round(entry.lon, 4) if entry else None,
        country=entry.country if entry else None,
        geonames_id=entry.geonames_id if entry else None,
    )
