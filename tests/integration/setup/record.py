"""A small record in which everything occurs that Kibana is asked for: told lately, so that its time ranges hold it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.alert import Delivery, DeliveryKind, DeliveryStatus
from shared.domain.base import Model
from shared.domain.coded import Opinion
from shared.domain.decision import Decision, DecisionKind
from shared.domain.event import Event, Toll
from shared.domain.incident import FiledArticle, Incident, Report
from shared.domain.outcome import Outcome, Status
from shared.domain.submission import Submission
from shared.domain.vocabulary import Subtype
from shared.errors import Reason
from shared.incidents.fold import fold
from tests import examples

NOW = datetime.now(UTC)
LATELY = NOW - timedelta(hours=5)

_FRONT = {"name": "Blue Front", "role": "perpetrator", "kind": "group", "sector": "rebel", "named": True}
_NURSE = {"name": "two nurses", "role": "victim", "kind": "person", "sector": "medical", "named": False}
_PUPIL = _NURSE | {"name": "a pupil", "sector": "child"}


def record() -> list[Model]:
    """Everything, as it is indexed."""
    return [*_reports(), *_incidents(), *_articles(), *_outcomes(), *_decisions(), *_deliveries()]


def incident(number: str, *events: Event, **fields: Any) -> Incident:
    """An incident that as many sites tell as there are events."""
    reports = [examples.report(f"http://site{n}.example/{number}", one) for n, one in enumerate(events)]
    return fold(f"TCN-{number:0>10}", reports).model_copy(update={"title": f"Incident {number}"} | fields)


def _event(days: int, subtype: Subtype = Subtype.BOMBING, **fields: Any) -> Event:
    day = examples.day((NOW - timedelta(days=days)).date())
    values = {"date": day, "actors": [_FRONT, _NURSE, _PUPIL], "targets": [{"name": "a clinic", "class": "health"}]}
    values |= {"weapons": [{"name": "a bomb", "class": "ied"}], "confidence": 0.8, "injured": examples.toll(4)}
    return examples.event(subtype, **(values | fields))


def _incidents() -> Iterator[Incident]:
    yield incident("1", _event(3, killed=examples.toll(3)), _event(3, killed=examples.toll(5)))  # sources that differ
    yield incident(
        "2", _event(40, killed=Toll(min=12, best=12, max=12, by_role={"child": 2}), injured=Toll(by_role={"child": 1}))
    )  # many dead, one source
    market = {"actors": [_FRONT, _NURSE | {"sector": "civilian"}], "targets": [{"name": "a market", "class": "market"}]}
    yield incident("3", _event(400, Subtype.ARMED_ATTACK, **market), edited=("title", "killed"))
    yield incident("4", _event(5, date=None, place=None, killed=None))


def _reports() -> Iterator[Report]:
    here = {"fetched_at": LATELY}
    yield examples.report("http://site0.example/1", _event(3)).model_copy(update=here)
    moved = here | {"assigned_id": "TCN-0000000009", "score": 0.4, "reason": "moved"}
    yield examples.report("http://site1.example/1", _event(3)).model_copy(update=moved)


def _articles() -> Iterator[FiledArticle]:
    for name, score, reason, agrees in (
        ("a", 0.95, None, True),
        ("b", 0.3, Reason.NOT_RELEVANT, False),
        ("c", 0.01, Reason.NOT_RELEVANT, None),
    ):
        article = examples.article(f"http://{name}.example/story", fetched_at=LATELY)
        yield FiledArticle(
            **article.model_dump(),
            relevant=reason is None,
            discard_reason=reason,
            score=score,
            model="test-1",
            opinion=None if agrees is None else Opinion(model="tiny", agrees=agrees),
        )


def _outcomes() -> Iterator[Outcome]:
    for status, step, reason in (
        (Status.INDEXED, "index", None),
        (Status.DISCARDED, "fetch", Reason.ROBOTS),
        (Status.DISCARDED, "classify", Reason.NOT_RELEVANT),
        (Status.QUARANTINED, "extract", None),
    ):
        submission = Submission.accept(f"http://a.example/{step}", source="hook", labels=("desk",))
        ended = Outcome.of(
            submission, status, step=step, reason=reason, detail="ValueError: odd" if not reason else None
        )
        yield ended.model_copy(update={"accepted_at": LATELY - timedelta(seconds=70), "ended_at": LATELY})


def _decisions() -> Iterator[Decision]:
    yield Decision(
        id="d1", kind=DecisionKind.MERGE, incident_ids=("TCN-1", "TCN-2"), who="Ada", why="the same", at=LATELY,
        into="TCN-2",
    )  # fmt: skip


def _deliveries() -> Iterator[Delivery]:
    yield Delivery(
        id="m1", alert_id="a1", kind=DeliveryKind.MATCH, incident_id="TCN-1", revision=1,
        status=DeliveryStatus.DELIVERED, created_at=LATELY, next_at=LATELY, payload={},
    )  # fmt: skip
