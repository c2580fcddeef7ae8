"""The application for a WSGI server (`gunicorn app:app`), and the console on this machine (`python app.py`)."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    # Made when a server asks for it, so that `python app.py --help` touches no database.
    if name == "app":
        from omnistream_console import create_app

        return globals().setdefault("app", create_app())
    raise AttributeError(name)


if __name__ == "__main__":
    from omnistream_console.commands import serve

    serve()
