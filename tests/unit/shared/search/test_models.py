"""What may be asked, what may not, and the cursor that reads on."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from shared.search import counting
from shared.search.articles import ArticleSearch
from shared.search.counting import Interval
from shared.search.incident_search import IncidentSearch
from shared.search.paging import BadCursor
from shared.spelling import plain, without_accents


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"offset": 9981}, "reach hit 10,000 at most: read on with cursor="),
        ({"cursor": "*", "offset": 1}, "no offset with it"),
        ({"cursor": "*", "limit": 0}, "at least one hit"),
        ({"bbox": "1,2,3"}, "four sides"),
        ({"bbox": "0,10,1,5"}, "south below"),
        ({"bbox": "0,0,0,nan"}, "south below"),
        ({"bbox": "a,b,c,d"}, "could not convert"),
        ({"lat": 1}, "both lat and lon"),
        ({"km": 1}, "distance from lat, lon"),
        ({"lat": float("nan"), "lon": 1}, "less than or equal"),
        ({"killed_min": 2, "killed_max": 1}, "killed_min is more than killed_max"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "from lies after to"),
        ({"sort": "distance"}, "needs lat and lon"),
        ({"interval": "day"}, "single days need from and to"),
        ({"interval": "day", "from": "2000-01-01", "to": "2010-01-01"}, "at most 1,100 days"),
        ({"zoom": 9}, "need a smaller bbox"),
        ({"actor": [""]}, "at least 1 character"),
        ({"type": ["riot"] * 101}, "at most 100 items"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(asked: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        IncidentSearch.model_validate(asked)


def test_a_small_box_may_be_clustered_finely() -> None:
    assert IncidentSearch(zoom=12, bbox="179,-18,-179,-16").zoom == 12
    assert counting.tiles("179,-90,-179,90", 8) == pytest.approx(4**8 * 2 / 360)


@pytest.mark.parametrize(
    ("first", "last", "interval"),
    [
        (None, None, Interval.MONTH),
        (date(2026, 1, 1), date(2026, 1, 31), Interval.DAY),
        (date(2026, 1, 1), date(2026, 12, 31), Interval.WEEK),
        (date(2020, 1, 1), date(2026, 1, 1), Interval.MONTH),
        (date(1990, 1, 1), None, Interval.YEAR),
    ],
)
def test_bars_suit_the_span(first: date | None, last: date | None, interval: Interval) -> None:
    assert counting.fitting(first, last, date(2026, 11, 23)) is interval


def test_a_cursor_comes_back_to_its_own_search_whatever_the_page_holds() -> None:
    search = IncidentSearch(q="bomb", cursor="*", limit=7)
    after = [1.5, 9223372036854775807, "TCN-1", None, "Infinity"]
    cursor = search.cursor_after("a view", after)
    assert IncidentSearch(q="bomb", cursor=cursor, limit=20).read_on() == ("a view", after)
    for other in (IncidentSearch(q="bombs", cursor=cursor), ArticleSearch(q="bomb", cursor=cursor)):
        with pytest.raises(BadCursor, match="another search"):
            other.read_on()


@pytest.mark.parametrize(
    "cursor", ["x", "****", "", "W10=", "eyJhIjoxfQ==", "WyJhIiwiYiIsW11d", "é", "WyJhIiwiYiIsW3t9XV0="]
)
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor, match="no cursor of ours"):
        IncidentSearch(cursor=cursor).read_on()


@pytest.mark.parametrize(
    ("name", "spelt"),
    [("Medellín", "medellin"), ("Sana'a", "sanaa"), ("Ta\u2018izz", "taizz"), ("Łódź", "lodz"), ("ADEN", "aden"),
     ("D\u0130YARBAKIR", "diyarbakir"), ("Straße", "strasse"), ("M23", "m23")],
)  # fmt: skip
def test_names_have_one_plain_spelling(name: str, spelt: str) -> None:
    assert plain(name) == spelt
    assert plain(spelt) == spelt


def test_prose_keeps_its_case() -> None:
    assert without_accents("In Şanl\u0131urfa") == "In Sanliurfa"
