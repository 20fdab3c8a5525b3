"""The command behind `make eval-classify`, over the set that needs no coding."""

from pathlib import Path

import pytest

from tests.eval import classifying, rulers


def test_a_named_set_is_shown_alone_under_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    rulers.there()
    classifying.main(["trained", "trained"])
    heading, *rows = capsys.readouterr().out.split("\n\n", maxsplit=1)[0].splitlines()
    assert heading.split()[:3] == ["set", "row", "value"]
    assert {row.split()[0] for row in rows} <= {"gate", "held_out", "satp", "insightcrime"}
    assert len(rows) == len(set(rows)) > 3


def test_the_signs_are_explained_below(capsys: pytest.CaptureFixture[str]) -> None:
    rulers.there()
    classifying.main(["trained"])
    assert "asserted in CI" in capsys.readouterr().out.split("\n\n", maxsplit=1)[1]


def test_a_set_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        classifying.main(["gold", "silver"])
    assert "no such set: silver" in capsys.readouterr().err


def test_without_rulers_it_says_where_they_are_sought(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(rulers, "SHARED", tmp_path / "shared")
    with pytest.raises(SystemExit):
        classifying.main(["gold"])
    assert f"no rulers and data in {tmp_path / 'shared'}" in capsys.readouterr().err
