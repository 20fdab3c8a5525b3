"""The filters keep the contract."""

import base64
import json
from datetime import date
from typing import Any

import pytest

from services.cli import filters, jsonl
from tests.examples import BUKAVU, coded, day, event, toll

HTML = """<html><head><title>Blast in Goma kills three</title>
<meta property="article:published_time" content="2026-03-04T08:00:00+02:00"></head><body><article>
<h1>Blast in Goma kills three</h1><p>{}</p></article></body></html>""".format(
    "A bomb exploded in a crowded market in Goma on Tuesday morning, killing three people, the police said. " * 4
)


def test_extract_answers_with_the_fields_of_the_contract() -> None:
    row = filters.extract({"url": "http://north.example/a", "html": HTML})
    assert row["title"] == "Blast in Goma kills three"
    assert row["published"]["value"].startswith("2026-03-04")
    assert (row["language"], row["site"], row["discard_reason"]) == ("en", "north.example", None)
    assert "killing three people" in row["text"]


def test_extract_reads_raw_bytes_too() -> None:
    raw = base64.b64encode(HTML.encode()).decode()
    row = filters.extract({"url": "http://north.example/a", "html_base64": raw, "content_type": "text/html"})
    assert row["title"] == "Blast in Goma kills three"


def test_bytes_that_are_no_base64_are_an_error() -> None:
    (row,) = jsonl.mapped(filters.extract, ['{"id": "a", "url": "http://a.example/", "html_base64": "!!!"}'], jobs=1)
    assert row["id"] == "a"
    assert "error" in row


def test_classify_codes_an_article() -> None:
    row = filters.classify(
        {
            "title": "Bomb kills three at market in Goma",
            "text": "A bomb exploded at a market in Goma, DR Congo, on Tuesday, killing three people.",
            "published": "2026-03-04",
        }
    )
    assert (row["relevant"], row["discard_reason"]) == (True, None)
    (told,) = [one for one in row["events"] if one["main"]]
    assert (told["type"], told["killed"]["best"]) == ("explosive_remote", 3)
    assert [w["class"] for w in told["weapons"]] == ["explosive"]
    assert {a["role"] for a in told["actors"]} == {"victim"}
    json.dumps(row)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-04", date(2026, 3, 4)),
        ("2026-03-04T23:30:00+03:00", date(2026, 3, 4)),
        ({"value": "2026-03-04", "precision": "day", "source": "meta"}, date(2026, 3, 4)),
        ({"value": "2026-03-04"}, date(2026, 3, 4)),
        (None, None),
        ("", None),
        ("yesterday", None),
        ({"value": "soon"}, None),
        ({}, None),
        (20260304, None),
    ],
)
def test_a_publication_date_is_read_or_unknown(value: object, expected: date | None) -> None:
    published = filters.published(value)
    assert (published.day if published else None) == expected


def line(identifier: str, *events: Any, **fields: Any) -> str:
    """A line as `tocsin classify` writes it, with the fields that `tocsin merge` needs kept."""
    told = [one.model_dump(mode="json") for one in events]
    row = {
        "id": identifier,
        "title": "Bomb goes off in Goma",
        "published": "2026-03-04",
        "site": f"{identifier}.example",
    }
    return json.dumps(row | {"relevant": True, "events": told} | fields)


def test_merge_gives_a_line_per_event_in_input_order() -> None:
    one, other = event(killed=toll(3)), event(place=BUKAVU, main=False)
    rows = list(filters.merge([line("b", one, other), line("a", one), line("c")]))
    assert [(row["id"], row["event"]) for row in rows] == [("b", 0), ("b", 1), ("a", 0)]
    assert rows[0]["incident"] == rows[2]["incident"] != rows[1]["incident"]
    assert all(0 <= row["score"] <= 1 and row["reason"] for row in rows)


def test_the_order_of_lines_does_not_change_the_grouping() -> None:
    lines = [line(str(n), event(date=day(date(2026, 3, 1 + n)))) for n in range(6)]
    forward = {row["id"]: row["incident"] for row in filters.merge(lines)}
    assert {row["id"]: row["incident"] for row in filters.merge(reversed(lines))} == forward


def test_merge_answers_a_bad_line_with_an_error() -> None:
    rows = list(filters.merge([line("a", event()), "{", line("b", event(), events=[{"type": "war"}])]))
    assert [("error" in row) for row in rows] == [False, True, True]
    assert rows[2]["id"] == "b"


@pytest.mark.parametrize("bad", [line("a", event()), '{"events": []}'])
def test_merge_tells_lines_apart_by_their_id(bad: str) -> None:
    rows = list(filters.merge([line("a", event()), bad]))
    assert "error" not in rows[0]
    assert "id of its own" in rows[1]["error"]


def test_merge_takes_what_classify_gives() -> None:
    article = coded(event()).article
    row = {"id": "x", "title": article.title, "text": article.text, "published": "2026-03-04"}
    read = {**row, **filters.classify(row)}
    assert len(list(filters.merge([json.dumps(read)]))) == len(read["events"])


def test_what_no_reader_sees_in_a_title_changes_nothing() -> None:
    title, text = "Car bomb kills six in Karachi", "It went off on Monday."
    plain = filters.classify({"title": title, "text": text, "published": "2022-03-17"})
    parted = "\u00ad".join(title.replace(" ", " \u200b"))
    assert filters.classify({"title": parted, "text": text, "published": "2022-03-17"}) == plain
    assert plain["relevant"]
