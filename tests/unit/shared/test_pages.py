"""Bodies in the page store, on real files and real disks that are full."""

import gzip
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import LocalStore, MemoryStore

from shared.errors import Outage, SetupError
from shared.pages import Damaged, PageStore, open_page_store
from tests import examples


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> PageStore:
    """An empty store."""
    return open_page_store(f"file://{tmp_path_factory.mktemp('pages')}")


@given(body=st.binary(max_size=5000))
@settings(max_examples=50)
def test_what_is_put_is_got(pages: PageStore, body: bytes) -> None:
    assert pages.get(pages.put(body)) == body


def test_equal_bodies_are_one_file(tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}/new/folder")
    assert pages.put(b"same") == pages.put(b"same") != pages.put(b"other")
    assert len(list(tmp_path.rglob("*.gz"))) == 2


def test_a_body_that_is_not_there(pages: PageStore) -> None:
    with pytest.raises(KeyError):
        pages.get("0" * 64)


def test_has_tells_what_get_would_find(pages: PageStore) -> None:
    assert pages.has(pages.put(b"there"))
    assert not pages.has("0" * 64)


def test_a_store_that_cannot_be_written_is_an_outage(tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}/pages")
    (tmp_path / "pages").rmdir()
    (tmp_path / "pages").write_text("a file is in the way")
    with pytest.raises(Outage):
        pages.put(b"x")


def test_a_disk_that_is_not_mounted_has_lost_no_page(tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}/disk")
    key = pages.put(b"x")
    (tmp_path / "disk").rename(tmp_path / "elsewhere")
    for ask in (pages.get, pages.has):
        with pytest.raises(Outage, match="is not there"):
            ask(key)
    (tmp_path / "elsewhere").rename(tmp_path / "disk")
    assert pages.get(key) == b"x"


def test_a_missing_folder_is_made_only_when_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no page store"):
        open_page_store(f"file://{tmp_path}/typo", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 1, 10, 25])
def test_a_body_that_was_cut_off_is_noticed(size: int, tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}")
    key = pages.put(b"x" * 1000)
    (file,) = tmp_path.rglob("*.gz")
    os.truncate(file, size)  # 0: what a power cut leaves, and what gzip takes for an empty body
    with pytest.raises(Damaged, match="replay"):
        pages.get(key)


@pytest.mark.parametrize("content", [b"no gzip at all", gzip.compress(b"another body", mtime=0)])
def test_a_body_that_was_replaced_is_noticed(content: bytes, tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}")
    key = pages.put(b"x" * 1000)
    (file,) = tmp_path.rglob("*.gz")
    file.write_bytes(content)
    with pytest.raises(Damaged):
        pages.get(key)
    assert pages.put(b"x" * 1000) == key
    assert pages.get(key) == b"x" * 1000  # putting it again mends it


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KB, for those who may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tocsin-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def listed(folder: Path) -> list[str]:
    """Return everything that obstore shows in a folder."""
    return sorted(meta["path"] for chunk in obstore.list(LocalStore(folder)) for meta in chunk)


def test_a_full_disk_is_an_outage_and_leaves_nothing_half(small_disk: Path) -> None:
    pages = open_page_store(f"file://{small_disk}")
    kept: dict[str, bytes] = {}

    def fill() -> None:
        for _ in range(100):
            body = os.urandom(50_000)
            kept[pages.put(body)] = body

    with pytest.raises(Outage, match=r"^page store cannot be written: .*No space left on device \(os error 28\)$"):
        fill()
    assert kept
    assert {key: pages.get(key) for key in kept} == kept
    assert len(listed(small_disk)) == len(kept)
    assert not list(small_disk.rglob("*#*"))  # the draft is gone too


def test_a_full_disk_takes_no_record_and_spoils_none(small_disk: Path) -> None:
    pages = open_page_store(f"file://{small_disk}")
    before = examples.submission()
    page = examples.page().model_copy(update={"body_key": pages.put(b"x")})
    pages.keep(before, page)
    free = pages.free_bytes()
    assert free is not None
    (small_disk / "ballast").write_bytes(b"0" * free)
    assert pages.free_bytes() == 0
    for submission in (before, examples.submission()):
        with pytest.raises(Outage, match="os error 28"):
            pages.keep(submission, page.model_copy(update={"etag": "new"}))
    assert pages.find(before) == page
    assert [kept.cursor[11:] for kept in pages.since(before.accepted_at.date())] == [before.id]


CUT_OFF = """
import os, sys
from shared.errors import Outage
from shared.pages import open_page_store
pages = open_page_store(sys.argv[1])
try:
    pages.put(os.urandom(100_000))
except Outage as error:
    sys.exit(str(error))
"""


def test_a_write_that_is_cut_off_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CUT_OFF, f"file://{tmp_path}/pages"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert "File too large (os error 27)" in ran.stderr
    assert listed(tmp_path) == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_a_killed_process_left_is_neither_listed_nor_read(tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}")
    key = pages.put(b"whole")
    (file,) = tmp_path.rglob("*.gz")
    draft = file.with_name(file.name + "#1")
    file.rename(draft)
    assert not pages.has(key)
    assert listed(tmp_path) == []
    assert pages.put(b"whole") == key
    assert pages.get(key) == b"whole"
    assert listed(tmp_path) == [str(file.relative_to(tmp_path))]


def test_free_bytes_are_those_of_a_disk_of_ours(tmp_path: Path) -> None:
    free = open_page_store(f"file://{tmp_path}").free_bytes()
    assert free is not None
    assert 0 <= free <= os.statvfs(tmp_path).f_blocks * os.statvfs(tmp_path).f_frsize
    assert PageStore(MemoryStore()).free_bytes() is None
    gone = open_page_store(f"file://{tmp_path}/gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(Outage):
        gone.free_bytes()
