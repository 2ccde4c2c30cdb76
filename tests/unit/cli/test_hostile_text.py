"""What a stranger types into a form reaches no terminal through any command: no control, no line of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
import pytest
import structlog

from bridge.cli.commands import COMMANDS
from bridge.outbox import inbox
from tests.builders import HookDriver
from tests.unit.cli.output.test_terminal import is_obeyed
from tests.unit.cli.test_operating import Installation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORGED: Final = "FORGED evt_99"
ATTACK: Final = f"\x1b]0;owned\x07\x9b31m\u202egnp.exe\u2066\x7f\r\n{FORGED}\u2028{FORGED}\x85{FORGED}"

MAPPING: Final = """
preset: json
verify: none
consent: {answer: agreed}
lead:
  Lead Email: {from: body.email}
  First Name: {from: body.name}
  Company: {first_of: [{from: body.company}, {from: body.name}]}
actions:
  - subscribe: {list: Newsletter}
"""

SHOWN: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "show": (
        ("evt_1",),
        ("evt_2",),
        ("ada@example.com",),
        (f"nobody{ATTACK}@example.com",),
        ("evt_1", "--request"),
        ("evt_2", "--request"),
        ("evt_1", "--json"),
        ("evt_1", "--request", "--json"),
    ),
    "list": ((), ("--json",), ("--hook", ATTACK), ("--since", ATTACK), ("--reason", ATTACK)),
    "tail": (("--no-follow",), ("--no-follow", "--json")),
    "status": ((), ("--json",)),
    "hooks": ((), ("--json",), (ATTACK,)),
    "audit": ((), ("--json",)),
    "jobs": ((), ("1",), ("--json",)),
    "alarms": ((),),
    "read": (("json", "evt_1"), ("json", "evt_2"), ("json", "evt_1", "--json"), ("json", ATTACK)),
    "map": (("form", "evt_1"), ("form", "evt_2"), ("form", "evt_1", "--json")),
    "explain": (("form", "evt_1"), ("form", "evt_2"), ("form", "evt_1", "--json")),
    "capture": (("evt_1", "--stdout", "--name", ATTACK),),
    "check": ((),),
    "test": ((),),
    "new": (("other", "--from", "last", "--stdout"), ("other", "--from", "evt_1", "--preset", "json", "--stdout")),
    "replay": (("evt_1", "--diff"), ("evt_2", "--diff"), ("--hook", "form", "--yes"), ("--hook", "form", "--dry-run")),
    "cancel": (("--hook", "form", "--dry-run"), ("--hook", ATTACK, "--yes")),
    "retry": (("--hook", "form", "--dry-run"),),
    "release": ((ATTACK,),),
    "reconcile": (("--since", ATTACK), ("--list", ATTACK)),
    "forget": (("ada@example.com", "--dry-run"), (f"nobody{ATTACK}@example.com", "--yes")),
    "history": ((),),
    "forecast": (("--hook", "form", "--leads", "1"), ("--hook", ATTACK, "--leads", "1")),
}
"""Commands that show something of a payload, or what was given to them, each with ways to call it."""

_SILENT: Final = """
auth backup console console-password deliver demo doctor init listen migrate move part presets pull purge receive reload
sample sandbox send serve unregister verify
"""
SILENT: Final = frozenset(_SILENT.split())
"""Commands that see nothing of a stored payload, or are tested with a running service."""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(_folder(tmp_path_factory))
    made.use(MAPPING)
    form = HookDriver(made.store, MAPPING)
    bodies = (
        {"email": "ada@example.com", "name": ATTACK, "company": ATTACK, "agreed": "yes", ATTACK: ATTACK},
        {"email": f"bad {ATTACK}", "name": ATTACK, "agreed": "yes", "nested": {ATTACK: [ATTACK]}},
        {"email": "grace@example.com", "name": ATTACK, "agreed": ATTACK},
    )
    for body in bodies:
        form.receive(orjson.dumps(body), headers={"content-type": "application/json", "user-agent": "x"})
    inbox.add_rejections(made.store, {("form", "signature"): 1}, at=made.store.now())
    made.run("cancel", "evt_1", "--yes")
    yield made
    made.store.close()
    structlog.reset_defaults()


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("hostile")


def test_every_command_is_in_the_table() -> None:
    assert SHOWN.keys() | SILENT == set(COMMANDS)
    assert not SHOWN.keys() & SILENT


@pytest.mark.parametrize(
    "arguments",
    [(name, *given) for name, ways in SHOWN.items() for given in ways],
    ids=lambda arguments: ascii(" ".join(arguments))[:60],
)
def test_nothing_of_a_stranger_is_obeyed_or_stands_on_a_line_of_its_own(
    installation: Installation, arguments: tuple[str, ...]
) -> None:
    result = installation.run(*arguments)
    shown = result.output
    assert not [character for character in shown if is_obeyed(character)]
    assert not [line for line in shown.split("\n") if line.strip().startswith(FORGED)], shown
    assert result.exception is None or isinstance(result.exception, SystemExit) or _is_ours(result.exception)


def _is_ours(error: BaseException) -> bool:
    return type(error).__module__.startswith("bridge.")
