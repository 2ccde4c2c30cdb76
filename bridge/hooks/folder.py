"""From a folder of mapping files to hooks: each file is judged apart, and a bad one keeps its last good text."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge import intake, log, mapping
from bridge.documents import load, read_text, yaml_files
from bridge.hooks import last_good
from bridge.hooks.hook import ClosedHook, Hook, Hooks
from bridge.hooks.payload import read_events
from bridge.hooks.presets import OWN_PRESETS, Presets, PresetSummaries
from bridge.hooks.secrets import secret_problems, unset_unasked
from bridge.intake.preset_document import placed
from bridge.model import Problem, Severity, internal_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.intake import Preset
    from bridge.mapping import HookMapping
    from bridge.outbox import Outbox

    Secret = Callable[[str], str]

EXAMPLES_SUFFIX: Final = ".examples.yaml"

LONGEST_CACHED: Final = 50_000
"""Characters of a text of which what was made of it is cached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFile:
    """One mapping file as it was read: its hook's name, its text, the mapping (None when it is bad), all problems."""

    name: str
    file: str
    text: str
    mapping: HookMapping | None
    problems: tuple[Problem, ...]


def load_presets(mappings: Path | None = None) -> Presets:
    """The presets that ship with the product, and the user's own in the folder `presets` next to the mappings.

    One of the user's takes the place of ours with its name. One that is broken is logged and left out.
    """
    presets, problems = judge_presets(mappings)
    for problem in problems:
        log.get_logger().error(
            "preset.rejected", file=problem.file, line=problem.line, path=problem.path, problem=problem.message
        )
    return presets


def judge_presets(mappings: Path | None) -> tuple[Presets, list[Problem]]:
    """As `load_presets`, with the problems of the user's own that are broken."""
    own, problems = intake.load_presets(*([] if mappings is None else [mappings / OWN_PRESETS]))
    return Presets(own), problems


def mapping_files(folder: Path) -> dict[str, Path]:
    """The mapping files of a folder by their hooks' names, in order. A folder that is not there has none."""
    return {path.stem: path for path in yaml_files(folder) if not path.name.endswith(EXAMPLES_SUFFIX)}


def read_folder(folder: Path, presets: Mapping[str, Preset]) -> tuple[MappingFile, ...]:
    """Every mapping file of a folder, in the order of their names. A folder that is not there holds none."""
    return tuple(read_file(path, presets) for path in mapping_files(folder).values())


def read_file(path: Path, presets: Mapping[str, Preset]) -> MappingFile:
    """One mapping file; one that cannot be read is a problem. Raises OSError when file descriptors run out."""
    try:
        text = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE):
            raise
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        problem = Problem(
            code="unreadable_file",
            file=str(path),
            message=f"the file cannot be read: {reason}",
            fix="make it readable for the service, in UTF-8",
        )
        return MappingFile(name=path.stem, file=str(path), text="", mapping=None, problems=(problem,))
    return judge(text, name=path.stem, file=str(path), presets=presets)


def judge(text: str, *, name: str, file: str, presets: Mapping[str, Preset]) -> MappingFile:
    """A mapping's text with all its problems, its own `verify` included. It never raises.

    What is made of a text with the shipped presets alone is cached: pages and reloads judge the same texts often.
    """
    try:
        if isinstance(presets, Presets) and presets.are_shipped and len(text) <= LONGEST_CACHED:
            return _cached(text, name, file)
        return _judge(text, name=name, file=file, presets=presets)
    except Exception as error:  # noqa: BLE001 - one file must not take the others down
        fix = "take back what was changed last in this file, and report this"
        problem = internal_problem(error, log.broke(error, file=file), file=file, fix=fix)
        return MappingFile(name=name, file=file, text=text, mapping=None, problems=(problem,))


@lru_cache(maxsize=128)
def _cached(text: str, name: str, file: str) -> MappingFile:
    return _judge(text, name=name, file=file, presets=Presets({}))


def _judge(text: str, *, name: str, file: str, presets: Mapping[str, Preset]) -> MappingFile:
    found, problems = mapping.load_mapping(text, file=file, name=name, presets=PresetSummaries(presets))
    if found is not None and found.verify is not None:
        scheme = intake.read_scheme(found.verify, "verify", presets[found.preset].verify)
        if isinstance(scheme, list):
            problems = [*problems, *placed(scheme, load(text, file=file))]
            found = None
    return MappingFile(name=name, file=file, text=text, mapping=found, problems=tuple(problems))


def examples_path(file: MappingFile) -> Path:
    """Where the examples of a mapping file stand, if it has any: next to it."""
    return Path(file.file).with_name(file.name + EXAMPLES_SUFFIX)


def run_examples(file: MappingFile, presets: Mapping[str, Preset]) -> tuple[list[mapping.ExampleResult], list[Problem]]:
    """Run the examples next to a usable mapping file: the results, and what is wrong with the examples themselves.

    A mapping without examples is a problem that is only a warning.
    """
    examples_file = examples_path(file)
    if file.mapping is None:
        return [], []
    if not examples_file.is_file():
        message = "the mapping has no examples, so nothing tests that it does what is meant"
        fix = f"put a payload and what you expect of it into {examples_file.name}"
        problem = Problem(code="no_examples", file=file.file, message=message, fix=fix, severity=Severity.WARNING)
        return [], [problem]
    try:
        text = read_text(examples_file)
    except (OSError, UnicodeDecodeError):
        message, fix = "the examples cannot be read", "make them readable, in UTF-8"
        return [], [Problem(code="unreadable_file", file=str(examples_file), message=message, fix=fix)]
    return run_examples_text(file, presets, text, str(examples_file))


def run_examples_text(
    file: MappingFile, presets: Mapping[str, Preset], text: str, examples_file: str = ""
) -> tuple[list[mapping.ExampleResult], list[Problem]]:
    """Run examples from their text; `examples_file` is their file, for payload files and for problems."""
    found = file.mapping
    if found is None:
        return [], []
    read = partial(read_events, presets[found.preset], found=found)
    return mapping.run_examples(found, text, file=examples_file or file.file, read=read)


def load_hooks(
    folder: Path,
    presets: Mapping[str, Preset],
    secret: Secret,
    store: Outbox,
    *,
    running: Hooks | None = None,
) -> Hooks:
    """The hooks of a folder, ready to receive.

    A bad file runs on its last good text: that of the hooks already `running` here, else the one that the outbox
    keeps; without one, its hook is closed. The texts in use are stored when their id is first asked for, so that a
    worker starts even while the outbox is away.
    """
    files = read_folder(folder, presets)
    broken = last_good.broken_presets(folder)
    good_texts: dict[str, str] = {}
    if broken or any(file.mapping is None for file in files):
        good_texts = {**last_good.stored_texts(store), **(running.texts if running is not None else {})}
        presets = last_good.restored(presets, broken, good_texts)
        files = read_folder(folder, presets)
    used: dict[str, str] = {}
    by_name: dict[str, Hook | ClosedHook] = {}
    for file in files:
        good = _usable(file, good_texts, presets)
        if good.mapping is not None:
            used[good.name] = good.text
        by_name[good.name] = open_hook(good, presets, secret)
    stale = {file.name: errors_of(file) for file in files if file.mapping is None and file.name in used}
    stale |= {file.name: broken[name] for file in files if (name := _preset_name(file)) in broken and file.mapping}
    used |= last_good.own_texts(folder, broken, good_texts, {_preset_name(file) for file in files})
    return Hooks(
        by_name=by_name,
        mapping_set_id=last_good.storing_once(store, used),
        texts=used,
        stale=stale,
        preset_problems=tuple(problem for problems in broken.values() for problem in problems),
    )


def _preset_name(file: MappingFile) -> str:
    return file.mapping.preset if file.mapping is not None else ""


def open_hook(file: MappingFile, presets: Mapping[str, Preset], secret: Secret) -> Hook | ClosedHook:
    """The hook of a mapping with its secrets, or why it cannot take requests."""
    if file.mapping is None:
        return ClosedHook(name=file.name, problems=errors_of(file))
    preset = presets[file.mapping.preset]
    scheme = scheme_of(file.mapping, presets)
    if scheme is None:
        problem = Problem(code="no_verify", message="nothing says how the sender authenticates", fix="add `verify:`")
        return ClosedHook(name=file.name, problems=(problem,))
    problems = secret_problems(file.mapping, scheme, secret)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return ClosedHook(name=file.name, problems=problems)
    secrets = {role: tuple(filter(None, map(secret, names))) for role, names in file.mapping.secrets.items()}
    doubts = (*problems, *unset_unasked(file.mapping, scheme, secret))
    return Hook(name=file.name, preset=preset, scheme=scheme, secrets=secrets, mapping=file.mapping, doubts=doubts)


def scheme_of(found: HookMapping, presets: Mapping[str, Preset]) -> intake.Scheme | None:
    """How a mapping's sender authenticates: by its own `verify`, else by its preset's; None where nothing says it."""
    by_preset = presets[found.preset].verify
    if found.verify is None:
        return by_preset
    scheme = intake.read_scheme(found.verify, "verify", by_preset)
    return None if isinstance(scheme, list) else scheme


def errors_of(file: MappingFile) -> tuple[Problem, ...]:
    """Those problems of a file that keep it from running."""
    return tuple(problem for problem in file.problems if problem.severity is Severity.ERROR)


def _usable(file: MappingFile, texts: Mapping[str, str], presets: Mapping[str, Preset]) -> MappingFile:
    if file.mapping is not None:
        return file
    old = texts.get(file.name)
    good = judge(old, name=file.name, file=file.file, presets=presets) if old is not None else None
    return good if good is not None and good.mapping is not None else file
