"""Traces: off by default and free then; on, a submission's spans are in the trace of its id."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from shared import pipeline, traces
from shared.domain.base import Model
from shared.errors import Discard, Reason, Transient
from tests import examples, otlp
from tests.unit.shared.bench import Bench, raising

OFF = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[otlp.Collector]:
    """What this process sends when `traces.stop` is called."""
    with otlp.collector() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        traces.start("test")
        yield running
        traces.stop()


def deliver(body: Callable[[object], Model | None]) -> Bench:
    """Have a step work off one article, and send its spans."""
    bench = Bench(pipeline.EXTRACT, body)
    bench.deliver(examples.page())
    traces.stop()
    return bench


def test_without_the_setting_nothing_is_imported_and_nothing_sent() -> None:
    program = (
        "import sys; from shared import traces; traces.start('x')\n"
        "with traces.spans('fetch', ['a']), traces.submitting('a'), traces.request('GET'): pass\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", program], env=OFF, check=True, timeout=60)


def test_the_setting_without_the_extra_is_one_sentence_that_says_what_to_do() -> None:
    program = (
        "import sys; sys.modules['opentelemetry.sdk.trace'] = None\n"
        "from shared.worker.run import main; sys.argv[1:] = ['notifier']; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=OFF | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1
    (said,) = ran.stderr.strip().splitlines()
    assert said.startswith("OTEL_EXPORTER_OTLP_ENDPOINT is set, and opentelemetry.sdk.trace is missing: install ")


def test_the_work_on_an_article_is_a_span_below_the_first_one_of_its_submission(collected: otlp.Collector) -> None:
    one = deliver(lambda _: examples.article()).submission
    (span,) = collected.traces[one.id]
    assert (span.name, span.parent_id, span.failed) == ("extract", one.id[:16], False)
    assert span.attributes == {"tocsin.step": "extract", "tocsin.submission": one.id}
    assert span.service == "tocsin-test"


def test_an_error_shows_and_a_discard_is_none(collected: otlp.Collector) -> None:
    failed = deliver(raising(Transient("busy"))).submission
    (span,) = collected.traces.pop(failed.id)
    assert span.failed
    traces.start("test")
    discarded = deliver(raising(Discard(Reason.EMPTY))).submission
    (span,) = collected.traces[discarded.id]
    assert not span.failed
    assert span.attributes["tocsin.reason"] == "empty"


def test_a_collector_that_is_away_harms_no_article(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    traces.start("test")
    bench = deliver(lambda _: examples.article())
    assert [to for to, _ in bench.sent] == ["classify"]
