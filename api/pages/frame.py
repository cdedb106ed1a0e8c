"""Renders pages: both languages through Babel's catalogues, everything escaped, nothing inline."""

from __future__ import annotations

import datetime
import gettext
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from api.asking import Asking
from api.problems import language_of
from grader.render import labels
from grader.rules import checks_of
from grader.store.access import Act
from grader.store.columns import now

HERE = Path(__file__).parents[1]
STATIC = StaticFiles(directory=HERE / "static")
ZONE = ZoneInfo("Europe/Paris")  # the certification's own time
_MOMENT = {"fr": "d MMMM y 'à' HH'\u00a0h\u00a0'mm ('heure de Paris')", "en": "d MMMM y, HH:mm ('Paris time')"}


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = translations(language)
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters["checks_named"] = lambda rule: sorted(checks_of(rule))
    made.filters.update(moment=lambda at: moment(at, language), ago=lambda at: ago(at, language))
    made.globals.update(
        level=lambda value: labels.decision(value, language),
        outcome=lambda value: labels.OUTCOMES[value].in_(language),
        mark=lambda value: labels.MARKS[value],
        provenance=lambda source: labels.SOURCES[source].in_(language),
        decide_word=lambda kind: labels.DECIDE[kind].in_(language),
        told=lambda p: labels.outcome_of(p.outcome, p.criterion.decide, language),
        word=lambda key: labels.word(key, language),
        reason=lambda code: labels.reason(code, language),
        elsewhere=labels.elsewhere,
        say=lambda text: labels.typeset(text, language),
        percent=lambda share: labels.percent(share, language),
        colon="\u00a0:" if language == "fr" else ":",
    )
    return made


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language, read from its .po file: English is the language of the templates."""
    file = HERE / "translations" / f"{language}.po"
    if not file.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(request: Request) -> Callable[[str], str]:
    """Return the gettext of the request's language, for sentences that code makes."""
    return translations(language_of(request)).gettext


def moment(at: datetime.datetime, language: str) -> str:
    """Return a moment in words, in the certification's time zone, which is named."""
    return str(format_datetime(at, _MOMENT[language], tzinfo=ZONE, locale=language))


def ago(at: datetime.datetime, language: str) -> str:
    """Return how long ago, or in how long."""
    return str(format_timedelta(at - now(), add_direction=True, locale=language))


def page(request: Request, name: str, asking: Asking | None, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a template as a page."""
    language = language_of(request)
    template = _environment(language).get_template(name)
    html = template.render(
        language=language,
        other="en" if language == "fr" else "fr",
        asking=asking,
        links=_links(asking),
        path=request.url.path,
        csrf=asking.csrf if asking else None,
        notice=request.query_params.get("done", "")[:40],
        **values,
    )
    return HTMLResponse(html, status)


def _links(asking: Asking | None) -> tuple[str, ...]:
    """Return the parts of the desk that somebody has."""
    if asking is None:
        return ()
    who = asking.who
    scopes = (None, *who.sessions)
    parts = [("jury", any(who.may(Act.RUBRIC, s) for s in scopes)), ("administration", who.may(Act.MANAGE, None))]
    return tuple(name for name, has in parts if has)


def to(path: str, *, done: str = "") -> RedirectResponse:
    """Return the way to another page of ours, with a word on what was done."""
    mark = "&" if "?" in path else "?"
    place, _, anchor = path.partition("#")
    return RedirectResponse(f"{place}{mark}done={done}{'#' + anchor if anchor else ''}" if done else path, 303)


def safe_next(path: str) -> str:
    """Return a path of ours to go on to, the start page for anything else: no other host can be named."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and path.isprintable()
    return path if plain else "/"


def wants_page(request: Request) -> bool:
    """Tell whether a person's browser asks, for a page of ours."""
    return not request.url.path.startswith(("/api/", "/health", "/metrics")) and "text/html" in request.headers.get("accept", "")


def problem_page(request: Request, status: int, code: str, detail: str) -> Response:
    """Return an error as a page; who is not signed in is asked to sign in."""
    if status == 401:
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        from urllib.parse import quote

        return RedirectResponse(f"/sign-in?next={quote(where if request.method == 'GET' else '/')}", 303)
    return page(request, "problem.html", None, status=status, code=code, detail=detail)
