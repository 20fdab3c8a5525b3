"""The sample of merging and its rows, on a corpus of our own of a few lines."""

import gzip
import json
from pathlib import Path

from services.cli import filters
from services.indexer.training.corpora import Text
from tests.eval import merging
from tests.eval.figures import Row

RECORD = {
    "incident_uri": "7",
    "date_iso": "2015-01-02",
    "state": "Ohio",
    "city_or_county": "Varnsmouth (Odrel)",
    "num_killed": 2,
    "num_injured": 0,
    "lat_lon": [40.0, -83.0],
}


def _corpus(folder: Path, incidents: int, reports: int) -> Path:
    (folder / "gva").mkdir(parents=True)
    with gzip.open(folder / "gva/articles.jsonl.gz", "wt") as lines:
        for incident in range(incidents):
            for number in range(reports):
                lines.write(json.dumps({"doc_id": f"{incident}-{number}", "incident_id": incident}) + "\n")
    with gzip.open(folder / "gva/incidents.jsonl.gz", "wt") as lines:
        lines.write("{}\n")
    return folder


def _sample(folder: Path, source: Path, most: int) -> list[str]:
    with gzip.open(merging.sampled(source, folder, most) / "gva/articles.jsonl.gz", "rt") as lines:
        return [json.loads(line)["doc_id"] for line in lines]


def test_a_sample_has_whole_incidents_and_is_always_the_same(tmp_path: Path) -> None:
    source = _corpus(tmp_path / "source", 30, 3)
    chosen = _sample(tmp_path / "one", source, 20)
    assert len(chosen) == 21
    assert len({name.partition("-")[0] for name in chosen}) == 7
    assert chosen == _sample(tmp_path / "other", source, 20)
    assert set(chosen) <= set(_sample(tmp_path / "more", source, 40))


def test_a_record_is_an_event_that_merges_with_itself_and_not_with_another() -> None:
    far = RECORD | {"city_or_county": "Quaxville", "lat_lon": [45.0, -90.0], "state": "Wisconsin"}
    lines = [
        json.dumps({"id": name, "title": "", "text": "", "site": name, "events": [merging.recorded(record)]})
        for name, record in (("a", RECORD), ("b", RECORD), ("c", far))
    ]
    of = {row["id"]: row["incident"] for row in filters.merge(lines)}
    assert of["a"] == of["b"] != of["c"]


def test_look_alikes_apart_are_counted_by_pairs_of_coded_texts() -> None:
    told = (("a", "t/one"), ("b", "t/other"), ("c", "t/other"), ("d", "t/one"))
    texts = [Text(name, "", "", None, happening, "t") for name, happening in told]
    found = merging.look_alikes(texts, {"a": "X", "b": "X", "c": "Y"})
    assert (found.value, found.n) == (0.5, 1)


def test_what_was_said_of_all_serves_the_sample_in_its_order(tmp_path: Path) -> None:
    whole, source, target = (tmp_path / name for name in ("whole", "source", "target"))
    whole.write_text("".join(json.dumps({"id": name, "relevant": name != "b"}) + "\n" for name in "abc"))
    source.write_text("".join(json.dumps({"id": name}) + "\n" for name in "cb"))
    merging.picked(source, whole, target)
    said = [json.loads(line) for line in target.read_text().splitlines()]
    assert said == [{"id": "c", "relevant": True}, {"id": "b", "relevant": False}]


def test_folded_figures_are_those_that_training_wrote(tmp_path: Path) -> None:
    shown = {row.metric for row in merging.folded(tmp_path, tmp_path)}
    assert {"folded.gva.pairs", "folded.gva.b3", "folded.ecb.apart"} <= shown


def test_the_main_event_is_the_first_main_one() -> None:
    assert merging.main({"relevant": True, "events": [{"main": False}, {"main": True}]}) == 1
    assert merging.main({"relevant": True, "events": [{"main": False}]}) == 0
    assert merging.main({"relevant": False, "events": [{"main": True}]}) is None


def test_rows_are_renamed_with_what_they_say() -> None:
    (row,) = merging.renamed("merge.", [Row("gva.merge_b3", 0.9, (0.8, 1.0), 3)])
    assert row == Row("merge.b3", 0.9, (0.8, 1.0), 3)
