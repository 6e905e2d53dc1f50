"""One run against one server: what holds wire, rules, evidence and findings together."""

from __future__ import annotations

import itertools
import json
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import schemathesis
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.models import SipTrunk, SipUser

from vogent_contract.openapi import Contract, Operation, Violation
from vogent_contract.suite import cases
from vogent_contract.suite.calls import Calls
from vogent_contract.suite.evidence import Evidence
from vogent_contract.suite.findings import Findings
from vogent_contract.suite.rules import CALLING_CODES, RULES
from vogent_contract.suite.wire import RIGHT_KEY, Exchange, NotSent, Wire
from vogent_contract.suite.world import World

AGENT_ID = "7d2f1b3a-2c1d-4d5e-8a9b-3f4c5d6e7f80"
# Where numbers are looked for without --prefix, by country: an area code, anything, then digit by digit.
PREFIXES = {"US": ("415", "", *"23456789", "800", "212"), "GB": ("", *"12378")}


SMALL_PAGES = 3  # a list of more pages than this is walked less often in a quick run


class FirstFailure(AssertionError):  # noqa: N818 - a stop that was asked for
    """Ends a run that was asked to stop at its first failure."""


@dataclass(frozen=True)
class Options:
    """What a run was asked for.

    Attributes:
        profile: `quick` or `full`.
        seed: Seed of the random parts, None for a deterministic run.
        prefix: What numbers are searched by, None to try `PREFIXES`.
        agent_id: An agent that numbers may be linked to.
        live: Whether the account is somebody's.
        stop_first: Whether the run ends at its first finding.
    """

    profile: str = "quick"
    seed: int | None = None
    prefix: str | None = None
    agent_id: str | None = None
    live: bool = False
    require_evidence: bool = False
    stop_first: bool = False

    @property
    def full(self) -> bool:
        """Whether the run is the thorough one."""
        return self.profile == "full"


class Suite:
    """The run's state, and the few steps that several tests take."""

    def __init__(self, contract: Contract, wire: Wire, key: str, options: Options) -> None:
        self.contract = contract
        self.wire = wire
        self.options = options
        fields = contract.document.at("#/components/schemas/PhoneNumber/properties")
        self.world = World(shared=options.live, agent_id=options.agent_id, fields=tuple(fields))
        self.findings = Findings(options.seed)
        self.evidence = Evidence(contract)
        self.held_back: Counter[str] = Counter()
        self.held_in: dict[str, Counter[str]] = {}
        self.test = ""
        self.broken: list[tuple[str, ...]] = []
        self.broken_so_far: list[tuple[str, ...]] = []
        self.schema = cases.load(contract, wire.base_url, key)
        self.session = wire.session()
        client = AuthenticatedClient(
            token=key, base_url=wire.base_url, httpx_args={"transport": wire}
        )
        self.calls = Calls(client, self.hold_back, self._unreadable)
        self._placeholders = cases.placeholders(contract)
        self._names = itertools.count(1)
        # Others may be at work in a live account, and what the run asked for is known by its name.
        self._tag = f"{secrets.token_hex(4)}-" if options.live else ""
        self._first_import = secrets.randbelow(9000) if options.live else 0
        self._last: Exchange | None = None
        self._pages = 0
        self._observing = threading.Lock()
        self._searched: set[tuple[str, str]] = set()
        wire.listeners.append(self.observe)

    def observe(self, exchange: Exchange) -> None:
        """Judge an exchange by every rule, then learn from it; one at a time."""
        with self._observing:
            self._observe(exchange)

    def _observe(self, exchange: Exchange) -> None:
        self._last = exchange
        self.broken = []
        self.evidence.record(exchange)
        for rule in RULES.values():
            for violation in rule.broken_by(self.world, exchange):
                self.broken.append(
                    self.findings.add(rule.name, rule.promise, violation, exchange, rule.assumed)
                )
        self.broken_so_far += self.broken
        self.world.learn(exchange)
        if self.broken and self.options.stop_first:
            raise FirstFailure(self.broken[0])

    def hold_back(self, reason: NotSent) -> None:
        """Count a request that was not sent."""
        self.held_back[str(reason)] += 1
        self.held_in.setdefault(str(reason), Counter())[self.test] += 1

    def refused_but_done(self, exchange: Exchange, numbers: str) -> None:
        """Record that a refused request created something all the same."""
        violation = Violation(
            "", "", "", f"nothing new in the account, as it got {exchange.status}", numbers
        )
        self.findings.add(
            "refused-is-not-done", "What is refused is not done.", violation, exchange, None
        )

    # Requests

    def send(
        self,
        operation: Operation,
        path: dict[str, str] | None = None,
        query: str | None = None,
        *,
        content: bytes | None = None,
        authorization: str | None = RIGHT_KEY,
    ) -> None:
        """Send one request of the suite's own: what is not given is as in the contract's examples."""
        target = operation.path
        for one in operation.parameters:
            if one.location == "path":
                value = (path or {}).get(one.name) or str(self.filled(one.example))
                target = target.replace(f"{{{one.name}}}", quote(value, safe=""))
            elif one.location == "query" and one.required and query is None:
                query = f"?{one.name}={quote(str(one.sample()))}"
        if content is None and operation.body:
            content = json.dumps(self.body(operation)).encode()
        media_type = operation.body.media_type if operation.body else None
        self.send_to(
            operation.method, target + (query or ""), content or b"", media_type, authorization
        )

    def send_to(
        self,
        method: str,
        target: str,
        content: bytes = b"",
        content_type: str | None = None,
        authorization: str | None = RIGHT_KEY,
    ) -> None:
        """Send one request to a path and query, percent-encoded; see `Wire.send`."""
        try:
            self.wire.send(
                method,
                target,
                content=content,
                content_type=content_type,
                authorization=authorization,
            )
        except NotSent as reason:
            self.hold_back(reason)

    def call(self, case: schemathesis.Case[Any]) -> schemathesis.Response | None:
        """Send a case of schemathesis', filled with what exists; None if it was held back or not answered."""
        cases.fill(case, self._placeholders, self.real)
        operation = self.contract.match(case.method, case.path)
        request = cases.request_of(case, operation, self.wire.prefix) if operation else None
        if request and request.violations and all(one.assumed for one in request.violations):
            return None  # nothing is documented of what such a request gets
        try:
            return case.call(session=self.session, allow_redirects=False)
        except NotSent as reason:
            self.hold_back(reason)
        except OSError:
            pass  # the rules have judged the failed connection already
        return None

    def failed_check(self, failure: Exception) -> None:
        """Record what one of schemathesis' checks says of the last exchange."""
        if self._last is None or self._last.operation is None:
            return  # a random id, such as `purchase`, made it a request that the contract does not have
        violation = Violation(
            "", type(failure).__name__, "", "what the check asks for", str(failure).splitlines()[0]
        )
        promise = "schemathesis' own checks hold."
        self.findings.add(
            f"schemathesis-{type(failure).__name__}", promise, violation, self._last, None
        )

    def make_real(self, case: schemathesis.Case[Any]) -> None:
        """Put what exists into a random case, by the names of its parameters and properties."""
        body: dict[str, Any] = case.body if isinstance(case.body, dict) else {}
        parts = [
            part for part in (case.path_parameters, body, *body.values()) if isinstance(part, dict)
        ]
        for part, name in itertools.product(parts, cases.KINDS):
            if isinstance(part.get(name), str):
                part[name] = self.real(cases.KINDS[name]) or part[name]

    def kinds(self, operation: Operation) -> list[tuple[str | None, bytes | None]]:
        """Query and body of each kind of request that an operation takes: its examples, its optional parameters."""
        optional = [
            one for one in operation.parameters if one.location == "query" and not one.required
        ]
        queries = [None, *(f"?{one.name}={quote(str(one.sample()))}" for one in optional)]
        examples = operation.body.examples.values() if operation.body else ()
        bodies: list[bytes | None] = [
            json.dumps(self.filled(example)).encode() for example in examples
        ]
        return list(itertools.product(queries, bodies or [None]))

    def body(self, operation: Operation) -> Any:
        """The first example of the operation's request body, with what exists in it."""
        assert operation.body
        return self.filled(operation.body.example())

    def filled(self, value: Any) -> Any:
        """A value of the contract's examples, with what exists in it."""
        return cases.replaced(value, self._placeholders, self.real)

    def kinds_in(self, value: Any) -> set[str]:
        """What stands in a value of the contract's examples."""
        found: set[str] = set()
        cases.replaced(value, self._placeholders, found.add)
        return found

    # What there is to work with

    def real(self, kind: str) -> str | None:
        """Something that exists in the account or shop, or is unused: `offer`, `id`, `agent`, `name`, `import`."""
        if kind == cases.OFFER:
            return self.offer()
        if kind == "id":
            return self.subject()
        if kind == "agent":
            return self.options.agent_id or AGENT_ID
        if kind == "prefix":
            return self.prefix_of(next(iter(self.world.countries), None))
        number = next(self._names)
        if kind == "name":
            return f"conformance-{self._tag}{number}"
        return f"+1800555{(1000 + self._first_import + number) % 10_000:04}"

    def offer(self, *, last: bool = False) -> str | None:
        """A number for sale, searched for if none is known: the first that was offered, or the last."""
        return self.world.fresh(last=last) or self._search()

    def subject(self) -> str | None:
        """Id of a phone number to read, link and release: one that this run made, a new SIP user if need be."""
        mine = self.world.mine()
        if mine:
            return mine[-1]
        made = self.calls.create_by_vogent_sip(self.sip_user())
        if made is not None:
            return made.id
        return next(iter(self.world.mine() or self.world.numbers), None)

    def linked_subject(self) -> None:
        """Link the subject to an agent if it is not linked: what an unlinked one shows could be a fault's too."""
        key = self.subject()
        if key in self.world.created and self.world.numbers[key]["agentId"] is None:
            self.calls.link(key, str(self.real("agent")))

    def one_of_each(self) -> list[str]:
        """Ids of what this run made: the first by each operation and kind, what was bought before what is SIP."""
        chosen: dict[str, str] = {}
        for key in self.world.mine():
            chosen.setdefault(self.world.origin[key], key)
        return [chosen[origin] for origin in sorted(chosen, key=lambda origin: "sip" in origin)]

    def sip_user(self) -> SipUser:
        """A SIP user that does not exist yet."""
        name = str(self.real("name"))
        return SipUser(sip_prefix=name, username=name, password=f"{name}-password")

    def sip_trunk(self) -> SipTrunk:
        """A trunk's number that does not exist yet."""
        name = str(self.real("name"))
        number = str(self.real("import"))
        return SipTrunk(
            phone_number=number,
            termination_uri="trunk.example.net",
            username=name,
            password=f"{name}-password",
        )

    def listing(self, limit: int | None = None, *, optional: bool = False) -> None:
        """Walk through the list, as far as the profile allows.

        Args:
            limit: Of each page, the server's default if None.
            optional: Leave it out of a quick run if the server's pages are small.
        """
        most = 500 if self.options.full else 8 if self.world.known or not self._pages else 2
        if optional and self.small_pages and not self.options.full:
            return
        cursor = None
        for count in range(1, most + 1):
            page = self.calls.list(limit, cursor)
            if limit is None:
                self._pages = count
            if page is None or page.cursor is None or page.cursor == cursor or self.broken:
                return
            cursor = page.cursor

    @property
    def small_pages(self) -> bool:
        """Whether the list comes in so many pages that a quick run walks it less often."""
        return self._pages > SMALL_PAGES

    def prefix_of(self, number: str | None) -> str:
        """The three digits after the country code of a number on offer, as a search takes them."""
        digits = re.sub(r"\D", "", number or "")
        code = CALLING_CODES.get(self.country_of(number), "")
        return digits.removeprefix(code)[:3] or "415"

    def country_of(self, number: str | None) -> str:
        """The country that a number was found in."""
        return self.world.countries.get(number or "", "US")

    def create_with_nulls(self) -> None:
        """Make a SIP user with the two other kinds null, as the reference allows; the client leaves them out."""
        user = self.sip_user()
        body = {
            "type": "vogent_sip",
            "purchase": None,
            "sipImport": None,
            "vogentSip": user.to_dict(),
        }
        self.send(self.contract.operations["createPhoneNumber"], content=json.dumps(body).encode())

    def buy_at_once(self, buy: Callable[[str], object], number: str) -> None:
        """Let two buyers ask for one number at the same time; on a live account one buyer, once."""
        if self.options.live:
            buy(number)
            return
        self.world.contested = number
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(buy, [number] * 2))
        self.world.contested = None
        if self.world.owner(number) is None:
            buy(number)  # one of them had to get it

    def release_all(self) -> None:
        """Release everything that this run created."""
        for key in self.world.mine():
            self.calls.delete(key)

    def _search(self) -> str | None:
        for country, prefixes in PREFIXES.items():
            for prefix in prefixes if self.options.prefix is None else (self.options.prefix,):
                if (country, prefix) not in self._searched:
                    self._searched.add((country, prefix))
                    self.calls.search(prefix, country=country, limit=10)
                    if (number := self.world.fresh()) is not None:
                        return number
        return None

    def _unreadable(self, error: errors.ContractError) -> None:
        """The client could not read an answer: a finding of its own if no rule saw why."""
        if not self.broken:
            violation = Violation(
                str(getattr(error, "path", "")),
                "",
                "",
                "an answer that the client reads",
                str(error),
            )
            self.findings.add(
                "client-reads-answer",
                "The generated client reads what the contract allows.",
                violation,
                self._last,
                None,
            )
