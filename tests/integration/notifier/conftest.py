"""A notifier over real servers, and receivers for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from services.notifier.deliver import Courier, Marks, Patience
from services.notifier.mail import Mail
from services.notifier.match import match
from services.notifier.tasks import due
from services.notifier.webhook import Webhook, open_client
from shared.alerts import secrets
from shared.alerts.book import Book
from shared.alerts.log import Log
from shared.domain.alert import Alert, Channel, Delivery, DeliveryKind, DeliveryStatus
from shared.domain.incident import Incident
from shared.incidents.changed import Changed
from shared.incidents.fold import fold
from shared.incidents.locks import redis_locks
from shared.incidents.store import Changes, Store
from shared.settings import Settings
from shared.web.guard import Resolver, resolve
from tests import examples
from tests.integration.kept import Kept
from tests.integration.notifier.receivers import Hook, Mailbox, hook, mailbox

LONG_AGO, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2126, 1, 1, tzinfo=UTC)


@dataclass
class Office:
    """A notifier, and what is around it."""

    redis: Redis
    elasticsearch: Elasticsearch
    prefix: str
    settings: Settings = field(default_factory=Settings)
    patience: Patience = field(default_factory=Patience)
    timeout_s: float = 2.0
    mail_every_s: float = 0.0
    resolver: Resolver = resolve

    def __post_init__(self) -> None:
        """Make what all notifiers share."""
        self.changed = Changed(self.redis)
        self.book = Book(self.elasticsearch, self.prefix)
        self.log = Log(self.elasticsearch, self.prefix)
        self.marks = Marks(self.redis)
        self.store = Store(self.elasticsearch, self.prefix, note=self.changed.note)
        self.book.ready()

    def courier(self) -> Courier:
        """Return a notifier of its own."""
        return Courier(
            book=self.book,
            deliveries=self.log,
            marks=self.marks,
            locks=redis_locks(self.redis, lease_s=10, patience_s=0),
            senders={
                Channel.WEBHOOK: Webhook(
                    open_client(self.settings, timeout_s=self.timeout_s, resolver=self.resolver),
                    timeout_s=self.timeout_s,
                ),
                Channel.EMAIL: Mail(self.settings, every_s=self.mail_every_s),
            },
            patience=self.patience,
        )

    def alert(self, **fields: Any) -> Alert:
        """Save a search, by default for everything."""
        now = datetime.now(UTC)
        values: dict[str, Any] = {"id": f"a{len(self.book.all())}", "name": "Watch", "query": {}}
        values |= {"channel": Channel.NONE, "created_at": now, "active_since": now}
        made = Alert(**(values | fields))
        self.book.add(made)
        return made

    def hooked(self, receiver: Hook, **fields: Any) -> Alert:
        """Save a search that tells a receiver, which may be called."""
        allow = (*self.settings.webhook_allow, f"127.0.0.1:{receiver.port}")
        self.settings = self.settings.model_copy(update={"webhook_allow": allow})
        return self.alert(**({"channel": Channel.WEBHOOK, "url": receiver.url, "secret": secrets.new()} | fields))

    def mailed(self, box: Mailbox, *addresses: str, **fields: Any) -> Alert:
        """Save a search that mails."""
        server = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none"}
        self.settings = self.settings.model_copy(update=server)
        return self.alert(channel=Channel.EMAIL, addresses=addresses or ("desk@example.org",), **fields)

    def file(self, *numbers: int, title: str = "Bomb goes off in Goma", revision: int = 1) -> list[Incident]:
        """Write incidents as the indexer does, under these numbers."""
        held = self.store.incidents([f"TCN-{n:010}" for n in numbers])
        made = [incident(n, title=title, revision=revision) for n in numbers]
        self.store.write(Changes(incidents=[(one, held.get(one.id)) for one in made]))
        return made

    def match(self) -> int:
        """Match everything that is noted."""
        total = 0
        while taken := match(changed=self.changed, book=self.book, deliveries=self.log):
            total += taken
        return total

    def round(self) -> None:
        """Match, and serve every alert that is due."""
        self.match()
        self.refresh()
        for alert_id in due(self.book, self.log):
            self.courier().serve(alert_id)
        self.refresh()

    def refresh(self) -> None:
        """Make the log searchable."""
        self.elasticsearch.indices.refresh(index=f"{self.prefix}deliveries")

    def deliveries(self, alert: Alert) -> list[Delivery]:
        """Return what the log says, the oldest first."""
        self.refresh()
        return sorted(self.log.of(alert.id, limit=1000), key=lambda one: (one.created_at, one.id))

    def put_forward(self, alert: Alert, **fields: Any) -> None:
        """Change what waits first for an alert, as time would."""
        waiting = self.log.waiting(alert.id, 1)
        self.log.settle([(one, one.delivery.model_copy(update=fields)) for one in waiting])
        self.refresh()


def incident(number: int, *, title: str = "Bomb goes off in Goma", revision: int = 1) -> Incident:
    """Return an incident under this number."""
    report = examples.report(told=examples.event(killed=examples.toll(3)))
    made = fold(f"TCN-{number:010}", [report])
    return made.model_copy(update={"title": title, "text": (title,), "revision": revision})


def ended(office: Office, alert: Alert) -> list[tuple[DeliveryStatus, int, str | None]]:
    """Return how each delivery stands: status, attempts, answer; the oldest first."""
    return [(one.status, one.attempts, one.answer) for one in office.deliveries(alert)]


def stored(office: Office, alert: Alert) -> Alert:
    """Return an alert as it is now."""
    held = office.book.find(alert.id)
    assert held is not None
    return held.alert


def open_test(office: Office, alert: Alert) -> None:
    """Ask for a test of an alert."""
    now = datetime.now(UTC)
    test = Delivery(
        id=f"msg_test_{alert.id}", alert_id=alert.id, kind=DeliveryKind.TEST, incident_id=None, revision=None,
        status=DeliveryStatus.PENDING, created_at=now, next_at=now, payload={"type": "alert.test"},
    )  # fmt: skip
    office.log.open([test])


@pytest.fixture
def index_prefix(kept: Kept) -> str:
    """The prefix of empty indices."""
    kept.empty()
    return kept.prefix


@pytest.fixture
def office(redis: Redis, elasticsearch: Elasticsearch, index_prefix: str) -> Office:
    """A notifier."""
    return Office(redis, elasticsearch, index_prefix)


@pytest.fixture
def receiver() -> Iterator[Hook]:
    """A webhook receiver."""
    with hook() as running:
        yield running


@pytest.fixture
def other() -> Iterator[Hook]:
    """Another."""
    with hook() as running:
        yield running


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mailbox() as running:
        yield running
