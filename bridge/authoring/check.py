"""All that can be said of mapping files before an event comes: the files, the folder, the secrets, the account."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge import intake, mapping
from bridge.authoring.account_check import check_fit
from bridge.documents import load, path_text, read_text
from bridge.errors import LeadbridgeError, ZohoError
from bridge.hooks import folder as hooks
from bridge.hooks.accounts import unknown_account
from bridge.hooks.folder import EXAMPLES_SUFFIX
from bridge.hooks.presets import OWN_PRESETS, Presets
from bridge.hooks.secrets import secret_problems, unset_unasked
from bridge.model import DEFAULT_ACCOUNT, Problem, Severity
from bridge.zoho import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from bridge.hooks.folder import MappingFile
    from bridge.intake import Preset
    from bridge.mapping import HookMapping

    Secret = Callable[[str], str]
    Account = Callable[[MappingFile], Snapshot | None]

_WELCOME: Final = (".md", ".txt")
"""Files that people put next to mappings to explain them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Some mapping files and all their problems, file by file."""

    files: tuple[MappingFile, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> int:
        """How many of the problems keep something from working."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)


def check(
    paths: Sequence[Path],
    *,
    secret: Secret | None,
    secrets_are_needed: bool = False,
    account: Account,
    accounts: Collection[str] = (),
) -> Checked:
    """Check files and folders. `account` gives the snapshot that a file is held against, or None for none.

    With `secret`, unset secrets are warnings, or errors if `secrets_are_needed`. So are mappings for an account that
    is none of `accounts`, where these are given.
    """
    files: list[MappingFile] = []
    problems: list[Problem] = []
    known: dict[Path, Presets] = {}
    for path in paths:
        folder = path if path.is_dir() else path.parent
        if folder not in known:
            known[folder], broken = hooks.judge_presets(folder)
            problems += broken
        presets = known[folder]
        found = hooks.read_folder(path, presets) if path.is_dir() else (hooks.read_file(path, presets),)
        if path.is_dir():
            problems += _strays(path, found)
        for file in found:
            problems += _of_file(file, presets, account(file))
            if secret is not None and file.mapping is not None:
                problems += _secrets(file, file.mapping, presets, secret, needed=secrets_are_needed)
            if accounts and file.mapping is not None:
                problems += _account(file, file.mapping.account, accounts, needed=secrets_are_needed)
        files += found
    return Checked(files=tuple(files), problems=tuple(problems))


def _of_file(file: MappingFile, presets: Mapping[str, Preset], snapshot: Snapshot | None) -> list[Problem]:
    problems = list(file.problems)
    if file.mapping is not None and snapshot is not None:
        problems += check_fit(file.mapping, snapshot)
    problems.sort(key=lambda problem: (problem.line, problem.column))
    results, found = hooks.run_examples(file, presets)
    return problems + list(found) + _rivals(file, presets, results)


def _rivals(
    file: MappingFile, presets: Mapping[str, Preset], results: Sequence[mapping.ExampleResult]
) -> list[Problem]:
    """A warning where the examples' form has two e-mail questions and the mapping leaves open which one counts."""
    if file.mapping is None:
        return []
    recipe = presets[file.mapping.preset].recipe
    lead_alone = replace(file.mapping, live=True, consent=None, when=None, schema=None)
    for result in results:
        for event in result.events:
            rivals = intake.rival_email_questions(recipe, event)
            unclear = replace(event, contact=replace(event.contact, email=None), ambiguous={"email": rivals})
            refused = (
                mapping.apply(replace(lead_alone, accept=frozenset({event.kind})), unclear).problems if rivals else ()
            )
            for problem in refused:
                if problem.code == "ambiguous_address":
                    names = " and ".join(map(repr, rivals))
                    message = (
                        f"{names} ask for an e-mail address (example {result.name!r}): where they differ, nobody's"
                    )
                    return [replace(problem, message=f"{message} is taken", severity=Severity.WARNING)]
    return []


def _secrets(
    file: MappingFile, mapping: HookMapping, presets: Mapping[str, Preset], secret: Secret, *, needed: bool
) -> list[Problem]:
    """What is wrong with the secrets where this runs, each at its line."""
    scheme = hooks.scheme_of(mapping, presets)
    if scheme is None:
        return []
    places = load(file.text, file=file.file)
    found = []
    for problem in (*secret_problems(mapping, scheme, secret), *unset_unasked(mapping, scheme, secret)):
        path = tuple(problem.path.split("."))
        line, column = places.place(path, at_key=True)
        opens_elsewhere = problem.code != "no_secret_name"  # a mapping that names no variable opens nowhere
        severity = Severity.WARNING if opens_elsewhere and not needed else problem.severity
        found.append(
            replace(problem, file=file.file, line=line, column=column, severity=severity, path=path_text(path))
        )
    return found


def _account(file: MappingFile, name: str, accounts: Collection[str], *, needed: bool) -> list[Problem]:
    """The account that is not in the settings where this runs, at its line; at the first one if it is not written."""
    problem = unknown_account(name, accounts)
    if problem is None:
        return []
    line, column = load(file.text, file=file.file).place(("account",), at_key=True)
    severity = Severity.ERROR if needed else Severity.WARNING
    return [replace(problem, file=file.file, line=line, column=column, severity=severity)]


def _strays(folder: Path, files: Sequence[MappingFile]) -> list[Problem]:
    """Files in the folder that nothing reads, most likely by mistake."""
    names = {file.name for file in files}
    used = _payload_files(folder)
    problems = []
    for path in sorted(folder.iterdir()):
        fix = _stray(path, names, used)
        if fix:
            message = f"{path.name!r} is not a mapping, and nothing reads it"
            problems.append(
                Problem(code="stray_file", file=str(path), message=message, fix=fix, severity=Severity.WARNING)
            )
    return problems


def _stray(path: Path, names: set[str], used: set[str]) -> str:
    """What to do with a file that nobody reads, or nothing for one that is in its place."""
    name = path.name
    if name.startswith(".") or path.suffix in _WELCOME or (path.suffix == ".json" and name.startswith("account")):
        return ""
    if path.is_dir():
        has_mappings = name != OWN_PRESETS and any(path.glob("*.yaml"))
        return (
            "mappings are read from the folder itself, not from folders below it: move them up" if has_mappings else ""
        )
    if name.endswith(EXAMPLES_SUFFIX):
        mapping = name.removesuffix(EXAMPLES_SUFFIX)
        return "" if mapping in names else f"there is no {mapping}.yaml: rename it after its mapping, or remove it"
    if path.suffix == ".yaml" or os.path.realpath(path) in used:
        return ""
    if path.suffix == ".yml":
        return f"rename it to {path.stem}.yaml if it is a mapping"
    return "remove it, or move it elsewhere"


def _payload_files(folder: Path) -> set[str]:
    """The files that examples name as their payloads."""
    used = set()
    for path in folder.glob(f"*{EXAMPLES_SUFFIX}"):
        try:
            data = load(read_text(path), file=str(path)).data
        except (OSError, UnicodeDecodeError):
            continue  # said where its examples are run
        examples = data.get("examples") if isinstance(data, dict) else None
        for example in examples if isinstance(examples, list) else ():
            request = example.get("request") if isinstance(example, dict) else None
            if isinstance(request, dict) and "file" in request:
                used.add(os.path.realpath(folder / str(request["file"])))
    return used


def snapshot_next_to(file: MappingFile) -> Snapshot | None:
    """The account's snapshot in `account.json` next to a mapping or one folder up (`account-NAME.json` for another
    account), or None. Raises LeadbridgeError when it cannot be read.
    """
    account = file.mapping.account if file.mapping is not None else DEFAULT_ACCOUNT
    return snapshot_in(Path(os.path.realpath(file.file)).parent, account)


def snapshot_file(account: str = DEFAULT_ACCOUNT) -> str:
    """The name of the file next to the mappings that holds what is known of an account."""
    return "account.json" if account == DEFAULT_ACCOUNT else f"account-{account}.json"


def snapshot_in(folder: Path, account: str = DEFAULT_ACCOUNT) -> Snapshot | None:
    """The account's snapshot in a folder of mappings or one folder up, or None. Raises LeadbridgeError."""
    name = snapshot_file(account)
    found = next((path for path in (folder / name, folder.resolve().parent / name) if path.is_file()), None)
    return read_snapshot(found) if found is not None else None


def read_snapshot(path: Path) -> Snapshot:
    """A snapshot that `leadbridge pull` wrote. Raises LeadbridgeError."""
    try:
        return Snapshot.from_json(path.read_bytes())
    except (OSError, ZohoError) as error:
        raise LeadbridgeError(f"the account file {str(path)!r} cannot be used: {error}") from error
