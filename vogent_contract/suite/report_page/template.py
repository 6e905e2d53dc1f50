"""Fills the templates beside this file: one page that asks for nothing from anywhere.

Every value goes through `_shown`, which takes out the key and writes as an escape what cannot be
seen; then Jinja escapes it. The page's policy lets no script run but its own.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from functools import partial
from typing import Any

import jinja2
from markupsafe import Markup

from vogent_contract.suite.credential import Key
from vogent_contract.suite.report_page.lines import cut
from vogent_contract.suite.report_page.traffic import tone

LAYOUT = "\n\t"  # what cannot be seen and is no riddle


def fill(name: str, key: Key, **values: Any) -> str:
    """The page of a template.

    Args:
        key: Is in no value that the page shows.
    """
    loader = jinja2.PackageLoader(__package__, ".")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=partial(_shown, key),
    )
    text, shortened = partial(_text, key), partial(_shortened, key)
    environment.filters |= {"date": _date, "clock": _clock, "took": _took, "number": _number}
    environment.filters |= {"text": text, "cut": shortened, "tone": tone}
    style, script = (loader.get_source(environment, file)[0] for file in ("page.css", "page.js"))
    values["style"] = Markup(style)  # noqa: S704 - the package's own file
    values["script"] = Markup(script)  # noqa: S704 - the package's own file
    values["policy"] = Markup(_policy(style, script))  # noqa: S704 - made of constants
    return environment.get_template(name).render(values)


def _shown(key: Key, value: Any) -> Any:
    """A value without the key, and with an escape for what cannot be seen, such as NUL."""
    if isinstance(value, Markup):
        return value
    text = key.scrub(str(value))
    for character in set(text):
        if not character.isprintable() and character not in LAYOUT:
            text = text.replace(character, json.dumps(character)[1:-1])
    return text


def _text(key: Key, body: bytes) -> str:
    r"""A body; bytes that are not UTF-8 are shown as `\xff`."""
    return key.scrub(body.decode("utf-8", "backslashreplace"))


def _shortened(key: Key, text: str, length: int) -> str:
    """The beginning of a long text; the key is taken out first, lest a part of it be left."""
    return cut(key.scrub(text), length)


def _number(value: int) -> str:
    return f"{value:,}"


def _date(seconds: float) -> str:
    """The day and time of seconds since the epoch."""
    return f"{_moment(seconds):%Y-%m-%d %H:%M:%S} UTC"


def _clock(seconds: float) -> str:
    """The time of seconds since the epoch, to the millisecond."""
    moment = _moment(seconds)
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03} UTC"


def _moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _took(seconds: float) -> str:
    """A duration: `0.7 ms`, `12 ms`, `1.25 s`, `2 min 5 s`."""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _policy(style: str, script: str) -> str:
    """The content security policy: nothing is loaded, no script runs but the page's own."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; "
        f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
