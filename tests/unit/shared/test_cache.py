"""Where what is built once is kept."""

from pathlib import Path

import pytest

from shared import cache


def test_the_cache_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_CACHE", str(tmp_path))
    assert cache.folder() == tmp_path


@pytest.mark.parametrize(("user", "folder"), [(0, "/var/cache/tocsin"), (1000, "/home/ada/.cache/tocsin")])
def test_each_user_has_a_cache_folder(monkeypatch: pytest.MonkeyPatch, user: int, folder: str) -> None:
    monkeypatch.delenv("TOCSIN_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert str(cache.folder()) == folder
