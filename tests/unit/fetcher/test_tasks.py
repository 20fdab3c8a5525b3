"""The wiring of the fetcher's worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.fetcher import tasks

CACHES = [value for value in vars(tasks).values() if hasattr(value, "cache_clear")]


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    for cached in CACHES:
        cached.cache_clear()
    yield
    for cached in CACHES:
        cached.cache_clear()


def test_all_threads_share_what_is_made_at_start() -> None:
    tasks.warm_up()
    assert [cached.cache_info().currsize for cached in CACHES] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("name", "value"), [("TOCSIN_FETCH_ALLOW", "gulf-wire:http"), ("TOCSIN_PAGE_STORE_URL", "nonsense://pages")]
)
def test_a_wrong_setting_is_seen_at_start(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Exception, match=r"(?i)gulf-wire|base 10|nonsense"):
        tasks.warm_up()
