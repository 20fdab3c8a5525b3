"""Every setting of Tocsin, read from the environment (`TOCSIN_<NAME>`) when a process starts, never at import."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.errors import SetupError
from shared.pipeline import BATCH


class Settings(BaseSettings):
    """The settings. Each is documented in `docs/settings.md`, which a test compares with this class."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", frozen=True, extra="ignore")

    home: Path = Field(default=Path(".tocsin"), description="Folder for all data of the embedded mode.")
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", description="Redis of the queues and the ledger.")
    elasticsearch_url: str = Field(default="http://127.0.0.1:9200", description="Elasticsearch of the record.")
    index_prefix: str = Field(default="tocsin-", description="Put before the name of every index and alias.")
    page_store_url: str = Field(
        default="",
        description="Where raw pages are kept: file:///folder or s3://bucket/folder. Empty: home/pages.",
    )
    api_url: str = Field(default="http://127.0.0.1:8000", description="Where the command line finds the API.")

    fetch_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="host:port pairs, comma separated, that may be fetched although their address is not public.",
    )
    fetch_timeout_s: float = Field(default=30, gt=0, description="Most seconds for one page, redirects included.")
    fetch_max_bytes: int = Field(
        default=10_000_000,
        gt=0,
        description="Largest body; news pages are 0.1 to 2 MB, so more is no article.",
    )
    fetch_max_redirects: int = Field(default=5, ge=0, description="Most redirects followed for one page.")
    fetch_user_agent: str = Field(
        default="Tocsin/0.1 (+https://github.com/tocsin/tocsin)", description="How the fetcher names itself."
    )
    text_max_chars: int = Field(
        default=500_000,
        gt=0,
        description="Longest text kept of a page; longer ones are cut. Bounds message size.",
    )

    message_articles: int = Field(
        default=BATCH,
        ge=1,
        le=BATCH,
        description="Most articles in one message between steps. Fewer spread a small load over more workers.",
    )
    delivery_time_scale: float = Field(
        default=1,
        gt=0,
        le=1,
        description="Multiplies every limit and wait of the delivery. Below 1 only for drills (`make chaos`).",
    )
    max_in_flight: int = Field(
        default=20_000,
        gt=0,
        description="Submissions without an outcome at which the hook answers 429: about an hour's work for two cores.",
    )
    page_store_min_free_bytes: int = Field(
        default=2_000_000_000,
        ge=0,
        description="Free disk below which nothing is fetched and the hook answers 429: what is on its way needs room.",
    )
    redis_max_fill: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="Share of Redis's maxmemory at which the hook answers 429: a full one cannot end what it has.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level logged.")
    log_format: Literal["json", "console"] = Field(default="json", description="json: one object a line.")

    @field_validator("fetch_allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("fetch_allow")
    @classmethod
    def _host_and_port(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            host, _, port = entry.rpartition(":")
            if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:  # noqa: PLR2004 - what a port is
                raise ValueError(f"{entry!r} is not host:port")
        return value

    @property
    def pages_url(self) -> str:
        """URL of the page store, the default filled in."""
        return self.page_store_url or f"file://{(self.home / 'pages').absolute()}"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read once. Raises SetupError when the environment holds a wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            f"TOCSIN_{'.'.join(map(str, one['loc'])).upper()}={one['input']}: {one['msg']}" for one in error.errors()
        ]
        raise SetupError("; ".join(faults)) from error
