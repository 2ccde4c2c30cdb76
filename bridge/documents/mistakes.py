"""The usual accidents of writing YAML by hand, each recognised and answered with the line as it should be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bridge.model import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yaml import MarkedYAMLError
    from yaml.nodes import MappingNode, Node

    from bridge.documents.document import Document, Path

_ENTRY: Final = re.compile(r"^(\s*(?:- )?[^:#{\[\"']+:\s+)(\S.*?)\s*$")
_IN_BRACES: Final = re.compile(r"(answer|value|default|is|contains|is_not|not_asked): *([^\"'{}\[\],]*#[^\"'{}\[\],]*)")
_COLON_IN_BRACES: Final = re.compile(r"\{\s*([a-z_]+): +([^\"'{}\[\],]*: [^\"'{}\[\],]*)\}")
_OPEN_QUOTE: Final = re.compile(r"^(.*\{\s*[a-z_]+: *)([\"'])([^\"'{}]*?)\s*(\}+)\s*$")
_GLUED: Final = re.compile(r"^(\s*(?:- )?[^:#\"'{}\s][^:#\"'{}]*):([\[{\"'].*)$")
_TEXT_KEYS: Final = frozenset({"answer", "value", "default", "is", "is_not", "contains", "not_asked", "consent"})
_RESERVED: Final = "@`*&!%|>"


def flow_problems(node: MappingNode, document: Document, path: Path) -> list[Problem]:
    """What went wrong between braces: a comma that cut a text in two, a colon without its space."""
    if path[:1] == ("secrets",):
        return []  # what stands there may be a secret, and is never shown
    if not node.flow_style:
        return [_glued(document, path, key) for key, _ in node.value if ":{" in str(key.value)]
    problems: list[Problem] = []
    entries = [(key, value, _is_empty(value)) for key, value in node.value]
    for number, (key, _, empty) in enumerate(entries):
        if not empty:
            continue
        name, colon, rest = str(key.value).partition(":")
        if colon and re.fullmatch(r"[a-z_]+", name) and rest:
            problems.append(_missing_space(document, path, key, name, rest))
        elif number and not entries[number - 1][2]:
            problems.append(_cut_by_comma(document, path, node, number))
    return problems


def _glued(document: Document, path: Path, key: Node) -> Problem:
    name, _, rest = str(key.value).partition(":")
    message = f"{key.value!r} is read as one key: a space is missing after the colon"
    return _at(document, path, key, "missing_space", message, f"write {name}: {rest}: ...", str(key.value))


def _is_empty(value: Node) -> bool:
    """True for a value that is not there at all, as after a key without a colon."""
    return value.value == "" and not getattr(value, "style", None) and value.start_mark.index == value.end_mark.index


def _missing_space(document: Document, path: Path, key: Node, name: str, rest: str) -> Problem:
    return _at(
        document,
        path,
        key,
        "missing_space",
        f"{key.value!r} is read as one key: a space is missing after the colon",
        f"write {{{name}: {rest}}}",
        str(key.value),
    )


def _cut_by_comma(document: Document, path: Path, node: MappingNode, number: int) -> Problem:
    key, value = node.value[number - 1]
    text = str(value.value)
    end = number
    while end < len(node.value) and _is_empty(node.value[end][1]):
        text += f", {node.value[end][0].value}"
        end += 1
    first = node.value[number][0]
    return _at(
        document,
        path,
        first,
        "unquoted_comma",
        f"the comma ends the text {str(value.value)!r}, and {str(first.value)!r} is read as a key of its own",
        f'put the text in quotes: {{{key.value}: "{text}"}}',
        text,
    )


def scalar_problems(node: Node, document: Document, path: Path) -> list[Problem]:
    """A text that ends at a `#` which was most likely meant to be part of it."""
    if path[:1] == ("secrets",):
        return []
    after = _after(node, document, path)
    takes_text = bool(path) and path[-1] in _TEXT_KEYS
    remark = r" *#" if node.value == "" else r" #\S" if takes_text else r" #\d"
    if not re.match(remark, after) or not (takes_text or node.value):
        return []
    whole = f"{node.value}{after}".strip()
    key = path[-1] if path else ""
    return [
        document.problem(
            path,
            "unquoted_hash",
            f"{after.strip()!r} is read as a comment, so the text is {str(node.value)!r}",
            fix=f'put the text in quotes: {key}: "{whole}"',
            value=whole,
            severity=Severity.ERROR if node.value == "" else Severity.WARNING,
        )
    ]


def _after(node: Node, document: Document, path: Path) -> str:
    """The rest of the line behind a scalar; behind its key's colon where the scalar is empty."""
    if node.value == "" and path in document.keys:
        line, column = document.keys[path]
        return _line(document.lines, line - 1)[column - 1 :].partition(":")[2]
    return _line(document.lines, node.end_mark.line)[node.end_mark.column :]


def syntax_problem(error: MarkedYAMLError, lines: Sequence[str], file: str) -> Problem:
    """A YAML error as one problem with its place, in our words, and the corrected line where it can be guessed."""
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    column = mark.column if mark else 0
    said = str(error.problem or error.context or "it cannot be read")
    code, message, fix = "yaml", f"this is no readable YAML: {said}", ""
    start = error.context_mark.line if error.context_mark else line
    if _line(lines, line)[column : column + 1] == "\t":
        code, message, fix = "tab", "a tab is used where YAML wants spaces", _spaced(lines, line)
    elif "unexpected end of stream" in said and error.context_mark:
        line, column = start, error.context_mark.column
        code, message, fix = "unbalanced_quote", "this quote is opened and never closed", _closed(lines, line)
    elif "undefined alias" in said or "cannot start any token" in said:
        code, message, fix = "reserved_character", _reserved(lines, line, column), _quoted(lines, line)
    elif "mapping values are not allowed" in said:
        code, message, fix = _second_colon(lines, line, column)
    elif "nesting depth" in said:
        message = "this is no readable YAML: it is nested too deeply"
    elif "flow" in str(error.context):
        line, column = _opening(lines, start, error.context_mark.column if error.context_mark else column)
        code, message, fix = _open_bracket(lines, line)
    elif "block" in str(error.context):
        code, message, fix = _block_end(lines, line)
    elif "could not find expected ':'" in said:
        code, message, fix = _no_colon(lines, start)
        line, column = start, 0
    if _is_about_secrets(lines, line):
        message, fix = "this cannot be read as YAML", "write names only: secrets: {signing: MY_SECRET}"
    return Problem(code=code, message=message, fix=fix, file=file, line=line + 1, column=column + 1)


def _is_about_secrets(lines: Sequence[str], number: int) -> bool:
    """True for a line under the top-level key `secrets`: its text may be a secret and is never shown."""
    for line in reversed(lines[: number + 1]):
        if line[:1] not in ("", " ", "\t", "-", "#", "}", "]"):
            return line.startswith("secrets")
    return False


def _opening(lines: Sequence[str], number: int, column: int) -> tuple[int, int]:
    """Where the bracket is opened: at the place that was reported, or before it when that is the end of the text."""
    if _line(lines, number)[column : column + 1] in ("{", "["):
        return number, column
    for above in range(min(number, len(lines) - 1), -1, -1):
        if opened := [at for at, character in enumerate(lines[above]) if character in "{["]:
            return above, opened[-1]
    return number, column


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number] if 0 <= number < len(lines) else ""


def _spaced(lines: Sequence[str], number: int) -> str:
    return f"indent with spaces: {_line(lines, number).replace(chr(9), '  ').rstrip()!r}"


def _quoted(lines: Sequence[str], number: int) -> str:
    entry = _ENTRY.match(_line(lines, number))
    if entry is None or entry.group(2)[0] in "{[":
        return "put the text in quotes"
    text = entry.group(2).replace("\\", "\\\\").replace('"', '\\"')
    return f'put the text in quotes: {entry.group(1).strip()} "{text}"'


def _closed(lines: Sequence[str], number: int) -> str:
    match = _OPEN_QUOTE.match(_line(lines, number))
    if match is None:
        return "add the closing quote"
    before, quote, text, brackets = match.groups()
    return f"write {before.strip()} {quote}{text}{quote}{brackets}"


def _reserved(lines: Sequence[str], number: int, column: int) -> str:
    character = _line(lines, number)[column : column + 1]
    shown = f"the character {character!r}" if character in _RESERVED else "this character"
    return f"{shown} means something to YAML at the start of a text"


def _second_colon(lines: Sequence[str], number: int, column: int) -> tuple[str, str, str]:
    if ":" not in _line(lines, number)[:column]:
        return "indentation", "this line is indented deeper than the keys next to it", "indent it like the keys next to"
    return "unquoted_colon", "a colon followed by a space inside an unquoted text", _quoted(lines, number)


def _open_bracket(lines: Sequence[str], number: int) -> tuple[str, str, str]:
    text = _line(lines, number)
    hashed = _IN_BRACES.search(text)
    if hashed:
        corrected = text.replace(hashed.group(2), f'"{hashed.group(2).strip()}"')
        return "unquoted_hash", "the `#` starts a comment, so the bracket is never closed", f"write {corrected.strip()}"
    second = _COLON_IN_BRACES.search(text)
    if second:
        corrected = text.replace(second.group(2), f'"{second.group(2).strip()}"')
        return "unquoted_colon", "a colon followed by a space inside an unquoted text", f"write {corrected.strip()}"
    if re.search(r"[\"']\s*[^\s,}\]:]", text):
        return "yaml", "these brackets cannot be read", "check the quotes and commas between them"
    closing = "]" if text.count("[") > text.count("]") else "}"
    return "unclosed_bracket", "this bracket is opened and never closed", f"write {text.strip()}{closing}"


def _block_end(lines: Sequence[str], number: int) -> tuple[str, str, str]:
    text = _line(lines, number)
    if re.search(r":\s+([\"']).*\1\s*[^\s#]", text):
        value = text.partition(":")[2].strip().replace("'", "''")
        fix = f"put the whole text in quotes: {text.partition(':')[0].strip()}: '{value}'"
        return "text_after_quote", "text goes on after the closing quote", fix
    if text.count("}") > text.count("{") or text.count("]") > text.count("["):
        return "unopened_bracket", "this bracket is closed and was never opened", "remove the closing bracket"
    return (
        "indentation",
        "this line does not stand in one column with its neighbours",
        "indent it like the keys next to",
    )


def _no_colon(lines: Sequence[str], number: int) -> tuple[str, str, str]:
    text = _line(lines, number)
    glued = _GLUED.match(text)
    if glued:
        return (
            "missing_space",
            "a space is missing after the colon",
            f"write {glued.group(1).strip()}: {glued.group(2)}",
        )
    return "missing_colon", f"{text.strip()!r} is neither a key nor a value", "write `key: value`"


def _at(document: Document, path: Path, node: Node, code: str, message: str, fix: str, value: str) -> Problem:
    found = document.problem(path, code, message, fix=fix, value=value)
    return Problem(
        code=code,
        message=message,
        fix=fix,
        path=found.path,
        value=value,
        file=document.file,
        line=node.start_mark.line + 1,
        column=node.start_mark.column + 1,
    )
