"""The command line's way to the API, and to where a running Tocsin listens."""

from typing import Any, Self

import httpx

from shared.errors import TocsinError, Unavailable


class Rejected(TocsinError):
    """The API refused a request; the text says why."""


class Client:
    """The API over HTTP. Every method raises Unavailable when it does not answer, Rejected when it refuses."""

    def __init__(self, url: str, *, timeout_s: float = 30) -> None:
        # trust_env=False: a proxy of the environment is not meant for a server on this machine
        self._http = httpx.Client(base_url=url, timeout=timeout_s, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def submit(self, url: str, *, source: str = "cli", labels: tuple[str, ...] = ()) -> dict[str, Any]:
        """Submit a URL and return its receipt."""
        return self._json("POST", "/v1/submissions", json={"url": url, "source": source, "labels": list(labels)})

    def submission(self, submission_id: str) -> dict[str, Any]:
        """Return where a submission is."""
        return self._json("GET", f"/v1/submissions/{submission_id}")

    def incidents(self, **query: Any) -> dict[str, Any]:
        """Search incidents; the names are those of `GET /v1/incidents`."""
        return self._json("GET", "/v1/incidents", params={k: v for k, v in query.items() if v not in (None, (), [])})

    def queues(self) -> dict[str, Any]:
        """Return what waits."""
        return self._json("GET", "/v1/queues")

    def audit(self) -> dict[str, Any]:
        """Return the sum of all outcomes."""
        return self._json("GET", "/v1/audit")

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
            raise Unavailable(f"no answer from {self._http.base_url} ({error}); `tocsin up` starts it") from error
        if answer.is_server_error:
            raise Unavailable(f"{self._http.base_url} answers {answer.status_code}: try again")
        body: dict[str, Any] = answer.json()
        if answer.is_error:
            faults = "; ".join(f"{fault['field']}: {fault['message']}" for fault in body.get("errors", []))
            raise Rejected(f"{body.get('title')}: {faults or body.get('detail')}")
        return body
