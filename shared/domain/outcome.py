"""How a submission ended."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from shared.domain.base import Model, UtcDatetime
from shared.domain.submission import Submission
from shared.errors import Discard, Reason


class Status(StrEnum):
    """The three ends of a submission."""

    INDEXED = "indexed"
    DISCARDED = "discarded"
    QUARANTINED = "quarantined"


class Outcome(Model):
    """How a submission ended. There is exactly one for each, stored under the submission's id."""

    submission_id: str
    url: str
    source: str
    labels: tuple[str, ...] = ()
    status: Status
    step: str = Field(description="The step at which it ended.")
    reason: Reason | None = Field(default=None, description="Why it was discarded.")
    detail: str | None = Field(default=None, description="For people: what exactly was found, or the error.")
    article_id: str | None = Field(default=None, description="The article, when there is one.")
    incident_ids: tuple[str, ...] = Field(default=(), description="The incidents that its events were assigned to.")
    accepted_at: UtcDatetime
    ended_at: UtcDatetime

    @classmethod
    def of(
        cls,
        submission: Submission,
        status: Status,
        *,
        step: str,
        reason: Reason | None = None,
        detail: str | None = None,
        article_id: str | None = None,
        incident_ids: tuple[str, ...] = (),
    ) -> Self:
        """Return the outcome of `submission`, stamped now."""
        return cls(
            submission_id=submission.id,
            url=submission.url,
            source=submission.source,
            labels=submission.labels,
            status=status,
            step=step,
            reason=reason,
            detail=detail,
            article_id=article_id,
            incident_ids=incident_ids,
            accepted_at=submission.accepted_at,
            ended_at=datetime.now(UTC),
        )

    @classmethod
    def discarded(cls, submission: Submission, verdict: Discard, *, step: str) -> Self:
        """Return the outcome of a submission that `step` discarded."""
        return cls.of(submission, Status.DISCARDED, step=step, reason=verdict.reason, detail=verdict.detail or None)

    @classmethod
    def filed(cls, submission: Submission, filing: "Filing", *, step: str) -> Self:
        """Return the outcome of a submission whose article was filed."""
        return cls.of(
            submission,
            Status.DISCARDED if filing.discard_reason else Status.INDEXED,
            step=step,
            reason=filing.discard_reason,
            article_id=filing.article_id,
            incident_ids=filing.incident_ids,
        )


class Ending(Model):
    """An outcome on its way to the record, and of which run of the submission it is: that of the latest stays."""

    outcome: Outcome
    run: int = Field(default=0, description="See `Item.run`.")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        """Take a bare outcome, as messages of version 1 carry it."""
        return {"outcome": value} if isinstance(value, dict) and "outcome" not in value else value


class Filing(Model):
    """What the indexer did with an article: the last result of the flow, from which the outcome is made."""

    article_id: str
    incident_ids: tuple[str, ...] = ()
    discard_reason: Reason | None = Field(default=None, description="Set when the article was kept, but is no news.")
