"""Passwords: argon2id with the library's recommended parameters."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 1_000

_hasher = PasswordHasher()


def hash_password(text: str) -> str:
    """The hash to store. Takes tens of milliseconds on purpose: never inside a transaction."""
    return _hasher.hash(text)


def verify(stored: str, text: str) -> bool:
    """Whether a password is the one that was hashed."""
    try:
        return _hasher.verify(stored, text)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    return _hasher.hash("the password of nobody")


def verify_nobody(text: str) -> None:
    """Takes as long as a check, so that an answer's time does not tell whether an address is known."""
    verify(_nobody(), text)
