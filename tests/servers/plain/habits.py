"""The table of habits: each row is one correct server, and says how it differs from the plain one.

A row makes one choice that the vendor's reference leaves open, or several as real servers do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .stock import SCATTERED, everywhere, numbers


@dataclass(frozen=True)
class Habit:
    """One correct server; the defaults are the plain one's."""

    text: str
    suite_options: tuple[str, ...] = ()  # what the server's owner would tell the suite

    # status of a refusal: 400 and 422 are documented, but not which of them is for what
    malformed: int = 400  # no JSON object, or an id of the wrong form
    invalid: int = 422
    unknown_number: int = 422
    sold_number: int = 422
    unknown_id: int = 422
    wrong_method: int = 405

    # how method, path and token lead to an operation
    token_first: bool = False  # 401 before 404 and 405
    bearer_in_any_case: bool = True
    trailing_slash: bool = False
    literals_are_ids: bool = False
    head: bool = False
    options: bool = False

    # how strictly a request is read
    patterns: Mapping[str, str] = field(default_factory=dict)  # by property, "id" or "any" text
    known_properties_only: bool = False
    one_kind_only: bool = False
    integers_only: bool = False
    limit_from_1: bool = True
    empty_limit: bool = False
    country_in_any_case: bool = False
    json_suffix: bool = False

    # what is for sale, and how the account keeps and lists its numbers
    stock: tuple[str, ...] = everywhere(4)
    endless_stock: bool = False
    shuffled_search: bool = False
    back_on_sale: bool = True
    unique_sip: bool = False
    ids: str = "{uuid}"  # or with {count} or {base64}
    held: int = 0  # numbers in the account before anybody calls
    newest_first: bool = False
    page: int = 10**9  # numbers at most, whatever the limit
    offset_cursor: bool = False
    cursor_tail: str = ""
    cursor_of_last_page: bool = False
    any_cursor: bool = False

    # how an answer is put on the wire
    delay: float = 0.0  # seconds
    idle: float = 300.0  # seconds until a connection without requests is closed
    closes: bool = False
    one_at_a_time: bool = False  # no request is read before the one before is answered
    chunked: bool = False
    gzip: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)  # properties in every object
    json: Mapping[str, Any] = field(default_factory=dict)  # options of json.dumps
    json_type: str = "application/json"
    error_type: str = ""  # json_type, if empty
    error_body: str = '{"error": {"message": "The request is refused."}}'


E164_OF_8_DIGITS = r"\+[1-9][0-9]{7,14}"
HOST = r"(sips?:)?([a-z0-9-]+\.)+[a-z]{2,}(:[0-9]+)?"
HOST_LABEL = "[a-z][a-z0-9-]{2,62}"
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ULID = "pn_01JCQ8ZV5T3MXK9R7W2B{count:06}"
CHARSET = "application/json; charset=utf-8"
Fields = dict[str, Any]
ALL_400: Fields = {"invalid": 400, "unknown_number": 400, "sold_number": 400, "unknown_id": 400}
TEXT_ERRORS: Fields = {"error_type": "text/plain; charset=utf-8", "error_body": "Refused."}
HTML_ERRORS: Fields = {"error_type": "text/html", "error_body": "<!doctype html><p>Refused."}
HEADERS = {"X-Request-Id": "req-1", "Cache-Control": "no-store", "Set-Cookie": "lb=1; Path=/"}
MORE = {"createdAt": "2026-11-01T00:00:00Z", "capabilities": ["voice"], "metadata": {"id": None}}

HABITS = {
    # which refusal gets which status
    "plain": Habit("400 for what it cannot read, 422 for what it cannot accept"),
    "all-400": Habit("every refusal is 400", **ALL_400),
    "all-422": Habit("every refusal is 422", malformed=422),
    "invalid-400": Habit("a wrong value is 400, an unknown number or id 422", invalid=400),
    "malformed-422": Habit("malformed JSON is 422, a wrong value 400", malformed=422, invalid=400),
    "sold-400": Habit("a sold number is 400, an unknown one 422", sold_number=400),
    "unknown-number-400": Habit("an unknown number is 400, a sold one 422", unknown_number=400),
    "unknown-id-400": Habit("an unknown id is 400", unknown_id=400),
    "wrong-method-404": Habit("a wrong method is 404", wrong_method=404),
    # method, path and token
    "token-first": Habit("401 comes before 404 and 405", token_first=True),
    "bearer-case": Habit("the scheme is Bearer to the letter", bearer_in_any_case=False),
    "trailing-slash": Habit("a slash at the end is ignored", trailing_slash=True),
    "literal-ids": Habit("GET /phone_numbers/search reads the id 'search'", literals_are_ids=True),
    "head-options": Habit("HEAD and OPTIONS are answered", head=True, options=True),
    # what is accepted
    "strict": Habit("unknown properties are 422", known_properties_only=True),
    "strict-400": Habit("unknown properties are 400", invalid=400, known_properties_only=True),
    "one-kind": Habit("create refuses two kinds at once", one_kind_only=True),
    "strict-integers": Habit("5.0 is no integer", integers_only=True),
    "low-limit-accepted": Habit(
        "limit 0 and below: search gives none, list the default", limit_from_1=False
    ),
    "empty-limit": Habit("list?limit= is the default", empty_limit=True, limit_from_1=False),
    "json-suffix": Habit("application/x+json is read too", json_suffix=True),
    "country-any-case": Habit("country us is US", country_in_any_case=True),
    "countries": Habit("a country other than US and GB is refused", patterns={"country": "US|GB"}),
    "prefix-some": Habit("an empty prefix is refused", patterns={"prefix": ".+"}),
    "prefix-digits": Habit("a prefix is digits, at least one", patterns={"prefix": "[0-9]+"}),
    "prefix-area-code": Habit(
        "a prefix has three characters at least", patterns={"prefix": ".{3,}"}
    ),
    "prefix-3-digits": Habit(
        "a prefix has three digits, no more",
        patterns={"prefix": "[0-9]{3}"},
        suite_options=("--prefix", "212"),
    ),
    "long-refused": Habit(
        "text of more than 255 characters is refused", patterns={"any": ".{0,255}"}
    ),
    "control-refused": Habit("control characters are refused", patterns={"any": r"[^\x00-\x1f]*"}),
    "e164-lenient": Habit(
        "a SIP import's phone number may be any text", patterns={"phoneNumber": ".*"}
    ),
    "e164-8-digits": Habit(
        "an imported number has eight digits at least", patterns={"phoneNumber": E164_OF_8_DIGITS}
    ),
    "termination-host": Habit(
        "a termination URI is a host, sip: may precede", patterns={"terminationUri": HOST}
    ),
    "sip-prefix-label": Habit(
        "a SIP prefix is a lower-case host label", patterns={"sipPrefix": HOST_LABEL}
    ),
    "known-agents": Habit(
        "only a known agent can be linked",
        patterns={"agentId": "|agent-known"},
        suite_options=("--agent-id", "agent-known"),
    ),
    "agents-uuid": Habit("an agent's id is a UUID", patterns={"agentId": f"|{UUID}"}),
    "ids-checked": Habit(
        "an id that is no UUID is malformed: 400, an unknown one 422", patterns={"id": UUID}
    ),
    # ids
    "ids-integer": Habit("ids are decimal, in sequence", ids="1{count:03}"),
    "ids-big-integer": Habit("ids are beyond 2**53", ids="23058430092{count:08}"),
    "ids-ulid": Habit("ids are prefixed ULIDs", ids=ULID),
    "ids-tilde": Habit("ids like pn_1~v1", ids="pn_{count}~v1"),
    "ids-escaped": Habit("ids with : = and @", ids="org:42:pn={count}@x"),
    "ids-base64": Habit("ids are base64, padded", ids="{base64}"),
    # what is for sale
    "few-3": Habit("three numbers for sale, all under 907", stock=numbers("+190755501", 3)),
    "few-4": Habit("four numbers for sale, all under 684", stock=numbers("+168455501", 4)),
    "few-5-all-400": Habit(
        "five numbers for sale under 808, every refusal is 400",
        **ALL_400,
        stock=numbers("+180855501", 5),
    ),
    "few-3-prefix-some": Habit(
        "three numbers for sale under 415, an empty prefix is refused",
        patterns={"prefix": ".+"},
        stock=numbers("+141555501", 3),
    ),
    "few-3-gone": Habit(
        "three numbers for sale under 312, a released one never returns",
        stock=numbers("+131255501", 3),
        back_on_sale=False,
    ),
    "scattered": Habit("six numbers for sale under six area codes", stock=SCATTERED),
    "one-code": Habit("all numbers for sale are under 212", stock=numbers("+121255500", 40)),
    "uk": Habit(
        "twenty numbers for sale of the UK, four of the US",
        stock=numbers("+4420794601", 20) + numbers("+161755501", 4),
    ),
    "big-shuffled": Habit(
        "14,000 numbers for sale, in any order", stock=everywhere(95), shuffled_search=True
    ),
    "endless": Habit(
        "every search finds other numbers, a prefix is digits",
        patterns={"prefix": "[0-9]*"},
        endless_stock=True,
    ),
    "never-back": Habit("a released number is not on sale again", back_on_sale=False),
    # the account and its list
    "held-3": Habit("three numbers in the account, one linked, one SIP", held=3),
    "held-250": Habit("250 numbers in the account", held=250),
    "held-250-pages": Habit(
        "250 numbers in the account, newest first, 100 a page, the cursor is an offset",
        held=250,
        page=100,
        offset_cursor=True,
        newest_first=True,
    ),
    "page-1": Habit("one number a page whatever the limit, three in the account", page=1, held=3),
    "page-2": Habit("two numbers a page at most", page=2),
    "page-10": Habit("ten numbers a page at most, eleven in the account", page=10, held=11),
    "newest-first": Habit("the list starts with the newest", newest_first=True, held=3),
    "offset-cursor": Habit("the cursor is an offset", offset_cursor=True),
    "long-cursor": Habit("the cursor is long, with + / and =", cursor_tail="+/=" * 30, held=3),
    "any-cursor": Habit("an unknown cursor gives the first page", any_cursor=True),
    "empty-last-page": Habit(
        "a full last page has a cursor, of an empty page", cursor_of_last_page=True
    ),
    "unique-sip": Habit("an import or SIP prefix exists once", unique_sip=True),
    # the wire
    "slow": Habit("every answer takes 0.2 s", delay=0.2),
    "short-keep-alive": Habit("idle connections are closed after 50 ms", idle=0.05),
    "closes": Habit("HTTP/1.0, one answer a connection", closes=True),
    "one-at-a-time": Habit(
        "one thread for all requests, as in a development server", one_at_a_time=True, delay=0.005
    ),
    "chunked": Habit("answers are chunked", chunked=True),
    "gzip": Habit("answers are compressed", gzip=True),
    "charset": Habit("content-type has a charset", json_type=CHARSET),
    "charset-odd-case": Habit(
        "content-type in another case", json_type="Application/JSON;charset=UTF-8"
    ),
    "indented": Habit("JSON is indented, keys are sorted", json={"indent": 2, "sort_keys": True}),
    "raw-utf8": Habit("JSON is not escaped to ASCII", json={"ensure_ascii": False}),
    "more-headers": Habit("more headers in every answer", headers=HEADERS),
    "more-properties": Habit("more properties in every object", more=MORE),
    "errors-none": Habit("refusals have no body", error_body=""),
    "errors-text": Habit("refusals are plain text", **TEXT_ERRORS),
    "errors-html": Habit("refusals are HTML", **HTML_ERRORS),
    "errors-list": Habit("refusals are a JSON array", error_body='["refused"]'),
    # several at once
    "more-of-all": Habit(
        "more headers and properties, text errors, charset",
        **TEXT_ERRORS,
        headers=HEADERS,
        more=MORE,
        json_type=CHARSET,
    ),
    "all-strict": Habit(
        "refuses all that it may refuse",
        invalid=400,
        token_first=True,
        bearer_in_any_case=False,
        patterns={
            "any": r"[^\x00-\x1f]{0,255}",
            "country": "US|GB",
            "prefix": "[0-9]+",
            "sipPrefix": HOST_LABEL,
        },
        known_properties_only=True,
        one_kind_only=True,
        integers_only=True,
        unique_sip=True,
        back_on_sale=False,
        error_body="",
    ),
    "all-lenient": Habit(
        "accepts all that it may accept",
        trailing_slash=True,
        literals_are_ids=True,
        head=True,
        options=True,
        limit_from_1=False,
        empty_limit=True,
        country_in_any_case=True,
        json_suffix=True,
        any_cursor=True,
        headers=HEADERS,
        more=MORE,
    ),
    "real-world": Habit(
        "slow, strict, paged, chunked, few for sale, twelve in the account, HTML errors",
        known_properties_only=True,
        stock=numbers("+141555501", 5),
        page=10,
        held=12,
        ids=ULID,
        **HTML_ERRORS,
        delay=0.1,
        json_type=CHARSET,
        chunked=True,
    ),
}
