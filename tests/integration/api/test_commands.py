"""The commands of operators against a real API over real servers."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import Result
from typer.testing import CliRunner

from services.api.app import create_app
from services.api.dependencies import Services
from services.cli import main
from services.cli.embedded import ports
from services.cli.embedded.ready import http_answers
from shared.domain.outcome import Status
from shared.domain.submission import Submission
from shared.messages import Item, Message
from shared.pipeline import EXTRACT
from shared.pressure import pressure
from shared.quarantine import Quarantine
from shared.settings import Settings, settings
from tests import examples
from tests.integration.api.conftest import Outcomes, Queue
