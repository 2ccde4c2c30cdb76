"""A hook tried out: why a request's signature fails, and the sample of its sender, signed and posted to it.

Both take the hook's secrets. A process that does not have them says which ones it lacks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from bridge import config, intake
from bridge.errors import LeadbridgeError, SignatureError
from bridge.hooks import folder as hooks
from bridge.intake.samples import shipped_sample
from bridge.model import Request
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.config import Settings
    from bridge.hooks.hook import ClosedHook, Hook
    from bridge.http import Http, HttpAnswer
    from bridge.intake.verification.diagnose import Diagnosis
    from bridge.mapping import Payload

ANSWER_SECONDS: Final = 15


def hook_here(settings: Settings, name: str, environ: Mapping[str, str]) -> Hook | ClosedHook:
    """A hook of the folder with its secrets as `environ` has them, or why it cannot be used from here.

    Raises LeadbridgeError where no mapping has this name.
    """
    path = hooks.mapping_files(settings.mappings).get(name)
    if path is None:
        raise LeadbridgeError(f"there is no mapping {name!r} in {settings.mappings}")
    presets = hooks.load_presets(settings.mappings)
    return hooks.open_hook(hooks.read_file(path, presets), presets, config.SecretReader(environ))


def judged(settings: Settings, hook: Hook, sent: Payload, bodies: Iterable[bytes], *, url: str, now: int) -> Diagnosis:
    """Whether a request is authentic, and if not why. `url` is as the sender calls it, with its query; "" is its own.

    `bodies` are what the body may have been, the likeliest first, since what a person pastes has other line ends than
    what was sent; one that fits is enough.
    """
    called = url or settings.hook_url(hook.name)
    request = Request(
        hook=hook.name,
        method="POST",
        url=called,
        headers={**sent.headers, "content-type": sent.content_type},
        query=intake.read_query(parts_of(called).query),
        body=sent.body,
        received_at=now,
    )
    found = [
        intake.diagnose(replace(request, body=body), hook.scheme, hook.secrets, now=now, public_url=settings.public_url)
        for body in bodies
    ]
    return next((one for one in found if one.valid), found[0])


def send_sample(settings: Settings, hook: Hook, http: Http, *, now: int) -> HttpAnswer:
    """Post the sample of a hook's sender to it, signed as the sender would: a real event, whose lead goes to Zoho.

    Raises LeadbridgeError where there is no sample, or only the sender itself can sign; NoAnswerError.
    """
    sample = shipped_sample(hook.preset.name)
    if sample is None:
        raise LeadbridgeError(f"the preset {hook.preset.name} has no sample; submit the form once instead")
    query = f"?{urlencode(sample.request.query)}" if sample.request.query else ""
    request = replace(sample.request, url=settings.hook_url(hook.name) + query)
    try:
        signed = intake.sign_request(request, hook.scheme, hook.secrets, now=now, public_url=settings.public_url)
    except SignatureError as error:
        raise LeadbridgeError(f"the sample cannot be signed here: {error}; submit the form once instead") from error
    return http.send(
        signed.method, signed.url, body=signed.body, headers=signed.headers, deadline_seconds=ANSWER_SECONDS
    )
