"""The flow, as one value.

    FETCH ──Page──▶ EXTRACT ──Article──▶ CLASSIFY ──CodedArticle──▶ INDEX ──Filing──┐
      └───────────────┴────── Discard, quarantine: Outcome ───────────┴─────────────┴──▶ RECORD

A worker does not know what comes after it: `Step` asks `after`. Every journey ends at RECORD.
"""

from dataclasses import dataclass
from typing import Any, Literal

from shared.domain.article import Article
from shared.domain.base import Model
from shared.domain.coded import CodedArticle
from shared.domain.outcome import Filing, Outcome
from shared.domain.page import Page
from shared.domain.submission import Submission


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stop of the flow: what it takes and gives, and how long and how often it may try."""

    name: str
    queue: str
    takes: type[Model]
    gives: type[Model] | None
    soft_limit_s: int  #: the step is told to give up: quarantined as too slow. Threads (the fetcher's) are not told
    max_attempts: int | None  #: Transient verdicts before quarantine; None: never gives up
    backoff_cap_s: int  #: longest wait between attempts

    @property
    def hard_limit_s(self) -> int:
        """Seconds after which the process is killed, in case the step did not hear the soft limit."""
        return self.soft_limit_s + 15

    @property
    def quarantine(self) -> str:
        """Name of the list that holds what failed here."""
        return f"{self.name}.quarantine"


FETCH = Stage(
    name="fetch",
    queue="fetch",
    takes=Submission,
    gives=Page,
    soft_limit_s=60,
    max_attempts=5,
    backoff_cap_s=120,
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
# An index that is down is not the article's fault: with half a minute between attempts on average, half an hour of
# patience before quarantine. The limit leaves room for ten calls of ten seconds to a node that is slow, and two locks.
INDEX = Stage(
    name="index", queue="index", takes=CodedArticle, gives=Filing, soft_limit_s=150, max_attempts=60, backoff_cap_s=60
)
# An outcome is never given up: without it the submission would stay open for ever.
RECORD = Stage(
    name="record",
    queue="index",
    takes=Outcome,
    gives=None,
    soft_limit_s=60,
    max_attempts=None,
    backoff_cap_s=60,
)

#: The way of an article, in order.
FLOW = (FETCH, EXTRACT, CLASSIFY, INDEX)
STAGES = {stage.name: stage for stage in (*FLOW, RECORD)}


def after(stage: Stage) -> Stage:
    """Return the stage that follows `stage` in the flow."""
    position = FLOW.index(stage) + 1
    return FLOW[position] if position < len(FLOW) else RECORD


class Envelope(Model):
    """The message between steps: whose journey it is, and the input of the step it is addressed to."""

    version: Literal[1] = 1  #: another version is not misread: it is quarantined with its journey
    submission: Submission
    body: dict[str, Any]

    @classmethod
    def of(cls, submission: Submission, body: Model) -> "Envelope":
        """Return the message that carries `body` on the journey of `submission`."""
        return cls(submission=submission, body=body.model_dump(mode="json"))
