"""When somebody is reported, how urgently, and with which fix."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.model import Alarm, AlarmSeverity, Priority, Target
from bridge.operations.alarms import ALARMS, AlarmInputs, HookHistory, alarms
from bridge.outbox.acts import Actor, Job
from bridge.outbox.engine import DiskSpace
from bridge.outbox.inbox import Drift
from bridge.outbox.operator import ApiStatus, LaneStatus
from bridge.outbox.registry import HookTrouble, StoredToken

HOUR = 3_600_000
MINUTE = 60_000
NOW = 480_000 * HOUR
THIS = NOW // HOUR


def raised(**inputs: Any) -> list[Alarm]:
    """The alarms of inputs in which all else is well."""
    return list(alarms(AlarmInputs(**({"now": NOW, "deliverer_seen_at": NOW} | inputs))))


def only(**inputs: Any) -> Alarm:
    (alarm,) = raised(**inputs)
    assert alarm.name in ALARMS
    assert alarm.fix
    return alarm


def api(*lanes: LaneStatus, **changes: Any) -> ApiStatus:
    values: dict[str, Any] = {
        "account": "default",
        "api": "trigger",
        "calls_counted": 0,
        "frees_at": None,
        "ends": (),
        "learned_budget": None,
        "locked_until": None,
        "breaker_until": None,
        "breaker_failures": 0,
        "lanes": lanes,
    }
    return ApiStatus(**(values | changes))


def lane(**changes: Any) -> LaneStatus:
    values: dict[str, Any] = {
        "lane_id": 7,
        "target": Target(api="trigger", journey_name="Welcome"),
        "pending": {Priority.LIVE: 1},
        "claimed": 0,
        "blocked": 0,
        "oldest_at": NOW,
        "live_since": NOW,
        "due_by": NOW,
        "held_reason": "",
        "held_since": None,
        "probe_at": None,
    }
    return LaneStatus(**(values | changes))


def token(**changes: Any) -> StoredToken:
    values: dict[str, Any] = {"access": "a", "expires_at": NOW + HOUR, "generation": 1}
    return StoredToken(**(values | changes))


def test_nothing_is_said_when_all_is_well() -> None:
    assert raised(apis=(api(lane()),), tokens={"default": token()}) == []


@pytest.mark.parametrize(
    ("total", "free", "severity"),
    [
        (100_000_000_000, 1_000_000_000, None),
        (100_000_000_000, 999_000_000, "warning"),
        (100_000_000_000, 199_000_000, "critical"),
        (1_000_000_000, 100_000_000, None),
        (1_000_000_000, 99_000_000, "warning"),
        (1_000_000_000, 19_000_000, "critical"),
    ],
)
def test_a_disk_is_reported_before_it_is_full(total: int, free: int, severity: str | None) -> None:
    found = raised(disk=DiskSpace(total=total, free=free))
    assert [(one.name, one.severity) for one in found] == ([("disk_low", severity)] if severity else [])


def test_a_dead_deliverer_is_critical() -> None:
    assert only(deliverer_seen_at=NOW - 31_000).severity == "critical"
    assert only(deliverer_seen_at=None).name == "deliverer_dead"
    assert raised(deliverer_seen_at=NOW - 29_000) == []


def test_a_full_disk_is_no_reason_to_take_the_deliverer_for_dead() -> None:
    full = DiskSpace(total=300_000_000, free=0)
    assert only(deliverer_seen_at=None, disk=full).name == "disk_low"


def test_a_revoked_token_is_critical_and_a_failing_one_does_not() -> None:
    revoked = only(tokens={"default": token(failure="invalid_code", failure_permanent=True, failed_at=NOW)})
    assert (revoked.name, revoked.severity, revoked.since) == ("token_revoked", "critical", NOW)
    failing = only(tokens={"default": token(failure="no answer", expires_at=NOW - 1)})
    assert (failing.name, failing.severity) == ("token_failing", "warning")
    assert raised(tokens={"default": token(failure="no answer")}) == [], "the old token is good still"


def test_a_lock_is_critical_until_it_ends() -> None:
    assert only(apis=(api(locked_until=NOW + MINUTE),)).severity == "critical"
    assert raised(apis=(api(locked_until=NOW - 1),)) == []


def test_a_hold_is_critical_after_fifteen_minutes() -> None:
    young = only(apis=(api(lane(held_reason="inactive", held_since=NOW - 14 * MINUTE)),))
    old = only(apis=(api(lane(held_reason="inactive", held_since=NOW - 16 * MINUTE)),))
    assert (young.severity, old.severity) == ("warning", "critical")
    assert "leadbridge release 7" in old.fix


def test_an_outage_is_known_and_a_long_one_is_for_today() -> None:
    assert only(apis=(api(breaker_failures=1),)).severity == "info"
    assert only(apis=(api(breaker_failures=8),)).severity == "warning"
    assert only(apis=(api(lane(), breaker_failures=8),)).name == "outage"
    assert raised(apis=(api(lane(pending={}), breaker_failures=8),)) == [], "nobody waits, so nothing probes it"


def test_an_alarm_without_a_date_of_its_own_is_as_old_as_it_was_raised() -> None:
    locked = only(apis=(api(locked_until=NOW + MINUTE),), raised_at={("lock", "default/trigger", "critical"): NOW - 7})
    assert locked.since == NOW - 7
    assert only(apis=(api(locked_until=NOW + MINUTE),)).since is None


def test_leads_that_wait_for_long_are_reported_though_nothing_holds_them() -> None:
    late = only(apis=(api(lane(live_since=NOW - 31 * MINUTE)),))
    assert (late.name, late.subject) == ("late", "trigger Welcome")


def test_dead_letters_are_reported_until_somebody_decides() -> None:
    alarm = only(dead={("trigger", "permanent"): 3, ("trigger", "cancelled"): 9, ("trigger", "unconfirmed"): 2})
    assert alarm.message == "3 deliveries to trigger given up: permanent"
    assert "leadbridge list --api trigger --state dead --reason permanent" in alarm.fix


def test_a_journey_that_ignores_nearly_everybody_is_reported() -> None:
    ignoring = {7: {("ignored", "ignored"): 19, ("delivered", "triggered"): 1}}
    assert raised(apis=(api(lane()),), outcomes=ignoring) == []
    ignoring[7][("ignored", "ignored")] = 20
    assert only(apis=(api(lane()),), outcomes=ignoring).name == "journey_ignores"


def drift(**changes: Any) -> Drift:
    values: dict[str, Any] = {
        "hook": "form",
        "question": "Your name",
        "place": "mappings/form.yaml:7",
        "closest": "What is your name?",
        "mapping_set_id": 3,
        "first_at": NOW - HOUR,
        "last_at": NOW,
    }
    return Drift(**(values | changes))


def test_a_changed_form_is_reported_with_the_new_question_and_the_mappings_line() -> None:
    alarm = only(drifts=(drift(),), mapping_set_id=3, last_events={"form": NOW})
    assert alarm.message == "the form has no question 'Your name' any more; the form asks 'What is your name?'"
    assert "mappings/form.yaml:7" in alarm.fix
    assert f"--since {datetime.fromtimestamp(NOW // 1000 - 3600, UTC):%Y-%m-%dT%H:%M:%SZ} --diff" in alarm.fix
    assert alarm.severity == "warning"


def test_a_changed_form_whose_leads_are_refused_wakes_somebody() -> None:
    alarms = raised(drifts=(drift(),), mapping_set_id=3, last_events={"form": NOW}, refused={"form": 2})
    assert [(one.name, one.severity) for one in alarms] == [("drift", "critical")]
    assert alarms[0].message.endswith("and 2 events of the hook are refused")


def test_a_fixed_drift_is_reported_no_more() -> None:
    assert raised(drifts=(drift(),), mapping_set_id=4, last_events={"form": NOW}) == [], "the mapping was corrected"
    late = drift(last_at=NOW - 5 * MINUTE)
    assert raised(drifts=(late,), mapping_set_id=3, last_events={"form": NOW}) == [], "the form was"


def office_hours(last: int, days: int = 10) -> dict[int, dict[str, int]]:
    """Two events an hour, by day only, up to the hour `last`."""
    return {hour: {"accepted": 2} for hour in range(last - 24 * days, last + 1) if hour % 24 < 10}


def test_a_hook_that_was_regular_and_is_silent_is_reported() -> None:
    evening = THIS - THIS % 24 + 9
    history = HookHistory(hook="form", hours=office_hours(evening))
    (alarm,) = alarms(AlarmInputs(now=(evening + 24) * HOUR, deliverer_seen_at=(evening + 24) * HOUR, hooks=(history,)))
    assert (alarm.name, alarm.message) == ("silent_hook", "nothing came for 24 h; its longest silence before was 15 h")


def test_a_night_is_no_silence_and_a_new_hook_has_no_habits() -> None:
    evening = THIS - THIS % 24 + 9
    morning = (evening + 15) * HOUR
    history = HookHistory(hook="form", hours=office_hours(evening))
    young = HookHistory(hook="new", hours=office_hours(evening - 48, days=1))
    assert alarms(AlarmInputs(now=morning, deliverer_seen_at=morning, hooks=(history, young))) == ()


def test_a_rising_share_of_ignored_events_is_reported() -> None:
    past = {THIS - 30: {"accepted": 90, "ignored": 10}}
    same = HookHistory(hook="form", hours=past | {THIS: {"accepted": 18, "ignored": 2}})
    assert raised(hooks=(same,)) == []
    ignored = HookHistory(hook="form", hours=past | {THIS: {"accepted": 5, "ignored": 5}})
    assert only(hooks=(ignored,)).message == "5 of the last 10 events were ignored"


def test_a_rising_share_of_rejected_requests_is_reported() -> None:
    history = HookHistory(hook="form", hours={THIS - 30: {"accepted": 100}}, rejected={THIS: 5, THIS - 30: 1})
    assert only(hooks=(history,)).name == "rejected_rising"


def test_the_most_urgent_comes_first() -> None:
    found = raised(deliverer_seen_at=None, dead={("trigger", "permanent"): 1}, apis=(api(breaker_failures=1),))
    assert [alarm.severity for alarm in found] == ["critical", "warning", "info"]


@pytest.mark.parametrize(
    ("status", "last_event_at", "rejected_at", "severity"),
    [
        ("gone", NOW - HOUR, None, AlarmSeverity.CRITICAL),
        ("closed", NOW - HOUR, None, AlarmSeverity.CRITICAL),
        ("stale", NOW - HOUR, NOW, AlarmSeverity.WARNING),
        ("gone", None, None, AlarmSeverity.WARNING),
        ("closed", NOW - 15 * 24 * HOUR, None, AlarmSeverity.WARNING),
        ("closed", None, NOW, AlarmSeverity.CRITICAL),
        ("gone", None, NOW - 13 * 24 * HOUR, AlarmSeverity.CRITICAL),
        ("closed", None, NOW - 15 * 24 * HOUR, AlarmSeverity.WARNING),
    ],
)
def test_a_hook_that_does_not_run_as_its_file_says_is_an_alarm(
    status: str, last_event_at: int | None, rejected_at: int | None, severity: AlarmSeverity
) -> None:
    trouble = HookTrouble(hook="signup", status=status, problem="the reason", fix="the fix", since=NOW - HOUR)
    rejected = {} if rejected_at is None else {rejected_at // HOUR: 1}
    history = HookHistory(hook="signup", hours={}, rejected=rejected)
    (alarm,) = raised(troubles=(trouble,), last_events={"signup": last_event_at}, hooks=(history,))
    assert (alarm.name, alarm.subject, alarm.severity, alarm.fix) == (f"hook_{status}", "signup", severity, "the fix")
    assert "the reason" in alarm.message
    assert alarm.since == NOW - HOUR


def test_the_first_refused_event_is_an_alarm_until_somebody_decides() -> None:
    (alarm,) = raised(refused={"signup": 1, "other": 0})
    assert (alarm.name, alarm.subject, alarm.message) == ("refused_events", "signup", "1 of its events is refused")
    assert raised(refused={"signup": 0}) == []


def test_a_hold_that_keeps_nobody_back_is_no_alarm() -> None:
    held = {"held_reason": "the list is not known", "held_since": NOW - 2 * HOUR}
    assert raised(apis=(api(lane(**held, pending={}, oldest_at=None)),)) == []
    assert only(apis=(api(lane(**held)),)).name == "hold"


def test_people_who_left_and_are_not_taken_off_are_critical() -> None:
    stuck = {("unsubscribe", "permanent"): (1, NOW - HOUR), ("do_not_mail", ""): (1, NOW)}
    alarm = only(stuck_withdrawals=stuck, dead={("unsubscribe", "permanent"): 1})
    assert (alarm.name, alarm.severity, alarm.since) == ("withdrawal_stuck", AlarmSeverity.CRITICAL, NOW - HOUR)
    assert "2 withdrawals" in alarm.message
    assert raised(stuck_withdrawals={}) == []


def test_what_is_dead_next_to_withdrawals_has_its_own_alarm() -> None:
    stuck = {("unsubscribe", "permanent"): (1, NOW)}
    found = raised(stuck_withdrawals=stuck, dead={("unsubscribe", "permanent"): 3, ("subscribe", "permanent"): 1})
    assert {one.subject: one.message for one in found if one.name == "dead_letters"} == {
        "unsubscribe permanent": "2 deliveries to unsubscribe given up: permanent",
        "subscribe permanent": "1 delivery to subscribe given up: permanent",
    }


def reconciliation(**changes: Any) -> Job:
    """One that the service ran by itself, an hour ago; up to 5 % may be missing."""
    values: dict[str, Any] = {"job_id": 7, "act": "reconcile", "subject": "", "options": {"alarm_percent": 5.0}}
    values |= {"actor": Actor(name="host", source="service"), "total": 100, "counts": {"found": 100}}
    values |= {"started_at": NOW - HOUR, "stopped_at": None, "ended_at": NOW - HOUR, "lease_until": 0}
    return Job(**(values | changes))


@pytest.mark.parametrize(
    ("counts", "names"),
    [
        ({"found": 95, "missing": 5}, []),
        ({"found": 94, "missing": 6}, ["leads_missing"]),
        ({"found": 94, "missing": 3, "no_list": 3}, ["leads_missing"]),
        ({"found": 50, "unconfirmed": 20, "unsubscribed": 20, "bounced": 10}, []),
        ({"purged": 95, "found": 4, "missing": 1}, ["leads_missing"]),
        ({"purged": 100}, []),
        ({}, []),
    ],
)
def test_leads_missing_in_their_lists_are_reported_above_the_share(counts: dict[str, int], names: list[str]) -> None:
    assert [one.name for one in raised(reconciliations=(reconciliation(counts=counts),))] == names


def test_a_later_reconciliation_that_is_fine_ends_the_alarm() -> None:
    bad = reconciliation(counts={"missing": 9})
    assert raised(reconciliations=(reconciliation(job_id=8), bad)) == []
    running = reconciliation(job_id=8, ended_at=None, counts={})
    assert [one.name for one in raised(reconciliations=(running, bad))] == ["leads_missing"]


def test_a_reconciliation_says_nothing_for_ever() -> None:
    old = reconciliation(counts={"missing": 9}, ended_at=NOW - 9 * 24 * HOUR)
    assert raised(reconciliations=(old,)) == []


def test_a_reconciliation_that_does_not_end_is_reported() -> None:
    late = reconciliation(started_at=NOW - 25 * HOUR, ended_at=None, counts={"found": 3})
    assert [one.name for one in raised(reconciliations=(late,))] == ["reconcile_late"]
    assert raised(reconciliations=(reconciliation(ended_at=None),)) == []
    assert raised(reconciliations=(replace(late, stopped_at=NOW),)) == []


@pytest.mark.parametrize("reason", ["withdrawn", "overtaken", "cancelled"])
def test_what_was_ended_on_purpose_asks_for_no_decision(reason: str) -> None:
    assert raised(dead={("subscribe", reason): 5}) == []
