"""Consents, withdrawals, tags, journeys, replays, retries, failures and crashes end as the sender's own order says."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.simulated import Simulation, memory_folder
from bridge.model import DeadReason, DeliveryState, EventState, NewDelivery, NewEvent, Priority, Target
from bridge.model import Kind as ModelKind
from bridge.outbox import operator, precedence
from bridge.sandbox import SandboxSettings
from bridge.sandbox.account import Account, default_account, journey, mail_list
from bridge.sandbox.faults import Fault, Kind
from bridge.sandbox.state import Status
from tests.contract.simulated.last_word import CONSENT, LEAVING, NEVER, TAG, TRIGGER, UNTAG, WITHDRAWAL, Said, last

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bridge.sandbox.state import Lead

LEADS: Final = [f"lead{number}@example.com" for number in range(2)]
LISTS: Final = ("Newsletter", "Customers")
ACCOUNT: Final = Account(
    lists=tuple(map(mail_list, LISTS)),
    journeys=(journey("Welcome", reentry=True),),
    fields=default_account().fields,
    tags=("VIP",),
)
KEYS: Final = {one.name: one.key for one in ACCOUNT.lists}
FAULTS = st.sampled_from(
    [
        Fault(kind=Kind.STATUS, status=500),
        Fault(kind=Kind.STATUS, status=503, processed=True),
        Fault(kind=Kind.CUT),
        Fault(kind=Kind.CUT, processed=False),
        Fault(kind=Kind.SLOW, seconds=12),
        Fault(kind=Kind.ERROR, code="2101"),
    ]
)
SAID = st.sampled_from([*[CONSENT] * 8, WITHDRAWAL, WITHDRAWAL, NEVER, TAG, TAG, UNTAG, TRIGGER])
LATE_MINUTES = st.one_of(st.none(), *[st.integers(0, 9)] * 4)
"""How long before its receipt an event was sent; None where the sender does not say."""

WHO, WHERE = st.sampled_from([*LEADS, LEADS[0]]), st.sampled_from([*LISTS, LISTS[0]])
EVENTS = st.tuples(SAID, st.tuples(WHO, WHERE, LATE_MINUTES, st.sampled_from([*["form"] * 4, "shop"])))
STEPS = st.one_of(
    *[EVENTS] * 6,
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 60, 1000])),
    st.tuples(st.just("crash"), st.just(None)),
    st.tuples(st.just("retry"), st.just(None)),
    st.tuples(st.just("replay"), st.booleans()),
)
"""What happens; a replay sends, or does not, also what was overtaken."""

ENDED: Final = {DeadReason.WITHDRAWN, DeadReason.OVERTAKEN, DeadReason.CANCELLED, DeadReason.UNCONFIRMED}


def _consent(place: str, late: int | None) -> tuple[str, Any]:
    return CONSENT, (LEADS[0], place, late, "form")


@dataclass
class Story:
    """What was said, by whom, and which of it was sent again although something newer had overtaken it."""

    simulation: Simulation
    said: list[Said] = field(default_factory=list)
    insisted: set[int] = field(default_factory=set)

    def say(self, what: str, lead: str, place: str, late: int | None, hook: str) -> None:
        """One webhook of a sender."""
        now, city = self.simulation.now(), f"city {len(self.said)}"
        sent_at = None if late is None else now - late * 60_000
        body = b'{"Lead Email":"%s","City":"%s"}' % (lead.encode(), city.encode())
        if what != CONSENT:
            city, body = "", b'{"lead_email":"%s"}' % lead.encode()
        delivery = (lead, _target(what, place), body)
        (event_id,) = self.simulation.receive(delivery, withdraws=what in LEAVING, sent_at=sent_at, hook=hook)
        place = place if what in (CONSENT, WITHDRAWAL) else ""
        self.said.append(
            Said(
                event_id=event_id,
                what=what,
                lead=lead,
                place=place,
                hook=hook,
                received_at=now,
                sent_at=sent_at,
                city=city,
            )
        )

    def replay(self, *, overtaken: bool) -> None:
        """Replay all events again, as `leadbridge replay --again` does, with `--overtaken` or without."""
        store = self.simulation.store
        for said in self.said:
            (story,) = operator.find_events(store, event_id=said.event_id)
            one = story.deliveries[0]
            again = NewDelivery(
                action_no=1, target=one.target, lead=said.lead, body=one.body or b"{}", withdraws=said.leaves
            )
            newer = precedence.overtaken_by(store, said.event_id, again)
            ended = precedence.withdrawal_after(store, said.event_id, said.lead, "default")
            started = said.what == TRIGGER and any(each.state is DeliveryState.DELIVERED for each in story.deliveries)
            insists = overtaken and not said.leaves
            if started or (newer is not None and not insists) or (ended is not None and not said.leaves):
                continue
            if newer is not None:
                self.insisted.add(said.event_id)
            event = NewEvent(
                item=0,
                kind=ModelKind.SUBMISSION,
                state=EventState.ACCEPTED,
                key="",
                lead=said.lead,
                sent_at=said.sent_at,
                deliveries=(again,),
            )
            operator.store_replay(store, said.event_id, event, mapping_set_id=None)

    def deliveries(self) -> list[operator.DeliveryStory]:
        events = operator.find_events(self.simulation.store, limit=100_000)
        return [delivery for event in events for delivery in event.deliveries]


def _target(what: str, place: str) -> Target:
    match what:
        case "consent":
            return Target(api="subscribe", list_name=place)
        case "withdraw":
            return Target(api="unsubscribe", list_name=place)
        case "trigger":
            return Target(api="trigger", list_name=place, journey_name="Welcome")
        case "never":
            return Target(api="do_not_mail")
        case _:
            return Target(api=what, tag="VIP")


@contextmanager
def _simulation(faults: Sequence[Fault], seed: int, *, look_ms: int) -> Iterator[Simulation]:
    """A simulation in which calls fail now and then, as soon as it is given the faults."""
    zoho, failing = SandboxSettings(account=ACCOUNT), 0.4 if faults else 0.0
    with memory_folder() as folder:
        database = folder / "a.db"
        with closing(
            Simulation(database=database, zoho=zoho, seed=seed, look_ms=look_ms, failing=failing)
        ) as simulation:
            yield simulation


@settings(max_examples=settings().max_examples // 10)
@given(
    steps=st.lists(STEPS, min_size=3, max_size=30),
    faults=st.lists(FAULTS, max_size=2),
    seed=st.integers(0, 100),
)
@example(steps=[_consent("Newsletter", 0), ("wait", 60), _consent("Newsletter", 9)], faults=[], seed=0)
@example(steps=[_consent("Newsletter", 0), ("wait", 60), _consent("Customers", 9)], faults=[], seed=0)
@example(steps=[(TAG, (LEADS[0], "Newsletter", 7, "form")), ("replay", True), ("retry", None)], faults=[], seed=0)
def test_everything_ends_as_the_senders_say(
    steps: Sequence[tuple[str, Any]], faults: Sequence[Fault], seed: int
) -> None:
    with _simulation(faults, seed, look_ms=1_000) as simulation:
        simulation.faults = tuple(faults)
        story = Story(simulation)
        _live(story, steps)
        simulation.faults = ()
        simulation.run(2 * 3600)
        simulation.look_ms = 1_800_000  # what still waits does so for hours
        simulation.run(2 * 24 * 3600)
        for lead in LEADS:
            _check(story, lead)
        tags = [one for one in story.deliveries() if one.target.api in (TAG, UNTAG)]
        unconfirmed = {one.lead for one in tags if one.priority is Priority.WAITING}
        for delivery in story.deliveries():
            refused = delivery.target.api == "subscribe" and delivery.reason is DeadReason.PERMANENT
            blocked = delivery.lead in simulation.world.state.do_not_mail
            waits = delivery.priority is Priority.WAITING and delivery.target.api in (TAG, UNTAG, TRIGGER)
            waits = waits or (delivery in tags and delivery.lead in unconfirmed)  # behind that one, in their order
            ended = delivery.state is DeliveryState.DELIVERED or delivery.reason in ENDED
            assert ended or waits or (refused and blocked), delivery


def _live(story: Story, steps: Sequence[tuple[str, Any]]) -> None:
    """Do the steps with two deliverers running."""
    simulation = story.simulation
    running = [simulation.start(), simulation.start()]
    for step, value in steps:
        match step:
            case "wait":
                simulation.run(value)
            case "retry":
                operator.retry(simulation.store, [one.delivery_id for one in story.deliveries()])
            case "replay":
                story.replay(overtaken=value)
            case "crash":
                simulation.kill(running.pop(0))
                running.append(simulation.start())
            case _:
                story.say(step, *value)


def _check(story: Story, lead: str) -> None:
    state = story.simulation.world.state
    said = [one for one in story.said if one.lead == lead]
    left = [one for one in said if one.leaves]
    alive = [one for one in said if not one.leaves and not any(one.is_before_leaving(other) for other in left)]
    consents = [one for one in said if one.what == CONSENT]
    never = [one for one in said if one.what == NEVER]
    is_blocked = lead in state.do_not_mail
    assert is_blocked <= bool(never), "nobody is blocked who did not say so"
    if never and not any(one.what == CONSENT for one in alive):
        assert is_blocked, "who wants no mail at all gets none"
    memberships = state.leads[lead].memberships if lead in state.leads else {}
    for place in LISTS:
        membership = memberships.get(KEYS[place])
        left_it = any(one.what == WITHDRAWAL and one.place == place for one in said)
        if membership is not None:
            assert left_it or membership.status is Status.ACTIVE, "nobody is taken off who did not leave"
        here = [one for one in said if one.place == place]
        if here and all(one.what == WITHDRAWAL for one in last(here)):
            assert membership is None or (membership.status is Status.UNSUBSCRIBED and not membership.is_asked)
        if any(one.place == place and one in alive for one in consents) and not is_blocked:
            assert membership is not None
            assert membership.status is Status.ACTIVE or membership.is_asked, "Zoho asks those who left before"
    wanted = [one for one in consents if one in alive]
    if wanted and not is_blocked:
        cities = {one.city for one in last(wanted)} | {one.city for one in wanted if one.event_id in story.insisted}
        assert state.leads[lead].fields["City"] in cities
    _check_tag(story, lead, [one for one in alive if one.what in (TAG, UNTAG)], said)


def _check_tag(story: Story, lead: str, tags: Sequence[Said], said: Sequence[Said]) -> None:
    """The last tag stays or goes, where nobody left: only active leads can have one, so it may come late."""
    state = story.simulation.world.state
    has_left = any(one.leaves for one in said)
    if tags and not has_left and any(one.what == CONSENT for one in said):
        results = {one.what for one in tags if one in last(tags) or one.event_id in story.insisted}
        assert (TAG if lead in state.tags["VIP"] else UNTAG) in results
        return
    assert (lead in state.tags["VIP"]) <= any(one.what == TAG for one in said)


@settings(max_examples=settings().max_examples // 10)
@given(
    leaving=st.sampled_from([WITHDRAWAL, NEVER]),
    withdraws=st.booleans(),
    faults=st.lists(FAULTS, max_size=2),
    seed=st.integers(0, 100),
)
def test_who_leaves_loses_the_tag_that_was_to_go_first(
    leaving: str, withdraws: bool, faults: Sequence[Fault], seed: int
) -> None:
    with _simulation(faults, seed, look_ms=500) as simulation:
        simulation.start()
        for lead in LEADS:
            simulation.receive((lead, _target(CONSENT, "Newsletter"), b'{"Lead Email":"%s"}' % lead.encode()))
            simulation.receive(_about(lead, TAG, ""))
        simulation.run(60)
        state = simulation.world.state
        assert state.tags["VIP"] == set(LEADS)
        simulation.faults = tuple(faults)
        for lead in LEADS:
            simulation.receive(_about(lead, UNTAG, ""), _about(lead, leaving, "Newsletter"), withdraws=withdraws)
        simulation.run(180)
        simulation.faults = ()
        simulation.run(3600)
        assert state.tags["VIP"] == set()
        left = state.do_not_mail if leaving == NEVER else _unsubscribed(state.leads.values())
        assert left == set(LEADS)


def _about(lead: str, what: str, place: str) -> tuple[str, Target, bytes]:
    return lead, _target(what, place), b'{"lead_email":"%s"}' % lead.encode()


def _unsubscribed(leads: Iterable[Lead]) -> set[str]:
    return {one.address for one in leads if one.memberships[KEYS["Newsletter"]].status is Status.UNSUBSCRIBED}
