"""The shape of `verify:` as JSON Schema, for presets and mappings alike, with the words that editors show.

What one key alone cannot say (a template without the body, a tolerance without a timestamp) is checked where the scheme
is read.
"""

from __future__ import annotations

from typing import Any, Final

TEXT: Final[dict[str, Any]] = {"type": "string", "minLength": 1}
_HEADER: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": "^[ \\t]*[A-Za-z0-9!#$%&'*+.^`|~-]+[ \\t]*$",
    "title": "a header's name with hyphens (servers and proxies drop names with an underscore)",
}
_HEADERS: Final[dict[str, Any]] = {
    "anyOf": [_HEADER, {"type": "array", "minItems": 1, "items": _HEADER}],
}
_PREFIX: Final[dict[str, Any]] = {"type": "string", "description": "What stands before the token or the signature."}


def _object(description: str, properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
        "properties": properties,
    }


_TIMESTAMP: Final = _object(
    "Where the signed time is: in a header, or under a key of the signature header.",
    {
        "header": {**_HEADERS, "description": "The header; of several the first that is there."},
        "key": {**TEXT, "description": "Its name in a signature header of pairs."},
        "unit": {"enum": ["s", "ms", "iso"], "description": "How it is written; s unless said."},
    },
)
_HMAC: Final = _object(
    "A keyed digest over the raw request.",
    {
        "header": {**_HEADERS, "description": "The header with the signature; of several the first that is there."},
        "format": {
            "enum": ["plain", "pairs", "list"],
            "description": "The signature alone (plain), t=1,v1=5257 (pairs), or v1,K5oZ v1,v0D2 (list).",
        },
        "key": {**TEXT, "description": "The signature's name in pairs or a list: v1."},
        "prefix": _PREFIX,
        "algorithm": {
            "enum": ["sha256", "sha1", "sha512", "plain-sha256"],
            "description": "sha256 unless said; plain-sha256 is no HMAC: put {secret} into content, last.",
        },
        "encoding": {
            "enum": ["hex", "base64", "base64url"],
            "description": "The signature's writing; hex unless said.",
        },
        "key_encoding": {
            "enum": ["text", "hex", "base64", "whsec"],
            "description": "How the secret becomes the key; text unless said. whsec: base64 after whsec_.",
        },
        "content": {
            **TEXT,
            "description": "The signed text: {body} unless said; also {timestamp} {method} {url} {plain_url} {secret} "
            "{form} {header:A|B}.",
        },
        "timestamp": _TIMESTAMP,
        "tolerance": {
            "anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["off"]}],
            "title": "a number of seconds, or off",
            "description": "The seconds by which the timestamp may be off; 300 unless said.",
        },
    },
    ("header",),
)
_FORMS: Final[dict[str, Any]] = {
    "header_token": {**_HEADER, "description": "A fixed secret in this header (role token)."},
    "prefix": {**_PREFIX, "description": "What stands before the token in the header: 'Bearer '."},
    "query_token": {**TEXT, "description": "A fixed secret in this parameter of the address (role token)."},
    "basic": {
        "type": "string",
        "pattern": "^[^:]+$",
        "title": "a user name without a colon",
        "description": "HTTP Basic with this user name (role password).",
    },
    "body_secret": {**TEXT, "description": "A fixed secret inside the body, at this path (role key)."},
    "jwt": {"enum": ["RS256"], "description": "The body is a token signed with RS256 (role public_key)."},
    "hmac": _HMAC,
}
_VERSION: Final = _object(
    "One of several ways in which the sender signs.",
    {
        "version": {**TEXT, "description": "Its name, which a mapping may pin."},
        "when": _object(
            "What a request of this version has.",
            {
                "header": {**_HEADER, "description": "This header is there."},
                "is": {**TEXT, "description": "And has this value."},
            },
            ("header",),
        ),
        "pinned_only": {"type": "boolean", "description": "true: accepted only where a mapping pins this version."},
        **{name: _FORMS[name] for name in ("header_token", "prefix", "hmac")},
    },
    ("version", "when"),
)
_PINNED: Final[dict[str, Any]] = {
    "anyOf": [TEXT, {"type": "array", "minItems": 1, "items": TEXT}],
    "description": "Of the preset's versions only these are accepted.",
}


def verify_schema(*, texts: tuple[str, ...], is_mapping: bool) -> dict[str, Any]:
    """The schema of a `verify:` that is one of these words or an object; only a mapping pins versions."""
    versions = {"type": "array", "minItems": 1, "items": _VERSION, "description": "Versions, the strongest first."}
    properties = {**_FORMS, "one_of": versions, **({"version": _PINNED} if is_mapping else {})}
    forms = ", ".join(name for name in properties if name not in ("prefix", "version"))
    return {
        "description": "How requests are verified: one form, or none (whoever knows the address is believed).",
        "anyOf": [{"type": "string", "enum": list(texts)}, {**_object("One form.", properties), "minProperties": 1}],
        "title": f"{', '.join(texts)}, or one of {forms}",
    }
