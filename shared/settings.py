"""Every setting of Tocsin, read from the environment (`TOCSIN_<NAME>`) when a process starts, never at import."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, HttpUrl, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.errors import SetupError
from shared.pipeline import BATCH

#: Most tokens of the instructions and the schema that go with every article.
LLM_INSTRUCTIONS = 10_000


def _tokens(chars: int, answer: int) -> int:
    return LLM_INSTRUCTIONS + chars + answer  # a token is a character or more, but for rare scripts


class Settings(BaseSettings):
    """The settings. Each is documented in `docs/settings.md`, which a test compares with this class."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", frozen=True, extra="ignore", hide_input_in_errors=True)

    home: Path = Field(default=Path(".tocsin"), description="Folder for all data of the embedded mode.")
    redis_url: str = Field(
        default="redis://127.0.0.1:6379/0",
        description="Redis of the queues and the ledger: redis://, rediss://, or sentinel:// (below).",
    )
    elasticsearch_url: str = Field(default="http://127.0.0.1:9200", description="Elasticsearch of the record.")
    index_prefix: str = Field(default="tocsin-", description="Put before the name of every index and alias.")
    page_store_url: str = Field(
        default="",
        description="Where raw pages are kept: file:///folder or s3://bucket/folder. Empty: home/pages.",
    )
    api_url: str = Field(default="http://127.0.0.1:8000", description="Where the command line finds the API.")
    api_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("localhost", "api"),
        description="Names, comma separated, that the API is asked under; addresses always, and the public URL's.",
    )

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

    llm_url: str = Field(
        default="",
        description="Base URL of an OpenAI-compatible server for second opinions: http://host:8000/v1. Empty: none.",
    )
    llm_model: str = Field(
        default="", validate_default=True, description="Name of the model that gives them, as its server knows it."
    )
    llm_key: SecretStr = Field(default=SecretStr(""), description="Key for that server. Empty: it asks for none.")
    llm_timeout_s: float = Field(default=20, gt=0, description="Most seconds an article waits for a second opinion.")
    llm_max_chars: int = Field(default=8000, gt=0, description="Most of an article that is sent, title and text.")
    llm_max_tokens: int = Field(default=1500, gt=0, description="Longest answer that is asked for, in tokens.")
    llm_daily_tokens: int = Field(
        default=2_000_000,
        validate_default=True,
        description="Most tokens, sent and answered, on one day (UTC), for all workers together. Then none is asked.",
    )

    public_url: str = Field(
        default="", description="Where people reach the API, for the links in alerts: https://host. Empty: no links."
    )
    webhook_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="host:port pairs, comma separated, that webhooks may call although their address is not public.",
    )
    smtp_host: str = Field(default="", description="Mail server that sends the alerts. Empty: none are sent by e-mail.")
    smtp_port: int = Field(default=587, gt=0, lt=65536, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the way to it is secured: starttls, tls from the first byte, or none."
    )
    smtp_user: str = Field(default="", description="Name to log in with. Empty: it asks for none.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password to log in with.")
    smtp_from: str = Field(default="tocsin@localhost", description="Sender of the e-mails.")

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

    metrics_port: int = Field(
        default=0,
        ge=0,
        lt=65536,
        description="Where a worker, or beat, tells Prometheus its metrics, at /metrics. 0: nowhere.",
    )
    metrics_host: str = Field(
        default="127.0.0.1", description="Address that it listens on there. 0.0.0.0 in a container."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level logged.")
    log_format: Literal["json", "console"] = Field(default="json", description="json: one object a line.")

    @field_validator("api_hosts", "fetch_allow", "webhook_allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("fetch_allow", "webhook_allow")
    @classmethod
    def _host_and_port(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            host, _, port = entry.rpartition(":")
            if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:  # noqa: PLR2004 - what a port is
                raise ValueError(f"{entry!r} is not host:port")
        return value

    @field_validator("api_hosts")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if not re.fullmatch(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", entry):
                raise ValueError(f"{entry!r} is no name of a host: neither https:// nor a port belong to it")
        return tuple(entry.lower() for entry in value)

    @field_validator("llm_url")
    @classmethod
    def _leads_to_a_server(cls, value: str) -> str:
        if not value:
            return value
        try:
            url = HttpUrl(value)
        except ValidationError:
            raise ValueError("is not http://host:port/path or https://host/path") from None
        if url.username or url.password or url.query or url.fragment:
            raise ValueError("takes no user, password or query: the key has a setting of its own")
        return str(url)

    @field_validator("llm_model")
    @classmethod
    def _named(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("llm_url") and not value:
            raise ValueError("TOCSIN_LLM_URL needs the name of a model")
        return value

    @field_validator("llm_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr) -> SecretStr:
        key = value.get_secret_value()
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise ValueError("a key is printable ASCII without spaces and line ends")
        return value

    @field_validator("llm_daily_tokens")
    @classmethod
    def _pays_for_one(cls, value: int, info: ValidationInfo) -> int:
        most = _tokens(info.data.get("llm_max_chars", 0), info.data.get("llm_max_tokens", 0))
        if value < most:
            raise ValueError(f"one article may cost {most}, see TOCSIN_LLM_MAX_CHARS and TOCSIN_LLM_MAX_TOKENS")
        return value

    @property
    def llm_most_tokens(self) -> int:
        """What one second opinion may cost: what is set aside before it is asked."""
        return _tokens(self.llm_max_chars, self.llm_max_tokens)

    @property
    def known_as(self) -> tuple[str, ...]:
        """Names under which the API may be asked, that of the public URL among them."""
        public = urlsplit(self.public_url).hostname
        return (*self.api_hosts, public) if public else self.api_hosts

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
        raise SetupError("; ".join(_fault(one) for one in error.errors())) from error


def _fault(one: ErrorDetails) -> str:
    name = ".".join(map(str, one["loc"]))
    secret = Settings.model_fields[name].annotation is SecretStr
    return f"TOCSIN_{name.upper()}={'**' if secret else one['input']}: {one['msg']}"
