"""The ruler over TimeBank, on a text of our own."""

from datetime import date

import pytest

from tests.eval import timebank

SOURCE = """<TimeML><DCT><TIMEX3 tid="t0" type="DATE" value="2022-03-17">x</TIMEX3></DCT><TEXT>
The depot <EVENT eid="e1">burnt</EVENT> <TIMEX3 tid="t1" type="{kind}" value="{value}">{words}</TIMEX3> after shelling.
</TEXT></TimeML>"""


def _unit(words: str, value: str, kind: str = "DATE") -> tuple[int, int, int]:
    return timebank.unit(timebank.document("x", SOURCE.format(words=words, value=value, kind=kind)))


@pytest.mark.parametrize(
    ("words", "value", "kind"),
    [
        ("on Tuesday", "2022-03-15", "DATE"),
        ("last night", "2022-03-16TNI", "TIME"),
        ("last week", "2022-W10", "DATE"),
        ("over the weekend", "2022-W10-WE", "DATE"),
        ("last month", "2022-02", "DATE"),
        ("last year", "2021", "DATE"),
    ],
)
def test_a_right_value_counts(words: str, value: str, kind: str) -> None:
    assert _unit(words, value, kind) == (1, 1, 1)


def test_a_wrong_value_is_claimed_and_wanted() -> None:
    assert _unit("on Tuesday", "2022-03-08") == (0, 1, 1)


def test_an_expression_not_found_is_wanted() -> None:
    assert _unit("at harvest", "2022-03") == (0, 0, 1)


@pytest.mark.parametrize(("value", "kind"), [("P2D", "DURATION"), ("2022-Q1", "DATE"), ("PAST_REF", "DATE")])
def test_what_is_left_out_is_neither_wanted_nor_punished(value: str, kind: str) -> None:
    assert _unit("on Tuesday", value, kind) == (0, 0, 0)


def test_a_date_that_nobody_marked_is_a_false_alarm() -> None:
    bare = SOURCE.replace("burnt", "burnt on Tuesday")
    found = timebank.document("x", bare.format(words="at harvest", value="PAST_REF", kind="DATE"))
    assert timebank.unit(found) == (0, 1, 0)


def test_tags_leave_the_text_and_its_offsets() -> None:
    found = timebank.document("x", SOURCE.format(words="on Tuesday", value="2022-03-15", kind="DATE"))
    (timex,) = found.timexes
    assert (found.text[timex.start : timex.end], found.day) == ("on Tuesday", date(2022, 3, 17))


def test_what_is_no_timeml_is_refused() -> None:
    with pytest.raises(ValueError, match="no TimeML"):
        timebank.document("x", "<p>no</p>")
