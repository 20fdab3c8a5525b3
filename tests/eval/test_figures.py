"""The table of figures: what a row says, how its floor is kept, what is read of the rulers."""

from pathlib import Path

import pytest

from tests.eval import figures, floors, rulers, sets
from tests.eval.figures import Asked, Row

PRINTED = """# muc: no line for 2 articles, counted as empty
muc.slots.relevant 0.7830 0.8800 BELOW  P 0.701 R 0.887 n 200  95% 0.719-0.839
gva.merge_b3 0.9000 - -
"""


def test_f1_is_of_the_sums() -> None:
    assert figures.f1([(1, 1, 2), (0, 1, 0)]) == pytest.approx(0.5)


def test_f1_of_nothing_is_nothing() -> None:
    assert figures.f1([(0, 0, 0)]) == 0


def test_share_asks_only_for_what_is_wanted() -> None:
    assert figures.share([(1, 1, 1), (0, 1, 1), (1, 1, 1), (1, 1, 1)]) == 0.75


def test_macro_f1_is_the_mean_of_kinds_and_micro_of_all_together() -> None:
    units = [(1, 1, 1, 0, 1, 0), (1, 1, 1, 0, 0, 1)]
    assert figures.macro_f1(units) == pytest.approx(0.5)
    assert figures.f1(figures.summed(units)) == pytest.approx(2 / 3)


def test_an_interval_holds_its_value_and_is_the_same_again() -> None:
    units = [(n % 2, 1, 1) for n in range(40)]
    found = figures.row("satp.armed", units, figures.share)
    assert found == figures.row("satp.armed", units, figures.share)
    assert found.interval
    assert 0.3 < found.interval[0] < found.value == 0.5 < found.interval[1] < 0.7
    assert found.n == 40


def test_the_rulers_lines_are_read_and_remarks_and_bare_numbers_left() -> None:
    assert list(figures.of_ruler(PRINTED.splitlines())) == [Row("muc.slots.relevant", 0.783, (0.719, 0.839), 200)]


def test_targets_are_read_as_they_are_written(tmp_path: Path) -> None:
    table = tmp_path / "targets.tsv"
    table.write_text("# metric\ttarget\tfloor\tbest\nmuc.x\t0.54\t.177\t.543 the best\ngeo.y\t0.80\t-\t-\n")
    asked = figures.targets(table)
    assert asked == {"muc.x": Asked("0.54", ".177", ".543 the best"), "geo.y": Asked("0.80", None, None)}


def test_a_line_shows_value_interval_floor_target_and_the_best() -> None:
    found = Row("muc.slots.type", 0.6, (0.5, 0.7), 200)
    asked = {"muc.slots.type": Asked("0.77", ".502", ".771 in 1992")}
    cells = figures.line(found, asked).split()
    floor = f"{floors.FLOORS['muc.slots.type']:g}"
    assert cells[:7] == ["muc", "slots.type", "0.600", "0.500", "-", "0.700", "200"]
    assert cells[7:] == [floor, ".502", "0.77", ".771", "in", "1992"]


def test_the_rulers_target_goes_before_ours() -> None:
    found = Row("gold.event", 0.8, (0.7, 0.9), 100)
    assert " 0.80 " not in figures.line(found, {})
    assert " 0.80 " in figures.line(found, {"gold.event": Asked("0.80", None, None)})


def test_a_fallen_figure_and_one_in_sample_are_marked() -> None:
    fallen = figures.line(Row("geo.lgl.acc161", 0.1, (0.05, 0.2), 9), {})
    assert fallen.startswith("lgl ")
    assert "0.100*" in fallen
    assert f"{floors.FLOORS['geo.lgl.acc161']:g}!" in fallen
    held = figures.line(Row("gold.event", 0.99, (0.9, 1.0), 9), {})
    assert "*" not in held
    assert "!" not in held


def test_a_figure_without_an_interval_says_so() -> None:
    assert figures.line(Row("held_out.relevance", 0.9, None, 416), {}).split()[3:5] == ["-", "416"]
    assert figures.line(Row("gate.recall", 0.9, None, None), {}).split()[3:5] == ["-", "-"]


def test_notes_speak_only_of_what_is_shown() -> None:
    assert not [note for note in figures.notes(["gold.event"]) if "in-sample" in note]
    assert [note for note in figures.notes(["geo.lgl.acc161"]) if note.startswith("* geo: in-sample")]


def test_notes_say_when_training_left_no_figure_of_fine_tuning() -> None:
    assert [note for note in figures.notes(["gate.recall"]) if "insightcrime" in note]
    assert not [note for note in figures.notes(["gate.recall", "satp.encoder_micro"]) if "insightcrime" in note]


@pytest.mark.parametrize(
    ("metric", "value", "kept"),
    [
        ("gold.evidence", 1.0, True),
        ("gold.evidence", 0.99, False),
        ("bbc.ordinary_passed", 0.0, True),
        ("bbc.ordinary_passed", 0.5, False),
        ("satp.unheard_of", 0.0, True),
    ],
)
def test_a_floor_is_kept_from_above_or_below(metric: str, value: float, kept: bool) -> None:
    assert floors.kept(metric, value) is kept


def test_every_floor_goal_and_mark_is_of_a_set_that_is_measured() -> None:
    known = set(sets.CLASSIFIER) | set(sets.EXTRACTOR) | set(sets.MERGER)
    named = [*floors.FLOORS, *floors.GOALS, *floors.PUBLISHED, *floors.AT_MOST]
    assert {figures.group(metric) for metric in named} <= known
    assert {figures.group(start + "x.y") for start in floors.SEEN if start != "geo."} <= known


def test_training_figures_become_rows_of_their_own_sets() -> None:
    left = {"satp.micro": 0.8, "insight.macro": 0.5, "gate.recall": 0.99, "stories": 416.0, "relevance": 0.9}
    rows = {row.metric: (row.value, row.n) for row in sets.of_training(left)}
    assert rows == {
        "satp.encoder_micro": (0.8, None),
        "insightcrime.encoder_macro": (0.5, None),
        "gate.recall": (0.99, None),
        "held_out.relevance": (0.9, 416),
    }


def test_the_rulers_table_can_be_read() -> None:
    rulers.there()
    asked = sets.asked()
    assert asked["muc.ceaf.micro"].target == "0.54"
    assert asked["gva.date"].simple
    assert not set(asked) & set(floors.GOALS), "a target that the rulers state is not ours to state"
