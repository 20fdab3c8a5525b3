"""The documents say what the program does: every command, field, reason and link."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from services.api.app import create_app
from services.api.audit import ROWS
from services.api.quarantine import MOST
from services.classifier.second_opinion.answer import NEAR, Why
from services.classifier.second_opinion.ask import PATIENCE, REST_S
from services.cli import filters, quarantine
from services.cli.main import app
from shared.delivery.pressure import RETRY_MAX_S, RETRY_MIN_S
from shared.delivery.timing import timing
from shared.domain import vocabulary
from shared.domain.coded import Coding, Opinion
from shared.domain.event import Actor, Event, Place, Toll
from shared.errors import Reason
from shared.pipeline import CLASSIFY
from shared.search.articles import ArticleSearch
from shared.search.incident_search import IncidentSearch
from shared.settings import LLM_INSTRUCTIONS, Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/**/*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_command_is_documented() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert set(commands) >= {"up", "down", "status", "submit", "search", "extract", "classify", "merge", "audit"}
    assert not [name for name in commands if f"`{name}`" not in read("docs/operations.md").replace("`tocsin ", "`")]


def test_every_command_of_the_quarantine_is_documented() -> None:
    commands = set(typer.main.get_command(quarantine.app).commands)  # type: ignore[attr-defined]
    assert commands == set(re.findall(r"`tocsin quarantine ([a-z]+)", read("docs/operations.md")))


@pytest.mark.parametrize("model", [IncidentSearch, ArticleSearch], ids=lambda model: model.__name__)
def test_every_condition_of_a_search_is_documented(model: type[IncidentSearch | ArticleSearch]) -> None:
    text = read("docs/operations.md")
    names = {field.alias or name for name, field in model.model_fields.items()}
    assert not [name for name in names if f"`{name}`" not in text and f"`{name}=" not in text]


def test_the_command_line_has_every_condition_of_the_api() -> None:
    options = typer.main.get_command(app).commands["search"].params  # type: ignore[attr-defined]
    offered = {name.lstrip("-").replace("-", "_") for option in options for name in (*option.opts, option.name)}
    asked = {field.alias or name for name, field in IncidentSearch.model_fields.items()}
    assert asked - offered == {"interval", "zoom", "facets", "cursor"}  # counts are JSON


def test_every_key_of_a_line_of_merge_is_explained() -> None:
    event = {"type": "explosive_remote", "subtype": "bombing", "realis": "actual", "main": True, "evidence": {}}
    (line,) = filters.merge([json.dumps({"id": "a1", "published": "2026-03-04", "events": [event]})])
    said = read("docs/contract.md").partition("`tocsin merge`")[2].partition("## ")[0]
    assert set(line) == {"id", "event", "incident", "score", "reason"}
    assert not [key for key in line if f'"{key}"' not in said or (key != "id" and f"`{key}`" not in said)]
    assert f"`{line['reason']}`" in said


def test_every_limit_of_a_list_and_a_request_is_documented() -> None:
    text = read("docs/operations.md")
    assert f"at most {MOST:,} a request" in text
    assert f"at most {ROWS} rows" in text
    assert f"{RETRY_MIN_S} to {RETRY_MAX_S} s" in text
    assert (
        f"({min(timing().overdue_s.values()) / 60:.0f} to {max(timing().overdue_s.values()) / 60:.0f} minutes" in text
    )
    assert f"every {timing().reconcile_every_s:g} s" in text


def test_what_a_second_opinion_may_cost_and_why_none_comes_is_documented() -> None:
    text = " ".join(read("docs/operations.md").split())
    assert not [why for why in Why if f"`{why}`" not in text]
    assert f"`score` of {NEAR} or more" in text
    assert (PATIENCE, REST_S) == (3, 60)  # "after three in a row", "for a minute"
    assert f"({LLM_INSTRUCTIONS:,} for instructions" in read("docs/settings.md")
    longest = timing().soft_limit_s[CLASSIFY.name]
    assert f"overrun their {longest:g} s" in text
    assert f"({longest / 2:g} s)" in read("docs/settings.md")


def test_every_setting_is_documented_with_its_default_and_its_meaning() -> None:
    rows = [line.strip("| ").split(" | ") for line in read("docs/settings.md").splitlines() if "| `TOCSIN_" in line]
    found = {name.strip("`"): (default.strip("`"), meaning) for name, default, meaning in rows}
    assert found == {
        f"TOCSIN_{name.upper()}": (
            ",".join(field.default or ["empty"])
            if isinstance(field.default, tuple)
            else str(field.default or (field.default == 0 and "0") or "empty"),
            field.description,
        )
        for name, field in Settings.model_fields.items()
    }


@pytest.mark.parametrize("command", ["tocsin --help", "tocsin search --help", "tocsin classify --help"])
def test_the_commands_of_the_readme_start(command: str) -> None:
    program = Path(sys.executable).parent / command.split(maxsplit=1)[0]
    ran = subprocess.run([program, *command.split()[1:]], capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    assert "Usage" in ran.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text())
    assert not [link for link in links if "://" not in link and not (document.parent / link).exists()]


def test_the_make_targets_of_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))
    named = {target for path in DOCUMENTS for target in re.findall(r"`?make ([a-z-]+)`?(?:\s|$|`)", path.read_text())}
    assert {"up", "down", "setup", "check", "test"} <= named & targets


def test_every_route_of_the_readme_exists() -> None:
    paths = {re.sub(r"\{[a-z_]+\}", "{}", path) for path in create_app().openapi()["paths"]}
    named = set(re.findall(r"(?:GET |POST |:8000)(/v1/[a-z{}/_]+)", read("README.md") + read("docs/operations.md")))
    named = {re.sub(r"\{[a-z_]+\}", "{}", path).rstrip("/") for path in named}
    assert named
    assert named <= paths
    assert {path for path in paths if not re.search("incidents|articles", path)} - {"/v1/submissions"} <= named


@pytest.mark.parametrize("model", [Coding, Opinion, Event, Place, Toll, Actor], ids=lambda model: model.__name__)
def test_the_contract_names_every_field(model: type) -> None:
    contract = read("docs/contract.md")
    assert not [name for name in model.model_fields if f'"{name}"' not in contract]  # type: ignore[attr-defined]


def test_the_example_of_the_contract_is_what_the_models_read() -> None:
    blocks = re.findall(r"```json\n(.*?)```", read("docs/contract.md"), re.DOTALL)
    example = json.loads(next(block for block in blocks if '"relevant"' in block))
    del example["id"]
    assert Coding.model_validate(example).events[0].subtype == "shelling_rocket_missile"


def test_extract_gives_the_fields_of_the_contract() -> None:
    blocks = re.findall(r"```json\n(.*?)```", read("docs/contract.md"), re.DOTALL)
    example = json.loads(next(block for block in blocks if '"canonical_url"' in block))
    assert set(filters.extract({"url": "http://a.example/", "html": "<p>x"})) == set(example) - {"id"}


@pytest.mark.parametrize(
    "values",
    [
        vocabulary.EventType,
        vocabulary.Subtype,
        vocabulary.Realis,
        vocabulary.CodedBy,
        vocabulary.Sector,
        vocabulary.TargetClass,
        vocabulary.WeaponClass,
        vocabulary.CasualtyRole,
        vocabulary.PlacePrecision,
        vocabulary.DatePrecision,
    ],
    ids=lambda values: values.__name__,
)
def test_the_vocabulary_defines_every_value(values: type) -> None:
    text = read("docs/vocabulary.md")
    assert not [value for value in values if f"`{value}`" not in text]  # type: ignore[attr-defined]


def test_every_reason_is_documented() -> None:
    assert not [reason for reason in Reason if f"`{reason}`" not in read("docs/contract.md")]
