"""One run against one server: a request is planned, held or sent, judged, learnt from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

import httpx

from vogent_contract.openapi import Contract, Operation, Reading, Violation, parse_json
from vogent_contract.suite.account import Account
from vogent_contract.suite.causes import Causes
from vogent_contract.suite.credential import Key
from vogent_contract.suite.evidence import Evidence
from vogent_contract.suite.exchange import Answer, Call, Exchange, Expectation, Outgoing
from vogent_contract.suite.findings import Finding, Findings
from vogent_contract.suite.inquiry import Inquiry
from vogent_contract.suite.known import Deviation
from vogent_contract.suite.levels import BROKEN, LENIENT
from vogent_contract.suite.narrowing import Narrowing
from vogent_contract.suite.wire import Wire
from vogent_contract.suite.workers import Workers, contested, independent

EVIDENCE = "The run saw every operation succeed and refuse, every enum value, null and not null."
CANNOT_BE_UNDONE = ("creates", "unknown")  # effects of what is never sent again


MOST_REQUESTS = 300  # of a quick run, whatever the server does
MOST_ASKED = 60  # requests beside them, to see which of two answers is wrong
PAGES_AT_THE_END = 8  # of the list, at most
MOST_STATUS = 999  # sorts what is no answer behind all that is
LONGEST = 80  # characters of what came, in a finding


class FirstFailure(AssertionError):  # noqa: N818 - a stop that was asked for
    """Ends a test of a run that was asked to stop at its first failure."""


@dataclass(frozen=True)
class Options:
    """What a run was asked for.

    Attributes:
        profile: `quick` or `full`.
        seed: Seed of the random parts, None for a deterministic run.
        prefix: What numbers for sale begin with, None to try some.
        agent_id: An agent that numbers may be linked to.
        live: The account is somebody's.
        require_evidence: A gap in the evidence is a failure on a live account too.
        stop_first: The run ends at its first finding that fails it.
        fail_on: What fails the run: `broken`, or `lenient` for the letter of the contract.
        known: Deviations that are expected.
        workers: How many requests are under way at a time, at most.
    """

    profile: str = "quick"
    seed: int | None = None
    prefix: str | None = None
    agent_id: str | None = None
    live: bool = False
    require_evidence: bool = False
    stop_first: bool = False
    fail_on: str = BROKEN
    known: Sequence[Deviation] = ()
    workers: int = 1

    @property
    def full(self) -> bool:
        """The run is the thorough one."""
        return self.profile == "full"


@dataclass
class Queue:
    """Requests to be judged in this order.

    Attributes:
        requests: All of them.
        answers: Of those that were sent; None for one that was not, and waits for its turn.
        judged: How many of them are done with.
        contested: Ids of phone numbers that several of those under way together changed.
    """

    requests: Sequence[Outgoing]
    answers: list[Answer | None] = field(default_factory=list)
    judged: int = 0
    contested: set[str] = field(default_factory=set)


class Watch(Protocol):
    """Decides what may leave, and looks after what a request may have created."""

    def hold(self, outgoing: Outgoing) -> str | None:
        """Why a request must not leave; None if it may: what it may create is on record then."""

    def answered(self, exchange: Exchange) -> None:
        """Look up what the request created; what it did although it was refused is a finding."""


class NoWatch:
    """On a server that is nobody's account everything may leave."""

    def hold(self, _: Outgoing) -> str | None:
        return None

    def answered(self, _: Exchange) -> None:
        pass


class Run:
    """One run.

    Attributes:
        account: What the answers told.
        steps: How many answers were judged, and other things looked at.
        proven: How many of them nothing was broken in.
        held: How many requests were held back, by reason and test.
        test: The test that is running.
        ending: The last requests are sent: everything is released and listed once more.
        whole: All tests are run, so what is not seen then is a gap.
        watch: Decides what may leave.
        record: Is told of every exchange.
        exchanges: All of them so far.
    """

    def __init__(self, contract: Contract, wire: Wire, options: Options) -> None:
        self.contract = contract
        self.wire = wire
        self.options = options
        phone_number = contract.document.at("#/components/schemas/PhoneNumber/properties")
        self.account = Account(options.live, tuple(phone_number), options.agent_id)
        self.findings = Findings(options.seed, options.known)
        self.evidence = Evidence(contract)
        inquiry = Inquiry(contract, self.account, self.ask)
        self.causes = Causes(self.account, self.findings, inquiry, Narrowing(self.ask))
        self.held: dict[str, Counter[str]] = {}
        self.test = ""
        self.ending = False
        self.whole = True
        self.watch: Watch = NoWatch()
        self.record: Callable[[Exchange], None] = lambda _: None
        self.exchanges: list[Exchange] = []
        self._workers = Workers(wire, options.workers)
        self._waiting: list[Call] = []
        self._hung: set[str] = set()
        self._asked = 0
        self.steps = 0
        self.proven = 0

    def send(self, call: Call) -> Exchange | None:
        """Send a request if it may leave, and judge its answer; None if it was held back.

        What waits is sent before it, or beside it where they cannot influence each other.

        Raises:
            FirstFailure: A rule was broken, and the run was asked to stop at the first.
        """
        waiting, self._waiting = [*self._waiting, call], []
        return self.judge(self.queue(waiting), len(waiting))

    def later(self, call: Call) -> None:
        """Send a request with the next one that is not for later, or at the end of the test."""
        self._waiting.append(call)

    def send_waiting(self) -> None:
        """Send what was to be sent later, and judge the answers."""
        waiting, self._waiting = self._waiting, []
        self.judge(self.queue(waiting), len(waiting))

    def queue(self, calls: Sequence[Call]) -> Queue:
        """Requests that are sent side by side where they cannot influence each other."""
        return Queue([self.plan(call) for call in calls])

    def judge(self, queue: Queue, count: int) -> Exchange | None:
        """Judge the next requests of a queue in order, and send them before if they were not.

        Returns:
            The last of them, None if it was held back.
        """
        exchange = None
        for outgoing in queue.requests[queue.judged : queue.judged + count]:
            if len(queue.answers) == queue.judged:
                wave = self._wave(queue)
                answers = self._send_side_by_side(wave)
                queue.answers += answers
                queue.contested = contested(wave, answers)
                self.account.forget_links(queue.contested)
            answer = queue.answers[queue.judged]
            queue.judged += 1
            if answer is None:
                exchange = self._send(outgoing)
            else:
                certain = outgoing.path_id not in queue.contested
                exchange = self._judge(outgoing, answer, certain=certain)
            self._stop_at_first()
        return exchange

    def send_at_once(self, call: Call, times: int) -> None:
        """Send the same request several times at the same moment.

        Successes are judged first: whose answer is whose does not matter, and chance decides it.
        """
        self.send_waiting()
        outgoing = self.plan(call)
        requests = [self.wire.request(call) for _ in range(times)]
        with ThreadPoolExecutor(times) as pool:
            answers = list(pool.map(self.wire.send, requests))
        for answer in sorted(answers, key=lambda one: one.status or MOST_STATUS):
            self._judge(outgoing, answer)
        self._stop_at_first()

    def plan(self, call: Call) -> Outgoing:
        """Read a request against the contract, as HTTP would carry it."""
        url = self.wire.request(call).url
        prefix = httpx.URL(self.wire.base_url).raw_path.decode("ascii").rstrip("/")
        target = url.raw_path.decode("ascii").removeprefix(prefix)
        path = target.partition("?")[0]
        operation = self.contract.match(call.method, path)
        request = None
        if operation is not None:
            request = operation.read_request(target, call.content_type, call.content)
            told = _shortened(request.violations, self.wire.key)
            request = replace(request, violations=told)
        template = self.contract.template(path)
        return Outgoing(call, str(url), target, template, operation, request)

    def exchange(self, outgoing: Outgoing) -> Exchange:
        """Send a request, whatever the watch says of it, and judge its answer."""
        request = self.wire.request(outgoing.call)
        again = outgoing.effect not in CANNOT_BE_UNDONE
        return self._judge(outgoing, self.wire.send(request, again=again))

    def ask(self, call: Call) -> Exchange | None:
        """Send a request whose answer no rule judges, to see which of two others is wrong.

        None if it may not be sent: a live account is only read.
        """
        outgoing = self.plan(call)
        changes = outgoing.effect != "none"
        if self._asked >= MOST_ASKED or (self.options.live and changes):
            return None
        self._asked += 1
        return self._record(outgoing, self.wire.send(self.wire.request(call)))

    def failing(self) -> list[Finding]:
        """The findings that fail the run."""
        return [one for one in self.findings.all() if one.fails(self.options.fail_on)]

    def look(self) -> None:
        """Count something that was looked at without a request."""
        self.steps += 1
        self.proven += 1

    def require_evidence(self) -> None:
        """Record as findings what the run must have seen and did not."""
        self.look()
        failing = {one.operation for one in self.failing()}
        for need in self.evidence.missing():
            if need.what == "refuses" and self._is_generous(need.place):
                continue  # the finding that says so is lenient
            if failing & self.evidence.comes_from(need.place):
                continue  # the finding that says why is there
            got = f"never seen, so {need.why}"
            violation = Violation(f"/{need.place}", need.what, "", str(need), got)
            self.findings.add("evidence", EVIDENCE, violation)

    def _is_generous(self, operation: str) -> bool:
        """Whether an operation does what the contract forbids, in a way that does not fail."""
        accepted = [one for one in self.findings.all() if one.rule == "refuses-invalid"]
        levels = {one.level for one in accepted if one.operation == operation}
        return levels == {LENIENT} and self.options.fail_on == BROKEN

    def _send(self, outgoing: Outgoing) -> Exchange | None:
        """Send a request if it may leave, and judge its answer."""
        reason = self._hold(outgoing)
        if reason is not None:
            self._note_held(reason)
            return None
        exchange = self.exchange(outgoing)
        self.watch.answered(exchange)
        return exchange

    def _wave(self, queue: Queue) -> Sequence[Outgoing]:
        """The next requests of a queue that may be under way together.

        What changes something goes alone once anything was found: on a server where one release
        removes other numbers too, the answers to several would be a matter of chance.
        """
        wave = independent(queue.requests[queue.judged :])
        changes = wave[0].effect not in ("none", "creates")
        refused = wave[0].call.expects is Expectation.REFUSED
        return wave[:1] if changes and not refused and self.findings.all() else wave

    def _send_side_by_side(self, requests: Sequence[Outgoing]) -> list[Answer | None]:
        """Answers that are not judged yet; None for what waits: all of it on a live account."""
        leave: list[Outgoing] = []
        places: list[int] = []
        for place, outgoing in enumerate(requests):
            if not self.options.live and self._hold(outgoing, len(leave)) is None:
                leave.append(outgoing)
                places.append(place)
        answers: list[Answer | None] = [None] * len(requests)
        for place, answer in zip(places, self._workers.send(leave), strict=True):
            answers[place] = answer
        return answers

    def _hold(self, outgoing: Outgoing, before: int = 0) -> str | None:
        """Why a request does not leave, None if it does.

        Args:
            before: How many others leave before it.
        """
        if not f"{outgoing.url}/".startswith(f"{httpx.URL(self.wire.base_url)}/"):
            return f"it would go beside {self.wire.base_url}"
        if self._is_spent(before):
            return f"the quick profile's {MOST_REQUESTS} requests are spent"
        if outgoing.name in self._hung:
            return f"{outgoing.name} did not answer within {self.wire.timeout:g} s before"
        return self.watch.hold(outgoing)

    def _is_spent(self, before: int) -> bool:
        """Whether a quick run has sent all that it may; what ends it has its share kept."""
        if self.options.full or self.options.live:
            return False
        share = 0 if self.ending else len(self.account.mine()) + PAGES_AT_THE_END
        return self.wire.sent - self._asked + before + share >= MOST_REQUESTS

    def _note_held(self, reason: str) -> None:
        self.held.setdefault(reason, Counter())[self.test] += 1

    def _judge(self, outgoing: Outgoing, answer: Answer, *, certain: bool = True) -> Exchange:
        """Make the exchange; every rule looks at it, then the account learns from it.

        Args:
            certain: What the answer says is still so after all that was under way with it.
        """
        self.steps += 1
        exchange = self._record(outgoing, answer)
        if answer.timed_out:
            self._hung.add(outgoing.name)
        if self.options.live and answer.status == 429 and outgoing.effect == "creates":
            self._note_held("the server answered 429, and what could create is never sent again")
            return exchange
        self.evidence.record(exchange)
        accused = self.causes.judge(exchange)
        if not accused:
            self.proven += 1
        self.account.learn(exchange, accused or not certain)
        return exchange

    def _record(self, outgoing: Outgoing, answer: Answer) -> Exchange:
        """Make the exchange of an answer."""
        reading = _read(outgoing.operation, answer)
        told = _shortened(reading.violations, self.wire.key)
        reading = replace(reading, violations=told)
        exchange = Exchange(len(self.exchanges) + 1, self.test, outgoing, answer, reading)
        self.exchanges.append(exchange)
        self.record(exchange)
        return exchange

    def _stop_at_first(self) -> None:
        failing = self.failing() if self.options.stop_first else []
        if failing:
            raise FirstFailure(str(failing[0]))


def _shortened(violations: Iterable[Violation], key: Key) -> tuple[Violation, ...]:
    """What came in a few characters; the key is taken out first, lest a part of it be left."""
    told = []
    for one in violations:
        if len(one.got) > LONGEST:
            text = key.scrub(one.got)
            one = replace(one, got=f"{text[: LONGEST - 1]}…")  # noqa: PLW2901 - the same one
        told.append(one)
    return tuple(told)


def _read(operation: Operation | None, answer: Answer) -> Reading:
    """The answer's JSON value and what the contract has against it, found out once."""
    if answer.status is not None and operation is not None:
        content_type = answer.headers.get("content-type")
        return operation.read_response(answer.status, content_type, answer.body)
    try:
        return Reading(parse_json(answer.body), ())
    except ValueError:
        return Reading(None, ())
