"""The phone-number API on Django REST framework, served as `runserver` does.

What the contract leaves open: a released number is for sale again, an import may repeat a number.
"""

import os

from django.core.servers.basehttp import run
from django.core.wsgi import get_wsgi_application

HABITS = {  # what is sent: what comes of it
    "a number for a string": "read as a string",
    'a limit "5", 5.0, ?limit=1.0': "read as an integer; ?limit= as if it were left out",
    "a limit below 1": "400",
    "blanks around a string": "cut off, passwords excepted; an agentId of blanks unlinks",
    "an empty string": "400, except as agentId",
    "U+0000 or an unpaired surrogate": "400",
    "an empty object for another type's property": "400: all that is there is checked",
    "a form instead of JSON": "read",
    "another content type, or none": "415, +json too; no body at all counts as {}",
    "a name twice in the query": "the last one counts",
    "the scheme in another case": "accepted",
    "Accept of text/html, of neither HTML nor JSON": "the browsable API; 406",
    "a slash at the end, an escaped one in an id": "404, a page of HTML",
    "GET, PUT or DELETE of /search, /purchase": "405",
    "another method": "405 with Allow, after the key; HEAD gets 200, OPTIONS 200 and a description",
    "another Host": "400",
}
FLAWS = {  # Django REST framework's own, status 500
    "JSON nested thousands of levels deep": "the parser's RecursionError is not caught",
}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    run(
        "127.0.0.1",
        int(os.environ.get("PORT", "0")),
        get_wsgi_application(),
        threading=True,
        on_bind=lambda port: print(f"http://127.0.0.1:{port}/api", flush=True),
    )
