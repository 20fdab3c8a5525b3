"""What stands below a story is cut off, and the story is not."""

import pytest

from services.extractor.boilerplate import strip_end

STORY = "A guard was wounded on Thursday.\nPolice held two men."


@pytest.mark.parametrize(
    "lines",
    [
        ["Source link"],
        ["Leave a Reply", "Your email address will not be published.", "Required fields are marked *"],
        ["Share this:", "- Click to share on Facebook (Opens in new window)", "Like this:", "Loading..."],
        [
            "Comment *",
            "Name *",
            "Email *",
            "Website",
            "Save my name, email, and website in this browser.",
            "Post Comment",
        ],
        ["Sign up for our daily newsletter"],
        ["Follow us on Twitter and Facebook"],
        ["Advertisement", "", "---"],
        ["Copyright 2022 The Valley Gazette. All rights reserved."],
        ["Related stories:", "Read more"],
        ["Get the latest headlines in your inbox every day."],
        ["This site uses Akismet to reduce spam."],
    ],
)
def test_is_cut_off(lines: list[str]) -> None:
    assert strip_end("\n".join([STORY, *lines])) == STORY


@pytest.mark.parametrize(
    "last",
    [
        "Two guards were killed.",
        "Share prices fell after the blast.",
        "He asked residents to follow police orders.",
        "Related charges were dropped against three men on Monday.",
        "Website owners were among those arrested.",
        "Print shops near the market burned down.",
        "Source links to the group were denied by the minister.",
    ],
)
def test_prose_is_kept(last: str) -> None:
    assert strip_end(f"{STORY}\n{last}") == f"{STORY}\n{last}"


def test_a_line_inside_the_story_is_kept() -> None:
    text = f"{STORY}\nAdvertisement\nOne of them later died."
    assert strip_end(text) == text


def test_nothing_but_boilerplate_is_nothing() -> None:
    assert strip_end("Share this:\nTweet") == ""
