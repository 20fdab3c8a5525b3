"""`python -m shared.worker.alive`: ends with 0 unless the worker of this container is to be started again.

For liveness probes. A worker answers a ping over Redis only while it takes part in the conversation, so one that hangs
is found, and one whose password Redis does not take. While Redis itself is away nobody is to blame: starting all
workers again would not bring it back. Of beat it asks whether what it sends gets done, which takes some worker too: ask
patiently.
"""

import os
import socket
import sys

from kombu.exceptions import OperationalError
from redis import AuthenticationError, RedisError

from shared import broker
from shared.connections import open_redis
from shared.worker.run import BEAT

#: Seconds for an answer; a probe adds the start of this process, about half a second of a core.
PATIENCE_S = 5


def alive(service: str, host: str) -> bool:
    """Tell whether the worker of `service` on `host`, or beat, is alive, or cannot be asked."""
    try:
        redis = open_redis()
        if service == BEAT:
            return bool(redis.exists(broker.RECONCILED_AT))
        redis.ping()
        name = f"{service}@{host}"
        return bool(broker.app.control.ping(destination=[name], timeout=PATIENCE_S, limit=1))
    except AuthenticationError:  # it can do nothing, and may have the right password when it starts again
        return False
    except (RedisError, OperationalError, OSError):
        return True


if __name__ == "__main__":
    sys.exit(0 if alive(os.environ["SERVICE"], socket.gethostname()) else 1)
