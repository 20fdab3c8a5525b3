"""What `setup` says of a machine and of passwords."""

import subprocess
import sys

import pytest

from services.setup import checks
from services.setup.logins import Logins, login, user
from shared.errors import SetupError

MEMINFO = "MemTotal:        4024320 kB\nMemFree:         1024000 kB\n"


def test_a_machine_with_enough_memory_is_taken() -> None:
    checks.memory(MEMINFO, 3930)
    checks.memory("nothing that it knows", 3930)


def test_too_little_memory_is_one_sentence_that_says_what_to_do() -> None:
    with pytest.raises(SetupError, match=r"has 3930 MB of memory .* needs 6000: give Docker more") as raised:
        checks.memory(MEMINFO, 6000)
    assert "\n" not in str(raised.value)


def test_roles_are_read_from_the_environment() -> None:
    environment = {
        "TOCSIN_REDIS_PASSWORD_API": "one",
        "TOCSIN_ELASTICSEARCH_PASSWORD_ELASTIC": "two",
        "TOCSIN_REDIS_URL": "redis://redis:6379/0",
    }

    logins = Logins.from_environment(environment)

    assert (logins.redis, logins.elasticsearch) == ({"api": "one"}, {"elastic": "two"})
    assert "one" not in repr(logins)


@pytest.mark.parametrize("url", ["redis://redis:6379/0", "redis://other:else@redis:6379/0"])
def test_a_login_replaces_any_other(url: str) -> None:
    assert login(url, "api", "p/w:@") == "redis://api:p%2Fw%3A%40@redis:6379/0"


def test_only_the_built_in_user_has_no_prefix() -> None:
    assert (user("elastic"), user("api")) == ("elastic", "tocsin-api")


def test_a_server_that_does_not_answer_is_named() -> None:
    with pytest.raises(SetupError, match=r"Redis is not ready after 0 s: `docker compose logs redis` says why"):
        checks.redis("redis://127.0.0.1:1/0", {"api": "x"}, patience_s=0)
    with pytest.raises(SetupError, match="`docker compose logs elasticsearch`"):
        checks.elasticsearch("http://127.0.0.1:1", {"api": "x"}, patience_s=0)


@pytest.mark.parametrize(
    ("profiles", "least_mb", "kibana_mb"),
    [("kibana", 99999900, 99), ("demo,kibana", 99999900, 99), ("none", 99999999, 1), ("demo", 99999999, 1)],
)
def test_kibana_needs_memory_of_its_own_where_it_is_started(profiles: str, least_mb: int, kibana_mb: int) -> None:
    command = [sys.executable, "-m", "services.setup", "--kibana=http://kibana:5601", f"--profiles={profiles}"]
    memory = [f"--least-memory-mb={least_mb}", f"--kibana-memory-mb={kibana_mb}"]
    done = subprocess.run([*command, *memory], check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert "needs 99999999: give Docker more" in done.stderr
