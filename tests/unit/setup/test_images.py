"""What our containers are made of: images by exact tag, so that two installations of one release are the same."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
#: A whole version, and what of it: 8.19.21, v3.5.0, 7.4.11-bookworm.
EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[a-z-]+)?")


def test_every_image_of_others_is_named_by_an_exact_tag() -> None:
    images = re.findall(r"^\s+image: (?!tocsin-)(\S+)$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)
    images += re.findall(r"^FROM (\S+:\S+)", (ROOT / "deploy/docker/Dockerfile").read_text(), re.MULTILINE)

    assert len(images) == 7
    assert not [image for image in images if not EXACT.fullmatch(image.rpartition(":")[2])]
