"""Every setting is documented, and refuses what would not hold."""

import itertools
import re
from pathlib import Path

import pytest

from shared.errors import SetupError
from shared.pipeline import FLOW, RECORD, after
from shared.settings import Settings, settings

ROOT = Path(__file__).parents[3]


def test_every_setting_is_documented() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text()
    missing = [name for name in Settings.model_fields if f"`TOCSIN_{name.upper()}`" not in documented]
    assert not missing


def test_no_setting_is_documented_that_is_none() -> None:
    lines = (ROOT / "docs" / "settings.md").read_text().splitlines()
    rows = [line.split("`")[1] for line in lines if line.startswith("| `TOCSIN_")]
    assert {row.removeprefix("TOCSIN_").lower() for row in rows} == set(Settings.model_fields)


def test_the_flow_fits_together() -> None:
    for stage, following in itertools.pairwise(FLOW):
        assert stage.gives is following.takes
    assert after(FLOW[-1]) is RECORD


@pytest.mark.parametrize("entry", ["gulf-wire.demo", "gulf-wire:http", ":80", "host:0", "host:70000", "10.0.0.5"])
def test_an_exception_that_would_not_hold_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    monkeypatch.setenv("TOCSIN_FETCH_ALLOW", f"127.0.0.1:80,{entry}")
    with pytest.raises(ValueError, match="host:port"):
        Settings()


def test_lists_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_FETCH_ALLOW", "127.0.0.1:80, demo:8801 ,")
    assert Settings().fetch_allow == ("127.0.0.1:80", "demo:8801")


def test_compose_passes_the_limits_on_with_their_defaults() -> None:
    compose = (Path(__file__).parents[3] / "docker-compose.yml").read_text()
    passed = dict(re.findall(r"TOCSIN_([A-Z_]+): \$\{TOCSIN_\1:-([0-9.]+)\}", compose))
    assert {"MAX_IN_FLIGHT", "REDIS_MAX_FILL", "PAGE_STORE_MIN_FREE_BYTES", "MESSAGE_ARTICLES"} <= set(passed)
    assert {name for name in passed if name.startswith("LLM_")} == {
        name.upper() for name, field in Settings.model_fields.items() if name.startswith("llm_") and field.default
    }
    fields = Settings.model_fields
    assert {name: float(value) for name, value in passed.items()} == {
        name: float(fields[name.lower()].default) for name in passed
    }


def test_a_wrong_setting_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_MAX_IN_FLIGHT", "0")
    settings.cache_clear()
    with pytest.raises(SetupError, match=r"^TOCSIN_MAX_IN_FLIGHT=0: Input should be greater than 0$"):
        settings()
    settings.cache_clear()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url": "http://llm:8000/v1", "model": ""}, "TOCSIN_LLM_MODEL=: .*needs the name of a model"),
        ({"url": "llm:8000/v1"}, "TOCSIN_LLM_URL=llm:8000/v1: .*http://host:port/path"),
        ({"url": "http://llm:80000/v1"}, "http://host:port/path"),
        ({"url": "ftp://llm/v1"}, "http://host:port/path"),
        ({"url": "http://me:it@llm/v1"}, "no user, password or query"),
        ({"url": "http://llm/v1?key=it"}, "no user, password or query"),
        ({"timeout_s": "0"}, "greater than 0"),
        ({"max_chars": "5000000"}, "TOCSIN_LLM_DAILY_TOKENS=2000000: .*one article may cost 5011500"),
        ({"daily_tokens": "19499"}, "one article may cost 19500"),
    ],
)
def test_a_second_opinion_that_could_not_be_had_is_refused_at_start(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], words: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"TOCSIN_LLM_{name.upper()}", value)
    settings.cache_clear()
    with pytest.raises(SetupError, match=rf"^.*{words}.*$"):
        settings()
    settings.cache_clear()


@pytest.mark.parametrize("key", ["sk-very secret", "sk-very-secret\n", "sk-very-s\u00e9cret"])
def test_a_key_that_fits_no_header_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("TOCSIN_LLM_KEY", key)
    settings.cache_clear()
    with pytest.raises(SetupError, match=r"^TOCSIN_LLM_KEY=\*\*: ") as caught:
        settings()
    settings.cache_clear()
    assert "sk-very" not in f"{caught.value} {caught.value.__cause__}"
