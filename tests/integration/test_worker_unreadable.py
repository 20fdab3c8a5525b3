"""Messages that no worker can read: each is isolated with its bytes, and the worker goes on."""

import base64
import json
from typing import Any

import pytest

from shared.delivery.quarantine import Quarantine, Specimen
from shared.pipeline import FETCH
from tests.integration.drilling import Drill, wait_for


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def envelope(without: str = "", **changes: Any) -> bytes:
    """A message for the drill as Kombu writes it, with some of its headers or fields changed."""
    fields: dict[str, Any] = {
        "body": b64(json.dumps([[{"id": "x", "do": "work"}], {}, {}]).encode()),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"task": "fetch", "id": "1"},
        "properties": {
            "delivery_tag": "1",
            "delivery_info": {"exchange": "", "routing_key": "fetch"},
            "body_encoding": "base64",
        },
    }
    for group in ("headers", "properties"):
        fields[group].pop(without, None)
    for name, value in changes.items():
        key = name.replace("_", "-")
        fields[key] = fields[key] | value if isinstance(value, dict) else value
    return json.dumps(fields).encode()


UNREADABLE = {
    "no JSON": b"garbage",
    "no UTF-8": b'"\xff\xfe"',
    "a list": b"[]",
    "a number": b"5",
    "JSON without end": b"[" * 100_000,
    "no envelope": b'{"a": 1}',
    "no delivery tag": envelope(without="delivery_tag"),
    "no delivery info": envelope(without="delivery_info"),
    "body no base64": envelope(body="x"),
    "body in an unknown code": envelope(properties={"body_encoding": "rot13"}),
    "headers no object": envelope(headers=["task"]),
    "body no JSON": envelope(body=b64(b"{nope")),
    "body a number": envelope(body=b64(b"5")),
    "body too short": envelope(body=b64(b"[1]")),
    "other content type": envelope(content_type="application/x-python-serialize"),
    "not compressed": envelope(headers={"compression": "application/x-gzip"}),
    "compressed by a stranger": envelope(headers={"compression": "application/x-strange"}),
    "no task": envelope(without="task"),
    "no id": envelope(without="id"),
    "unknown task": envelope(headers={"task": "nope"}),
    "odd time limit": envelope(headers={"timelimit": 5}),
    "odd stamps": envelope(headers={"stamped_headers": 5}),
    "odd start": envelope(headers={"eta": "noon"}),
    "odd end": envelope(headers={"expires": []}),
    "too many arguments": envelope(body=b64(b"[[1, 2, 3], {}, {}]")),
    "unknown keyword": envelope(body=b64(b'[[], {"nope": 1}, {}]')),
}


def raw_of(specimen: Specimen) -> bytes:
    return base64.b64decode(specimen.message["base64"])


def test_whatever_is_in_the_queue_ends_in_quarantine_byte_for_byte_and_the_worker_goes_on(drill: Drill) -> None:
    quarantine = Quarantine(drill.redis)
    worker = drill.worker()
    for raw in UNREADABLE.values():
        drill.redis.lpush("fetch", raw)
    drill.send({"id": "good", "do": "work"})
    wait_for(lambda: drill.done() == ["good"])
    held = [raw_of(specimen) for specimen in quarantine.list(FETCH)]
    assert {name: raw in held for name, raw in UNREADABLE.items()} == dict.fromkeys(UNREADABLE, True)
    assert len(held) == len(UNREADABLE)
    assert (drill.queued(), drill.held()) == ([], 0)
    assert "connection to broker lost" not in worker.log.lower()
    assert worker.stop() > 0


@pytest.mark.parametrize("queue", ["schedule", "canary.fetch"])
def test_what_lies_in_a_queue_of_no_step_goes_to_the_workers_own(drill: Drill, queue: str) -> None:
    drill.worker(pool="threads")
    drill.redis.lpush(queue, b"garbage")
    wait_for(lambda: Quarantine(drill.redis).count(FETCH) == 1)


def test_it_stays_unacknowledged_while_it_cannot_be_kept_and_is_kept_then(drill: Drill) -> None:
    worker = drill.worker()
    # a list in its way: Redis refuses to append, as it does when it is full
    drill.redis.set(FETCH.quarantine, "in the way")
    drill.redis.lpush("fetch", b"garbage")
    wait_for(lambda: "not_isolated" in worker.log)
    assert drill.held() == 1
    drill.redis.delete(FETCH.quarantine)
    wait_for(lambda: Quarantine(drill.redis).count(FETCH) == 1)
    wait_for(lambda: drill.held() == 0)


def test_it_goes_back_to_the_queue_when_its_worker_stops_and_is_kept_by_the_next(drill: Drill) -> None:
    worker = drill.worker()
    drill.redis.set(FETCH.quarantine, "in the way")
    drill.redis.lpush("fetch", b"\x00garbage")
    wait_for(lambda: "not_isolated" in worker.log)
    worker.stop()
    assert (len(drill.queued()), drill.held()) == (1, 0)
    drill.redis.delete(FETCH.quarantine)
    drill.worker()
    wait_for(lambda: Quarantine(drill.redis).count(FETCH) == 1)
    assert raw_of(next(Quarantine(drill.redis).list(FETCH))) == b"\x00garbage"


@pytest.mark.parametrize(
    "entry",
    [
        b"garbage",
        b"[1]",
        b'[[], "", "fetch"]',
        json.dumps([json.loads(envelope()), "", None]).encode(),
        json.dumps([json.loads(envelope()), "nobody", "knows"]).encode(),
    ],
)
def test_an_unreadable_entry_of_the_unacked_keeps_no_other_from_being_restored(drill: Drill, entry: bytes) -> None:
    quarantine = Quarantine(drill.redis)
    good = json.dumps([json.loads(envelope(properties={"delivery_tag": "good"})), "", "fetch"])
    drill.redis.hset("unacked", mapping={"bad": entry, "good": good})
    drill.redis.zadd("unacked_index", {"bad": 2, "good": 1})  # Kombu restores what was delivered last first
    worker = drill.worker()
    wait_for(lambda: drill.done() == ["x"] and quarantine.count(FETCH) == 1)
    assert raw_of(next(quarantine.list(FETCH))) == entry
    wait_for(lambda: drill.held() == 0 and drill.redis.zcard("unacked_index") == 0)
    worker.stop()


def test_a_message_that_was_moved_from_another_queue_is_worked_off_where_it_lies(drill: Drill) -> None:
    drill.worker()
    moved = envelope(properties={"delivery_info": {"exchange": "", "routing_key": "extract"}})
    drill.redis.lpush("fetch", moved)
    wait_for(lambda: drill.done() == ["x"])
