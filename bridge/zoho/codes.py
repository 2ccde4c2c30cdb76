"""What each of Zoho's codes means for us, as data.

The general table is https://zoho.com/marketingautomation/help/developers/error-codes.html, whose public copy ends after
3009; pages of single APIs add theirs. Codes of the sibling product (Zoho Campaigns) are taken from
https://github.com/api-evangelist/zoho-campaigns. What to do about a code is our own judgement.
"""

from __future__ import annotations

from functools import cache

from bridge.zoho.code_meaning import DO_NOT_MAIL, DOCS, FIELD, GENERAL, JOURNEYS, LISTS, TAG, TRIGGER, Code, Judgement
from bridge.zoho.overrides import OVERRIDES

SIBLING = "https://github.com/api-evangelist/zoho-campaigns"
_SUBSCRIBE = DOCS + "lead-subscribe.html"
_BULK = DOCS + "add-contacts-existing-list.html"
_COUNT = DOCS + "v1/view-total-leads.html"
_SEGMENT = DOCS + "get-segment-leads.html"
_LEADS = DOCS + "v1/get-list-leads.html"
_TOPICS = DOCS + "create-topics.html"
_CRM = "https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html"
_SOCIAL = "https://www.zoho.com/social/api/oauth-authentication.html"
_OAUTH_CODES = "https://desk.zoho.com/DeskAPIDocument#ErrorCodes"
_THROTTLE = "https://help.zoho.com/portal/de/community/topic/zoho-cliq-api-rate-limit"


def code_of(api: str, code: str) -> Code | None:
    """What a code means when this API (`subscribe`, `trigger`, `lists`, `journeys`, `fields`) answers it, or None.

    Codes that are words are known in any case and with or without underscores. A word that is not in the table is
    known by what it speaks of: a token, a scope, a permission, a limit, a failure of the server.
    """
    return OVERRIDES.get((api, code)) or CODES.get(code) or _words().get(_letters(code)) or _by_subject(code)


@cache
def _words() -> dict[str, Code]:
    return {_letters(code): known for code, known in CODES.items() if not code.isdecimal()}


def _letters(code: str) -> str:
    return "" if code.isdecimal() else "".join(filter(str.isalnum, code.upper()))


def said_by(message: str) -> Code | None:
    """What a message means that speaks of the token, its scope or the user's rights, whatever its code; else None."""
    return _first(_SENTENCES, _letters(message))


def _by_subject(code: str) -> Code | None:
    return _first(_SUBJECTS, _letters(code))


def _first(table: tuple[tuple[str, Code], ...], letters: str) -> Code | None:
    return next((known for subjects, known in table if any(map(letters.__contains__, subjects.split()))), None)


def _rows(judgement: Judgement, url: str, descriptions: dict[str, str]) -> dict[str, Code]:
    return {
        code: Code(description=description, judgement=judgement, url=url) for code, description in descriptions.items()
    }


_TOKEN = "the access token is not accepted"  # noqa: S105 - a text, not a secret
SCOPE = "the token lacks a scope; authorise again with lead.ALL, journey.CREATE, journey.READ"
_RIGHT = "the user of the token may not do this; give the user the right in Zoho"
_URL = "the URL is wrong; check the host of the data centre"
_LIMIT = "the call limit is exceeded"

CODES: dict[str, Code] = {
    **_rows(Judgement.SUCCESS, GENERAL, {"0": "success", "200": "success"}),
    **_rows(Judgement.TOKEN, GENERAL, {"401": _TOKEN}),
    **_rows(Judgement.TOKEN, SIBLING, {"1007": _TOKEN}),
    **_rows(Judgement.OUTAGE, GENERAL, {"500": "trouble on Zoho's servers"}),
    **_rows(Judgement.LOCK, GENERAL, {"2008": _LIMIT}),
    **_rows(Judgement.LOCK, SIBLING, {"409909": _LIMIT}),
    **_rows(Judgement.LOCK, _THROTTLE, {"request_limit_exceeded": _LIMIT}),
    **_rows(Judgement.DONE, SIBLING, {"2003": "the lead is in the list already"}),
    **_rows(Judgement.ONCE, _SUBSCRIBE, {"2001": "the JSON is not accepted, or a passing error of the subscription"}),
    **_rows(
        Judgement.LEAD,
        GENERAL,
        {
            "400": "the request is not accepted",
            "900": "a mandatory field is missing",
            "903": "a mandatory field is missing",
            "904": "the action cannot be done",
            "928": "the merge tag exists already",
            "992": "nothing was found",
            "993": "the lead was not found",
            "2006": "the lead is marked do-not-mail",
            "2007": "a parameter's value is not valid",
            "2009": "a webhook of this name exists",
            "2011": "the callback URL is not valid",
            **{str(code): "a campaign cannot be sent" for code in range(3000, 3010)},
        },
    ),
    **_rows(
        Judgement.LEAD,
        _SUBSCRIBE,
        {"2004": "the e-mail address is not valid", "2005": "it is a group (role) address"},
    ),
    **_rows(Judgement.LEAD, TRIGGER, {"9004": "more than 200 addresses in one call"}),
    **_rows(Judgement.LEAD, _BULK, {"2205": "a list of this name exists"}),
    **_rows(
        Judgement.LEAD,
        SIBLING,
        {"1001": "a value does not match its pattern", "1005": "a value has the wrong type"},
    ),
    **_rows(Judgement.RETRY, GENERAL, {"919": "the account could not be synchronised", "2010": "a passing error"}),
    **_rows(Judgement.RETRY, DOCS + "lead-unsubscribe.html", {"2101": "try again later"}),
    **_rows(Judgement.RETRY, DO_NOT_MAIL, {"2104": "try again later"}),
    **_rows(Judgement.RETRY, SIBLING, {"2201": "try again later", "2601": "try again later"}),
    **_rows(Judgement.RETRY, LISTS, {"2402": "try again later"}),
    **_rows(Judgement.RETRY, _LEADS, {"2502": "try again later"}),
    **_rows(Judgement.RETRY, DOCS + "assign-lead-tags.html", {"6615": "try again later"}),
    **_rows(
        Judgement.LANE,
        GENERAL,
        {
            "404": "there is no such resource; check the host of the data centre",
            "901": _URL,
            "902": _RIGHT,
            "906": _RIGHT,
            "980": "the plan's number of leads is reached; raise the plan or delete leads",
        },
    ),
    **_rows(
        Judgement.LANE,
        FIELD,
        {
            "910": "there are no fields",
            "914": "a maximum of the plan is reached; raise the plan",
            "916": "the field exists already",
        },
    ),
    **_rows(Judgement.LANE, _BULK, {"2302": "the plan's number of leads is reached; raise the plan or delete leads"}),
    **_rows(
        Judgement.LANE,
        SIBLING,
        {
            "1002": "a parameter is not known to Zoho; please report this",
            "1003": "a mandatory parameter is missing",
            "1004": _URL,
            "1006": "a parameter came twice; please report this",
            "2002": "the list key is empty or not valid; check the list in the mapping",
        },
    ),
    **_rows(
        Judgement.LANE,
        _SUBSCRIBE,
        {"2501": "the list key is empty or not valid; check the list in the mapping"},
    ),
    **_rows(
        Judgement.LANE,
        DOCS + "update-list.html",
        {"2102": "the list key is not valid; check the list in the mapping"},
    ),
    **_rows(
        Judgement.LANE,
        _COUNT,
        {
            "2202": "the list key is not valid; check the list in the mapping",
            "2701": "the user of the token may not use this list; give the user the right in Zoho",
            "2704": "the user of the token may not use this list; give the user the right in Zoho",
            "2707": "the list is empty or deleted; name another one in the mapping",
        },
    ),
    **_rows(Judgement.LANE, LISTS, {"2401": "the account has no list; make one in Zoho"}),
    **_rows(
        Judgement.LANE,
        LISTS,
        {"2706": "the user of the token may not read lists; give the user the right in Zoho"},
    ),
    **_rows(
        Judgement.LANE,
        _BULK,
        {
            "2203": "the list is deleted; name another one in the mapping",
            "2206": "the list is deleted; name another one in the mapping",
        },
    ),
    **_rows(Judgement.LANE, _SEGMENT, {"2603": "the segment is not usable", "2604": "the segment is not usable"}),
    **_rows(
        Judgement.LANE,
        TAG,
        {
            "6613": "the tag does not exist; create it in Zoho, or write `create: true` in the mapping",
            "6614": "the tag exists already",
            "6616": "the tag's colour is not valid",
        },
    ),
    **_rows(
        Judgement.LANE,
        _TOPICS,
        {str(code): "the topics are not usable as given; check the mapping's topics" for code in range(4010, 4020)},
    ),
    **_rows(
        Judgement.LANE,
        JOURNEYS,
        {"9001": "nothing matches", "9008": "there is no such trigger; check the journey in the mapping"},
    ),
    **_rows(
        Judgement.LANE,
        TRIGGER,
        {
            "9002": "the journey key is not valid; check the journey in the mapping",
            "9006": "the journey is inactive; activate it in Zoho",
            "9007": "a mandatory key is missing; check the journey and the list in the mapping",
        },
    ),
    **_rows(
        Judgement.LANE,
        DOCS + "v1/access-token.html",
        {"INVALID_OAUTHSCOPE": SCOPE},
    ),
    **_rows(Judgement.LANE, _CRM, {"OAUTH_SCOPE_MISMATCH": SCOPE, "NO_PERMISSION": _RIGHT}),
    **_rows(Judgement.LANE, _CRM, {"AUTHORIZATION_FAILED": _RIGHT, "INVALID_URL_PATTERN": _URL}),
    **_rows(Judgement.TOKEN, _CRM, {"INVALID_TOKEN": _TOKEN, "AUTHENTICATION_FAILURE": _TOKEN}),
    **_rows(Judgement.TOKEN, _SOCIAL, {"INVALID_OAUTHTOKEN": _TOKEN}),
    **_rows(Judgement.TOKEN, _OAUTH_CODES, {"INVALID_OAUTH": _TOKEN, "UNAUTHORIZED": _TOKEN}),
    **_rows(Judgement.LOCK, _CRM, {"TOO_MANY_REQUESTS": _LIMIT}),
    **_rows(Judgement.OUTAGE, _CRM, {"INTERNAL_ERROR": "trouble on Zoho's servers"}),
}
"""Every code known, whichever API answers it."""

_MISSING = frozenset({"900", "903", "1003", "2001", "2002", "2501", "9007"})
"""The codes for a mandatory parameter, a list key or a JSON that is missing: what a server says that read no body."""


def is_missing(code: str) -> bool:
    """Whether a code says that something mandatory is missing, though every call brings it."""
    return code in _MISSING


_LIST_GONE = frozenset({"2202", "2203", "2206", "2501", "2707"})


def is_list_gone(code: str) -> bool:
    """Whether a code for a question about one list says that there is none of its key."""
    return code in _LIST_GONE


_LOCKED = Code(description=_LIMIT, judgement=Judgement.LOCK, url=_THROTTLE)
_NO_SCOPE = Code(description=SCOPE, judgement=Judgement.LANE, url=_CRM)
_NO_RIGHT = Code(description=_RIGHT, judgement=Judgement.LANE, url=_CRM)
_NO_PLAN = Code(
    description="the plan does not allow this; raise or renew the plan", judgement=Judgement.LANE, url=GENERAL
)
_NO_TOKEN = Code(description=_TOKEN, judgement=Judgement.TOKEN, url=_CRM)
_DOWN = Code(description="trouble on Zoho's servers", judgement=Judgement.OUTAGE, url=_CRM)

_SUBJECTS: tuple[tuple[str, Code], ...] = (
    ("LICENSE LEADLIMIT LEADSLIMIT CONTACTLIMIT CONTACTSLIMIT SUBSCRIPTIONEXPIRED TRIALEXPIRED PAYMENTREQ", _NO_PLAN),
    ("PLANLIMIT PLANEXPIRED UPGRADEREQ UPGRADEPLAN", _NO_PLAN),
    ("LIMITEXCEEDED TOOMANY THROTTL RATELIMIT APILIMIT QUOTAEXCEEDED THRESHOLDEXCEEDED CREDITSEXHAUSTED", _LOCKED),
    ("SCOPE", _NO_SCOPE),
    (
        "PERMISSION PRIVILEGE AUTHORIZATION AUTHORISATION NOTAUTHORI FORBIDDEN ACCESSDENIED NOACCESS IPRESTRICT",
        _NO_RIGHT,
    ),
    ("OAUTH TOKEN AUTHENTICAT AUTHFAIL UNAUTHORI INVALIDTICKET CREDENTIALS NOAUTH SESSIONEXPIRED LOGINREQ", _NO_TOKEN),
    ("INTERNALERROR SERVERERROR UNAVAILABLE SERVERBUSY MAINTENANCE GATEWAYTIMEOUT REQUESTTIMEOUT", _DOWN),
)
"""What a word speaks of, the first that fits: Zoho's products spell the same refusals in many ways."""

_SENTENCES: tuple[tuple[str, Code], ...] = (
    ("OAUTHSCOPE SCOPEMISMATCH INVALIDSCOPE", _NO_SCOPE),
    ("NOPERMISSION PERMISSIONDENIED NOTAUTHORIZEDTO NOTAUTHORISEDTO NOTHAVEPERMISSION SUFFICIENTPRIVILEGE", _NO_RIGHT),
    ("OAUTHTOKEN ACCESSTOKEN AUTHTOKEN INVALIDTOKEN TOKENEXPIRED INVALIDTICKET AUTHENTICATIONFAIL", _NO_TOKEN),
    ("NOTAUTHENTICATED UNAUTHORIZEDREQUEST INVALIDOAUTH", _NO_TOKEN),
)
"""What a message speaks of in which a lead's own data cannot be meant, the first that fits."""
