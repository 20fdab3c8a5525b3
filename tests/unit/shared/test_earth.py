"""Distances along the earth."""

import pytest

from shared.domain import earth


def test_a_distance_is_that_along_the_earth() -> None:
    assert earth.distance_km(52.52, 13.40, 48.86, 2.35) == pytest.approx(878, rel=0.01)  # Berlin to Paris
    assert earth.distance_km(0, 179.5, 0, -179.5) == pytest.approx(111.2, rel=0.01)  # over the date line


def test_the_ends_of_the_earth() -> None:
    assert earth.distance_km(1, 1, 1, 1) == 0
    assert earth.distance_km(0, 0, 0, 180) == pytest.approx(20_015, rel=0.01)
