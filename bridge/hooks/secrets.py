"""What is wrong with the secrets of a mapping where it runs: not set, of the wrong kind, or open to all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge import config, intake
from bridge.model import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bridge.mapping import HookMapping

    Secret = Callable[[str], str]


def secret_problems(found: HookMapping, scheme: intake.Scheme, secret: Secret) -> tuple[Problem, ...]:
    """What is wrong with the secrets of a mapping: errors that keep every request out, and likely slips as warnings."""
    unset: list[Problem] = []
    doubts: list[Problem] = []
    values = {}
    for role in sorted(intake.roles(scheme)):
        names = found.secrets.get(role, ())
        values[role] = tuple(filter(None, map(secret, names)))
        if not values[role]:
            unset.append(_unset(role, names, secret, sorted(set(found.secrets) - intake.roles(scheme))))
        else:
            doubts += _doubts(role, names, secret)
    problems = intake.secret_problems(scheme, values)
    return (*unset, *(problem for problem in problems if problem.code != "no_secret"), *doubts)


def _doubts(role: str, names: tuple[str, ...], secret: Secret) -> Iterator[Problem]:
    """Of the names of a role that has a secret: those that are not set, and files that anybody may read."""
    for name in names:
        path = f"secrets.{role}"
        if not secret(name):
            message = f"one of the secrets {role!r} is not set, so only the others count: {_why_empty(name, secret)}"
            fix = f"{_how_to_set(name, secret)}; or take {name} out of the mapping"
            yield Problem(code="unset_secret", path=path, message=message, fix=fix, severity=Severity.WARNING)
        elif isinstance(secret, config.SecretReader) and (file := secret.exposed_file(name)):
            message = f"anybody on this host can read the secret {role!r} in {file}"
            fix = f"chmod o-r {file}"
            yield Problem(code="exposed_secret", path=path, message=message, fix=fix, severity=Severity.WARNING)


def unset_unasked(found: HookMapping, scheme: intake.Scheme, secret: Secret) -> Iterator[Problem]:
    """Secrets that are not set though the hook takes events: of a handshake, and the token of `fetch:`."""
    for role in sorted(set(found.secrets) - intake.roles(scheme)):
        if not any(map(secret, found.secrets[role])):
            yield _unset(role, found.secrets[role], secret, ())
    name = found.fetch_token
    if name and not secret(name).strip():
        yield Problem(
            code="unset_secret",
            path="fetch.token",
            message=f"the token of `fetch` is not set: {_why_empty(name, secret)}",
            fix=_how_to_set(name, secret),
        )


def _unset(role: str, names: tuple[str, ...], secret: Secret, unused: Sequence[str]) -> Problem:
    if not names:
        message = f"no variable is named for the secret {role!r}"
        fix = f"rename {unused[0]!r} to {role!r}" if unused else f"add `secrets: {{{role}: NAME}}`"
        return Problem(code="no_secret_name", path="secrets", message=message, fix=fix)
    return Problem(
        code="unset_secret",
        path=f"secrets.{role}",
        message=f"the secret {role!r} is not set: {' and '.join(_why_empty(name, secret) for name in names)}",
        fix=_how_to_set(names[0], secret),
    )


def _why_empty(name: str, secret: Secret) -> str:
    return secret.why_empty(name) if isinstance(secret, config.SecretReader) else f"{name} is empty"


def _how_to_set(name: str, secret: Secret) -> str:
    return secret.how_to_set(name) if isinstance(secret, config.SecretReader) else f"set {name}"
