"""The names of the variables that hold a hook's secrets. A value in the place of a name is refused and never shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bridge import config
from bridge.documents import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.documents import Path
    from bridge.mapping.build import Build
    from bridge.mapping.hook_mapping import PresetSummary

_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_ROLE: Final = re.compile(r"[a-z][a-z_]{0,30}")


def read(data: Mapping[str, Any], build: Build, preset: PresetSummary | None) -> dict[str, tuple[str, ...]]:
    """Role -> names of variables. Problems: a value for a name, a role that is missing or not known.

    Which roles are needed is known here only while the preset's own scheme is used; a mapping with `verify:` is
    judged by whoever reads that.
    """
    node = data.get("secrets", {})
    name = suggested_name(str(data.get("preset", "")) or "sender")
    if not isinstance(node, dict):
        _refuse_value(build, min(preset.roles, default="signing") if preset is not None else "signing", name)
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for role, names in node.items():
        if not _ROLE.fullmatch(role):
            _refuse_value(build, "signing", name)
        elif names_of := _names(names):
            found[role] = names_of
            _check_names(names_of, ("secrets", role), build)
        else:
            _refuse_value(build, role, name, ("secrets", role))
    if preset is not None and "verify" not in data:
        _check_roles(found, node, build, preset)
    return found


def read_fetch(data: Mapping[str, Any], build: Build, preset: PresetSummary | None) -> str:
    """The name of the variable with the token of `fetch:`, "" without one.

    Problems: a value in its place, a preset with nothing to fetch, `each` next to it. A preset of ids only without
    `fetch:` is a warning.
    """
    fetches = preset is not None and preset.fetches
    if "fetch" not in data:
        if preset is not None and fetches:
            message = f"the webhooks of {preset.name!r} hold ids only, so every event is ignored"
            fix = "add `fetch: {token: NAME}`, the variable with the sender's access token"
            build.warn((), "no_fetch", message, fix)
        return ""
    if preset is not None and not fetches:
        message = f"the preset {preset.name!r} has nothing to fetch"
        build.add(("fetch",), "no_fetch", message, "remove `fetch`")
    if "each" in data:
        message = "an event whose answers are fetched is one lead"
        build.add(("each",), "no_each", message, "remove `each` or `fetch`")
    node = data["fetch"]
    token = node.get("token") if isinstance(node, dict) else None
    if isinstance(token, str) and _NAME.fullmatch(token):
        _check_names((token,), ("fetch", "token"), build)
        return token
    message = (
        "this is the place for the name of a variable, never for the token itself (what is written here is not shown)"
    )
    build.add(("fetch",), "secret_value", message, "write fetch: {token: MY_TOKEN} and set MY_TOKEN where it runs")
    return ""


def _names(node: Any) -> tuple[str, ...]:
    """The names, or nothing when one of them is not a name."""
    names = node if isinstance(node, list) else [node]
    good = [name for name in names if isinstance(name, str) and _NAME.fullmatch(name)]
    return tuple(good) if len(good) == len(names) else ()


def _check_names(names: tuple[str, ...], path: Path, build: Build) -> None:
    for name in names:
        if reason := config.refused_name(name):
            fix = "give the secret a variable of its own, named after the sender: TYPEFORM_SECRET"
            build.add(path, "refused_secret", reason, fix, value=name)


def suggested_name(sender: str, what: str = "SECRET") -> str:
    """A variable's name for a secret of this sender, one that mappings may read: HOOK_ZOHO_CRM_SECRET."""
    name = f"{sender.upper().replace('-', '_')}_{what}"
    return f"HOOK_{name}" if config.refused_name(name) else name


def _refuse_value(build: Build, role: str, name: str, path: Path = ("secrets",)) -> None:
    """What stands there is never shown: it may be the secret."""
    message = (
        "this is the place for the name of a variable, never for the secret itself (what is written here is not shown)"
    )
    edit = build.document.at_value(path, name if len(path) > 1 else f"{{{role}: {name}}}")
    fix = f"write {role}: {name}, and put the secret into the variable or the file of that name"
    build.add(path, "secret_value", message, fix, edit=edit)


def _check_roles(found: Mapping[str, Any], written: Mapping[str, Any], build: Build, preset: PresetSummary) -> None:
    unknown = sorted(set(found) - preset.roles - preset.handshake_roles)
    for role in sorted(preset.roles - set(written)):
        message = f"the preset {preset.name!r} needs the secret {role!r}"
        entry = f"{role}: {suggested_name(preset.name)}"
        line = build.document.place(("preset",))[0] + 1
        is_absent = not written and "secret" not in build.document.data
        edit = build.document.at_line(line, f"secrets: {{{entry}}}") if is_absent else None
        fix = f"add `secrets: {{{entry}}}`"
        if len(unknown) == 1:
            edit, fix = build.document.at_key(("secrets", unknown[0]), role), f"rename {unknown[0]!r} to {role!r}"
        build.add(("secrets",), "missing_secret", message, fix, edit=edit)
    for role in sorted(preset.handshake_roles - set(written)):
        message = f"without the secret {role!r} the handshake of {preset.name!r} is refused"
        build.warn(("secrets",), "missing_secret", message, f"add `secrets: {{{role}: NAME}}`")
    for role in unknown if preset.verified else ():
        message = f"the preset {preset.name!r} has no use for a secret {role!r}"
        build.warn(("secrets", role), "unknown_secret", message, did_you_mean(role, sorted(preset.roles)), value=role)
