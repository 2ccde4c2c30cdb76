"""Every known trick of forgers against every scheme of every shipped preset: none is accepted.

`python -m tests.unit.presets.test_forgeries` prints how many were tried. What no scheme can prevent: a request of a
sender without a timestamp, sent again as it is, is authentic; it is known by its id, over restarts, too. Two hooks of
one secret take each other's requests, unless the address is signed.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bridge import intake
from bridge.errors import SignatureError
from bridge.hooks import folder as hooks
from bridge.intake.verification.scheme import HmacScheme, KeyEncoding, NoVerification, OneOf, Scheme, SignedToken
from bridge.model import Request
from tests.unit.presets.forgeries import URL, Forgery, Secrets, forgeries, sender_side
from tests.unit.presets.token_forgeries import part

NOW = 1_700_000_000_000
SECRET, OTHER = b"A signing secret of 32 bytes, or", b"another secret of 32 bytes......"
RSA_KEY, OTHER_RSA_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))
CHOICES: dict[str, dict[str, object]] = {
    "query_token": {"query_token": "token"},
    "header_token": {"header_token": "Authorization", "prefix": "Bearer "},
    "basic": {"basic": "acme"},
    "body_secret": {"body_secret": "key"},
    "hmac": {"hmac": {"header": "X-Signature", "prefix": "sha256=", "encoding": "hex"}},
}


def schemes() -> dict[str, Scheme]:
    """Every scheme that a mapping of a shipped preset can have, each version and each choice by itself."""
    presets, broken = hooks.judge_presets(None)
    assert not broken
    found: dict[str, Scheme] = {}
    for name, preset in presets.items():
        match preset.verify:
            case None:
                read = {form: intake.read_scheme(CHOICES[form], "verify") for form in preset.verify_choices}
                found |= {f"{name} {form}": one for form, one in read.items() if not isinstance(one, list)}
            case OneOf(versions=versions):
                found |= {f"{name} {one.name}": OneOf(versions=(replace(one, pinned_only=False),)) for one in versions}
            case NoVerification():
                pass
            case scheme:
                found[name] = scheme
    return found


SCHEMES = schemes()


def secrets_of(scheme: Scheme, raw: bytes, key: rsa.RSAPrivateKey) -> Secrets:
    single = scheme.versions[0].scheme if isinstance(scheme, OneOf) else scheme
    value = base64.b64encode(raw).decode()
    if isinstance(single, HmacScheme) and single.key_encoding is KeyEncoding.HEX:
        value = raw.hex()
    if isinstance(single, SignedToken):
        value = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return dict.fromkeys(intake.roles(scheme), (value,))


def genuine_request(scheme: Scheme, secrets: Secrets) -> Request:
    request = Request(
        hook="spring",
        method="POST",
        url=f"{URL}/hooks/spring?list=a%2Fb",
        headers={"content-type": "application/json"},
        query={"list": "a/b"},
        body=b'{"who":"Ada Lovelace","n":1}',
        received_at=NOW,
    )
    if isinstance(scheme, SignedToken):
        content = part({"alg": "RS256"}) + b"." + part({"iat": NOW // 1000, "data": "Ada"})
        signature = RSA_KEY.sign(content, padding.PKCS1v15(), SHA256())
        return replace(request, body=content + b"." + base64.urlsafe_b64encode(signature).rstrip(b"="))
    return sender_side(scheme, request, secrets, NOW)


def tried(scheme: Scheme) -> list[Forgery]:
    secrets = secrets_of(scheme, SECRET, RSA_KEY)
    others = secrets_of(scheme, OTHER, OTHER_RSA_KEY)
    return list(forgeries(scheme, genuine_request(scheme, secrets), secrets, others, NOW))


def is_accepted(scheme: Scheme, forgery: Forgery) -> bool:
    try:
        intake.verify(forgery.request, scheme, forgery.secrets, now=forgery.now, public_url=URL)
    except SignatureError:
        return False
    return True


@pytest.mark.parametrize("name", SCHEMES)
def test_no_forgery_is_accepted(name: str) -> None:
    scheme = SCHEMES[name]
    secrets = secrets_of(scheme, SECRET, RSA_KEY)
    assert intake.verify(genuine_request(scheme, secrets), scheme, secrets, now=NOW, public_url=URL).authentic
    attacks = tried(scheme)
    assert len(attacks) > 15
    assert [(one.trick, one.request.headers, one.request.url) for one in attacks if is_accepted(scheme, one)] == []


def test_no_preset_is_left_out() -> None:
    presets, _ = hooks.judge_presets(None)
    attacked = {name.partition(" ")[0] for name in SCHEMES}
    assert {name for name, preset in presets.items() if not isinstance(preset.verify, NoVerification)} == attacked


def test_a_public_key_checks_signatures_of_its_own_name_only() -> None:
    scheme = SCHEMES["standard-webhooks"]
    assert isinstance(scheme, HmacScheme)
    private = ed25519.Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public = f"whpk_{base64.b64encode(raw).decode()}"
    signed = b'msg_1.%d.{"n":1}' % (NOW // 1000)
    right = base64.b64encode(private.sign(signed)).decode()
    as_hmac = genuine_request(scheme, {"signing": (base64.b64encode(raw).decode(),)}).headers["webhook-signature"]
    sent = {"webhook-id": "msg_1", "webhook-timestamp": str(NOW // 1000)}

    def accepted(signature: str, secret: str, now: int = NOW) -> bool:
        request = Request(
            hook="h", method="POST", url=URL, headers={**sent, "webhook-signature": signature}, query={},
            body=b'{"n":1}', received_at=NOW,
        )  # fmt: skip
        return is_accepted(scheme, Forgery(trick="", request=request, secrets={"signing": (secret,)}, now=now))

    assert accepted(f"v1a,{right}", public)
    assert accepted(f"v1,AAAA v1a,{right}", f"v1a,{public}")
    assert not accepted(f"v1,{right}", public)
    assert not accepted(as_hmac, public)
    assert not accepted(as_hmac.replace("v1,", "v1a,"), public)
    assert not accepted(f"v1a,{right[:-8]}AAAAAA==", public)
    assert not accepted(f"v1a,{right}", base64.b64encode(raw).decode())
    assert not accepted(f"v1a,{right}", public, NOW + 301_000)


def test_another_rsa_key_and_times_far_away_or_unreadable_are_refused() -> None:
    scheme = SignedToken()
    secrets = secrets_of(scheme, SECRET, RSA_KEY)
    unreadable: tuple[Any, ...] = (str(NOW), True, [NOW], {}, "", -(10**20))
    for claims in (
        {"iat": 1},
        {"iat": NOW // 1000 + 10**6},
        {"iat": NOW // 1000, "nbf": NOW // 1000 + 10**6},
        {"exp": 1},
        {"iat": "１７００００００００"},
        {"iat": 10**3000},
        *({"iat": NOW // 1000, name: odd} for name in ("nbf", "exp") for odd in unreadable),
        {},
    ):
        content = part({"alg": "RS256"}) + b"." + part(claims)
        body = content + b"." + base64.urlsafe_b64encode(RSA_KEY.sign(content, padding.PKCS1v15(), SHA256()))
        request = replace(genuine_request(scheme, secrets), body=body.rstrip(b"="))
        assert not is_accepted(scheme, Forgery(trick="time", request=request, secrets=secrets, now=NOW))


if __name__ == "__main__":
    counted = {name: Counter(one.trick for one in tried(scheme)) for name, scheme in SCHEMES.items()}
    for trick, count in sum(counted.values(), Counter[str]()).most_common():
        print(f"{count:6}  {trick}")
    accepted = sum(is_accepted(SCHEMES[name], one) for name in counted for one in tried(SCHEMES[name]))
    print(f"{sum(map(Counter.total, counted.values()))} forgeries on {len(SCHEMES)} schemes, {accepted} accepted")
