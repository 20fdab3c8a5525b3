"""Takes a backup while articles flow.

    hold the lock of upkeep              to the end: no upgrade and no other backup comes between
    hold the locks of all incidents      for a moment no indexer and no person changes an incident
      │ Redis: sums, who is in flight    the moment of which the backup speaks
      │ Elasticsearch: a view of each index
    let go of the incidents, and copy:
      entries ─▶ quarantine ─▶ indices ─▶ notes ─▶ deliveries ─▶ marks ─▶ pages

The ledger comes before the index: whatever was accepted by that moment stands in the one or has its outcome in the
other. What is in both is sent again, which changes nothing. The other way round, what ended in between would be in
neither. Notes of changes come before the deliveries that they lead to, and deliveries before the marks that they were
taken, for the same reason; what both tell of later revisions is left out (`told`). Pages come last: whatever the index
speaks of is there. They are never changed, and those that the folder has already are read there and compared with their
digest: what was damaged since is written anew.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError
from redis import Redis

import shared
from shared import index
from shared.documents import from_document
from shared.domain.outcome import Outcome
from shared.domain.submission import Submission
from shared.errors import Outage, SetupError, Transient
from shared.incidents.locks import EVERYWHERE
from shared.index import MODELS, ensure, own_alias
from shared.logs import logger
from shared.pages import PageStore, open_page_store
from shared.pipeline import FETCH
from shared.upkeep import books
from shared.upkeep.bodies import Brought, bring
from shared.upkeep.books import Entry, Moment
from shared.upkeep.folder import PAGES, UNREADABLE, Manifest, Writer
from shared.upkeep.late import Comparison
from shared.upkeep.told import Told
from shared.upkeep.upgrade import UPKEEP, Locks
from shared.upkeep.views import View

log = logger(__name__)

DELIVERIES, OUTCOMES = "deliveries", "outcomes"


@dataclass
class _Backup:
    """One backup on its way."""

    redis: Redis
    client: Elasticsearch
    prefix: str
    writer: Writer
    moment: Moment
    views: dict[str, View]
    counts: dict[str, int] = field(default_factory=dict)
    in_flight: dict[str, Entry] = field(default_factory=dict)

    def write(self, stack: ExitStack) -> None:
        """Copy Redis and the indices, in the order of the module."""
        comparison = Comparison(self.moment.sums.sketches, self.moment.at)
        self._find_entries()
        specimens = self.writer.write("quarantine", self._specimens())
        for name, view in self.views.items():
            rows = view.rows()
            self.counts[name] = self.writer.write(
                name, self._compared(rows, comparison) if name == OUTCOMES else map(_line, rows)
            )
        changed = self.writer.write("notes", (note.model_dump_json() for note in books.notes(self.redis)))
        deliveries = View(self.client, own_alias(self.prefix, DELIVERIES))
        stack.callback(deliveries.close)
        told = Told(self.client, own_alias(self.prefix, DELIVERIES), self.views["incidents"])
        self.counts[DELIVERIES] = self.writer.write(DELIVERIES, map(_line, told.deliveries(deliveries.rows())))
        marks = self.writer.write("marks", (mark.model_dump_json() for mark in told.marks(books.marks(self.redis))))
        self.writer.write("ledger", self._ledger(comparison))
        self.counts |= {"in_flight": len(self.in_flight), "quarantine": specimens, "notes": changed, "marks": marks}

    def _find_entries(self) -> None:
        for one, entry in books.entries(self.redis, self.moment.in_flight):
            self.writer.confirm()
            if found := entry or self._ended(one):
                self.in_flight[one] = found

    def _specimens(self) -> Iterator[str]:
        for one, specimen in books.specimens(self.redis, self.moment):
            if one in self.in_flight:
                continue  # it is sent again, and comes back if it fails again
            if specimen is not None:
                yield specimen.model_dump_json()
            elif found := next(books.entries(self.redis, [one]))[1] or self._ended(one, failed=False):
                self.in_flight[one] = found  # sent back out of quarantine in this moment

    def _ended(self, submission_id: str, *, failed: bool = True) -> Entry | None:
        """Return the entry of what ended since, made of its outcome, which may be missing in the view."""
        try:
            found = self.client.get(index=own_alias(self.prefix, OUTCOMES), id=submission_id)
        except NotFoundError:
            return None
        outcome = from_document(Outcome, found["_source"])
        if outcome.status == "quarantined" and not failed:
            return None
        again = Submission(
            id=outcome.submission_id,
            url=outcome.url,
            source=outcome.source,
            labels=outcome.labels,
            accepted_at=outcome.accepted_at,
        )
        # the run has to be newer than that of the outcome, which stands until it has ended again
        run = int(found["_version"]) + 1
        return Entry(id=again.id, step=FETCH.name, submission=again.model_dump_json(), run=run)

    def _compared(self, rows: Iterator[Any], comparison: Comparison) -> Iterator[str]:
        for row in rows:
            if row["_id"] not in self.in_flight:
                comparison.note(row["_id"], datetime.fromisoformat(row["_source"]["accepted_at"]), ended=True)
            yield _line(row)

    def _ledger(self, comparison: Comparison) -> Iterator[str]:
        yield self.moment.sums.model_dump_json()
        for entry in self.in_flight.values():
            comparison.note(entry.id, _accepted_at(entry), ended=False)
            yield entry.model_dump_json()
        for late in comparison.late():
            yield late.model_dump_json()


def back_up(
    folder: Path, *, redis: Redis, client: Elasticsearch, prefix: str, pages: PageStore, locks: Locks
) -> Manifest:
    """Take a backup into a folder that is empty or holds an earlier one.

    Raises:
        SetupError: a folder that cannot be used, indices of another version, or others that are at work on the data.
        OSError: the disk is full. What was there before is as it was.
        RedisError, Outage, and what the client raises: a server is away.
    """
    try:
        # nobody asks for it who holds an incident, so that nobody waits in a ring
        with locks([UPKEEP]) as confirm, ExitStack() as stack:
            ensure(client, prefix)
            moment, views = _hold_still(redis, client, prefix, locks, stack)
            writer = Writer(folder, moment.at, confirm=confirm)
            taking = _Backup(redis, client, prefix, writer, moment, views)
            return _write(taking, pages, folder, stack)
    except Outage:
        raise
    except Transient as error:
        raise SetupError(f"an upgrade or another backup is at work: {error}; try again") from error


def _hold_still(
    redis: Redis, client: Elasticsearch, prefix: str, locks: Locks, stack: ExitStack
) -> tuple[Moment, dict[str, View]]:
    """Take the books and open a view of each index while nobody writes."""
    try:
        with locks(EVERYWHERE) as confirm:
            moment = Moment.of(redis)
            views = {}
            for name in MODELS:
                if name != DELIVERIES:
                    views[name] = View(client, own_alias(prefix, name))
                    stack.callback(views[name].close)
            confirm()
            return moment, views
    except Outage:
        raise
    except Transient as error:
        raise SetupError(f"no moment was found in which nothing is written: {error}; try again") from error


def _write(taking: _Backup, pages: PageStore, folder: Path, stack: ExitStack) -> Manifest:
    writer, taken_at = taking.writer, taking.moment.at
    try:
        taking.write(stack)
        taking.counts |= _copy_pages(pages, folder, writer)
    except BaseException:
        writer.drop()
        raise
    return writer.finish(
        tocsin=shared.__version__, index_version=index.VERSION, taken_at=taken_at, counts=taking.counts
    )


def _copy_pages(pages: PageStore, folder: Path, writer: Writer) -> dict[str, int]:
    """Copy the records, and the bodies that the folder does not have whole. What has no body is logged and counted.

    Such a record is copied all the same: a replay from fetch may bring its page back.
    """
    mine = open_page_store(f"file://{(folder / PAGES).absolute()}")
    brought = Counter[Brought]()

    def records() -> Iterator[str]:
        for kept in pages.since(date.min):
            writer.confirm()
            if kept.record is None:  # the log has its name already
                brought[Brought.NOWHERE] += 1
                continue
            done = bring(kept.record.page.body_key, source=pages, target=mine)
            brought[done] += 1
            if done is Brought.NOWHERE:
                log.warning("page_without_body", record=kept.cursor, body=kept.record.page.body_key)
            yield kept.record.model_dump_json()

    return {
        "pages": writer.write("records", records()),
        "bodies_new": brought[Brought.NEW],
        "bodies_mended": brought[Brought.MENDED],
        UNREADABLE: brought[Brought.NOWHERE],
    }


def _line(row: Any) -> str:
    return json.dumps({name: row[name] for name in ("_id", "_version", "_source")}, separators=(",", ":"))


def _accepted_at(entry: Entry) -> datetime:
    return datetime.fromisoformat(json.loads(entry.submission)["accepted_at"])
