"""The command line's way to the API, and to where a running Tocsin listens."""

from collections.abc import Iterator
from typing import Any, NoReturn, Self
from urllib.parse import quote as quoted

import httpx

from shared.errors import TocsinError, Unavailable

#: Seconds to wait where the API does not say, and at most.
WAIT_S, MOST_S = 10, 300


class Rejected(TocsinError):
    """The API refused a request; the text says why."""


class Busy(TocsinError):
    """The API takes nothing more in for `retry_after_s` seconds; the text says why."""

    def __init__(self, why: str, retry_after_s: float) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class Client:
    """The API over HTTP. Every method raises Unavailable when it does not answer, Rejected when it refuses."""

    def __init__(self, url: str, *, timeout_s: float = 30, transport: httpx.BaseTransport | None = None) -> None:
        # trust_env=False: a proxy of the environment is not meant for a server on this machine
        self._http = httpx.Client(base_url=url, timeout=timeout_s, trust_env=False, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def submit(self, url: str, *, source: str = "cli", labels: tuple[str, ...] = ()) -> dict[str, Any]:
        """Submit a URL and return its receipt. Raises Busy while nothing more is taken in."""
        return self._json("POST", "/v1/submissions", json={"url": url, "source": source, "labels": list(labels)})

    def submission(self, submission_id: str) -> dict[str, Any]:
        """Return where a submission is."""
        return self._json("GET", f"/v1/submissions/{submission_id}")

    def incidents(self, **query: Any) -> dict[str, Any]:
        """Search incidents; the names are those of `GET /v1/incidents`."""
        return self._json("GET", "/v1/incidents", params={k: v for k, v in query.items() if v not in (None, (), [])})

    def export(self, **query: Any) -> Iterator[bytes]:
        """Yield an export piece by piece; the names are those of `GET /v1/incidents/export`.

        Raises:
            Unavailable: also when the answer breaks off, after the pieces that came.
        """
        try:
            with self._http.stream("GET", "/v1/incidents/export", params=query) as answer:
                if answer.is_error:
                    answer.read()
                    self._refused(answer)
                yield from answer.iter_bytes()
        except httpx.TransportError as error:
            raise Unavailable(f"{self._http.base_url} broke off ({error}): what came is not all") from error

    def incident(self, number: str) -> dict[str, Any]:
        """Return an incident, or the one that stands for it."""
        return self._json("GET", f"/v1/incidents/{quoted(number, safe='')}", follow_redirects=True)

    def record(self, number: str) -> dict[str, Any]:
        """Return an incident itself, also one that was merged."""
        return self._json("GET", f"/v1/incidents/{quoted(number, safe='')}", params={"follow": False})

    def history(self, number: str) -> dict[str, Any]:
        """Return an incident, as its sources alone tell it, and every decision about it."""
        path = f"/v1/incidents/{quoted(number, safe='')}/history"
        found = self._json("GET", path)
        while (have := len(found["decisions"])) < found["total"]:
            more = self._json("GET", path, params={"offset": have})
            if not more["decisions"]:
                break
            found["decisions"] += more["decisions"]
        return found

    def decide(self, number: str, kind: str, request: dict[str, Any]) -> dict[str, Any]:
        """Decide about an incident; the kinds and their bodies are those of `POST /v1/incidents/{id}/…`."""
        return self._json("POST", f"/v1/incidents/{quoted(number, safe='')}/{kind}", json=request)

    def queues(self) -> dict[str, Any]:
        """Return what waits."""
        return self._json("GET", "/v1/queues")

    def audit(self, *, deep: bool = False) -> dict[str, Any]:
        """Return the sum of all outcomes, and what departs from it."""
        return self._json("GET", "/v1/audit", params={"deep": deep})

    def quarantine(self) -> dict[str, Any]:
        """Return what lies in quarantine, by step."""
        return self._json("GET", "/v1/quarantine")

    def quarantined(self, step: str, *, limit: int) -> dict[str, Any]:
        """Return the oldest messages in the quarantine of a step, in short."""
        return self._json("GET", f"/v1/quarantine/{step}", params={"limit": limit})

    def specimen(self, step: str, specimen_id: str) -> dict[str, Any]:
        """Return one message in quarantine, in full."""
        return self._json("GET", f"/v1/quarantine/{step}/{quoted(specimen_id, safe='')}")

    def retry(self, step: str, *, most: int, ids: list[str]) -> dict[str, Any]:
        """Send messages back to their step: those named, else the oldest. Raises Busy as `submit` does."""
        return self._json("POST", f"/v1/quarantine/{step}/retry", json={"max": most, "ids": ids or None})

    def drop(self, step: str, *, ids: list[str]) -> dict[str, Any]:
        """Delete messages from quarantine: those named, else all."""
        wanted: dict[str, Any] = {"ids": ids} if ids else {"all": True}
        return self._json("POST", f"/v1/quarantine/{step}/drop", json=wanted)

    def alerts(self) -> dict[str, Any]:
        """Return every alert."""
        return self._json("GET", "/v1/alerts")

    def add_alert(self, alert: dict[str, Any]) -> dict[str, Any]:
        """Make an alert; the answer holds its secret, this once."""
        return self._json("POST", "/v1/alerts", json=alert)

    def test_alert(self, alert_id: str) -> dict[str, Any]:
        """Have a test sent. Raises Busy when one was a moment ago."""
        return self._json("POST", f"/v1/alerts/{quoted(alert_id, safe='')}/test")

    def remove_alert(self, alert_id: str) -> None:
        """Delete an alert."""
        self._json("DELETE", f"/v1/alerts/{quoted(alert_id, safe='')}")

    @property
    def url(self) -> str:
        """Where the API is."""
        return str(self._http.base_url).rstrip("/")

    def away(self, why: str = "") -> Unavailable:
        """Return the error that tells of an API that does not answer, whichever way it is run."""
        return Unavailable(
            f"no answer from {self.url}{why}: `tocsin up` starts it here, `make compose-up` in containers; "
            "TOCSIN_API_URL names another"
        )

    def health(self) -> dict[str, Any] | None:
        """Return what the API says of its servers and workers, None when it does not answer."""
        try:
            answer = self._http.get("/v1/health")
            body: dict[str, Any] = answer.json()
        except (httpx.TransportError, ValueError):
            return None
        return body

    def healthy(self) -> bool:
        """Return whether the API and both servers behind it answer."""
        try:
            return self._http.get("/v1/health").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise self.away(f" ({error})") from error
        if answer.is_error:
            self._refused(answer)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return {}
        body: dict[str, Any] = answer.json()
        return body

    def _refused(self, answer: httpx.Response) -> NoReturn:
        if answer.is_server_error:
            raise Unavailable(f"{self._http.base_url} answers {answer.status_code}: {_detail(answer)}")
        body: dict[str, Any] = answer.json()
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Busy(f"Nothing more is taken in: {body.get('detail')}", _seconds(answer.headers.get("Retry-After")))
        faults = "; ".join(f"{fault['field']}: {fault['message']}" for fault in body.get("errors", []))
        raise Rejected(f"{body.get('title')}: {faults or body.get('detail')}")


def _seconds(retry_after: str | None) -> float:
    """Return a wait in seconds that is neither none nor for ever, whatever a server or proxy wrote."""
    asked = int(retry_after) if retry_after and retry_after.isdecimal() else WAIT_S
    return float(min(max(asked, 1), MOST_S))


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):  # not of our own making: a proxy's
        return "try again"
