"""What the embedded mode tells its callers, as plain data, and the record by which later commands find an instance."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.cli.embedded import home as homes
from shared.settings import Settings


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Servers(_Frozen):
    """Where the two servers answer."""

    redis_url: str
    elasticsearch_url: str


class Instance(_Frozen):
    """A running instance, as `home/run.json` records it."""

    home: Path = Field(description="Absolute path of its folder.")
    redis_url: str
    elasticsearch_url: str
    api_url: str
    fetch_allow: str = Field(default="", description="The value of TOCSIN_FETCH_ALLOW that its fetcher runs with.")
    demo_port: int | None = Field(default=None, description="Where the demo sites answer, None without them.")
    programs: tuple[str, ...] = Field(description="The children, in the order in which they are shown.")
    supervisor_pid: int = Field(default=0, description="0 until it has been started.")


class Child(_Frozen):
    """One child process, for a table or JSON."""

    name: str
    state: str = Field(description="running, starting, backoff, stopping, stopped, exited or fatal.")
    pid: int | None
    uptime_s: int = Field(ge=0, description="Seconds since it was last started; 0 when it does not run.")
    restarts: int = Field(ge=0, description="How often it was started again since `up`.")
    log: Path


def remember(instance: Instance) -> None:
    """Write run.json, whole or not at all, for our eyes only: a URL may hold a password."""
    record = instance.home / "run.json"
    draft = record.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(instance.model_dump_json(indent=2))
    draft.replace(record)


def recall(home: Path) -> Instance | None:
    """Return what run.json says, None without one. It may speak of an instance that was killed."""
    try:
        return Instance.model_validate_json((homes.locate(home) / "run.json").read_bytes())
    except (OSError, ValidationError):
        return None


def api_url(settings: Settings) -> str:
    """Return where the API answers: as the environment says, else as the instance in the home folder says."""
    found = None if "api_url" in settings.model_fields_set else recall(settings.home)
    return found.api_url if found else settings.api_url
