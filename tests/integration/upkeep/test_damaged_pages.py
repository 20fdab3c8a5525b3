"""Pages that are damaged: in a backup, which the next one mends, and in the page store, which costs no other page."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import main
from shared.domain.submission import Submission
from shared.index import ensure
from shared.settings import settings
from shared.upkeep import run
from tests.integration.upkeep.scene import Scene, happenings

#: What may be left of a file: after power was lost its name and size, or a part of it; an eager cleaner takes it away.
DAMAGE: dict[str, Callable[[Path], object]] = {
    "zeros": lambda path: path.write_bytes(b"\0" * path.stat().st_size),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "nothing in it": lambda path: path.write_bytes(b""),
    "gone": lambda path: path.unlink(),
}


@pytest.fixture
def accepted(scene: Scene) -> list[Submission]:
    """Three submissions whose pages are stored."""
    ensure(scene.client, scene.prefix)
    return [scene.accept(coded) for coded in happenings(3)]


@pytest.fixture
def backup(scene: Scene, accepted: list[Submission]) -> Path:
    """A backup of them."""
    assert accepted
    run.backup(scene.settings, scene.folder / "backup")
    return scene.folder / "backup"


def body(pages: Path, submission: Submission) -> Path:
    """Return the file of the body of a submission's page, see `Scene.accept`."""
    key = hashlib.sha256(submission.url.encode()).hexdigest()
    return pages / key[:2] / key[2:4] / f"{key}.gz"


@pytest.mark.parametrize("how", DAMAGE)
def test_the_next_backup_writes_a_damaged_page_anew(
    scene: Scene, accepted: list[Submission], backup: Path, how: str
) -> None:
    damaged = body(backup / "pages", accepted[0])
    before = damaged.read_bytes()
    DAMAGE[how](damaged)

    counts = run.backup(scene.settings, backup).counts

    assert damaged.read_bytes() == before
    assert not list(backup.rglob("*#*"))  # written beside it, and renamed
    mended = (counts["bodies_mended"], counts["bodies_new"])
    assert mended == ((0, 1) if how == "gone" else (1, 0))
    assert counts["pages_unreadable"] == 0


@pytest.mark.parametrize("how", DAMAGE)
def test_a_restore_brings_back_all_but_a_damaged_page_and_names_it(
    scene: Scene, accepted: list[Submission], backup: Path, how: str
) -> None:
    DAMAGE[how](body(backup / "pages", accepted[0]))
    scene.destroy()

    done = scene.run("shared.upkeep", "restore", str(backup))

    assert done.returncode == run.PARTLY
    said = json.loads(done.stdout)
    assert (said["pages_missing"], said["missing"]) == (1, [accepted[0].id])
    assert accepted[0].id in done.stderr
    assert [scene.pages.find(one) is not None for one in accepted] == [False, True, True]
    assert all(scene.ledger.find(one.id) for one in accepted)
    # its record is there, so that a replay from fetch knows whom to ask again
    assert len([kept for kept in scene.pages.since(accepted[0].accepted_at.date()) if kept.record]) == len(accepted)


def test_a_page_that_the_store_has_whole_is_not_missed_and_one_it_has_damaged_is_mended(
    scene: Scene, accepted: list[Submission], backup: Path
) -> None:
    DAMAGE["half"](body(backup / "pages", accepted[0]))
    DAMAGE["zeros"](body(scene.folder / "pages", accepted[1]))

    done = run.restore(scene.settings, backup, replace=True)

    assert (done.pages_missing, done.missing) == (0, ())
    assert all(scene.pages.find(one) for one in accepted)


def test_a_page_that_the_store_cannot_read_any_more_stays_in_a_backup_that_has_it(
    scene: Scene, accepted: list[Submission], backup: Path
) -> None:
    DAMAGE["zeros"](body(scene.folder / "pages", accepted[0]))
    assert run.backup(scene.settings, backup).counts["pages_unreadable"] == 0
    scene.destroy()
    assert run.restore(scene.settings, backup).pages_missing == 0
    assert scene.pages.find(accepted[0]) is not None


@pytest.mark.parametrize("what", ["body", "record"])
def test_a_backup_without_a_page_says_so_and_is_a_backup(scene: Scene, accepted: list[Submission], what: str) -> None:
    backup = scene.folder / "backup"
    if what == "body":
        DAMAGE["zeros"](body(scene.folder / "pages", accepted[0]))
    else:
        next((scene.folder / "pages").glob(f"fetched/*/{accepted[0].id}.json")).write_bytes(b"{")

    done = scene.run("shared.upkeep", "backup", str(backup))

    assert done.returncode == run.PARTLY
    assert json.loads(done.stdout)["counts"]["pages_unreadable"] == 1
    assert accepted[0].id in done.stderr  # the log names it
    assert "the backup is whole but for 1 page" in done.stderr.splitlines()[-1]
    scene.destroy()
    assert run.restore(scene.settings, backup).pages_missing == (1 if what == "body" else 0)


@pytest.fixture
def commands(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """What runs our commands on the installation."""
    for name, value in scene.environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield CliRunner()
    settings.cache_clear()


@pytest.mark.usefixtures("own_logs")
def test_the_command_ends_with_the_same_status(scene: Scene, accepted: list[Submission], commands: CliRunner) -> None:
    backup = str(scene.folder / "backup")
    whole = commands.invoke(main.app, ["backup", backup])
    DAMAGE["gone"](body(scene.folder / "backup" / "pages", accepted[0]))
    DAMAGE["gone"](body(scene.folder / "pages", accepted[0]))
    partly = commands.invoke(main.app, ["backup", backup])
    restored = commands.invoke(main.app, ["restore", backup, "--replace", "--json"])

    assert [one.exit_code for one in (whole, partly, restored)] == [0, run.PARTLY, run.PARTLY]
    assert "pages_unreadable" in partly.stdout
    assert json.loads(restored.stdout)["missing"] == [accepted[0].id]
