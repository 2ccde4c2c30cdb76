"""The console's settings: off unless set, closed until somebody may enter, and never in the open by accident."""

from __future__ import annotations

import pytest

from bridge import config
from bridge.errors import SettingsError
from bridge.model import Role

HASH = "scrypt:32768:8:1$salt$0123"
ADA = f"ada:operator:{HASH}"
BIND, URL = "LEADBRIDGE_CONSOLE_BIND", "LEADBRIDGE_CONSOLE_URL"
USERS, HEADER = "LEADBRIDGE_CONSOLE_USERS", "LEADBRIDGE_CONSOLE_USER_HEADER"


def problems(**environ: str) -> list[str]:
    """The settings that are wrong."""
    try:
        config.load(environ)
    except SettingsError as error:
        return [problem.path for problem in error.problems]
    return []


def test_there_is_no_console_unless_it_has_an_address() -> None:
    assert config.load({USERS: ADA}).console is None


def test_users_have_names_roles_and_perhaps_a_password() -> None:
    text = f"# who\n{ADA}\n\n grace@example.com : viewer \n*:viewer\nroot:admin:pbkdf2:sha256:1$a$b"
    console = config.load({BIND: "127.0.0.1:8082", USERS: text}).console
    assert console is not None
    assert {user.name: (user.role, user.password_hash) for user in console.users.values()} == {
        "ada": (Role.OPERATOR, HASH),
        "grace@example.com": (Role.VIEWER, ""),
        "*": (Role.VIEWER, ""),
        "root": (Role.ADMIN, "pbkdf2:sha256:1$a$b"),
    }
    assert HASH not in repr(console)


@pytest.mark.parametrize(
    "line",
    ["ada", "ada:", "ada:boss", "ada:operator:plain-password", f":admin:{HASH}", f"*:admin:{HASH}", f"{ADA}\n{ADA}"],
)
def test_a_line_that_is_no_user_is_a_problem_that_does_not_repeat_it(line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        config.load({BIND: "127.0.0.1:8082", USERS: line})
    (problem,) = caught.value.problems
    assert problem.path == USERS
    assert "plain-password" not in f"{problem.message}{problem.fix}{problem.value}"


@pytest.mark.parametrize("bind", ["0.0.0.0:8082", "[::]:8082", "192.0.2.1:8082", "ops.example.com:8082"])
def test_an_address_beyond_this_host_needs_users_and_an_https_url(bind: str) -> None:
    assert problems(**{BIND: bind}) == [USERS, URL]
    assert problems(**{BIND: bind, USERS: "ada:admin", URL: "https://ops.example.com"}) == [USERS]
    assert problems(**{BIND: bind, USERS: ADA}) == [URL]
    assert problems(**{BIND: bind, USERS: ADA, URL: "http://ops.example.com"}) == [URL]
    assert problems(**{BIND: bind, USERS: ADA, URL: "https://ops.example.com/leadbridge/"}) == []
    assert problems(**{BIND: bind, HEADER: "X-Forwarded-User", URL: "https://ops.example.com"}) == []
    assert problems(**{BIND: bind, USERS: ADA, URL: "http://127.0.0.1:8082"}) == []  # published on loopback


@pytest.mark.parametrize("bind", ["127.0.0.1:8082", "localhost:8082", "[::1]:8082", "127.8.8.8:1"])
def test_on_this_host_a_console_may_start_closed(bind: str) -> None:
    console = config.load({BIND: bind}).console
    assert console is not None
    assert not console.is_open
    assert not console.is_https


@pytest.mark.parametrize(
    "url", ["ops.example.com", "https://", "https://ops.example.com/?a=b", "ftp://ops.example.com"]
)
def test_a_url_that_no_browser_opens_is_a_problem(url: str) -> None:
    assert problems(**{BIND: "127.0.0.1:8082", URL: url}) == [URL]


def test_the_console_has_an_address_of_its_own() -> None:
    assert problems(**{BIND: "127.0.0.1:8081"}) == [BIND]
    assert problems(**{BIND: "8082"}) == [BIND]


@pytest.mark.parametrize(("url", "prefix"), [("https://a.example/", ""), ("https://a.example/x/y/", "/x/y"), ("", "")])
def test_the_path_of_the_url_is_the_prefix(url: str, prefix: str) -> None:
    console = config.load({BIND: "127.0.0.1:8082", URL: url}).console
    assert console is not None
    assert console.prefix == prefix
