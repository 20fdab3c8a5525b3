"""What it saves to send articles together: CPU of the delivery alone, with messages of one article and of sixteen.

Real queues and a real worker whose steps do nothing; CPU of the worker and of Redis.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from shared.pipeline import BATCH
