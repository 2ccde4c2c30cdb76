"""The sandbox's own addresses, under /_sandbox: see everything, confirm, unsubscribe, make faults, start again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request

from bridge.sandbox.apis import API_NAMES
from bridge.sandbox.faults import Fault, read_fault
from bridge.sandbox.state import Lead, Membership, Status, known_as

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from bridge.sandbox.world import World


def control_routes(world: World) -> Blueprint:
    """The routes under /_sandbox. They need no token, count in no limit and are not recorded."""
    routes = Blueprint("control", __name__, url_prefix="/_sandbox")
    views: dict[str, tuple[str, Callable[[], ResponseReturnValue]]] = {
        "see_state": ("GET /state", lambda: jsonify(state_of(world))),
        "see_faults": ("GET /faults", lambda: _shown_faults(world)),
        "set_faults": ("POST /faults", lambda: _set_faults(world)),
        "clear_faults": ("DELETE /faults", lambda: _clear_faults(world)),
        "confirm": ("POST /confirm", lambda: _change(world, confirm)),
        "unsubscribe": ("POST /unsubscribe", lambda: _change(world, unsubscribe)),
        "bounce": ("POST /bounce", lambda: _change(world, bounce)),
        "remove": ("POST /remove", lambda: _change(world, remove)),
        "members": ("POST /members", lambda: _join(world)),
        "do_not_mail": ("POST /do_not_mail", lambda: _change(world, do_not_mail)),
        "reset": ("POST /reset", lambda: _reset(world)),
    }
    for name, (rule, view) in views.items():
        method, _, path = rule.partition(" ")
        routes.add_url_rule(path, name, view, methods=(method,))
    return routes


def state_of(world: World) -> dict[str, Any]:
    """Everything the sandbox knows, as a JSON object: leads by list, journeys, tags, calls, lockouts, mails, peaks."""
    with world.lock:
        state = world.state
        return {
            "leads": {one.name: _members(world, one.key) for one in world.account.lists},
            "journeys": {one.name: dict(state.entered.get(one.key, {})) for one in world.account.journeys},
            "tags": {name: sorted(leads) for name, leads in state.tags.items()},
            "do_not_mail": sorted(state.do_not_mail),
            "calls": [call.as_json() for call in state.calls],
            "lockouts": sum(limit.lockouts for limit in world.limits.values()),
            "confirmations": dict(state.confirmations),
            "max_in_window": {api: limit.max_in_window for api, limit in world.limits.items()},
        }


def confirm(world: World, address: str, list_key: str | None) -> bool:
    """The person clicks the link of every confirmation mail (of one list): whether there was one."""
    found = [membership for membership in _memberships(world, address, list_key) if membership.is_asked]
    return _set_status(world, found, Status.ACTIVE)


def unsubscribe(world: World, address: str, list_key: str | None) -> bool:
    """The person leaves every list (or one): whether there was one to leave."""
    found = [
        membership
        for membership in _memberships(world, address, list_key)
        if membership.status is not Status.UNSUBSCRIBED
    ]
    return _set_status(world, found, Status.UNSUBSCRIBED)


def bounce(world: World, address: str, list_key: str | None) -> bool:
    """The person's mail comes back: whether it is in a list."""
    return _set_status(world, list(_memberships(world, address, list_key)), Status.BOUNCED)


def remove(world: World, address: str, list_key: str | None) -> bool:
    """Somebody takes the person out of every list (or one) by hand: whether it was there."""
    lead = world.state.leads.get(address)
    keys = [key for key in (lead.memberships if lead else ()) if list_key in (None, key)]
    for key in keys:
        world.state.leads[address].memberships.pop(key)
    return bool(keys)


def do_not_mail(world: World, address: str, _list_key: str | None) -> bool:
    """The address goes into the do-not-mail registry of the account."""
    world.state.do_not_mail.add(address)
    return True


def _members(world: World, list_key: str) -> dict[str, Any]:
    return {
        lead.address: {"fields": dict(lead.fields), "status": _status(world, lead, lead.memberships[list_key])}
        for lead in world.state.leads.values()
        if list_key in lead.memberships
    }


def _status(world: World, lead: Lead, membership: Membership) -> str:
    return "do_not_mail" if lead.address in world.state.do_not_mail else membership.status.value


def _memberships(world: World, address: str, list_key: str | None) -> list[Membership]:
    lead = world.state.leads.get(address)
    return [one for key, one in (lead.memberships.items() if lead else ()) if list_key in (None, key)]


def _set_status(world: World, memberships: list[Membership], status: Status) -> bool:
    for membership in memberships:
        membership.status, membership.since, membership.is_asked = status, world.clock(), False
    return bool(memberships)


def _change(world: World, change: Callable[[World, str, str | None], bool]) -> ResponseReturnValue:
    given = request.get_json(silent=True)
    address = given.get("address") if isinstance(given, dict) else None
    if not isinstance(address, str):
        return jsonify({"problems": ['give {"address": ...} and perhaps "list"']}), 400
    name = given.get("list") if isinstance(given, dict) else None
    keys = {mail_list.name: mail_list.key for mail_list in world.account.lists}
    if name is not None and name not in keys:
        return jsonify({"problems": [f"list {name!r} is unknown; known: {', '.join(keys)}"]}), 404
    with world.lock:
        done = change(world, known_as(address), keys[name] if name is not None else None)
    return jsonify({"done": done}), 200 if done else 404


def join(world: World, list_key: str, addresses: list[str]) -> None:
    """The people are in a list already, confirmed, as if they had come long ago; no limit counts it."""
    for address in map(known_as, addresses):
        lead = world.state.leads.setdefault(address, Lead(address=address, fields={"Lead Email": address}))
        lead.memberships[list_key] = Membership(status=Status.ACTIVE, since=0)


def _join(world: World) -> ResponseReturnValue:
    given = request.get_json(silent=True)
    parts = given if isinstance(given, dict) else {}
    keys = {mail_list.name: mail_list.key for mail_list in world.account.lists}
    addresses = parts.get("addresses")
    if (
        parts.get("list") not in keys
        or not isinstance(addresses, list)
        or not all(isinstance(a, str) for a in addresses)
    ):
        return jsonify({"problems": [f'give {{"list": one of {", ".join(keys)}, "addresses": [...]}}']}), 400
    with world.lock:
        join(world, keys[parts["list"]], addresses)
    return jsonify({"done": True})


def _shown_faults(world: World) -> ResponseReturnValue:
    with world.lock:
        return jsonify({"faults": [fault.as_json() for fault in world.faults.waiting]})


def _set_faults(world: World) -> ResponseReturnValue:
    given = request.get_json(silent=True)
    read = [read_fault(one, API_NAMES) for one in (given if isinstance(given, list) else [given])]
    problems = [finding for one in read if isinstance(one, list) for finding in one]
    if problems:
        return jsonify({"problems": problems}), 400
    with world.lock:
        world.faults.waiting.extend(one for one in read if isinstance(one, Fault))
    return _shown_faults(world)


def _clear_faults(world: World) -> ResponseReturnValue:
    with world.lock:
        world.faults.waiting.clear()
    return _shown_faults(world)


def _reset(world: World) -> ResponseReturnValue:
    world.reset()
    return jsonify({"done": True})
