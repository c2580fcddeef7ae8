"""The translation catalogues: `texts.py update` collects the texts, `texts.py check` says what is missing.

Texts are written in English in templates and code; a catalogue is one messages.po a language. What is written is sorted
and names files without line numbers, so that a changed template changes only the texts that changed.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "omnistream_console" / "translations"
# Language -> its plural rule. Babel's own table gives Indonesian the English rule; the language has one form.
LANGUAGES = {"id": "nplurals=1; plural=0;"}
# How texts are marked: name of the function -> which of its arguments are texts. gettext, ngettext and pgettext are
# what the template extractor reports whatever the name was; the short names are the ones that the code uses.
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
WIDTH = 120
AUTHORS = "The OmniStream Console authors"


def collected() -> Catalog:
    """Every text that templates and code mark, as a catalogue without translations."""
    with (ROOT / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]  # Babel leaves it untyped
    catalog = Catalog(project="OmniStream Console", charset="utf-8")
    found = extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for filename, _line, message, comments, context in found:
        catalog.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalog


def catalogue_path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    path = catalogue_path(language)
    if not path.exists():
        name = Locale.parse(language).english_name
        catalog = Catalog(
            locale=language,
            header_comment=f"# OmniStream Console in {name}.",
            project="OmniStream Console",
            version="catalogue",
            msgid_bugs_address="the project's issues",
            last_translator=AUTHORS,
            language_team=AUTHORS,
            revision_date=datetime.now(UTC),
            charset="utf-8",
            fuzzy=False,
        )
        catalog.mime_headers = [("Plural-Forms", LANGUAGES[language])]
        return catalog
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update() -> None:
    """Adds new texts untranslated and drops those that nothing says any more. Never guesses a translation."""
    template = collected()
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=WIDTH, sort_output=True, ignore_obsolete=True, include_lineno=False)
        print(f"{path.relative_to(ROOT)}: {len(catalog)} texts, {len(untranslated(catalog))} to translate")


def untranslated(catalog: Catalog) -> list[Message]:
    """Texts with an empty or half-empty translation, or one that a tool guessed."""
    return [m for m in catalog if m.id and (m.fuzzy or not _all_filled(m.string))]


def _all_filled(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, tuple | list) and string else bool(string)


def problems() -> list[str]:
    """What stands between the catalogues and the texts of this tree, in words; empty when all is well."""
    said = {_key(message): message for message in collected() if message.id}
    found = []
    for language in LANGUAGES:
        catalog = read(language)
        if catalog.fuzzy:
            found.append(f"{language}: the catalogue as a whole is marked fuzzy, so that nothing of it would be used")
        known = {_key(message) for message in catalog if message.id}
        found += [
            f"{language}: not collected yet: {key[1]!r} ({_where(said[key])})" for key in sorted(said.keys() - known)
        ]
        found += [f"{language}: nothing says this any more: {key[1]!r}" for key in sorted(known - said.keys())]
        found += [f"{language}: not translated: {_key(message)[1]!r}" for message in untranslated(catalog)]
        found += [
            f"{language}: {error} in {_key(message)[1]!r}" for message, errors in catalog.check() for error in errors
        ]
    return found


def _key(message: Message) -> tuple[str, str]:
    return message.context or "", message.id if isinstance(message.id, str) else message.id[0]


def _where(message: Message) -> str:
    return ", ".join(sorted({filename for filename, _line in message.locations}))


def check() -> int:
    found = problems()
    if found:
        print("\n".join(found))
        print("`make texts` collects the texts; then translate what is empty.")
    return 1 if found else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["update"]:
            update()
        case ["check"]:
            sys.exit(check())
        case _:
            sys.exit("texts.py update | check")
