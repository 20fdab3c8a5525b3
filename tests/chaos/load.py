"""Submits the news over HTTP as a client would: some threads, connections kept alive, tried again until accepted.

One half at once, the other when the fault strikes, slowly until it is lifted: so every step has work before it, during
it and after it, however fast the machine is and however small the load.
"""

import queue
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.chaos.rig import Stand

THREADS = 4
_PAUSE_S = 0.5
#: Seconds between two submissions of a thread while the fault strikes.
_PACE_S = 0.2


@dataclass
class Load:
    """The submissions of one drill, and what the API said to them."""

    stand: Stand
    receipts: dict[str, str] = field(default_factory=dict)  #: submission id → URL
    #: URLs by requests that were not answered with 202, so that nobody can say whether they were accepted
    unsure: Counter[str] = field(default_factory=Counter)
    _todo: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue)
    _second_half: threading.Event = field(default_factory=threading.Event)
    _lifted: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin to submit the first half, in the order of the news."""
        for page in self.stand.news.pages:
            self._todo.put(page.url(self.stand.rig.site_port))
        self._threads = [threading.Thread(target=self._submit, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def go_on(self) -> None:
        """Submit the second half too, slowly."""
        self._second_half.set()

    def hurry(self) -> None:
        """Submit what is left without a pause: the fault is lifted."""
        self._lifted.set()

    def join(self, within_s: float) -> None:
        """Return when everything was accepted. Raises TimeoutError when it takes longer than `within_s` seconds."""
        deadline = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                raise TimeoutError(f"{len(self.receipts)} of {len(self.stand.news.pages)} URLs were accepted in time")

    def _submit(self) -> None:
        with httpx.Client(base_url=self.stand.api_url, timeout=30) as client:
            while True:
                try:
                    url = self._todo.get_nowait()
                except queue.Empty:
                    return
                if self._todo.qsize() < len(self.stand.news.pages) / 2:
                    self._second_half.wait()
                    self._lifted.wait(_PACE_S)
                while not self._accepted(client, url):
                    time.sleep(_PAUSE_S)

    def _accepted(self, client: httpx.Client, url: str) -> bool:
        try:
            answer = client.post("/v1/submissions", json={"url": url, "source": "chaos"})
        except httpx.HTTPError:
            self.unsure[url] += 1
            return False
        if answer.status_code == httpx.codes.ACCEPTED:
            self.receipts[answer.json()["id"]] = url
            return True
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            self.unsure[url] += 1
        return False
