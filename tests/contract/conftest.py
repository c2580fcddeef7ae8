"""Fixtures of the contract's tests: an organization on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.web import House, cheap_passwords, house


@pytest.fixture(scope="session", autouse=True)
def quick_sign_in() -> Iterator[None]:
    with cheap_passwords():
        yield


@pytest.fixture
def home(app: Flask) -> House:
    return house(app)
