"""The page store on real files."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Transient
from shared.pages import PageStore, open_page_store


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


def test_a_store_that_cannot_be_written_is_transient(tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}/pages")
    (tmp_path / "pages").rmdir()
    (tmp_path / "pages").write_text("a file is in the way")
    with pytest.raises(Transient):
        pages.put(b"x")


def test_a_damaged_body_is_noticed(tmp_path: Path) -> None:
    pages = open_page_store(f"file://{tmp_path}")
    key = pages.put(b"x" * 1000)
    (file,) = tmp_path.rglob("*.gz")
    os.truncate(file, 10)
    with pytest.raises(EOFError):
        pages.get(key)
