"""Whether Zoho can be reached, the token works, and the account has what mappings name."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bridge import bootstrap
from bridge.delivery.lookups import read_account
from bridge.delivery.token import access_token
from bridge.errors import AccountError, LeadbridgeError, NoAnswerError, TokenError
from bridge.model import ParametersIn
from bridge.operations.doctor.check import CLOCK_OFF_SECONDS, HTTP_SECONDS, Check, Mark
from bridge.operations.doctor.mappings import look_at_mappings
from bridge.operations.doctor.scopes import look_at_scopes
from bridge.operations.wording import counted
from bridge.outbox import operator, registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.config import Settings
    from bridge.http import Http
    from bridge.outbox import Outbox
    from bridge.zoho import Snapshot


def look_at_zoho(settings: Settings, environ: Mapping[str, str], store: Outbox | None) -> Iterator[Check]:
    """The clock, the token and the account of each Zoho account of the settings."""
    if store is None:
        yield Check(name="zoho", mark=Mark.SKIP, detail="every call is counted in the outbox, which comes first")
        return
    for name in settings.accounts:
        account = bootstrap.open_account(settings, name)
        reached = _zoho_clock(account.http, account.zoho.accounts_url)
        yield reached
        if reached.mark is Mark.FAIL:
            yield Check(name=f"token {name}", mark=Mark.SKIP, detail="the network comes first")
            continue
        try:
            registry.retry_token(store, name)
            access_token(account, store)
            yield Check(name=f"token {name}", mark=Mark.OK)
        except LeadbridgeError as error:
            final = isinstance(error, TokenError) and error.permanent
            fix = (
                "see `leadbridge auth`"
                if final
                else "wait: it is tried again by itself; look at Zoho's status if it lasts"
            )
            yield Check(name=f"token {name}", mark=Mark.FAIL, detail=str(error), fix=fix)
            continue
        try:
            snapshot = read_account(account, store)
        except LeadbridgeError as error:
            lasts = isinstance(error, AccountError)
            fix = "`leadbridge auth --help` has the scopes" if lasts else "look at Zoho's status, and ask again later"
            yield Check(name=f"account {name}", mark=Mark.FAIL, detail=str(error), fix=fix)
            continue
        counts = {"list": snapshot.lists, "open journey": snapshot.journeys, "field": snapshot.fields}
        detail = ", ".join(counted(len(found), what) for what, found in counts.items())
        detail += ", tags not known" if snapshot.tags is None else f", {counted(len(snapshot.tags), 'tag')}"
        apis = [one for one in operator.status(store).apis if one.account == name]
        in_url = [one.api for one in apis if one.parameters_in is ParametersIn.URL]
        detail += f"; takes parameters in the URL only: {', '.join(in_url)}" if in_url else ""
        yield Check(name=f"account {name}", mark=Mark.OK, detail=detail)
        if settings.mappings.is_dir():
            yield from look_at_scopes(account, store, settings.mappings)
        yield from _fit(settings, environ, snapshot)


def _fit(settings: Settings, environ: Mapping[str, str], snapshot: Snapshot) -> Iterator[Check]:
    """What the mappings name and the account does not have any more."""
    alone = {(one.name, one.detail) for one in look_at_mappings(settings, environ)}
    found = [one for one in look_at_mappings(settings, environ, snapshot) if (one.name, one.detail) not in alone]
    yield from (Check(name="names", mark=one.mark, detail=one.detail, fix=one.fix) for one in found)
    if not found:
        yield Check(name="names", mark=Mark.OK, detail="every list, journey and field that a mapping names is there")


def _zoho_clock(http: Http, accounts_url: str) -> Check:
    try:
        answer = http.send("GET", accounts_url, deadline_seconds=HTTP_SECONDS)
        off = abs(parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time())
    except NoAnswerError as error:
        fix = "look at the network, ZOHO_PROXY, ZOHO_CA_BUNDLE and ZOHO_DATA_CENTER"
        return Check(name="zoho", mark=Mark.FAIL, detail=f"{accounts_url}: {error}", fix=fix)
    except (KeyError, ValueError):
        return Check(name="zoho", mark=Mark.OK, detail=f"{accounts_url} answers")
    if off > CLOCK_OFF_SECONDS:
        detail = f"this host's clock and Zoho's differ by {off:.0f} s"
        return Check(name="zoho", mark=Mark.WARN, detail=detail, fix="keep this host in time with NTP")
    return Check(name="zoho", mark=Mark.OK, detail=f"{accounts_url} answers, and the clocks agree")
