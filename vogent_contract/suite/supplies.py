"""What there is to work with: numbers for sale, the run's own numbers, unused names."""

from __future__ import annotations

import itertools
import json
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from vogent_phone_numbers.models import SipTrunk, SipUser

from vogent_contract.openapi import Contract, Operation
from vogent_contract.suite.api import Api
from vogent_contract.suite.exchange import Call
from vogent_contract.suite.rules.lists import CALLING_CODES
from vogent_contract.suite.run import Run

# What a value of an example stands for, by the name of the parameter or property that holds it.
# A server can only refuse the example's own number or id, so something that exists takes its place.
OFFER = "a number for sale"
ROLES = {
    "number": OFFER,
    "id": "an id of the account",
    "agentId": "an agent",
    "prefix": "a prefix",
    "sipPrefix": "an unused name",
    "phoneNumber": "an unused number",
}
NOT_FOR_SALE = "+10005550100"  # made up: there is no such area code, so no search returns it
MADE_UP_AGENT = "7d2f1b3a-2c1d-4d5e-8a9b-3f4c5d6e7f80"
# Where numbers are looked for without --prefix, by country: an area code, anything, digit by digit.
PREFIXES = {"US": ("415", "", *"23456789", "800", "212"), "GB": ("", *"12378")}


class Supplies:
    """Finds or makes what a request needs."""

    def __init__(self, run: Run, api: Api) -> None:
        self._run = run
        self._api = api
        self._roles = roles_of_examples(run.contract)
        self._numbers = itertools.count(1)
        self._searched: set[tuple[str, str]] = set()
        # Others may be at work in a live account, and what the run asked for is known by its name.
        live = run.options.live
        self._tag = f"{secrets.token_hex(4)}-" if live else ""
        self._first_import = 1000 + (secrets.randbelow(9000) if live else 0)

    @property
    def agent(self) -> str:
        """An agent that numbers may be linked to: the one that was given, else a made-up one."""
        return self._run.options.agent_id or MADE_UP_AGENT

    @property
    def other_agent(self) -> str:
        """Another agent, the same if one was given: it may be the only one that exists."""
        return self._run.options.agent_id or f"{MADE_UP_AGENT}-2"

    def offer(self, *, last: bool = False) -> str | None:
        """A number for sale, searched for if none is known: the first offered, or the last."""
        known = self._run.account.for_sale()
        if not known:
            self._search()
            known = self._run.account.for_sale()
        if not known:
            return None
        return known[-1] if last else known[0]

    def subject(self) -> str | None:
        """Id of a phone number to read, link and release: of the run's own, if it may make one."""
        account = self._run.account
        if not account.mine():
            self._api.create_by_vogent_sip(self.sip_user())
        own = account.mine()
        return own[-1] if own else next(iter(account.numbers), None)

    def linked_subject(self) -> None:
        """Link the subject: with agentId null, a server that always answers null looks right."""
        key, account = self.subject(), self._run.account
        if key in account.origin and account.numbers[key].get("agentId") is None:
            self._api.link(key, self.agent)

    def one_of_each(self) -> list[str]:
        """Ids of what this run made: the first of each operation and type, bought ones first."""
        account = self._run.account
        chosen: dict[str, str] = {}
        for key in account.mine():
            chosen.setdefault(account.origin[key], key)
        return [chosen[origin] for origin in sorted(chosen, key=lambda origin: "sip" in origin)]

    def name(self) -> str:
        """A SIP name that nobody has yet."""
        return f"conformance-{self._tag}{next(self._numbers)}"

    def sip_user(self) -> SipUser:
        """A SIP user that does not exist yet."""
        name = self.name()
        return SipUser(sip_prefix=name, username=name, password=f"{name}-password")

    def sip_trunk(self) -> SipTrunk:
        """A trunk whose number does not exist yet."""
        name = self.name()
        return SipTrunk(
            phone_number=self._unused_number(),
            termination_uri="trunk.example.net",
            username=name,
            password=f"{name}-password",
        )

    def prefix_of(self, number: str | None) -> str:
        """The three digits after the country code of a number on offer, as a search takes them."""
        digits = re.sub(r"\D", "", number or "")
        return digits.removeprefix(CALLING_CODES[self.country_of(number)])[:3] or "415"

    def country_of(self, number: str | None) -> str:
        """The country that a number was found in."""
        return self._run.account.countries.get(number or "", "US")

    def call(self, operation: Operation, **parts: Any) -> Call:
        """A request as the contract's example shows it, with what exists in it.

        Args:
            parts: Of the call, where it differs; `query` with the question mark, `path` by name.
        """
        target = operation.path
        query = parts.pop("query", "")
        path: Mapping[str, str] = parts.pop("path", {})
        for one in operation.parameters:
            if one.location == "path":
                value = path.get(one.name) or str(self.filled(one.example))
                target = target.replace(f"{{{one.name}}}", quote(value, safe=""))
            elif one.location == "query" and one.required and not query:
                query = f"?{one.name}={quote(str(one.sample()))}"
        if operation.body:
            example = self.filled(operation.body.example())
            parts.setdefault("content", json.dumps(example).encode())
            parts.setdefault("content_type", operation.body.media_type)
        return Call(operation.method, target + query, **parts)

    def filled(self, value: Any, *, offer: str | None = None) -> Any:
        """A value of the contract's examples, with what exists in it.

        Args:
            offer: Takes the place of a number for sale.
        """

        def existing(text: str) -> str:
            role = self._roles.get(text)
            if role == OFFER and offer is not None:
                return offer
            return text if role is None else self._existing(role) or text

        return _texts_replaced(value, existing)

    def with_existing(self, value: Any) -> Any:
        """A random value, with what exists wherever a name says that something has to."""
        if not isinstance(value, dict):
            return value
        changed = {}
        for name, inner in value.items():
            if isinstance(inner, str) and name in ROLES:
                changed[name] = self._existing(ROLES[name]) or inner
            else:
                changed[name] = self.with_existing(inner)
        return changed

    def exists_in(self, *values: Any) -> bool:
        """Whether a value names a number for sale, or an id that the account has or had."""
        account, found = self._run.account, False

        def look(text: str) -> str:
            nonlocal found
            found = found or text in account.offered
            found = found or text in account.numbers or text in account.released
            return text

        for value in values:
            _texts_replaced(value, look)
        return found

    def asks_for_an_offer(self, value: Any) -> bool:
        """Whether a value of the contract's examples asks for a number for sale."""
        found: list[str | None] = []

        def note(text: str) -> str:
            found.append(self._roles.get(text))
            return text

        _texts_replaced(value, note)
        return OFFER in found

    def _existing(self, role: str) -> str | None:
        sources: Mapping[str, Callable[[], str | None]] = {
            OFFER: self.offer,
            ROLES["id"]: self.subject,
            ROLES["agentId"]: lambda: self.agent,
            ROLES["prefix"]: lambda: self.prefix_of(next(iter(self._run.account.countries), None)),
            ROLES["sipPrefix"]: self.name,
            ROLES["phoneNumber"]: self._unused_number,
        }
        return sources[role]()

    def _unused_number(self) -> str:
        return f"+1800555{(self._first_import + next(self._numbers)) % 10_000:04}"

    def _search(self) -> None:
        """Search until something is found, each place once in a run."""
        for country, prefixes in PREFIXES.items():
            given = self._run.options.prefix
            for prefix in prefixes if given is None else (given,):
                if (country, prefix) not in self._searched:
                    self._searched.add((country, prefix))
                    self._api.search(prefix, country)
                    if self._run.account.for_sale():
                        return


def roles_of_examples(contract: Contract) -> dict[str, str]:
    """Example values of the contract, and what each stands for."""
    found: dict[str, str] = {}

    def walk(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(key, inner)
        elif name in ROLES and isinstance(value, str) and value:
            found[value] = ROLES[name]

    for operation in contract.operations.values():
        for parameter in operation.parameters:
            walk(parameter.name, parameter.example)
        for example in operation.body.examples.values() if operation.body else ():
            walk("", example)
    return found


def _texts_replaced(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every text in it changed."""
    if isinstance(value, dict):
        return {key: _texts_replaced(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts_replaced(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value
