"""A page of any shape becomes a tree of bounded size."""

import pytest

from services.extractor import parse as parsing
from services.extractor.parse import parse, printable, tidy

MANY = " ".join(f"a{n}" for n in range(5000))


@pytest.mark.parametrize(
    "start",
    ["<p ", "<p x='>' ", '<p x="<" ', "<p x=y/", '<!-- <p x=" --><p ', '<script>"<p x=\'"</script><p '],
)
def test_no_tag_keeps_thousands_of_attributes(start: str) -> None:
    tree = parse(f"<html><body>{start}{MANY}>text</p><p>more")
    assert tree is not None
    assert max(len(element.attrib) for element in tree.iter()) <= 1
    assert "more" in tree.text_content() or start.startswith("<!--")  # a comment without an end hides all


def test_usual_attributes_are_kept() -> None:
    tree = parse("""<html><p title='a > b' class="c d" hidden id=e>text</p><script>if (a<b) c = "d'"</script>""")
    assert tree is not None
    (paragraph,) = tree.iter("p")
    assert dict(paragraph.attrib) == {"title": "a > b", "class": "c d", "hidden": "", "id": "e"}


@pytest.mark.parametrize("piece", ["<p>a</p>", "<br>", "</p>", "<b>"])
def test_a_tree_has_so_many_elements_at_most(piece: str) -> None:
    tree = parse(f"<html><body>{piece * 100_000}")
    assert tree is not None
    assert sum(1 for _ in tree.iter()) <= parsing.MAX_TAGS + 5


def test_a_page_is_read_up_to_a_size() -> None:
    tree = parse("<html><body><p>" + "a " * 2_000_000)
    assert tree is not None
    assert len(tree.text_content()) <= parsing.MAX_CHARS


def test_a_script_that_is_too_long_to_be_data_is_emptied() -> None:
    trap = '{"articleBody": "' + "\\u003cp " + "a0 " * parsing.MAX_SCRIPT_CHARS + '"}'
    data = '{"articleBody": "A story."}'
    page = "<script type='application/ld+json'>{}</script><script type='application/ld+json'>{}</script><p>text</p>"
    tree = parsing.parse(page.format(trap, data))
    assert tree is not None
    assert [script.text for script in tree.iter("script")] == [None, data]


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\u2060", "\ufeff", "\x00", "\x9f", "\ud800"])
def test_what_no_reader_sees_parts_no_word(unseen: str) -> None:
    text = f"{unseen}A bo{unseen}mb went off in Ka{unseen}bul.\n{unseen}"
    assert printable(text) == "A bomb went off in Kabul.\n"
    assert tidy(text) == "A bomb went off in Kabul."


@pytest.mark.parametrize("seen", ["\u00a0", "\t", "\n", "\u2003", "&nbsp;", " \u200b ", "&shy; "])
def test_what_a_reader_sees_as_a_space_is_one(seen: str) -> None:
    assert tidy(f"Bomb{seen}kills two") == "Bomb kills two"
