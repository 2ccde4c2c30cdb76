"""The script that most people write: take the webhook, call Zoho, answer. It needs Flask and requests, nothing else.

Run it as `gunicorn benchmarks.peers.inline_script:app`. Settings come from the environment: TYPEFORM_SECRET,
ZOHO_URL, ZOHO_LIST_KEY, ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET, ZOHO_REFRESH_TOKEN.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import threading
import time
from typing import Any

import requests
from flask import Flask, abort, request

app = Flask("inline")
session = requests.Session()
token: dict[str, Any] = {"value": "", "good_until": 0.0}
token_lock = threading.Lock()


@app.post("/hooks/typeform")
def typeform() -> tuple[dict[str, str], int]:
    """One form: one Subscribe call, and 202 when Zoho took it. What Zoho refuses is an error, so HTTP 500."""
    digest = hmac.digest(os.environ["TYPEFORM_SECRET"].encode(), request.get_data(), hashlib.sha256)
    expected = "sha256=" + base64.b64encode(digest).decode()
    if not hmac.compare_digest(expected, request.headers.get("Typeform-Signature", "")):
        abort(401)
    answers = {answer["field"]["ref"]: answer for answer in request.get_json()["form_response"]["answers"]}
    first, _, last = answers["name"]["text"].partition(" ")
    subscribe({"Lead Email": answers["email"]["email"], "First Name": first, "Last Name": last})
    return {"status": "ok"}, 202


def subscribe(lead: dict[str, str]) -> None:
    """Put a lead into the list (https://zoho.com/marketingautomation/help/developers/lead-subscribe.html)."""
    answer = session.post(
        os.environ["ZOHO_URL"] + "/api/v1/json/listsubscribe",
        data={"resfmt": "JSON", "listkey": os.environ["ZOHO_LIST_KEY"], "leadinfo": json.dumps(lead)},
        headers={"Authorization": f"Zoho-oauthtoken {access_token()}"},
        timeout=30,
    )
    answer.raise_for_status()
    if answer.json()["status"] != "success":
        raise RuntimeError(answer.text)


def access_token() -> str:
    """The token; a new one a minute before the old one ends."""
    with token_lock:
        if time.time() > token["good_until"]:
            renew()
        return str(token["value"])


def renew() -> None:
    """Fetch a token (https://zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html)."""
    parameters = {
        "grant_type": "refresh_token",
        "client_id": os.environ["ZOHO_CLIENT_ID"],
        "client_secret": os.environ["ZOHO_CLIENT_SECRET"],
        "refresh_token": os.environ["ZOHO_REFRESH_TOKEN"],
    }
    answer: dict[str, Any] = requests.post(
        os.environ["ZOHO_URL"] + "/oauth/v2/token", data=parameters, timeout=30
    ).json()
    token.update(value=answer["access_token"], good_until=time.time() + answer["expires_in"] - 60)
