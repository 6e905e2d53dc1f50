"""Leads what an exchange breaks to its cause, so that each cause is one finding.

What an answer breaks by itself is a finding. What else is wrong in the same answer, or with a phone
number to which a request has done nobody knows what, is told with that finding. Where an answer
contradicts earlier ones, `Inquiry` says which of them is accused.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from vogent_contract.openapi import MISSING, Violation
from vogent_contract.openapi.document import tokens
from vogent_contract.suite.account import Account, item_of, listed, names_asked, origin_of
from vogent_contract.suite.blame import blamed_for
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.findings import Consequence, Finding, Findings
from vogent_contract.suite.inquiry import GONE, STRANGER, THERE, Inquiry, Verdict
from vogent_contract.suite.levels import BROKEN, LENIENT, level_of
from vogent_contract.suite.narrowing import Narrowing
from vogent_contract.suite.rules import RULES
from vogent_contract.suite.rules.table import Breach, Rule

REFUSED_IS_NOT_DONE = "refused-is-not-done"
NOT_DONE = "What is refused is not done."

# An answer that one of these accuses should not have come, so what it says is no second finding.
NOT_TO_COME = (
    "answers",
    "no-server-error",
    "refuses-wrong-key",
    "accepts-right-key",
    "refuses-other-methods",
    "refuses-invalid",
    "sold-once",
    "sells-only-offers",
    "released-is-gone",
    "refuses-unknown-id",
    "same-id",
    "ids-are-unique",
)
KIND = "sip-user-type"  # decides what the rest of the answer must be like
# These accuse what no caller sends who keeps to the contract, and so is the answer to it.
BESIDE_THE_CONTRACT = ("refuses-invalid", "refuses-wrong-key", "refuses-other-methods")


@dataclass
class Judged:
    """What was found in one exchange so far.

    Attributes:
        accused: The answer cannot be learnt from.
    """

    exchange: Exchange
    found: list[tuple[Finding, Violation]] = field(default_factory=list)
    accused: bool = False


class Causes:
    """Asks every rule about an exchange, and records what is broken under its cause."""

    def __init__(
        self, account: Account, findings: Findings, inquiry: Inquiry, narrowing: Narrowing
    ) -> None:
        self._account = account
        self._findings = findings
        self._inquiry = inquiry
        self._narrowing = narrowing
        # By id or number of a phone number: what was found in a request that may have changed it.
        self._doubts: dict[str, Finding] = {}
        self._doubted: dict[str, Exchange] = {}  # the last such request with an accused answer
        self._adding: Finding | None = None  # of a request that may have added nobody knows what
        # By operation and what it did wrong: what was found of it in answers of others.
        self._blamed: dict[tuple[str, ...], Finding] = {}

    def judge(self, exchange: Exchange) -> bool:
        """Record what an exchange breaks; whether what it says must not be learnt."""
        judged = Judged(exchange)
        breaches = []
        for rule in RULES.values():
            for breach in rule.broken_by(self._account, exchange):
                breaches.append((exchange, rule, self._narrowed(rule, exchange, breach)))
        for _, rule, breach in sorted(breaches, key=_precedence):
            self._judge(judged, rule, breach)
        if not breaches and exchange.succeeded and not exchange.outgoing.violations:
            self._narrowing.accepted(exchange)
        if judged.found:
            self._doubt(judged)
        elif exchange.succeeded and not breaches:
            self._believe(exchange)
        return judged.accused

    def _narrowed(self, rule: Rule, exchange: Exchange, breach: Breach) -> Breach:
        """Where a valid request is refused, the part for which it is."""
        if rule.name != "accepts-valid" or breach.violation.pointer:
            return breach
        pointer = self._narrowing.part(exchange)
        return replace(breach, violation=replace(breach.violation, pointer=pointer))

    def _judge(self, judged: Judged, rule: Rule, breach: Breach) -> None:
        exchange, violation = judged.exchange, breach.violation
        name, pointer = exchange.outgoing.name, violation.pointer
        level = level_of(rule.name, exchange)
        same = self._in_the_same_answer(judged, rule.name, violation)
        before = self._before(exchange, rule.name, breach)
        alike = self._findings.at_the_same_place(rule.name, name, violation)
        beside = same is not None and same.rule in BESIDE_THE_CONTRACT
        if self._findings.is_known(rule.name, name, pointer):
            self._accuse(judged, rule, breach)
        elif same is not None and _explains(same, LENIENT if beside else level):
            self._note(same, rule.name, exchange, violation)
            judged.accused = True
        elif before is not None and _explains(before, level):
            self._note(before, rule.name, exchange, violation)
            self._correct(exchange, rule.name, breach)
        elif alike is not None and _explains(alike, level):
            self._note(alike, rule.name, exchange, violation)
            judged.accused = True
        else:
            self._accuse(judged, rule, breach)

    def _accuse(self, judged: Judged, rule: Rule, breach: Breach) -> None:
        """Make a finding of a breach, in the exchange that is to blame."""
        exchange, violation = judged.exchange, breach.violation
        verdict = self._inquiry.verdict(rule.name, exchange, breach)
        if verdict.accused is not exchange:
            self._blame(verdict, exchange, rule, breach)
            return
        finding = self._findings.add(rule.name, rule.promise, violation, exchange, rule.assumed)
        self._place_earlier(finding)
        _tell_cause(finding, verdict, breach)
        judged.found.append((finding, violation))
        if finding.level != BROKEN:
            return
        judged.accused = True
        if verdict.undecided or finding.known is not None:
            self._account.doubt(exchange, violation.pointer)

    def _blame(self, verdict: Verdict, shown: Exchange, rule: Rule, breach: Breach) -> None:
        """Make a finding of what an answer shows, in the request before it that did it."""
        blamed = verdict.accused
        way = (blamed.outgoing.name, breach.name, str(rule.name in THERE), str(rule.name in GONE))
        if way in self._blamed:
            self._note(self._blamed[way], rule.name, shown, breach.violation)
            self._correct(shown, rule.name, breach)
            return
        name, promise = rule.name, rule.promise
        violation = blamed_for(rule.name, blamed, shown, breach)
        if not blamed.succeeded:
            name, promise = REFUSED_IS_NOT_DONE, NOT_DONE
        finding = self._findings.add(name, promise, violation, blamed, rule.assumed)
        _tell_cause(finding, verdict, breach)
        self._blamed[way] = finding
        for other in self._findings.all():
            here = other.operation == shown.outgoing.name and other.rule == rule.name
            if here and other.undecided and other is not finding:
                self._findings.replace(other, finding)
        self._doubts[breach.about] = finding
        self._adding = finding
        self._correct(shown, rule.name, breach)

    def _place_earlier(self, finding: Finding) -> None:
        """Take in refusals for the same part, from when nobody could tell for which they were."""
        if finding.rule != "accepts-valid" or not finding.pointer:
            return
        for other in self._findings.all():
            alike = (other.rule, other.operation) == (finding.rule, finding.operation)
            if not alike or other.pointer or other.exchange is None:
                continue
            if self._narrowing.is_for(other.exchange, finding.pointer):
                self._findings.replace(other, finding)

    def _in_the_same_answer(
        self, judged: Judged, rule: str, violation: Violation
    ) -> Finding | None:
        """What was found in the same answer and says that this part of it is wrong."""
        for finding, first in judged.found:
            if finding.rule in NOT_TO_COME and finding.rule != rule:
                return finding
            if "/then/" in violation.schema and _beside(first.pointer, violation.pointer):
                return finding  # the condition of this part of the contract is what is wrong
            if finding.rule == "documented-response":
                inside = f"{violation.pointer}/".startswith(f"{first.pointer}/")
                around = f"{first.pointer}/".startswith(f"{violation.pointer}/")
                missing = first.keyword == violation.keyword == "required"
                to_refuse = rule in BESIDE_THE_CONTRACT
                if inside or missing or to_refuse or (around and rule != finding.rule):
                    return finding
            elif violation.pointer and violation.pointer == first.pointer:
                return finding
        return None

    def _before(self, exchange: Exchange, rule: str, breach: Breach) -> Finding | None:
        """What was found in an earlier request that may have done this."""
        if rule == "documented-response":
            return self._shown_before(exchange, breach.violation)
        if not breach.about:
            return None
        if breach.about in self._doubts:
            return self._doubts[breach.about]
        if rule != STRANGER:
            return None
        shown = item_of(exchange.value, breach.about) or {}
        return self._doubts.get(str(shown.get("number")), self._adding)

    def _shown_before(self, exchange: Exchange, violation: Violation) -> Finding | None:
        """What was found in the request that made a phone number with the same wrong value."""
        *way, name = tokens(violation.pointer) or [""]
        item = exchange.value if not way else None
        if len(way) == 2 and way[0] == "data":
            item = listed(exchange.value)[int(way[1])]
        key = item.get("id") if isinstance(item, dict) else None
        if item is None or key not in self._doubts or key not in self._doubted:
            return None
        doubt, shown = self._doubts[key], self._doubted[key].value
        if not isinstance(shown, dict) or shown.get(name) != item.get(name, MISSING):
            return None
        found = [one for one in self._findings.all() if one.operation == doubt.operation]
        return next((one for one in found if one.pointer == f"/{name}"), doubt)

    def _correct(self, exchange: Exchange, rule: str, breach: Breach) -> None:
        """Know from now on what an answer showed that is not to blame."""
        key = breach.about
        if rule == STRANGER:
            shown = item_of(exchange.value, key) or {}
            asked = self._account.asked.get(str(shown.get("number")))
            if asked is not None:
                self._account.origin[key] = origin_of(asked)
        if rule in THERE and key in self._account.released:
            self._account.found(key)
        elif rule in GONE and key in self._account.numbers:
            self._account.lost(key)
        elif rule in GONE:
            self._account.offered.pop(key, None)

    def _doubt(self, judged: Judged) -> None:
        """Take down what a request may have changed whose answer is accused."""
        exchange = judged.exchange
        if exchange.outgoing.effect == "none":
            return
        finding = judged.found[0][0]
        value = exchange.value if isinstance(exchange.value, dict) else {}
        shown = [value.get(name) for name in ("id", "number")]
        for subject in (exchange.path_id, *names_asked(exchange), *shown):
            if isinstance(subject, str) and subject:
                self._doubts[subject] = finding
                self._doubted[subject] = exchange
        if exchange.outgoing.effect != "changes":
            self._adding = finding

    def _believe(self, exchange: Exchange) -> None:
        """An answer that nothing is wrong with shows how things are."""
        value = exchange.value
        for item in (value, *listed(value)):
            if isinstance(item, dict):
                self._doubts.pop(str(item.get("id")), None)

    def _note(self, finding: Finding, rule: str, exchange: Exchange, violation: Violation) -> None:
        name = exchange.outgoing.name
        pointer, expected, got = violation.pointer, violation.expected, violation.got
        number = exchange.number
        finding.note(Consequence(rule, name, pointer, expected, got, number))


def _tell_cause(finding: Finding, verdict: Verdict, breach: Breach) -> None:
    """Tell with a new finding what it is about, and which other answer shows it."""
    if finding.times == 1:
        finding.about = breach.about
        finding.against, finding.undecided = verdict.against, verdict.undecided


def _precedence(found: tuple[Exchange, Rule, Breach]) -> int:
    """What makes everything else in an answer meaningless comes first."""
    exchange, rule, breach = found
    whole = rule.name == "documented-response" and not breach.violation.pointer
    if rule.name == KIND or (whole and exchange.succeeded):
        return 0
    return 1 if rule.name in NOT_TO_COME else 2


def _beside(one: str, other: str) -> bool:
    """Whether two pointers lead to properties of the same object."""
    return one != other and one.rpartition("/")[0] == other.rpartition("/")[0]


def _explains(finding: Finding, level: str) -> bool:
    """Whether something is told with a finding: it must not be worse, nor hidden as known."""
    if finding.known is not None:
        return False
    return finding.level == BROKEN or level == LENIENT
