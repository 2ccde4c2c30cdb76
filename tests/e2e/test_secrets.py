"""Nothing that a service prints, answers or leaves on the disk holds a secret, and no log or page a person's address.

Secrets and people are planted in every place where senders and Zoho can put them; then everything is searched.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import socket
import stat
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
import psycopg
import pytest
from psycopg import sql

from bridge.cli.commands import GROUPS
from bridge.outbox import open_outbox
from bridge.outbox.registry import token
from bridge.sandbox.faults import Kind
from tests.conftest import new_database
from tests.e2e.conftest import ONE_REQUEST, free_port
from tests.e2e.planted import (
    ALARM_SECRET,
    ALARMS,
    ASKING,
    COMMANDS,
    ENDLESS,
    MAPPINGS,
    NAMELESS,
    PASSWORD,
    PEOPLE,
    SECRETS,
    SERVICE_SECRETS,
)
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.http import Http
    from tests.e2e.conftest import NewSandbox, NewService, Sandbox, Service


@pytest.fixture(scope="module")
def graph() -> Iterator[str]:
    """A sender that repeats in its answer what it was asked, the token included."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = orjson.dumps({"error": {"message": f"{self.path} {self.headers}", "type": PEOPLE[1], "code": 190}})
            self.send_response(400, f"{PEOPLE[1]} PLANTEDreason")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def postgres_with_password(postgres_server: str, maintenance: psycopg.Connection) -> Iterator[str]:
    """The URL of an empty database, with a password that the server does not ask for."""
    with new_database(postgres_server, maintenance, "template1") as url:
        yield url.replace(":@", ":PLANTEDdatabase@")


@pytest.fixture(scope="module", params=["body, SQLite", "url, PostgreSQL"])
def service(request: pytest.FixtureRequest, new_service: NewService, new_sandbox: NewSandbox, graph: str) -> Service:
    """A service that logs all it can, after webhooks good and bad and answers of Zoho's of every kind.

    It is run with an account of each kind: one that reads bodies, and one to which people go in URLs; and with a
    database of each kind. The lines of a higher level are some of the lines of this one.
    """
    is_first = request.param == "body, SQLite"
    sandbox = new_sandbox(*(() if is_first else ("--parameters-in-url",)))
    database = {} if is_first else {"LEADBRIDGE_DATABASE_URL": request.getfixturevalue("postgres_with_password")}
    service = new_service(
        **{**sandbox.settings, **SECRETS, **SERVICE_SECRETS, **ALARMS, **database},
        LEADBRIDGE_CONSOLE_BIND=f"127.0.0.1:{free_port()}",
        LEADBRIDGE_FETCH_URL=graph,
        LEADBRIDGE_LOCK_SECONDS="1",
        LEADBRIDGE_LOG_LEVEL="debug",
    )
    service.write(**MAPPINGS)
    service.start("serve")
    _good(service)
    _bad(service)
    _broken_off(service)
    _fetched(service)
    _hostile_zoho(service, sandbox)
    return service


def _fetched(service: Service) -> None:
    """An id whose details are asked for, and refused with all that was said."""
    change = {"field": "leadgen", "value": {"leadgen_id": "7", "form_id": "9", "created_time": 1_700_000_000}}
    body = orjson.dumps({"object": "page", "entry": [{"id": "1", "time": 1, "changes": [change]}]})
    digest = hmac.new(SECRETS["META_SECRET"].encode(), body, hashlib.sha256).hexdigest()
    service.post("ads", body, {"X-Hub-Signature-256": f"sha256={digest}"})
    wait_until(lambda: service.lines("fetch.asked"))
    service.get(f"/hooks/ads?hub.mode=subscribe&hub.verify_token={SECRETS['META_VERIFY']}x&hub.challenge=1")


def _good(service: Service) -> None:
    lead = {"email": PEOPLE[0], "name": PEOPLE[3]}
    answers = [
        service.post("header", lead, {"X-Token": SECRETS["HEADER_TOKEN"]}),
        service.post("inside", {**lead, "key": SECRETS["BODY_SECRET"]}),
    ]
    body = orjson.dumps(lead)
    digest = hmac.digest(SECRETS["SIGNING_SECRET"].encode(), body, hashlib.sha256)
    answers.append(service.post("signed", body, {"X-Signature": b64encode(digest).decode()}))
    form = f"email={quote(PEOPLE[1])}&name={PEOPLE[3]}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answers.append(service.post("query?token=" + quote(SECRETS["QUERY_TOKEN"], safe=""), form, headers))
    assert [answer.status for answer in answers] == [202] * 4  # no hook is closed by a mistake in its mapping
    wait_until(lambda: "pending" not in service.delivery_states(PEOPLE[1]))


def _bad(service: Service) -> None:
    eve = {"email": PEOPLE[2], "name": PEOPLE[3]}
    service.post("header", eve, {"X-Token": SECRETS["HEADER_TOKEN"] + " with PLANTEDnoise"})
    service.post("signed", eve, {"X-Signature": SECRETS["SIGNING_SECRET"]})
    service.post("inside", {**eve, "key": "PLANTEDother"})
    service.post(f"query?token={quote(SECRETS['QUERY_TOKEN'])}x&email={PEOPLE[2]}", b"")
    service.post("header", b'{"email": "' + PEOPLE[2].encode() + b'", broken', {"X-Token": SECRETS["HEADER_TOKEN"]})
    service.post("header", {"email": f"{PEOPLE[2]}, {PEOPLE[1]}"}, {"X-Token": SECRETS["HEADER_TOKEN"]})
    service.post(f"no-such-hook?token={quote(SECRETS['QUERY_TOKEN'])}", eve)


def _broken_off(service: Service) -> None:
    """What no HTTP library would send: bytes that are not text, a header without a colon, half a body."""
    address = ("127.0.0.1", int(service.hooks_url.rpartition(":")[2]))
    target = f"/hooks/query?token={SECRETS['QUERY_TOKEN']}&email={PEOPLE[2]}&name=J\xfcrgen"
    for head in (
        f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n",
        f"POST /hooks/header HTTP/1.1\r\nHost: x\r\nX-Token {SECRETS['HEADER_TOKEN']}\r\nContent-Length: 0\r\n",
        f"POST /hooks/header HTTP/1.1\r\nHost: x\r\nX-Token: {SECRETS['HEADER_TOKEN']}\r\nContent-Length: 5, 6\r\n",
    ):
        with socket.create_connection(address, timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(head.encode("latin-1") + b"\r\n")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass


def _hostile_zoho(service: Service, sandbox: Sandbox) -> None:
    """Codes, pages and ends of connections, with a person and a token where they do not belong."""
    for kind in Kind:
        api = "trigger" if kind is Kind.JOURNEY_INACTIVE else "subscribe"  # never the refresh after a token's end
        what = {"code": f"{PEOPLE[1]} PLANTEDcode"} if kind is Kind.ERROR else {}
        sandbox.fault(kind=kind, api=api, count=1, seconds=0.1, **what)
        lead = {"email": PEOPLE[1], "name": f"{PEOPLE[3]} {kind}"}
        service.post("header", lead, {"X-Token": SECRETS["HEADER_TOKEN"]})
        wait_until(lambda: service.leadbridge("release", "--all").returncode < 2 and not sandbox.faults())


def _found(text: str, *planted: str) -> list[str]:
    """Which planted texts stand in a text, written plainly, escaped or encoded; each with where."""
    hits = []
    for one in planted:
        for spelling in {one, quote(one), quote(one, safe=""), b64encode(one.encode()).decode().rstrip("=")}:
            place = text.find(spelling)
            if place >= 0:
                hits.append(f"{one}: ...{text[max(0, place - 80) : place + 20]!r}")
    return hits


def _access_token(service: Service) -> str:
    store = open_outbox(service.settings["LEADBRIDGE_DATABASE_URL"])
    stored = token(store, "default")
    store.close()
    assert stored is not None
    return stored.access


def test_no_log_line_holds_a_secret_or_a_person(service: Service) -> None:
    for run in service.started:
        text = run.output.read_text() + run.errors.read_text()
        assert _found(text, *SECRETS.values(), *PEOPLE, "PLANTED", _access_token(service)) == []


def test_every_line_is_one_json_object_without_control_characters(service: Service) -> None:
    for run in service.started:
        for line in run.output.read_text().splitlines():
            assert isinstance(orjson.loads(line), dict)
            assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/readyz", "/livez"])
def test_no_page_of_the_operator_holds_a_secret_or_a_person(service: Service, path: str) -> None:
    text = service.get(path, admin=True).body.decode()
    assert _found(text, *SECRETS.values(), *PEOPLE, "PLANTED", _access_token(service)) == []


def test_no_answer_to_a_sender_repeats_what_it_sent(service: Service) -> None:
    eve: dict[str, Any] = {"email": PEOPLE[2], "key": SECRETS["BODY_SECRET"] + "x"}
    answers = [
        service.post("header", eve, {"X-Token": SECRETS["HEADER_TOKEN"] + "x"}),
        service.post(f"query?token={quote(SECRETS['QUERY_TOKEN'])}x&email={PEOPLE[2]}", b""),
        service.post("inside", eve),
        service.post("header", b"{" + PEOPLE[2].encode(), {"X-Token": SECRETS["HEADER_TOKEN"]}),
        service.post(f"none?email={PEOPLE[2]}", eve),
    ]
    text = "".join(f"{answer.headers} {answer.body.decode()}" for answer in answers)
    assert _found(text, *SECRETS.values(), *PEOPLE) == []


def test_no_command_prints_a_secret_and_few_print_addresses(service: Service) -> None:
    secrets = (*SECRETS.values(), *SERVICE_SECRETS.values(), ALARM_SECRET, "PLANTED", _access_token(service))
    for command, lines in COMMANDS.items():
        for line in lines:
            ended = service.leadbridge(*line.split())
            text = ended.stdout + ended.stderr
            assert _found(text, *secrets, *(PEOPLE if command in NAMELESS else ())) == [], line
            assert "Traceback" not in text
            assert not ended.stderr.startswith("Usage:"), text  # the line is one that the command takes


def test_no_command_is_left_out() -> None:
    assert {name for group in GROUPS for name in group.commands} == COMMANDS.keys() | ENDLESS | ASKING


def test_no_page_of_a_viewer_holds_a_secret_or_a_person(service: Service, http: Http) -> None:
    address = f"http://{service.settings['LEADBRIDGE_CONSOLE_BIND']}"
    form = {"Sec-Fetch-Site": "same-origin", **ONE_REQUEST}
    for password in (f"{PASSWORD}x", PASSWORD):
        login = {"name": "ada", "password": password}
        entered = http.send("POST", f"{address}/login", form=login, headers=form, deadline_seconds=PATIENCE_SECONDS)
    session = {"Cookie": entered.headers["set-cookie"].partition(";")[0], **ONE_REQUEST}
    seen, to_see = set[str](), ["/"]
    while to_see:
        path = to_see.pop()
        seen.add(path)
        page = http.send("GET", address + path, headers=session, deadline_seconds=PATIENCE_SECONDS)
        text = page.body.decode()
        assert _found(text, *SECRETS.values(), *PEOPLE, "PLANTED") == [], path
        links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)"', text + str(page.headers))}
        to_see += sorted(links - seen - set(to_see))
    assert len(seen) > 15


def test_no_process_shows_a_secret_in_its_title(service: Service) -> None:
    for run in service.started:
        for pid in run.alive():
            title = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
            assert _found(title, *SECRETS.values(), *PEOPLE, "PLANTED") == []


def test_no_table_holds_a_secret_of_a_hook(service: Service) -> None:
    url = service.settings["LEADBRIDGE_DATABASE_URL"]
    if url.startswith("sqlite"):
        pytest.skip("its file is searched whole")
    with psycopg.connect(url) as connection:
        named = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in named:
            rows = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name))).fetchall()
            cells = [cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for row in rows for cell in row]
            assert _found("\n".join(cells), *SECRETS.values(), "PLANTEDdatabase", PASSWORD) == [], name
    assert len(named) > 15


def test_no_file_holds_a_secret_of_a_hook_and_no_other_user_reads_one(service: Service, tmp_path: Path) -> None:
    if not service.settings["LEADBRIDGE_DATABASE_URL"].startswith("sqlite"):
        pytest.skip("the outbox is not in files of this host's")
    backup = tmp_path / "backup.db"
    assert service.leadbridge("backup", str(backup)).returncode == 0
    files = [backup, *(path for path in service.folder.iterdir() if path.name.startswith(service.outbox.name))]
    assert len(files) > 1
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
        if path.is_file():  # the named pipe by which processes wake each other holds nothing
            assert _found(path.read_bytes().decode("latin-1"), *SECRETS.values()) == [], path.name
