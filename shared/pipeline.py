"""The flow, as one value.

    FETCH ──Page──▶ EXTRACT ──Article──▶ CLASSIFY ──CodedArticle──▶ INDEX ──Filing──┐
      └───────────────┴────── Discard, quarantine: Outcome ───────────┴─────────────┴──▶ RECORD

A worker does not know what comes after it: `Step` asks `after`. Every journey ends at RECORD.
"""

from dataclasses import dataclass

from shared.domain.article import Article
from shared.domain.base import Model
from shared.domain.coded import CodedArticle
from shared.domain.outcome import Ending, Filing
from shared.domain.page import Page
from shared.domain.submission import Submission

#: Most articles that travel in one message. A hop through the broker costs about as much as reading a short page, so
#: sixteen of them share one.
BATCH = 16


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stop of the flow: what it takes and gives, and how long and how often it may try."""

    name: str
    queue: str
    takes: type[Model]
    gives: type[Model] | None
    soft_limit_s: float  #: the step is told to give up: quarantined as too slow. Threads (the fetcher's) are not told
    max_attempts: int | None  #: Transient verdicts before quarantine; None: never gives up
    backoff_cap_s: float  #: longest wait between attempts
    batch: int = BATCH  #: most articles in one message

    @property
    def quarantine(self) -> str:
        """Key of what failed here."""
        return f"tocsin:quarantine:{self.name}"


FETCH = Stage(
    name="fetch",
    queue="fetch",
    takes=Submission,
    gives=Page,
    soft_limit_s=60,
    max_attempts=8,  # two minutes on average, four at most: a site that is restarted is back by then
    backoff_cap_s=120,
    batch=1,  # each waits for another site: together they would wait for the sum
)
EXTRACT = Stage(
    name="extract",
    queue="extract",
    takes=Page,
    gives=Article,
    soft_limit_s=60,
    max_attempts=5,
    backoff_cap_s=60,
)
CLASSIFY = Stage(
    name="classify",
    queue="classify",
    takes=Article,
    gives=CodedArticle,
    soft_limit_s=90,
    max_attempts=5,
    backoff_cap_s=60,
)
# The limit leaves room for eleven calls of ten seconds to a node that is slow, and two locks. The attempts are for what
# passes quickly: a lock that someone else holds, an incident that someone else has just changed.
INDEX = Stage(
    name="index",
    queue="index",
    takes=CodedArticle,
    gives=Filing,
    soft_limit_s=150,
    max_attempts=30,
    backoff_cap_s=20,
)
# An outcome is never given up: without it the submission would stay open for ever.
RECORD = Stage(
    name="record",
    queue="index",
    takes=Ending,
    gives=None,
    soft_limit_s=60,
    max_attempts=None,
    backoff_cap_s=20,
)
# No stop of an article: alerts are matched and told beside the flow, from what was noted in Redis and Elasticsearch.
# Its messages only wake a worker up, so nothing is lost with one. It is a Stage for its queue, its worker and its time
# limit, which are like those of the others; no message of it is put off, in the ledger or in quarantine.
NOTIFY = Stage(
    name="notify",
    queue="notify",
    takes=Model,  # which has no field: nothing
    gives=None,
    soft_limit_s=60,
    max_attempts=None,
    backoff_cap_s=20,
)

#: The way of an article, in order.
FLOW = (FETCH, EXTRACT, CLASSIFY, INDEX)
STAGES = {stage.name: stage for stage in (*FLOW, RECORD, NOTIFY)}


def after(stage: Stage) -> Stage:
    """Return the stage that follows `stage` in the flow."""
    position = FLOW.index(stage) + 1
    return FLOW[position] if position < len(FLOW) else RECORD
