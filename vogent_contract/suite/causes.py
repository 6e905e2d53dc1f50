"""Leads what an exchange breaks to its cause, so that each cause is one finding.

What an answer breaks by itself is a finding. What else is wrong in the same answer, or with a phone
number to which a request has done nobody knows what, is told with that finding. Where an answer
contradicts earlier ones, `Inquiry` says which of them is accused.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vogent_contract.openapi import Violation
from vogent_contract.suite.account import Account, item_of, listed, names_asked, origin_of
from vogent_contract.suite.blame import blamed_for
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.findings import Consequence, Finding, Findings
from vogent_contract.suite.inquiry import GONE, STRANGER, THERE, Inquiry
from vogent_contract.suite.levels import BROKEN, LENIENT, level_of
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

    def __init__(self, account: Account, findings: Findings, inquiry: Inquiry) -> None:
        self._account = account
        self._findings = findings
        self._inquiry = inquiry
        # By id or number of a phone number: what was found in a request that may have changed it.
        self._doubts: dict[str, Finding] = {}
        self._adding: Finding | None = None  # of a request that may have added nobody knows what
        # By operation and what it did wrong: what was found of it in answers of others.
        self._blamed: dict[tuple[str, ...], Finding] = {}

    def judge(self, exchange: Exchange) -> bool:
        """Record what an exchange breaks; whether what it says must not be learnt."""
        judged = Judged(exchange)
        for rule in RULES.values():
            for breach in rule.broken_by(self._account, exchange):
                self._judge(judged, rule, breach)
        if judged.found:
            self._doubt(judged)
        elif exchange.succeeded:
            self._believe(exchange)
        return judged.accused

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
        blamed = verdict.accused
        name, promise = rule.name, rule.promise
        way = (blamed.outgoing.name, breach.name, str(rule.name in THERE), str(rule.name in GONE))
        if blamed is not exchange and way in self._blamed:
            self._note(self._blamed[way], name, exchange, violation)
            self._correct(exchange, name, breach)
            return
        if blamed is not exchange:
            violation = blamed_for(rule.name, blamed, exchange, breach)
            if not blamed.succeeded:
                name, promise = REFUSED_IS_NOT_DONE, NOT_DONE
        finding = self._findings.add(name, promise, violation, blamed, rule.assumed)
        if finding.times == 1:
            finding.about = breach.about
            finding.against, finding.undecided = verdict.against, verdict.undecided
        if blamed is not exchange:
            self._blamed[way] = finding
            for other in self._findings.all():
                here = other.operation == exchange.outgoing.name
                if other.undecided and other.rule == rule.name and here and other is not finding:
                    self._findings.replace(other, finding)
            self._doubts[breach.about] = finding
            self._adding = finding
            self._correct(exchange, rule.name, breach)
            return
        judged.found.append((finding, violation))
        if finding.level == BROKEN:
            judged.accused = True
        if finding.level == BROKEN and (verdict.undecided or finding.known is not None):
            self._account.doubt(exchange, violation.pointer)

    def _in_the_same_answer(
        self, judged: Judged, rule: str, violation: Violation
    ) -> Finding | None:
        """What was found in the same answer and says that this part of it is wrong."""
        for finding, first in judged.found:
            if finding.rule in NOT_TO_COME and finding.rule != rule:
                return finding
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
        if not breach.about:
            return None
        if breach.about in self._doubts:
            return self._doubts[breach.about]
        if rule != STRANGER:
            return None
        shown = item_of(exchange.value, breach.about) or {}
        return self._doubts.get(str(shown.get("number")), self._adding)

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


def _explains(finding: Finding, level: str) -> bool:
    """Whether something is told with a finding: it must not be worse, nor hidden as known."""
    if finding.known is not None:
        return False
    return finding.level == BROKEN or level == LENIENT
