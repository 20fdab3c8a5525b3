"""What is cut or rewritten for the rulers, on corpora of our own of a few lines."""

import ast
import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from services.classifier import training
from tests.eval import rulers, samples

TEXT = 'Rain fell on <CITY role="main">Varnsmouth</CITY> and <REGION>the <CITY>Odrel</CITY> Hills</REGION>.'

#: Where the places of TEXT begin without its tags, and their points: the second has none.
AT = ("13;50.5;7.5", "28;;", "32;51.0;8.0")


def _found(_: dict[str, Any]) -> dict[str, Any]:
    """Say of TEXT that its first place is where it is, and its last elsewhere."""
    right, wrong = {"start": 13, "end": 23, "lat": 50.5, "lon": 7.5}, {"start": 32, "end": 37, "lat": 20.0, "lon": 8.0}
    return {"places": [right, wrong]}


def _gun_violence(folder: Path, reports: int) -> Path:
    (folder / "gva").mkdir(parents=True)
    with gzip.open(folder / "gva/articles.jsonl.gz", "wt") as lines:
        rows = [
            {"doc_id": f"r{n}", "incident_id": "7", "text": f"Report {n}", "dct": "2015-01-02"} for n in range(reports)
        ]
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    with gzip.open(folder / "gva/incidents.jsonl.gz", "wt") as lines:
        lines.write("{}\n")
    return folder


def _names(folder: Path) -> list[str]:
    with gzip.open(folder / "gva/articles.jsonl.gz", "rt") as lines:
        return [json.loads(line)["doc_id"] for line in lines]


def test_the_sample_is_of_its_size_the_same_again_and_spared_by_training(tmp_path: Path) -> None:
    data = _gun_violence(tmp_path / "data", 200)
    first, again = (samples.gun_violence(data, tmp_path / name, most=20) for name in ("a", "b"))
    assert _names(first) == _names(again)
    assert len(set(_names(first))) == 20
    assert all(samples.spared(name, ()) for name in _names(first))
    assert (first / "gva/incidents.jsonl.gz").exists()


def test_a_greater_sample_holds_the_smaller(tmp_path: Path) -> None:
    data = _gun_violence(tmp_path / "data", 200)
    small, great = (samples.gun_violence(data, tmp_path / str(most), most=most) for most in (5, 20))
    assert set(_names(small)) < set(_names(great))


def test_the_sample_is_the_same_in_every_process(tmp_path: Path) -> None:
    chosen = samples.gun_violence(_gun_violence(tmp_path / "data", 40), tmp_path / "a", most=3)
    assert _names(chosen) == ["r10", "r21", "r24"]


def test_a_labelled_report_is_not_spared() -> None:
    name = next(str(n) for n in range(100) if samples.spared(str(n), ()))
    assert not samples.spared(name, {f"gva/{name}"})


def _constant(module: str, name: str) -> Any:
    """Return a private literal of a training script, which cannot be imported without its libraries."""
    tree = ast.parse((Path(training.__path__[0]) / f"{module}.py").read_text())
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    (value,) = [node.value for node in assigned if ast.unparse(node.targets[0]).strip("()") == name]
    return ast.literal_eval(value)


def test_the_sample_spares_what_the_fits_of_tolls_and_dates_take() -> None:
    shares, of = _constant("tolls", "_SHARE, _OF")
    one_in = _constant("when", "_SHARE")
    assert {of: shares, one_in: (0,)} == samples.TAKEN


def test_tags_go_and_their_spans_stay() -> None:
    text, spans = samples.untagged(TEXT)
    assert text == "Rain fell on Varnsmouth and the Odrel Hills."
    assert [text[start:end] for start, end, _ in spans] == ["Varnsmouth", "the Odrel Hills", "Odrel"]


@pytest.mark.parametrize(("tag", "placed"), [("STREET", False), ("ZIP", False), ("POI", True)])
def test_addresses_are_no_places(tag: str, placed: bool) -> None:
    assert samples.untagged(f"<{tag}>Mill</{tag}>")[1] == [(0, 4, placed)]


def test_a_tag_that_is_closed_by_another_name_marks_its_span_all_the_same() -> None:
    assert samples.untagged("<UNIT>Sorland</CITY> slept")[1] == [(0, 7, True)]


def test_rewritten_places_score_fully_by_the_ruler_of_lgl(tmp_path: Path) -> None:
    rulers.there()
    box = tmp_path / "data/geoparsing"
    box.mkdir(parents=True)
    rows = ["docId;idx;offset;latitude;longitude", *(f"text1.txt;{n};{at}" for n, at in enumerate(AT))]
    with zipfile.ZipFile(box / "TUD-Loc2013.zip", "w") as archive:
        archive.writestr("tud/0-all/coordinates.csv", "\n".join(rows))
        archive.writestr("tud/0-all/text1.txt", TEXT)
    scored = rulers.scored("lgl", _found, samples.tud_loc(tmp_path / "data", tmp_path / "as"), tmp_path)
    assert {row.metric.rpartition(".")[2]: row.value for row in scored} == {
        "recognition": 1.0,
        "acc161": 0.5,
        "end_to_end": 0.5,
    }
