"""From an article's words to its verdict and events: `classify(title, text, …) -> Coding`.

gate ─▶ sentences ─▶ readings (triggers, dates) ─▶ encoder and heads ─▶ verdict ─▶ happenings ─▶ Event
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.classifier import cues, events, evidence, language, reading, second_acts, sentences, verdict
from services.classifier.casualties import tolls
from services.classifier.casualties.wording import Harm
from services.classifier.events import Happening
from services.classifier.models import Models
from services.classifier.network import features, windows
from services.classifier.network.heads import Judgement
from services.classifier.second_opinion.answer import Second
from services.classifier.sentences import Sentence
from services.classifier.told import Told, join
from services.classifier.verdict import Cues
from services.classifier.when.anchor import trusted
from services.classifier.where import places, scene, unlisted
from services.classifier.where.places import Found
from services.classifier.where.signs import Scene
from services.classifier.who import parties
from shared.domain.article import Article, Published
from shared.domain.coded import CodedArticle, Coding
from shared.domain.event import Event, Mention, Place
from shared.domain.vocabulary import TYPE_OF, Realis
from shared.errors import Reason
from shared.metrics.catalogue import CONFIDENCE


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the models say of an article, step by step; later steps are empty when an earlier one turned it away."""

    reason: Reason | None  #: why nothing was coded
    gate: float | None = None  #: log odds at the gate
    cues: Cues | None = None
    told: tuple[Told, ...] = ()  #: its sentences, title first
    judgement: Judgement | None = None
    score: float | None = None  #: calibrated probability of being relevant
    happenings: tuple[Happening, ...] = ()
    confidences: tuple[float, ...] = ()  #: of the happenings, calibrated
    anchor: date | None = None  #: the day that its dates are counted from


def code(article: Article, *, models: Models, second: Second | None = None) -> CodedArticle:
    """Return the article with its verdict and events, those of a second opinion too where one is asked."""
    given = (article.title, article.text, article.published, article.language)
    coding = classify(*given, models=models, map_all=False)
    if coding.score is not None:
        CONFIDENCE.labels("yes" if coding.relevant else "no").observe(coding.score)
    if second:
        coding = second(coding, article.title, article.text, article.published)
    return CodedArticle(article=article, coding=coding)


def analyse(title: str, text: str, published: Published | None, language_: str | None, *, models: Models) -> Analysis:
    """Return what the models say of a story. Never raises: any string has a verdict."""
    if not title.strip() and not text.strip():
        return Analysis(Reason.EMPTY)
    if not language.is_english(f"{title}\n{text}", language_):
        return Analysis(Reason.LANGUAGE)
    gate = models.gate.score(title, text)
    if gate < models.gate.threshold:
        return Analysis(Reason.NOT_RELEVANT, gate)
    read = sentences.read(title, text, models.splitter)
    anchor = trusted(published.exact_day if published else None, read, datetime.now(UTC).date())
    readings = reading.read(read, models.lexicon, anchor)
    chosen = windows.choose(readings)
    if not chosen:
        return Analysis(Reason.NOT_RELEVANT, gate)
    rows = features.of(readings, anchor)
    texts = [readings[at].sentence.text for at in chosen]
    encoded = models.encoder.encode(texts, titled=readings[0].order == 0)
    judgement = models.heads.judge(encoded, rows[list(chosen)], features.summary(rows))
    told = join(readings, chosen, encoded, judgement)
    happenings = events.find(told, models.verdicts.strengths(told, judgement), anchor)
    seen = Cues(gate, cues.balance(readings, anchor), events.age_days(happenings[0].date, anchor))
    score = models.verdicts.relevant(seen, told, judgement)
    if score < verdict.THRESHOLD:
        return Analysis(Reason.NOT_RELEVANT, gate, seen, told, judgement, score, anchor=anchor)
    happenings = second_acts.part(happenings, anchor)
    confidences = tuple(models.verdicts.confidence(score, h) for h in happenings)
    return Analysis(None, gate, seen, told, judgement, score, happenings, confidences, anchor)


def classify(
    title: str,
    text: str,
    published: Published | None,
    language_: str | None,
    *,
    models: Models,
    map_all: bool = True,
) -> Coding:
    """Code a story. Never raises: any string has a verdict. `map_all`: list the places of what is not relevant too.

    Only the first `sentences.READ_CHARS` code points are read. Spans count code points of `text`.
    """
    found = analyse(title, text, published, language_, models=models)
    score = None if found.score is None else round(found.score, 3)
    if found.reason in (Reason.EMPTY, Reason.LANGUAGE) or (found.reason and not map_all):
        return Coding(relevant=False, score=score, discard_reason=found.reason, model=models.version)
    read = [t.reading.sentence for t in found.told] or list(sentences.read(title, text, models.splitter))
    places_ = named(read, models)
    mentions = tuple(_mention(f, f.sentence.start) for f in places_ if f.sentence.start is not None)
    if found.reason:
        return Coding(relevant=False, score=score, discard_reason=found.reason, model=models.version, places=mentions)
    events_ = tuple(event for _, event in code_all(found, places_, models))
    return Coding(relevant=True, score=score, model=models.version, events=events_, places=mentions)


def code_all(found: Analysis, named_: Sequence[Found], models: Models) -> list[tuple[Happening, Event]]:
    """Return the events of a relevant article, each with what it is coded from. `named_`: the places that it names.

    Background of which neither day nor place is known is left out.
    """
    seen = Scene(found.told, named_, models.gazetteer)
    body = [t.reading.sentence for t in found.told if t.reading.sentence.span]
    coded = []
    for happening, confidence in zip(found.happenings, found.confidences, strict=True):
        place = scene.choose(happening, seen, models.gazetteer)
        if happening.main or happening.date or place:
            shown = (place[0], seen.shown(place[1]).sentence) if place else None
            coded.append((happening, _event(happening, confidence, shown, body, models)))
    return coded


def named(read: Sequence[Sentence], models: Models) -> tuple[Found, ...]:
    """Return the places that sentences name, listed and unlisted, in reading order."""
    listed = places.find(tuple(read), models.gazetteer)
    more = [f for s in read for f in unlisted.find(s, [p for p in listed if p.sentence is s])]
    return tuple(sorted((*listed, *more), key=lambda f: (f.sentence.rank, f.start)))


def _event(
    happening: Happening,
    confidence: float,
    place: tuple[Place, Sentence] | None,
    body: Sequence[Sentence],
    models: Models,
) -> Event:
    telling = [r.sentence for r in happening.telling]
    said = {"type": (telling[:2], telling[0].text)}
    if happening.dated_by:
        said["date"] = ([happening.dated_by.sentence], "")
    if place:
        said["place"] = ([place[1]], place[0].name)
    denied = happening.realis is Realis.DENIED  # nobody died of what did not happen
    told = tolls.of([] if denied else [r.sentence for r in happening.readings], happening.subtype)
    said |= {harm.value: (list(toll.sentences), toll.phrase) for harm, toll in told.items() if toll}
    killed, injured = told[Harm.KILLED], told[Harm.INJURED]
    coded = parties.of(happening, models.heads)
    said |= {field: (list(by), "") for field, by in coded.told_by.items()}
    cited = {field: evidence.cite(sentences, phrase, body) for field, (sentences, phrase) in said.items()}
    return Event(
        type=TYPE_OF[happening.subtype],
        subtype=happening.subtype,
        realis=happening.realis,
        main=happening.main,
        confidence=round(confidence, 3),
        date=happening.date,
        place=place[0] if place else None,
        actors=coded.actors,
        targets=coded.targets,
        weapons=coded.weapons,
        killed=killed.toll if killed else None,
        injured=injured.toll if injured else None,
        claimed_by=coded.claimed_by,
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
