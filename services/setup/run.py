"""Checks this machine and its servers, makes the indices, and gives Kibana its objects. May run again at any time.

    memory ─▶ Redis: every role logs in ─▶ Elasticsearch: every role logs in ─▶ indices ─▶ Kibana, where there is one

It ends with 0 when all of it holds, else with 1 and one sentence that says what to do.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from services.setup import checks, indices
from services.setup.kibana import import_objects
from services.setup.logins import Logins
from shared.errors import TocsinError
from shared.index import connect
from shared.settings import settings

#: Seconds until a server that has been started has to answer, on a slow machine.
PATIENCE_S = 180
#: Kibana's searches and dashboards, as they lie in the image.
OBJECTS = Path("deploy/kibana")


def main() -> None:
    """Set up what the environment names. Exits with 1 and one sentence when something is wrong."""
    parser = argparse.ArgumentParser(prog="setup", description=main.__doc__)
    parser.add_argument("--least-memory-mb", type=int, default=0, help="memory that the whole of it needs, in MiB")
    parser.add_argument("--kibana", help="URL of a Kibana that is to have our objects")
    parser.add_argument("--kibana-memory-mb", type=int, default=0, help="what Kibana needs on top of it, in MiB")
    parser.add_argument("--profiles", help="compose's profiles: Kibana is left alone unless they name it")
    arguments = parser.parse_args()
    kibana = bool(arguments.kibana) and "kibana" in (arguments.profiles or "kibana").split(",")
    least_memory_mb = arguments.least_memory_mb + (arguments.kibana_memory_mb if kibana else 0)
    try:
        run(os.environ, least_memory_mb=least_memory_mb)
        if kibana:
            give_objects(arguments.kibana, Logins.from_environment(os.environ))
    except TocsinError as error:
        sys.exit(f"setup: failed: {error}")
    say("done")


def say(line: str) -> None:
    """Print a line for whoever watches."""
    print(f"setup: {line}", flush=True)  # noqa: T201 - a command's own words


def run(environment: Mapping[str, str], *, least_memory_mb: int = 0, patience_s: float = PATIENCE_S) -> None:
    """Check memory, logins and the versions of the indices, and make what is missing of these.

    Raises:
        SetupError: what is wrong, and what to do.
        TocsinError: likewise, of the indices.
    """
    checks.memory(Path("/proc/meminfo").read_text(), least_memory_mb)
    logins = Logins.from_environment(environment)
    checks.redis(settings().redis_url, logins.redis, patience_s=patience_s)
    say("Redis answers, and knows every role")
    checks.elasticsearch(settings().elasticsearch_url, logins.elasticsearch, patience_s=patience_s)
    say("Elasticsearch answers, and knows every role")
    with connect(settings().elasticsearch_url) as client:
        checks.wait(lambda: indices.make(client, settings().index_prefix), "Elasticsearch", patience_s=patience_s)
    say("the indices are there")


def give_objects(url: str, logins: Logins) -> None:
    """Import Kibana's objects. Raises SetupError when it does not take them."""
    login = ("elastic", logins.elasticsearch.get("elastic", ""))
    import_objects(url, OBJECTS, login, prefix=settings().index_prefix)
    say("Kibana has its searches and dashboards")
