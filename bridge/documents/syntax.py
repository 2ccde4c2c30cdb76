"""A text that is not YAML: what its author most likely did, and the line as it should be.

Each usual accident proposes a line. A proposal counts only if with it the text is YAML up to there, so that whoever
follows the fix gets further.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from bridge.model import Edit, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from yaml import MarkedYAMLError

    from bridge.documents.document import Document

_ENTRY: Final = re.compile(r"^(\s*(?:- )?[^:#{\[\"']+:\s+)(\S.*?)\s*$")
_GLUED: Final = re.compile(r"^(\s*(?:- )?[^:#\"'{}\s][^:#\"'{}]*):([\[{\"'].*)$")
_FLOW_ENTRY: Final = re.compile(r"([{,]\s*[a-z_]+: +)([^\"'{}\[\]\s](?:(?!,\s*[a-z_]+:\s)[^\"'{}\[\]])*)")
"""An entry between braces with an unquoted text, which reaches up to the next key of a mapping."""

_OPEN_QUOTE: Final = re.compile(r"^(.*[:,\[]\s*)([\"'])((?:(?!\2)[^{}])*?)\s*([}\]]*)\s*$")
_NO_COMMA: Final = re.compile(r"(?<=[\w\"'}\]]) +(?=\w[\w ]*: )")
_ANY_GLUED: Final = re.compile(r"^(\s*(?:- )?[\w ]+):(\S.*)$")
_NO_COLON: Final = re.compile(r"^(\s*(?:- )?[\w ]+?)\s+([{\[\"'].*)$")
_SEMICOLON: Final = re.compile(r"; *(?=[a-z_]+: )")
_APOSTROPHE: Final = re.compile(r"^(.*[:,\[{]\s*)'([^']*\w'\w[^']*)'(\s*[}\],].*)?$")
_COMMENT: Final = re.compile(r"^(\s*)(?://|/\*|<!--|--|;)\s*(.*?)\s*(?:\*/|-->)?\s*$")
_DASH: Final = re.compile(r"^(\s*)- (\w[\w ]*: .*)$")
_ASSIGNED: Final = re.compile(r"^(\s*(?:- )?\w[\w .-]*?)(:=|=>|->|=|→|\uff1a|;)(.*)$")
_BULLET: Final = re.compile(r"^(\s*)(?:[–—•*·]|\d+[.)]) *(\S.*)$")
_SPACE: Final = re.compile("[\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]")
_RESERVED: Final = "@`*&!%|>"
_LONGEST: Final = 1_000
"""Characters. Nobody wrote a longer line by hand, and the expressions here take more than linear time."""

_PAIRS: Final = {"}": "{", "]": "["}


class _Guess(NamedTuple):
    """What may have happened, and the line without it."""

    code: str
    message: str
    line: str


def syntax_problem(
    error: MarkedYAMLError, document: Document, error_in: Callable[[str], MarkedYAMLError | None]
) -> Problem:
    """A YAML error as one problem with its place, in our words, and an edit where one helps.

    `error_in` gives the error of a text, None for YAML.
    """
    lines, (number, column) = document.lines, _place(error)
    said = str(error.problem or error.context or "it cannot be read")
    earlier = next((before for before in range(number - 1, -1, -1) if line_at(lines, before).strip()), number)
    for place in dict.fromkeys((number, earlier)):
        found = None if _is_about_secrets(lines, place) else _repaired(document, place, number, said, error_in)
        if found is not None:
            return found if place == number else replace(found, column=1)
    if _is_about_secrets(lines, number):
        message, fix = "this cannot be read as YAML", "write names only: secrets: {signing: MY_SECRET}"
        return Problem(code="yaml", message=message, fix=fix, file=document.file, line=number + 1, column=column + 1)
    fix = "look at the quotes, brackets and colons of this line"
    return Problem(
        code="yaml",
        message=f"this is not readable YAML: {said}",
        fix=fix,
        file=document.file,
        line=number + 1,
        column=column + 1,
    )


def _repaired(
    document: Document, number: int, reached: int, said: str, error_in: Callable[[str], MarkedYAMLError | None]
) -> Problem | None:
    """The first guess for this line with which the text is YAML beyond the line `reached`."""
    text = line_at(document.lines, number)
    for guess in _guesses(document.lines, number, said):
        if guess.line == text:
            continue
        edit = Edit(line=number + 1, column=1, end_line=number + 1, end_column=len(text) + 1, text=guess.line)
        then = error_in(edit.apply("\n".join(document.lines)))
        if then is None or _place(then)[0] > reached:
            indent = len(guess.line) - len(guess.line.lstrip())
            how = f"indent it with {indent} spaces" if indent else "do not indent it"
            shown = f"{how}: {guess.line.rstrip()!r}"
            return Problem(
                code=guess.code,
                message=guess.message,
                fix=shown if guess.code in ("tab", "indentation") else document.shown(edit),
                file=document.file,
                line=number + 1,
                column=len(text) - len(text.lstrip()) + 1,
                edit=edit,
            )
    return None


def _place(error: MarkedYAMLError) -> tuple[int, int]:
    """The line and column, from 0, at which a person would look."""
    said = str(error.problem)
    mark = error.problem_mark or error.context_mark
    opened = "unexpected end of stream" in said or "flow" in str(error.context)
    if error.context_mark and (opened or "could not find expected ':'" in said):
        mark = error.context_mark
    return (mark.line, mark.column if opened or "':'" not in said else 0) if mark else (0, 0)


def _guesses(lines: Sequence[str], number: int, said: str) -> Iterator[_Guess]:
    """In the order of how likely they are."""
    text = line_at(lines, number)
    if len(text) > _LONGEST:
        return
    yield from _tabs(lines, number)
    yield from _foreign(text)
    glued = _GLUED.match(text)
    if glued:
        yield _Guess("missing_space", "a space is missing after the colon", f"{glued[1]}: {glued[2]}")
    yield _Guess("semicolon", "a semicolon stands where a comma belongs", _SEMICOLON.sub(", ", text))
    yield from _quotes(text)
    yield from _brackets(text)
    yield from _scalars(text, said)
    yield from _colons(text)
    for gap in _NO_COMMA.finditer(text):
        line = f"{text[: gap.start()]}, {text[gap.end() :]}"
        yield _Guess("missing_comma", "a comma is missing between two entries", line)
    yield from _indentation(lines, number)


def _tabs(lines: Sequence[str], number: int) -> Iterator[_Guess]:
    text = line_at(lines, number)
    if "\t" in text:
        for indent in (*_indents(lines, number), "  ", "    "):
            bare = text.lstrip(" \t").replace("\t", "  ")
            yield _Guess("tab", "a tab is used where YAML wants spaces", indent + bare)
        yield _Guess("tab", "a tab is used where YAML wants spaces", text.replace("\t", "  "))


def _foreign(text: str) -> Iterator[_Guess]:
    """Marks, comments, bullets, colons and spaces as they are written elsewhere."""
    if text.strip() in ("---", "..."):
        yield _Guess("document_mark", f"`{text.strip()}` starts or ends another document; a file holds one", "")
    assigned = _ASSIGNED.match(text)
    if assigned and assigned[3].strip():
        message = f"a key ends with a colon, not with `{assigned[2]}`"
        yield _Guess("missing_colon", message, f"{assigned[1].rstrip()}: {assigned[3].lstrip()}")
    comment = _COMMENT.match(text)
    if comment:
        yield _Guess("comment", "a comment starts with `#`", f"{comment[1]}# {comment[2]}")
    bullet = _BULLET.match(text)
    if bullet:
        yield _Guess("bullet", "an entry of a list starts with a dash and a space", f"{bullet[1]}- {bullet[2]}")
    dash = _DASH.match(text)
    if dash:
        yield _Guess("dash", "a dash starts an entry of a list, and this is not one", f"{dash[1]}{dash[2]}")
    yield _Guess(
        "no_break_space", "this space, as copied from a web page, is not a space to YAML", _SPACE.sub(" ", text)
    )


def _quotes(text: str) -> Iterator[_Guess]:
    """Texts between braces that need quotes, and a quote that is not closed."""
    for code, sign, message in (
        ("unquoted_hash", "#", "the `#` starts a comment, so the bracket is never closed"),
        ("unquoted_colon", ": ", "a colon followed by a space inside an unquoted text"),
    ):
        yield _Guess(code, message, _FLOW_ENTRY.sub(lambda found, sign=sign: _quoted_if(found, sign), text))  # type: ignore[misc]
    yield _Guess(
        "unquoted_colon", "a text between braces that YAML cannot read without quotes", _FLOW_ENTRY.sub(_quoted, text)
    )
    apostrophe = _APOSTROPHE.match(text)
    if apostrophe:
        inner = apostrophe[2].replace("\\", "\\\\").replace('"', '\\"')
        line = f'{apostrophe[1]}"{inner}"{apostrophe[3] or ""}'
        yield _Guess("apostrophe", "the apostrophe ends the text in single quotes", line)
    opened = _OPEN_QUOTE.match(text)
    if opened:
        line = f"{opened[1]}{opened[2]}{opened[3]}{opened[2]}{opened[4]}"
        yield _Guess("unbalanced_quote", "this quote is opened and never closed", line)
        yield _Guess("unbalanced_quote", "this quote is opened and never closed", _closed(line))


def _brackets(text: str) -> Iterator[_Guess]:
    yield _Guess("unclosed_bracket", "this bracket is opened and never closed", _closed(text))
    yield _Guess("unopened_bracket", "this bracket is closed and was never opened", _opened(text))
    yield _Guess("unclosed_bracket", "brackets that do not fit each other", _closed(_opened(text)))


def _scalars(text: str, said: str) -> Iterator[_Guess]:
    """A text after `key: ` that needs quotes as a whole."""
    entry = _ENTRY.match(text)
    if entry is None:
        return
    before, value = entry.groups()
    in_double = value.replace("\\", "\\\\").replace('"', '\\"')
    in_single = value.replace("'", "''")
    if value[0] in _RESERVED or "cannot start any token" in said or "alias" in said:
        shown = f"the character {value[0]!r}" if value[0] in _RESERVED else "this character"
        yield _Guess(
            "reserved_character", f"{shown} means something to YAML at the start of a text", f'{before}"{in_double}"'
        )
    elif value[0] in "\"'":
        yield _Guess("text_after_quote", "text goes on after the closing quote", f"{before}'{in_single}'")
    elif value[0] not in "{[":
        yield _Guess("unquoted_colon", "a colon followed by a space inside an unquoted text", f'{before}"{in_double}"')


def _colons(text: str) -> Iterator[_Guess]:
    """A key without its colon: `lead`, or `preset tally`."""
    bare = text.split("#")[0].rstrip(" =;")
    if bare.strip() and ":" not in bare:
        message = f"{bare.strip()!r} is neither a key nor a value"
        key, space, rest = bare.strip().partition(" ")
        if not space or not key.islower():
            yield _Guess("missing_colon", message, f"{bare}:")
        if space:
            yield _Guess("missing_colon", message, f"{bare[: len(bare) - len(bare.lstrip())]}{key}: {rest}")
    joined = _ANY_GLUED.match(text)
    if joined:
        yield _Guess("missing_space", "a space is missing after the colon", f"{joined[1]}: {joined[2]}")
    bracket = _NO_COLON.match(text)
    if bracket:
        yield _Guess("missing_colon", "a colon is missing after the key", f"{bracket[1]}: {bracket[2]}")


def _indentation(lines: Sequence[str], number: int) -> Iterator[_Guess]:
    text = line_at(lines, number)
    for indent in _indents(lines, number):
        yield _Guess("indentation", "this line is indented differently from its neighbours", indent + text.lstrip())


def _indents(lines: Sequence[str], number: int) -> list[str]:
    """How the lines around are indented, the nearest first."""
    near = [*lines[max(0, number - 5) : number][::-1], *lines[number + 1 : number + 3]]
    found = [line[: len(line) - len(line.lstrip(" "))] for line in near if line.strip() and not line.startswith("\t")]
    before = next((line for line in reversed(lines[:number]) if line.strip()), "")
    deeper = [f"{found[0]}  "] if found and before.rstrip().endswith(":") else []
    return list(dict.fromkeys([*deeper, *found]))


def _quoted_if(found: re.Match[str], sign: str) -> str:
    return _quoted(found) if sign in found[2] else found[0]


def _quoted(found: re.Match[str]) -> str:
    return f'{found[1]}"{found[2].strip()}"'


def _unclosed(text: str) -> tuple[list[str], list[int]]:
    """The brackets that are open at the end, and the places of those that close nothing."""
    opened, surplus, quote = [], [], ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "{[":
            opened.append(character)
        elif character in _PAIRS:
            if opened and opened[-1] == _PAIRS[character]:
                opened.pop()
            else:
                surplus.append(place)
    return opened, surplus


def _closed(text: str) -> str:
    """The line with all its brackets closed."""
    closing = {opening: close for close, opening in _PAIRS.items()}
    return text.rstrip() + "".join(closing[one] for one in reversed(_unclosed(text)[0]))


def _opened(text: str) -> str:
    """The line without the brackets that close nothing."""
    surplus = set(_unclosed(text)[1])
    return "".join(character for place, character in enumerate(text) if place not in surplus)


def _is_about_secrets(lines: Sequence[str], number: int) -> bool:
    """True for a line under the top-level key `secrets`: its text may be a secret and is never shown."""
    for line in reversed(lines[: number + 1]):
        if line[:1] not in ("", " ", "\t", "-", "#", "}", "]"):
            return line.startswith("secrets")
    return False


def line_at(lines: Sequence[str], number: int) -> str:
    """The line of this number, counted from 0, empty for one that is not there."""
    return lines[number] if 0 <= number < len(lines) else ""
