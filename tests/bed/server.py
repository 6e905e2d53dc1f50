"""A correct, stateful server of the seven operations, written from the vendor's documentation alone.

It shares no line with the kit: `http.server`, no contract document, no schema library. `variants.py` has the ways in
which servers may differ and still be correct; `faults.py` breaks this one in one way each, through the hooks below.
"""

import base64
import json
import random
import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, unquote

from .variants import Variant

BASE = "/api"
MISSING: Any = object()  # a response without a body
ROUTES: dict[str, dict[str, str]] = {
    "/phone_numbers/purchase": {"POST": "purchase"},
    "/phone_numbers/search": {"POST": "search"},
    "/phone_numbers": {"GET": "list", "POST": "create"},
    "/phone_numbers/{id}": {"GET": "get", "PUT": "update", "DELETE": "delete"},
}
OPERATIONS = ("purchase", "create", "search", "list", "get", "update", "delete")
WITH_BODY = ("purchase", "create", "search", "update")
BRANCHES = {"purchase": "purchase", "sip_import": "sipImport", "vogent_sip": "vogentSip"}


@dataclass(frozen=True)
class Field:
    """One documented property of a request body."""

    name: str
    type: type = str
    required: bool = True
    shortest: int = 0
    longest: int | None = None
    most: int | None = None
    one_of: tuple[str, ...] = ()


FIELDS: dict[str, tuple[Field, ...]] = {
    "purchase": (Field("number"),),
    "search": (
        Field("prefix"),
        Field("country", required=False, shortest=2, longest=2),
        Field("limit", int, required=False, most=10),
    ),
    "update": (Field("agentId", required=False),),
    "create": (Field("type", one_of=tuple(BRANCHES)),),
    "create/purchase": (Field("number"),),
    "create/sipImport": (
        Field("phoneNumber"),
        Field("terminationUri"),
        Field("username"),
        Field("password"),
    ),
    "create/vogentSip": (
        Field("sipPrefix"),
        Field("username", shortest=5),
        Field("password", shortest=5),
    ),
}


@dataclass
class Record:
    """One phone number of the account."""

    id: str
    number: str
    type: str
    agent: str | None = None
    customers: bool = False


@dataclass
class Response:
    """An answer before it is put on the wire; the last five say how the wire misbehaves."""

    status: int
    body: Any = MISSING
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str | None = "application/json"
    raw: bytes | None = None
    drop: str = ""  # "all": nothing is sent, "half": half of the body is
    delay: float = 0.0
    length_off: int = 0


@dataclass
class Call:
    """One request on its way through the server."""

    method: str
    target: str
    headers: dict[str, str]
    payload: bytes
    server: "Server"
    op: str = ""
    id: str = ""
    nth: int = 0  # of this operation, from 1
    query: dict[str, list[str]] = field(default_factory=dict)
    body: Any = None
    response: Response = field(default_factory=lambda: Response(500))

    @property
    def ok(self) -> bool:
        """Whether the answer is a documented success with a body."""
        return self.response.status == 200 and self.response.body is not MISSING


Hook = Callable[[Call], None]


class Refusal(Exception):  # noqa: N818 - an answer, no error
    """The request is refused; the kind chooses the status."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Crash(Exception):  # noqa: N818 - see Refusal
    """A fault: the server fails inside."""


class Server:
    """The account and its seven operations. Faults add hooks or replace the attributes of `__init__`."""

    def __init__(self, variant: Variant, api_key: str) -> None:
        self.variant = variant
        self.key = api_key
        self.rng = random.Random(7)  # noqa: S311 - repeatable runs, no secrets
        self.lock: AbstractContextManager[object] = threading.RLock()
        self.calls: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.issued = 0
        self.touched: list[str] = []
        self.stock: dict[str, str] = variant.numbers_for_sale()
        self.sold: set[str] = set()
        self.records: dict[str, Record] = {}
        # doors for faults
        self.early: list[Hook] = []  # before routing
        self.before: list[
            Hook
        ] = []  # authorised, body parsed, not validated; may raise Refusal or Crash
        self.valid: list[Hook] = []  # validated, not yet done
        self.after: list[Hook] = []  # answered, whatever the status
        self.ignored: list[str] = []  # patterns of problems that are overlooked
        self.crashing: list[str] = []  # patterns of problems that end in a 500
        self.authorised: Callable[[Call], bool] = self._authorised
        self.show: Callable[[Call, Record], dict[str, Any]] = self._show
        self.new_id: Callable[[], str] = self._new_id
        self.on_sale: Callable[[str], bool] = lambda number: (
            number in self.stock and number not in self.sold
        )
        self.route: Callable[[Call, str], Response | None] = self._route
        self.find: Callable[[Call], Record] = self._find
        self.drop: Callable[[Record], None] = self._drop
        self.keep: Callable[[str, str], Record] = self._keep
        self.ordered: Callable[[], list[Record]] = self._ordered
        self.matching: Callable[[dict[str, Any]], list[str]] = self._matching
        self.do: dict[str, Callable[[Call], Any]] = {
            op: getattr(self, f"_do_{op}") for op in OPERATIONS
        }
        for index in range(variant.account):
            self._give_customer(index)

    # --- the way of a request

    def handle(self, call: Call) -> Response:
        """Answer one request; one at a time, so that a run is repeatable."""
        with self.lock:
            try:
                call.response = self._answer(call)
            except Refusal as refusal:
                call.response = self._refuse(refusal.kind)
            except Crash:
                call.response = Response(
                    500, raw=b"Internal Server Error", content_type="text/plain"
                )
            for hook in self.after:
                hook(call)
            self.answers[f"{call.op or 'none'} {call.response.status}"] += 1
            self._decorate(call)
            return call.response

    def _answer(self, call: Call) -> Response:
        for hook in self.early:
            hook(call)
        route, _, query = call.target.partition("?")
        refused = self.route(call, route)
        if refused:
            return refused
        if not self.authorised(call):
            return self._unauthorised()
        call.query = parse_qs(query, keep_blank_values=True)
        if call.op in WITH_BODY:
            call.body = self._parse(call)
        for hook in self.before:
            hook(call)
        self._validate(call)
        for hook in self.valid:
            hook(call)
        return Response(200, self.do[call.op](call))

    def _route(self, call: Call, route: str) -> Response | None:
        path = route.removeprefix(BASE) if route.startswith(BASE + "/") else ""
        if path.endswith("/") and self.variant.trailing_slash and path != "/":
            path = path.rstrip("/")
        methods = ROUTES.get(path, {})
        literal_as_id = (
            self.variant.literal_paths_as_ids
            and "POST" in methods
            and call.method in ("GET", "PUT", "DELETE")
        )
        if path != "/phone_numbers" and (not methods or literal_as_id):
            match = re.fullmatch(r"/phone_numbers/([^/]+)", path)
            if match:
                call.id, methods = unquote(match[1]), ROUTES["/phone_numbers/{id}"]
        method = "GET" if call.method == "HEAD" and self.variant.head else call.method
        if method == "OPTIONS" and methods and self.variant.options:
            return Response(
                204, content_type=None, headers={"Access-Control-Allow-Methods": ", ".join(methods)}
            )
        if self.variant.auth_first and not self.authorised(call):
            return self._unauthorised()
        if not methods or method not in methods:
            status = 405 if methods and not self.variant.wrong_method_404 else 404
            allow = {"Allow": ", ".join(methods)} if status == 405 else {}
            return Response(status, headers=allow, content_type=None)
        call.op = methods[method]
        self.calls[call.op] += 1
        call.nth = self.calls[call.op]
        return None

    def _authorised(self, call: Call) -> bool:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        right = scheme.lower() == "bearer" if self.variant.any_case_bearer else scheme == "Bearer"
        return right and token.strip() == self.key

    def _unauthorised(self) -> Response:
        return self._error(
            Response(401, headers={"WWW-Authenticate": 'Bearer realm="phone numbers"'})
        )

    def _refuse(self, kind: str) -> Response:
        return self._error(Response(int(kind) if kind.isdigit() else getattr(self.variant, kind)))

    def _error(self, response: Response) -> Response:
        kind = self.variant.error_body
        if kind == "json":
            response.body = {
                "error": {"message": "The request is refused.", "code": response.status}
            }
        elif kind == "list":
            response.body = [{"loc": ["body"], "msg": "refused"}]
        else:
            texts = {
                "none": b"",
                "text": b"Refused.",
                "html": b"<!doctype html><title>Refused</title><p>Refused.",
            }
            types = {"none": None, "text": "text/plain; charset=utf-8", "html": "text/html"}
            response.raw, response.content_type = texts[kind], types[kind]
        return response

    def _decorate(self, call: Call) -> None:
        response = call.response
        response.delay = response.delay or self.variant.delay
        if response.content_type == "application/json":
            response.content_type = self.variant.content_type
        if self.variant.extra_headers:
            response.headers |= {
                "X-Request-Id": f"req-{sum(self.calls.values())}",
                "Cache-Control": "no-store",
            }
            response.headers |= {
                "RateLimit-Remaining": "99",
                "Set-Cookie": "lb=1; Path=/; HttpOnly",
            }

    # --- input

    def _parse(self, call: Call) -> Any:
        media = call.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not call.payload:
            return self._whole(call, "body:missing")
        if media != "application/json" and not (
            self.variant.json_suffix and media.endswith("+json")
        ):
            self._settle(call, f"{call.op}/body:media", {}, "", "malformed")
        try:
            body = json.loads(call.payload.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return self._whole(call, "body:malformed")
        if not isinstance(body, dict):
            return self._whole(call, "body:null" if body is None else "body:type")
        return body

    def _whole(self, call: Call, problem: str) -> Any:
        """What a fault does with a body that it should refuse: as if a good one had come."""
        self._settle(call, f"{call.op}/{problem}", {}, "", "malformed")
        return {
            "purchase": {"number": self._any_number()},
            "search": {"prefix": ""},
            "update": {},
        }.get(call.op, {"type": "purchase", "purchase": {"number": self._any_number()}})

    def _settle(
        self, call: Call, problem: str, box: dict[str, Any], name: str, kind: str = "invalid"
    ) -> None:
        if any(fnmatchcase(problem, pattern) for pattern in self.crashing):
            raise Crash
        if not any(fnmatchcase(problem, pattern) for pattern in self.ignored):
            raise Refusal(kind)
        if name:
            box[name] = self._instead(call, name, box.get(name, MISSING))

    def _instead(self, call: Call, name: str, value: Any) -> Any:  # noqa: PLR0911 - one line a property
        """What a lenient server makes of a bad value."""
        if name == "number":
            known = self.on_sale(str(value))
            return str(value) if known else self._any_number()
        if name == "type":
            guess = str(value).lower()
            return (
                guess
                if guess in BRANCHES
                else next((k for k, b in BRANCHES.items() if call.body.get(b)), "purchase")
            )
        if name in BRANCHES.values():
            return {
                field_.name: self._instead(call, field_.name, MISSING)
                for field_ in FIELDS[f"create/{name}"]
            }
        if name == "limit":
            return value if isinstance(value, int) and not isinstance(value, bool) else 5
        if name == "phoneNumber":
            return "+18005550142"
        if name == "country":
            return "US"
        if name == "agentId":
            return "" if value is None else str(value)
        if name == "prefix":
            return ""
        return value if isinstance(value, str) and value else f"lenient{self.issued}"

    def _any_number(self) -> str:
        return next((number for number in self.stock if self.on_sale(number)), "+18005550143")

    def _validate(self, call: Call) -> None:
        if call.op == "list":
            self._validate_query(call)
        if call.op not in WITH_BODY:
            return
        self._fields(
            call,
            call.op,
            call.body,
            {field_.name for field_ in FIELDS[call.op]}
            | set(BRANCHES.values() if call.op == "create" else ()),
        )
        if call.op == "create":
            branch = BRANCHES[call.body["type"]]
            self._branch(call, branch)
            others = [
                call.body[name]
                for name in BRANCHES.values()
                if name != branch and name in call.body
            ]
            if self.variant.other_kinds_checked and any(value is not None for value in others):
                raise Refusal("invalid")
        if call.op == "search":
            self._validate_search(call.body)

    def _branch(self, call: Call, branch: str) -> None:
        value = call.body.get(branch, MISSING)
        if not isinstance(value, dict):
            kind = "missing" if value is MISSING else "null" if value is None else "type"
            self._settle(call, f"create/{branch}:{kind}", call.body, branch)
        self._fields(
            call,
            f"create/{branch}",
            call.body[branch],
            {f.name for f in FIELDS[f"create/{branch}"]},
        )

    def _fields(self, call: Call, where: str, box: dict[str, Any], known: set[str]) -> None:
        if self.variant.strict_properties and set(box) - known:
            raise Refusal("invalid")
        for field_ in FIELDS[where]:
            kind = self._problem(field_, box.get(field_.name, MISSING))
            if kind:
                self._settle(call, f"{where}/{field_.name}:{kind}", box, field_.name)
            value = box.get(field_.name)
            if isinstance(value, str):
                if self.variant.longest_value and len(value) > self.variant.longest_value:
                    raise Refusal("invalid")
                if self.variant.refuses_control and any(ord(character) < 32 for character in value):
                    raise Refusal("invalid")
        if (
            self.variant.strict_e164
            and where == "create/sipImport"
            and not re.fullmatch(self.variant.e164_pattern, box["phoneNumber"])
        ):
            raise Refusal("invalid")

    def _problem(self, field_: Field, value: Any) -> str:  # noqa: PLR0911 - one line a keyword
        if value is MISSING:
            return "missing" if field_.required else ""
        if value is None:
            return "null"
        whole = isinstance(value, float) and value.is_integer() and not self.variant.strict_integers
        number = not isinstance(value, bool) and (isinstance(value, int) or whole)
        if not (number if field_.type is int else isinstance(value, str)):
            return "type"
        if field_.one_of and value not in field_.one_of:
            return "enum"
        if field_.most is not None and value > field_.most:
            return "above"
        if field_.type is str and len(value) < field_.shortest:
            return "short"
        return "long" if field_.longest is not None and len(value) > field_.longest else ""

    def _validate_search(self, body: dict[str, Any]) -> None:
        variant, prefix = self.variant, body["prefix"]
        if (variant.empty_prefix_refused and not prefix) or len(prefix) < variant.shortest_prefix:
            raise Refusal("invalid")
        if variant.digits_only_prefix and not re.fullmatch(r"[0-9]*", prefix):
            raise Refusal("invalid")
        if not re.fullmatch(variant.prefix_pattern, prefix):
            raise Refusal("invalid")
        country = body.get("country", "US")
        if variant.known_countries_only and country not in set(self.stock.values()) | {"US"}:
            raise Refusal("invalid")
        if variant.low_limit_refused and body.get("limit", 5) < 1:
            raise Refusal("invalid")

    def _validate_query(self, call: Call) -> None:
        limit = call.query.get("limit", ["100"])[0]
        if not re.fullmatch(r"-?[0-9]{1,400}", limit):
            if not (self.variant.lenient_limit and limit == ""):
                self._settle(call, "list/limit:type", call.query, "")
            call.query["limit"] = ["100"]
        elif int(limit) < 1:
            if self.variant.low_limit_refused:
                self._settle(call, "list/limit:low", call.query, "")
            call.query["limit"] = ["100"]

    # --- the seven operations

    def _do_purchase(self, call: Call) -> Any:
        """Sell an offered number, once."""
        return self.show(call, self._sell(call.body["number"]))

    def _do_create(self, call: Call) -> Any:
        """Buy, import or make a number."""
        kind = call.body["type"]
        if kind == "purchase":
            return self.show(call, self._sell(call.body["purchase"]["number"]))
        number = (
            call.body["sipImport"]["phoneNumber"]
            if kind == "sip_import"
            else call.body["vogentSip"]["sipPrefix"]
        )
        if self.variant.unique_sip and any(
            record.number == number for record in self.records.values()
        ):
            raise Refusal("invalid")
        if kind == "sip_import" and not re.fullmatch(
            self.variant.termination_pattern, call.body["sipImport"]["terminationUri"]
        ):
            raise Refusal("invalid")
        if kind == "vogent_sip" and not re.fullmatch(self.variant.sip_prefix_pattern, number):
            raise Refusal("invalid")
        return self.show(
            call, self.keep(number, "PSTN" if kind == "sip_import" else "SIP_USERNAME")
        )

    def _do_search(self, call: Call) -> Any:
        """Offer what is on sale under a prefix."""
        return [
            self._offer(number)
            for number in self.matching(call.body)[: max(0, int(call.body.get("limit", 5)))]
        ]

    def _matching(self, body: dict[str, Any]) -> list[str]:
        """All numbers on sale that a search body asks for."""
        country = body.get("country", "US")
        country = country.upper() if self.variant.any_case_country else country
        code = {"US": "+1", "GB": "+44"}.get(country, "+0")
        found = [
            number
            for number, home in self.stock.items()
            if home == country and self.on_sale(number) and number.startswith(code + body["prefix"])
        ]
        if self.variant.endless_supply and code != "+0" and len(body["prefix"]) < 7:
            found = [
                f"{code}{body['prefix']}{self.rng.randrange(10**9):09}"[: len(code) + 10]
                for _ in range(30)
            ]
            self.stock.update(dict.fromkeys(found, country))
            found = list(dict.fromkeys(found))
        if self.variant.random_search:
            self.rng.shuffle(found)
        return found

    def _do_list(self, call: Call) -> Any:
        """Give one page, each number once."""
        records = self.ordered()
        limit = min(int(call.query.get("limit", ["100"])[0][:9]), self.variant.page_cap or 10**9)
        start = self._start(call, records)
        page = records[start : start + limit]
        more = start + limit < len(records) or (self.variant.empty_last_page and len(page) == limit)
        cursor = self._cursor(page[-1], start + limit) if more and page else None
        return self._extra({"data": [self.show(call, record) for record in page], "cursor": cursor})

    def _ordered(self) -> list[Record]:
        """The account in the order of the list."""
        records = list(self.records.values())
        return records[::-1] if self.variant.newest_first else records

    def _cursor(self, last: Record, offset: int) -> str:
        if self.variant.offset_cursor:
            return str(offset)
        return base64.b64encode(f"after:{last.id}".encode()).decode() + self.variant.cursor_tail

    def _start(self, call: Call, records: list[Record]) -> int:
        cursor = call.query.get("cursor", [""])[0]
        if not cursor:
            return 0
        if self.variant.offset_cursor and re.fullmatch("[0-9]{1,9}", cursor):
            return int(cursor)
        for index, record in enumerate(records):
            if cursor == self._cursor(record, index + 1):
                return index + 1
        if self.variant.odd_cursor_ignored:
            return 0
        self._settle(call, "list/cursor:unknown", {}, "")
        return 0

    def _do_get(self, call: Call) -> Any:
        """Read one number."""
        return self.show(call, self.find(call))

    def _do_update(self, call: Call) -> Any:
        """Link or unlink one number."""
        record = self.find(call)
        if "agentId" in call.body:
            agent = call.body["agentId"]
            unknown = self.variant.agents and agent not in self.variant.agents
            if agent and (unknown or not re.fullmatch(self.variant.agent_pattern, agent)):
                raise Refusal("invalid")
            self._note(record)
            record.agent = agent or None
        return self.show(call, record)

    def _do_delete(self, call: Call) -> Any:
        """Release one number; it is on sale again."""
        record = self.find(call)
        self._note(record)
        self.drop(record)
        return self.show(call, record)

    # --- the account

    def _find(self, call: Call) -> Record:
        """The record of the call's id."""
        if not re.fullmatch(self.variant.id_pattern, call.id):
            raise Refusal("malformed")
        if call.id not in self.records:
            raise Refusal("unknown_id")
        return self.records[call.id]

    def _drop(self, record: Record) -> None:
        """Take a record from the account."""
        self.records.pop(record.id, None)
        if self.variant.back_on_sale:
            self.sold.discard(record.number)

    def _sell(self, number: str) -> Record:
        if number not in self.stock:
            raise Refusal("unknown_number")
        if not self.on_sale(number):
            raise Refusal("sold_number")
        self.sold.add(number)
        return self.keep(number, "PSTN")

    def _keep(self, number: str, kind: str) -> Record:
        """Add a number to the account."""
        record = Record(self.new_id(), number, kind)
        self.records[record.id] = record
        return record

    def _note(self, record: Record) -> None:
        if record.customers:
            self.touched.append(record.id)

    def _new_id(self) -> str:
        self.issued += 1
        count, style = self.issued, self.variant.id_style
        if style == "uuid":
            return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        if style == "integer":
            return str(1000 + count)
        if style == "big-integer":
            return str(2**61 + count)
        if style == "ulid":
            return "pn_" + "".join(self.rng.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=26))
        if style == "base64":
            return base64.b64encode(f"PhoneNumber:{count:04}".encode()).decode().replace("/", "_")
        return f"pn_{count}~v1" if style == "tilde" else f"org:42:pn={count}@x"

    def _show(self, call: Call, record: Record) -> dict[str, Any]:
        del call  # faults look at it
        shown = {
            "id": record.id,
            "number": record.number,
            "type": record.type,
            "agentId": record.agent,
        }
        if self.variant.key_order_reversed:
            shown = dict(reversed(shown.items()))
        return self._extra(shown)

    def _offer(self, number: str) -> dict[str, Any]:
        return self._extra({"number": number})

    def _extra(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.variant.extra_properties:
            body |= {
                "createdAt": "2026-11-01T00:00:00Z",
                "capabilities": ["voice"],
                "metadata": {"id": None},
            }
        return body

    def _give_customer(self, index: int) -> None:
        record = self.keep(f"+1800777{index:04}", "PSTN")
        if index % 3 == 1:
            record.number, record.type = f"customer-{index}", "SIP_USERNAME"
        record.agent = f"agent-of-customer-{index}" if index % 2 else None
        record.customers = True


def _no_constant(name: str) -> Any:
    raise ValueError(name)
