"""One HTTP response, its body kept in the page store."""

from pydantic import Field

from shared.domain.base import Model, UtcDatetime


class Page(Model):
    """One HTTP response. The body travels by reference: `body_key` names it in the page store."""

    url: str = Field(description="The URL asked for.")
    final_url: str = Field(description="The URL that answered, after redirects.")
    status: int = Field(description="HTTP status of the answer.")
    content_type: str | None = Field(description="The Content-Type header, with its parameters.")
    etag: str | None = Field(default=None, description="The ETag header, for conditional requests.")
    last_modified: str | None = Field(default=None, description="The Last-Modified header, as sent.")
    body_key: str = Field(description="Key of the raw body in the page store: its SHA-256.")
    body_bytes: int = Field(ge=0, description="Size of the raw body in bytes, content encoding removed.")
    fetched_at: UtcDatetime = Field(description="When the answer came, UTC.")
