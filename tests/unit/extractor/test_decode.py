"""Pages in many encodings, honest and not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.extractor.decode import decode

RUSSIAN = "Взрыв прогремел в центре города в четверг вечером, ранены двое прохожих, сообщили в полиции."
SPANISH = "Dos heridos tras una explosión en la estación de autobuses; la policía investigó mañana y noche."


@pytest.mark.parametrize(
    ("text", "encoding", "content_type"),
    [
        (RUSSIAN, "cp1251", "text/html; charset=windows-1251"), (RUSSIAN, "koi8-r", "text/html;charset='KOI8-R'"),
        (SPANISH, "cp1252", "text/html; charset=ISO-8859-1"), ("“Dos” €", "cp1252", "text/html; charset=iso-8859-1"),
        ("東京で爆発、二人が負傷した。", "cp932", "text/html; charset=Shift_JIS"),
        ("東京で爆発、二人が負傷した。", "iso2022_jp", "text/html; charset=iso-2022-jp"),
        ("北京发生爆炸,两人受伤。", "gb18030", "text/html; charset=gb2312"),
        ("서울에서 폭발로 두 명이 다쳤다.", "cp949", "text/html; charset=euc-kr"),
        (RUSSIAN, "utf-8", "text/html; charset=utf-8"), (RUSSIAN, "utf-8", None),
    ],
)  # fmt: skip
def test_the_header_names_the_encoding(text: str, encoding: str, content_type: str | None) -> None:
    assert decode(text.encode(encoding), content_type) == text


@pytest.mark.parametrize("markup", ['<meta charset="windows-1251">', "<META http-equiv=x content='a; charset=cp1251'>"])
def test_the_page_names_the_encoding(markup: str) -> None:
    assert decode((markup + RUSSIAN).encode("cp1251")) == markup + RUSSIAN


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_outranks_the_header(encoding: str) -> None:
    assert decode(RUSSIAN.encode(encoding), "text/html; charset=koi8-r") == RUSSIAN


def test_utf8_is_known_by_its_look_whatever_is_declared() -> None:
    assert decode(SPANISH.encode(), "text/html; charset=iso-8859-1") == SPANISH


def test_a_wrong_declaration_is_overruled_by_the_letters() -> None:
    assert decode((RUSSIAN * 5).encode("cp1251"), "text/html; charset=utf-8") == RUSSIAN * 5


def test_one_broken_letter_does_not_overrule_a_declaration() -> None:
    body = (RUSSIAN * 20).encode() + b"\xd0"
    assert decode(body, "text/html; charset=utf-8") == RUSSIAN * 20 + "\ufffd"


@pytest.mark.parametrize("name", ["punycode", "unicode_escape", "hex", "undefined", "utf-7", "nonsense", "idna"])
def test_a_page_cannot_choose_a_codec_that_is_no_web_encoding(name: str) -> None:
    assert "explosi" in decode(SPANISH.encode("cp1252"), f"text/html; charset={name}")


@given(st.binary(max_size=400), st.none() | st.text(max_size=40))
def test_any_bytes_become_text(body: bytes, content_type: str | None) -> None:
    assert isinstance(decode(body, content_type), str)
