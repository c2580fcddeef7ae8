"""What the console is measured against: a Flask view without session, database or template, which returns the bytes
that the console returned."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

FOLDER = "BENCH_ANSWERS"  # names the folder with a file for each answer, named as the view is asked for
TYPES = {".json": "application/json", ".html": "text/html"}


def create() -> Flask:
    app = Flask(__name__, static_folder=None)
    bodies = {path.stem: (path.read_bytes(), TYPES[path.suffix]) for path in Path(os.environ[FOLDER]).iterdir()}

    @app.get("/<name>")
    @app.get("/<name>/<uuid:id>")
    def answer(name: str, id: object = None) -> Response:
        body, mimetype = bodies[name]
        return Response(body, mimetype=mimetype) if body else Response(status=304)

    return app
