"""The ways in which a server may differ from the plain one and still keep what the vendor documents."""

from dataclasses import dataclass

AREA_CODES = [
    str(code)
    for code in (
        *range(201, 220),
        *range(301, 320),
        *range(401, 420),
        *range(501, 520),
        *range(601, 620),
        646,
        650,
        *range(701, 720),
        *range(801, 820),
        *range(901, 920),
    )
    if code % 100 != 11 and code not in (800, 900)
]


@dataclass(frozen=True)
class Variant:
    """One correct server. `grey` ones are reported but not counted: the documents leave room for an argument."""

    id: str
    text: str
    grey: bool = False
    suite_args: tuple[str, ...] = ()
    malformed: int = 400
    invalid: int = 422
    unknown_number: int = 422
    sold_number: int = 422
    unknown_id: int = 422
    account: int = 0
    delay: float = 0.0
    stock: str = "plain"
    id_style: str = "uuid"
    content_type: str = "application/json"
    error_body: str = "json"
    page_cap: int = 0
    cursor_tail: str = ""
    longest_value: int = 0
    shortest_prefix: int = 0
    e164_pattern: str = r"\+[1-9][0-9]{1,14}"
    termination_pattern: str = r"(?s).*"
    agent_pattern: str = r"(?s).*"
    id_pattern: str = r"(?s).*"
    prefix_pattern: str = r"(?s).*"
    idle: float = 300.0
    sip_prefix_pattern: str = r"(?s).*"
    agents: tuple[str, ...] = ()
    any_case_bearer: bool = True
    any_case_country: bool = False
    auth_first: bool = False
    back_on_sale: bool = True
    chunked: bool = False
    closes: bool = False
    digits_only_prefix: bool = False
    endless_supply: bool = False
    empty_last_page: bool = False
    empty_prefix_refused: bool = False
    extra_headers: bool = False
    extra_properties: bool = False
    gzip: bool = False
    head: bool = False
    indented: bool = False
    json_suffix: bool = False
    key_order_reversed: bool = False
    known_countries_only: bool = False
    lenient_limit: bool = False
    literal_paths_as_ids: bool = False
    low_limit_refused: bool = True
    newest_first: bool = False
    odd_cursor_ignored: bool = False
    offset_cursor: bool = False
    options: bool = False
    other_kinds_checked: bool = False
    random_search: bool = False
    raw_utf8: bool = False
    refuses_control: bool = False
    strict_e164: bool = True
    strict_integers: bool = False
    strict_properties: bool = False
    trailing_slash: bool = False
    unique_sip: bool = False
    wrong_method_404: bool = False

    def numbers_for_sale(self) -> dict[str, str]:
        """Each number for sale and its country, in the order of the search."""
        if self.stock.startswith("few"):
            _, count, prefix = self.stock.split(":")
            return {f"+1{prefix}55501{index:02}": "US" for index in range(int(count))}
        if self.stock == "scattered":  # six numbers under six area codes
            return {f"+1{code}5550123": "US" for code in AREA_CODES[::18][:6]}
        if self.stock == "uk":
            numbers = {f"+4420794601{index:02}": "GB" for index in range(20)}
            return numbers | {f"+161755501{index:02}": "US" for index in range(4)}
        per_code = {"plain": 4, "big": 95, "one-code": 0}[self.stock]
        if not per_code:
            return {f"+1212{5550000 + index}": "US" for index in range(40)}
        stock = {
            f"+1{code}55501{index:02}": "US" for code in AREA_CODES for index in range(per_code)
        }
        return stock | {f"+4420794601{index:02}": "GB" for index in range(10)}


VARIANTS: dict[str, Variant] = {
    variant.id: variant
    for variant in (
        Variant("plain", "refuses with 400 what it cannot read and with 422 what it cannot accept"),
        Variant(
            "all-400",
            "every refusal is 400",
            invalid=400,
            unknown_number=400,
            sold_number=400,
            unknown_id=400,
        ),
        Variant("all-422", "every refusal is 422", malformed=422),
        Variant("invalid-400", "field validation is 400, unknown things are 422", invalid=400),
        Variant(
            "malformed-422", "malformed JSON is 422, fields are 400", malformed=422, invalid=400
        ),
        Variant("sold-400", "an unknown number is 422, a sold one 400", sold_number=400),
        Variant(
            "unknown-number-400", "an unknown number is 400, a sold one 422", unknown_number=400
        ),
        Variant("unknown-id-400", "an unknown id is 400", unknown_id=400),
        Variant("account-3", "three numbers are in the account, one linked, one SIP", account=3),
        Variant("account-250", "250 numbers are in the account", account=250),
        Variant(
            "account-250-small-pages",
            "250 numbers, 100 a page at most, offset cursor, newest first",
            account=250,
            page_cap=100,
            offset_cursor=True,
            newest_first=True,
        ),
        Variant("slow", "every answer takes 0.2 s", delay=0.2),
        Variant("extra-headers", "more response headers everywhere", extra_headers=True),
        Variant("extra-properties", "more properties in every success", extra_properties=True),
        Variant(
            "extra-all",
            "more headers and properties, text errors, charset",
            extra_headers=True,
            extra_properties=True,
            error_body="text",
            content_type="application/json; charset=utf-8",
        ),
        Variant("ids-integer", "ids are decimal strings in sequence", id_style="integer"),
        Variant("ids-big-integer", "ids are decimal strings beyond 2**53", id_style="big-integer"),
        Variant("ids-ulid", "ids are prefixed ULIDs", id_style="ulid"),
        Variant("ids-tilde", "ids like pn_1~v1", id_style="tilde"),
        Variant("ids-escaped", "ids with : = and @", id_style="odd"),
        Variant("ids-base64", "ids are base64 with padding", id_style="base64"),
        Variant("few-3", "three numbers for sale, all under 907", stock="few:3:907"),
        Variant("few-4", "four numbers for sale, all under 684", stock="few:4:684"),
        Variant(
            "few-5-all-400",
            "five numbers for sale under 808, every refusal 400",
            stock="few:5:808",
            invalid=400,
            unknown_number=400,
            sold_number=400,
            unknown_id=400,
        ),
        Variant(
            "few-3-slow-prefix",
            "three numbers under 415, an empty prefix is refused",
            stock="few:3:415",
            empty_prefix_refused=True,
        ),
        Variant(
            "few-3-gone",
            "three numbers under 312, a released one never returns",
            stock="few:3:312",
            back_on_sale=False,
        ),
        Variant("scattered", "six numbers for sale under six area codes", stock="scattered"),
        Variant("one-code", "all numbers are under 212", stock="one-code"),
        Variant("never-back", "a released number is not on sale again", back_on_sale=False),
        Variant("page-2", "two numbers a page at most", page_cap=2),
        Variant(
            "page-10", "ten numbers a page at most, eleven in the account", page_cap=10, account=11
        ),
        Variant("page-1-account-3", "one number a page whatever the limit", page_cap=1, account=3),
        Variant("offset-cursor", "the cursor is an offset", offset_cursor=True),
        Variant(
            "long-cursor", "the cursor holds + / = and is long", cursor_tail="+/=" * 30, account=3
        ),
        Variant(
            "odd-cursor-ignored", "an unknown cursor gives the first page", odd_cursor_ignored=True
        ),
        Variant(
            "charset", "content-type has a charset", content_type="application/json; charset=utf-8"
        ),
        Variant(
            "charset-odd-case",
            "content-type in another case",
            content_type="Application/JSON;charset=UTF-8",
        ),
        Variant("strict", "unknown properties are refused with 422", strict_properties=True),
        Variant(
            "strict-400",
            "unknown properties are refused with 400",
            strict_properties=True,
            invalid=400,
        ),
        Variant("bearer-case", "only the spelling Bearer is accepted", any_case_bearer=False),
        Variant("auth-first", "the token is checked before path and method", auth_first=True),
        Variant("errors-none", "refusals have no body", error_body="none"),
        Variant("errors-text", "refusals are plain text", error_body="text"),
        Variant("errors-html", "refusals are HTML", error_body="html"),
        Variant("errors-list", "refusals are a JSON array", error_body="list"),
        Variant("closes", "HTTP/1.0, one answer per connection", closes=True),
        Variant("chunked", "answers are chunked", chunked=True),
        Variant("gzip", "answers are compressed", gzip=True),
        Variant(
            "indented",
            "JSON is indented, keys in another order",
            indented=True,
            key_order_reversed=True,
        ),
        Variant("raw-utf8", "JSON is not ASCII-escaped", raw_utf8=True),
        Variant(
            "known-agents",
            "only a known agent can be linked",
            agents=("agent-known",),
            suite_args=("--agent-id", "agent-known"),
        ),
        Variant("newest-first", "the list starts with the newest", newest_first=True, account=3),
        Variant(
            "big-random",
            "10,000 numbers for sale, in random order",
            stock="big",
            random_search=True,
        ),
        Variant(
            "countries", "another country than US and GB is refused", known_countries_only=True
        ),
        Variant("country-any-case", "us is US", any_case_country=True),
        Variant("uk", "mostly UK numbers, four of the US", stock="uk"),
        Variant(
            "low-limit-accepted",
            "limit 0 and below: search gives none, list the default",
            low_limit_refused=False,
        ),
        Variant(
            "empty-limit", "list?limit= is the default", lenient_limit=True, low_limit_refused=False
        ),
        Variant("strict-integers", "5.0 is no integer", strict_integers=True),
        Variant("empty-prefix-refused", "the prefix must not be empty", empty_prefix_refused=True),
        Variant(
            "digits-only-prefix",
            "a prefix is digits, at least one",
            digits_only_prefix=True,
            empty_prefix_refused=True,
        ),
        Variant("area-code-prefix", "a prefix has three digits at least", shortest_prefix=3),
        Variant("long-refused", "values above 255 characters are refused", longest_value=255),
        Variant("control-refused", "control characters are refused", refuses_control=True),
        Variant("e164-lenient", "a SIP import's phone number may be any text", strict_e164=False),
        Variant("sip-unique", "an imported number or SIP prefix exists once", unique_sip=True),
        Variant(
            "sip-pattern",
            "a SIP prefix is a lower-case host label",
            sip_prefix_pattern="[a-z][a-z0-9-]{2,62}",
        ),
        Variant("other-kinds", "create refuses two kinds at once", other_kinds_checked=True),
        Variant("wrong-method-404", "a wrong method is 404", wrong_method_404=True),
        Variant(
            "literal-ids",
            "GET /phone_numbers/search reads the id 'search'",
            literal_paths_as_ids=True,
        ),
        Variant("head-options", "HEAD and OPTIONS are answered", head=True, options=True),
        Variant("trailing-slash", "a trailing slash is ignored", trailing_slash=True),
        Variant("json-suffix", "application/x+json is read too", json_suffix=True),
        Variant(
            "all-strict",
            "refuses all that it may refuse",
            strict_properties=True,
            strict_integers=True,
            unique_sip=True,
            empty_prefix_refused=True,
            digits_only_prefix=True,
            known_countries_only=True,
            refuses_control=True,
            longest_value=255,
            other_kinds_checked=True,
            any_case_bearer=False,
            auth_first=True,
            error_body="none",
            back_on_sale=False,
            invalid=400,
            sip_prefix_pattern="[a-z][a-z0-9-]{2,62}",
        ),
        Variant(
            "all-lenient",
            "accepts all that it may accept",
            low_limit_refused=False,
            lenient_limit=True,
            any_case_country=True,
            literal_paths_as_ids=True,
            head=True,
            options=True,
            trailing_slash=True,
            json_suffix=True,
            odd_cursor_ignored=True,
            extra_properties=True,
            extra_headers=True,
        ),
        Variant(
            "real-world",
            "slow, strict, paged, few numbers, customer's numbers, HTML errors",
            delay=0.1,
            strict_properties=True,
            page_cap=10,
            account=12,
            stock="few:5:415",
            error_body="html",
            content_type="application/json; charset=utf-8",
            id_style="ulid",
            chunked=True,
        ),
        Variant(
            "e164-eight-digits",
            "an imported number has eight digits at least",
            e164_pattern=r"\+[1-9][0-9]{7,14}",
        ),
        Variant(
            "termination-host",
            "a termination URI is a host name, sip: may precede",
            termination_pattern=r"(sips?:)?([a-z0-9-]+\.)+[a-z]{2,}(:[0-9]+)?",
        ),
        Variant(
            "agents-uuid",
            "an agent's id is a UUID",
            agent_pattern="[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        ),
        Variant(
            "ids-checked",
            "an id that is no UUID is malformed: 400, an unknown one 422",
            id_pattern="[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        ),
        Variant("short-keep-alive", "idle connections are closed after 50 ms", idle=0.05),
        Variant(
            "endless-supply",
            "every search finds other numbers, only those found can be bought",
            endless_supply=True,
            digits_only_prefix=True,
        ),
        Variant(
            "agents-unknown",
            "no agent exists, so nothing can be linked",
            grey=True,
            agents=("agent-hidden",),
        ),
        Variant(
            "prefix-3-only",
            "a prefix has three digits exactly",
            grey=True,
            prefix_pattern="[0-9]{3}",
        ),
        Variant(
            "empty-last-page",
            "a full last page has a cursor to an empty one",
            grey=True,
            empty_last_page=True,
        ),
    )
}
