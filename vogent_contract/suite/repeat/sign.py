"""How a script tells that the wrong answer came again, and where in the answer people look."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vogent_contract.openapi import json_type
from vogent_contract.openapi.document import tokens
from vogent_contract.suite.account import item_of
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.repeat.calls import LIST, Past
from vogent_contract.suite.repeat.shell import Variables, jq_path
from vogent_contract.suite.report_page.messages import place_of
from vogent_contract.suite.rules.lists import DEFAULT_LIST_LIMIT, DEFAULT_SEARCH_LIMIT

NO_ANSWER = "none"  # the status of a call that got no answer
JQ_TYPES = {"integer": "number"}  # the others have the same names
OTHER_PARSER = ("occurs twice", "is not JSON")  # what jq reads and RFC 8259 does not allow

# jq filters for rules that are broken by the pages of a walk through the list together.
OF_PAGES = {
    "list-unique": "[.[].data[].id] | length > (unique | length)",
    "paging-ends": "[.[].cursor] | length > (unique | length)",
}
OF_NUMBERS = ("list-without-released", "list-without-strangers", "list-is-complete")


@dataclass(frozen=True)
class Sign:
    """What a script looks for in the last answer.

    Attributes:
        condition: For bash, with the last answer's `$status` and `$content_type`, and the answers
            in files with their positions as names; empty if no short one tells wrong from right.
        place: What jq is told to show what is at the wrong place, empty if it is in no JSON.
    """

    condition: str
    place: str = ""


class Signs:
    """Finds the sign of one finding.

    Args:
        calls: The calls that lead to it.
    """

    def __init__(
        self, finding: Finding, calls: Sequence[Exchange], past: Past, variables: Variables
    ) -> None:
        self._finding = finding
        self._calls = calls
        self._last = calls[-1]
        self._past = past
        self._variables = variables
        self._arguments: list[str] = []  # of jq: the variables that a filter uses

    def sign(self) -> Sign:
        """The sign."""
        query = self._last.request.query if self._last.request else {}
        if query.get("cursor") == "":  # it is wrong to refuse it only if a page gave it
            return Sign("")
        for look in (self._of_message, self._of_answer, self._of_list):
            found = look()
            if found is not None:
                return found
        finding = self._finding
        in_body = place_of(finding).part == "answer" and finding.keyword != "status"
        if in_body and (finding.pointer or finding.rule == "documented-response"):
            return self._value()
        return Sign(self._same_status())

    def is_value(self, value: Any) -> str:
        """The jq filter that tells whether its input is a value, or what now stands for it."""
        variable = self._variables.known(value, self._last) if isinstance(value, str) else None
        if variable is None:
            return f". == {json.dumps(value)}"
        if variable.argument not in self._arguments:
            self._arguments.append(variable.argument)
        given = f"${variable.name}"
        return f". == {given}" if variable.is_json else f"(tostring | @uri) == {given}"

    def subject(self) -> str:
        """The id or number that the finding tells of."""
        told = f"{self._finding.about} {self._finding.got}".split()
        known = [word for word in told if self._variables.known(word, self._last)]
        return known[0] if known else self._finding.about or told[-1]

    def _of_message(self) -> Sign | None:
        """No answer came, or its headers or the body as a whole are wrong."""
        finding, last = self._finding, self._last
        if last.status is None:
            return Sign(f"[[ $status == {NO_ANSWER} ]]")
        if finding.pointer == "/header/Allow":
            return Sign(f"{self._same_status()} && ! grep -qi ^allow: headers")
        if finding.keyword == "content-type" and finding.rule == "documented-response":
            content_type = shlex.quote(last.answer.headers.get("content-type", ""))
            return Sign(f"{self._same_status()} && [[ $content_type == {content_type} ]]")
        if finding.keyword == "json" and finding.rule == "documented-response":
            return self._no_json()
        return None

    def _of_answer(self) -> Sign | None:
        """The rule looks at the answer as a whole."""
        finding, last = self._finding, self._last
        if finding.rule == "old-and-new-are-equal" and finding.against is not None:
            path = jq_path(tokens(finding.pointer))
            both = [finding.against, last]
            return self._told_by(f"(.[0] | {path}) != (.[1] | {path})", both)
        if finding.rule not in OF_ANSWERS or last is not finding.exchange:
            return None
        return self._told_by(OF_ANSWERS[finding.rule](self, last))

    def _of_list(self) -> Sign | None:
        """The pages of the list together show what is wrong."""
        finding, last = self._finding, self._last
        if finding.rule in OF_PAGES:
            return self._told_by(OF_PAGES[finding.rule], self._pages())
        blamed = last is not finding.exchange and bool(finding.about) and not finding.pointer
        if last.operation_id == LIST and (blamed or finding.rule in OF_NUMBERS):
            return self._presence()
        return None

    def _value(self) -> Sign:
        """What is at a place is wrong in the same way."""
        finding, names = self._finding, tokens(self._finding.pointer)
        place = self._place(names)
        if finding.keyword == "required":
            owner, missing = self._place(names[:-1]), json.dumps(names[-1])
            return self._told_by(f"[{owner}] | any(has({missing}) | not)", place=owner)
        value = _value_at(self._last.value, names)
        if finding.keyword == "type":
            kind = json_type(value)
            wrong = f'type == "{JQ_TYPES.get(kind, kind)}"'
        elif finding.rule == "documented-response":
            wrong = self.is_value(value)
        else:
            wrong = f"{self.is_value(_stated(finding.expected))} | not"
        if "/then/" in finding.schema:
            at_place = f"({jq_path(names[-1:])} | {wrong})"
            there, wrong = self._place(names[:-1]), " and ".join([at_place, *self._if_so()])
            return self._told_by(f"[{there}] | any({wrong})", place=place)
        return self._told_by(f"[{place}] | any({wrong})", place=place)

    def _if_so(self) -> list[str]:
        """jq filters for the properties that a keyword below `then` depends on."""
        operation, status = self._last.operation, self._last.status
        response = operation.response(status) if operation and status else None
        if response is None or response.schema is None:
            return []
        schema = self._finding.schema.partition("/then/")[0]
        condition = response.schema.document.at(f"{schema}/if")
        item = self._finding.item
        names = [name for name in condition.get("properties", ()) if name in item]
        return [f"({jq_path([name])} | {self.is_value(item[name])})" for name in names]

    def _place(self, names: Sequence[str]) -> str:
        """The jq filter of a place: in any item of an array, in the same item of the list."""
        if self._last.operation_id != LIST or self._last.status != 200:
            return jq_path([None if name.isdecimal() else name for name in names])
        key = self._finding.about
        if self._last is self._finding.exchange:
            if names[:1] != ["data"] or len(names) == 1:
                return jq_path(names)
            names = names[2:]
            key = key or str(self._finding.item.get("id", ""))
        known = key and self._variables.known(key, self._last)
        chosen = f" | select(.id | {self.is_value(key)})" if known else ""
        return f".data[]{chosen} | {jq_path(names)}"

    def _presence(self) -> Sign:
        """A phone number is on the pages of the list, or is not."""
        about, pages = self._finding.about, self._pages()
        there = any(item_of(page.value, about) for page in pages)
        ids = "[.[].data[].id]"
        if self._variables.known(about, self._last) is None:  # no call but the wrong one made it
            others = f"{ids} | map(tostring | @uri) - $ARGS.positional != []"
            mine = '--args "${before[@]}" "${made[@]}"'
            return self._told_by(others, pages, more=mine) if there else Sign("")
        filter_ = f"{ids} | any({self.is_value(about)})"
        if not there:  # and there is no further page
            filter_ = f"({filter_} | not) and .[-1].cursor == null"
        return self._told_by(filter_, pages)

    def _pages(self) -> list[Exchange]:
        return self._past.pages(self._last)

    def _no_json(self) -> Sign:
        """The body is no JSON; what only another parser than jq notices cannot be told."""
        file, got = len(self._calls), self._finding.got
        if any(mistake in got for mistake in OTHER_PARSER):
            return Sign("")
        if "not UTF-8" in got:
            return Sign(f"! iconv -f UTF-8 -t UTF-8 {file} &> /dev/null")
        return Sign(f"! jq -es 'length == 1' {file} &> /dev/null")

    def _same_status(self) -> str:
        """The last answer has the status of the run's, or one that is as wrong."""
        rule, status = self._finding.rule, self._last.status
        if rule == "refuses-wrong-key":
            return "[[ $status == [1-4]?? && $status != 401 ]]"
        if rule in ("documented-response", "accepts-right-key"):
            return f"[[ $status == {status} ]]"
        return f"[[ $status == {str(status)[0]}?? ]]"

    def _told_by(
        self,
        filter_: str,
        pages: Sequence[Exchange] = (),
        place: str = "",
        more: str = "",
    ) -> Sign:
        """A filter that is true of the last answer, or of all pages together, tells it."""
        given = "".join(f" {argument}" for argument in self._arguments)
        files = " ".join(str(self._calls.index(page) + 1) for page in pages or self._calls[-1:])
        slurp = "s" if pages else ""
        after = f" {more}" if more else ""
        command = f"jq -e{slurp}{given} {shlex.quote(filter_)} {files}{after} &> /dev/null"
        look = f"-c{given} {shlex.quote(place)}" if place else ""
        return Sign(f"{self._same_status()} && {command}", look)


def _prefix(_: Signs, last: Exchange) -> str:
    prefix = json.dumps(rf"^[+]?\d{{0,3}}{last.body['prefix']}")
    return f"any(.[].number; test({prefix}) | not)"


def _search_limit(_: Signs, last: Exchange) -> str:
    return f"length > {json.dumps(last.body.get('limit', DEFAULT_SEARCH_LIMIT))}"


def _list_limit(_: Signs, last: Exchange) -> str:
    query = last.request.query if last.request else {}
    return f".data | length > {json.dumps(query.get('limit', DEFAULT_LIST_LIMIT))}"


def _finds_nothing(_: Signs, __: Exchange) -> str:
    return "length == 0"


def _finds_twice(_: Signs, __: Exchange) -> str:
    return "map(.number) | length > (unique | length)"


def _finds_sold(signs: Signs, _: Exchange) -> str:
    return f"any(.[].number; {signs.is_value(signs.subject())})"


def _same_id(signs: Signs, last: Exchange) -> str:
    return f".id | {signs.is_value(last.value['id'])}"


def _tells(signs: Signs, _: Exchange) -> str:
    return f"any(.. | strings; {signs.is_value(signs.subject())})"


# jq filters for rules that are broken by an answer as a whole.
OF_ANSWERS: Mapping[str, Callable[[Signs, Exchange], str]] = {
    "search-has-prefix": _prefix,
    "search-limit": _search_limit,
    "search-finds": _finds_nothing,
    "search-unique": _finds_twice,
    "search-unsold": _finds_sold,
    "list-limit": _list_limit,
    "ids-are-unique": _same_id,
    "shows-nothing-without-key": _tells,
}


def _stated(expected: str) -> Any:
    """The JSON value that a sentence such as `null as before` begins with."""
    return json.JSONDecoder().raw_decode(expected)[0]


def _value_at(value: Any, names: Sequence[str]) -> Any:
    """The value at a place, None if there is none."""
    for name in names:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value
