"""A folder to start in: settings, a folder of secrets, a first mapping with its examples, a sample to try it with."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Final

from bridge.authoring.editor import write_schema
from bridge.config import DEFAULT_SETTINGS_FILE
from bridge.errors import LeadbridgeError
from bridge.intake.samples import shipped_sample

_STARTER: Final = Path(__file__).with_name("starter")
HOOK: Final = "newsletter"
SENDER: Final = "typeform"
SAMPLE: Final = "mappings/submission.json"
SECRET: Final = "NEWSLETTER_SECRET"  # noqa: S105 - its name


def start(folder: Path) -> dict[str, str]:
    """Write the folder's files; give each with what it is for.

    What is there already stays: raises LeadbridgeError, before anything is written, when a file is in the way.
    """
    sample = shipped_sample(SENDER)
    body = json.dumps(json.loads(sample.request.body), indent=2, ensure_ascii=False) + "\n" if sample else ""
    texts = {
        DEFAULT_SETTINGS_FILE: _starter("leadbridge.env"),
        f"mappings/{HOOK}.yaml": _starter("newsletter.yaml"),
        f"mappings/{HOOK}.examples.yaml": _starter("newsletter.examples.yaml"),
        f"secrets/{SECRET}": secrets.token_hex(24) + "\n",
        SAMPLE: body,
        ".gitignore": _starter("gitignore"),
    }
    if (folder / "__init__.py").exists():
        raise LeadbridgeError(f"{folder} is the code of a program; name another folder: leadbridge init FOLDER")
    there = [name for name in texts if (folder / name).exists()]
    if there:
        raise LeadbridgeError(f"{folder / there[0]} is there already; name another folder: leadbridge init FOLDER")
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for private in (DEFAULT_SETTINGS_FILE, f"secrets/{SECRET}"):
        (folder / private).chmod(0o600)
    (folder / "secrets").chmod(0o700)
    write_schema(folder / "mappings")
    return {
        DEFAULT_SETTINGS_FILE: "the settings; every command reads them here",
        f"mappings/{HOOK}.yaml": f"the first mapping: what becomes of a {sender_title()} submission",
        f"mappings/{HOOK}.examples.yaml": "what it must make of one; `leadbridge test` tries that",
        f"secrets/{SECRET}": f"a random secret, the same to be set at {sender_title()}",
        SAMPLE: f"a submission as {sender_title()} sends it, to try the mapping with",
    }


def sender_title() -> str:
    """How people call the sender of the first mapping."""
    return SENDER.capitalize()


def _starter(name: str) -> str:
    return (_STARTER / name).read_text(encoding="utf-8")
