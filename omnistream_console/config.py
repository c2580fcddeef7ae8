"""Every setting, its default and its environment variable."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

VERSION = version("omnistream-console")
PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent


def beside(name: str) -> Path:
    """The folder of templates or static files: the wheel's own copy, or the one beside the package in a checkout."""
    packed = PACKAGE / f"_{name}"
    return packed if packed.is_dir() else ROOT / name


@dataclass(frozen=True, slots=True)
class Settings:
    """How one process runs. Made by `from_environment`, or by hand in tests."""

    instance_path: Path = field(default_factory=lambda: default_instance_path())
    database_url: str = ""  # OMNISTREAM_DATABASE_URL; empty: SQLite in the instance folder
    secret_key: str = ""  # OMNISTREAM_SECRET_KEY; empty: made and kept in the instance folder
    host: str = "127.0.0.1"  # OMNISTREAM_HOST
    port: int = 5000  # OMNISTREAM_PORT
    proxies: int = 0  # OMNISTREAM_PROXIES: how many reverse proxies in front say who asks and whether by TLS
    testing: bool = False

    @property
    def database(self) -> str:
        """The database's URL as SQLAlchemy takes it."""
        url = self.database_url or f"sqlite:///{self.instance_path / 'omnistream.sqlite3'}"
        for short in ("postgres://", "postgresql://"):
            if url.startswith(short):
                return "postgresql+psycopg://" + url.removeprefix(short)
        return url

    def secret(self) -> str:
        """The key that signs sessions and tokens; made on first use where none is given."""
        if self.secret_key:
            return self.secret_key
        path = self.instance_path / "secret_key"
        self.instance_path.mkdir(parents=True, exist_ok=True)
        try:
            path.touch(mode=0o600, exist_ok=False)
            path.write_text(secrets.token_urlsafe(48))
        except FileExistsError:
            pass  # another process, or an earlier start, made it
        key = path.read_text()
        while not key:  # the process that made the file has not filled it yet
            time.sleep(0.01)
            key = path.read_text()
        return key


def default_instance_path() -> Path:
    """`instance/` of a checkout; for an installed wheel `instance/` of the folder it is started in."""
    return (ROOT if (ROOT / "pyproject.toml").is_file() else Path.cwd()) / "instance"


def _is_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.port != 0 and parts.scheme in ("sqlite", "postgres", "postgresql", "postgresql+psycopg")
    except ValueError:  # the port is no number
        return False


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of a process: a `.env` file in the working folder, overruled by the environment.
    Raises ValueError naming the variable."""
    if environment is None:
        file = {key: value for key, value in dotenv_values(".env").items() if value is not None}
        environment = {**file, **os.environ}
    port = environment.get("OMNISTREAM_PORT", "") or "5000"
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(f"OMNISTREAM_PORT: {port!r} is no port number")
    proxies = environment.get("OMNISTREAM_PROXIES", "") or "0"
    if not proxies.isdecimal() or int(proxies) > 5:
        raise ValueError(f"OMNISTREAM_PROXIES: {proxies!r} is no number from 0 to 5")
    database_url = environment.get("OMNISTREAM_DATABASE_URL", "")
    if database_url and not _is_database(database_url):  # it may hold a password, and is not repeated
        raise ValueError("OMNISTREAM_DATABASE_URL: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME is wanted")
    return Settings(
        instance_path=default_instance_path(),
        database_url=database_url,
        secret_key=environment.get("OMNISTREAM_SECRET_KEY", ""),
        host=environment.get("OMNISTREAM_HOST", "") or "127.0.0.1",
        port=int(port),
        proxies=int(proxies),
    )
