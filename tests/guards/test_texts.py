"""Every text of the console is in every catalogue, translated."""

from __future__ import annotations

from scripts import texts


def test_catalogues_are_complete_and_up_to_date() -> None:
    assert texts.problems() == [], "`make texts`, then translate"
