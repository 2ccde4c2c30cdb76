"""The settings: defaults, files, and every problem at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.config import SETTINGS, SecretReader, load
from bridge.config.settings_file import with_settings_file
from bridge.errors import SettingsError

ZOHO = {"ZOHO_DATA_CENTER": "eu", "ZOHO_CLIENT_ID": "id", "ZOHO_CLIENT_SECRET": "s", "ZOHO_REFRESH_TOKEN": "r"}


def problems(environ: dict[str, str], *, credentials: bool = False) -> dict[str, str]:
    """The problems by the setting they name: message and fix."""
    with pytest.raises(SettingsError) as caught:
        load(environ, credentials=credentials)
    return {problem.path: f"{problem.message}; {problem.fix}" for problem in caught.value.problems}


def test_nothing_needs_to_be_set_for_receiving() -> None:
    settings = load({})
    assert settings.database_url == "sqlite:///leadbridge.db"
    assert settings.mappings == Path("mappings")
    assert settings.bind == "127.0.0.1:8080"
    assert settings.admin_bind.startswith("127.0.0.1:")


def test_a_data_centre_names_both_hosts() -> None:
    settings = load(ZOHO, credentials=True)
    assert settings.zoho.accounts_url == "https://accounts.zoho.eu"
    assert settings.zoho.api_url == "https://marketingautomation.zoho.eu"


def test_delivering_without_credentials_names_everything_that_is_missing() -> None:
    found = problems({}, credentials=True)
    assert set(found) == {"ZOHO_DATA_CENTER", "ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN"}


def test_both_hosts_can_stand_in_for_the_data_centre() -> None:
    urls = {"ZOHO_ACCOUNTS_URL": "http://127.0.0.1:1/", "ZOHO_API_URL": "http://127.0.0.1:1"}
    rest = {name: value for name, value in ZOHO.items() if name != "ZOHO_DATA_CENTER"}
    assert load(rest | urls, credentials=True).zoho.accounts_url == "http://127.0.0.1:1"


def test_every_wrong_setting_is_reported_at_once() -> None:
    found = problems(
        {
            "LEADBRIDGE_WORKERS": "two",
            "LEADBRIDGE_WINDOW_SECONDS": "-1",
            "LEADBRIDGE_BIND": "8080",
            "LEADBRIDGE_LOG_LEVEL": "loud",
            "LEADBRIDGE_TREADS": "4",
            "ZOHO_DATA_CENTER": "uss",
            "ZOHO_API_URL": "marketingautomation.zoho.com",
            "ZOHO_CLIENTID": "1",
            "LEADBRIDGE_PUBLIC_URL": "hooks.example.com",
            "LEADBRIDGE_DATABASE_URL": "mysql://user:hidden@host/db",
        }
    )
    assert found["LEADBRIDGE_WORKERS"] == "LEADBRIDGE_WORKERS is 'two'; it must be a whole number of at least 1"
    assert found["ZOHO_CLIENTID"].endswith("did you mean ZOHO_CLIENT_ID?")
    assert "must be a web address" in found["LEADBRIDGE_PUBLIC_URL"]
    assert "sqlite:///FILE" in found["LEADBRIDGE_DATABASE_URL"]
    assert "hidden" not in str(found)
    assert found["LEADBRIDGE_TREADS"] == "there is no setting LEADBRIDGE_TREADS; did you mean LEADBRIDGE_THREADS?"
    assert "did you mean us?" in found["ZOHO_DATA_CENTER"]
    assert set(found) >= {"LEADBRIDGE_WINDOW_SECONDS", "LEADBRIDGE_BIND", "LEADBRIDGE_LOG_LEVEL", "ZOHO_API_URL"}


def test_hosts_of_two_data_centres_contradict_each_other() -> None:
    found = problems(ZOHO | {"ZOHO_ACCOUNTS_URL": "https://accounts.zoho.com"})
    assert "data centre 'us', but ZOHO_DATA_CENTER says 'eu'" in found["ZOHO_ACCOUNTS_URL"]


def test_one_address_cannot_serve_hooks_and_health() -> None:
    assert "LEADBRIDGE_ADMIN_BIND" in problems({"LEADBRIDGE_BIND": "127.0.0.1:8081"})


@pytest.mark.parametrize("setting", [setting.name for setting in SETTINGS])
def test_every_setting_may_come_from_a_file(setting: str, tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text("nonsense\n")
    direct = _outcome({setting: "nonsense"})
    assert _outcome({f"{setting}_FILE": str(file)}) == direct
    assert setting in problems({setting: "a", f"{setting}_FILE": str(file)})


def test_a_file_that_cannot_be_read_is_named() -> None:
    assert "'/nowhere/at/all'" in problems({"ZOHO_CLIENT_ID_FILE": "/nowhere/at/all"})["ZOHO_CLIENT_ID_FILE"]


def test_secrets_are_not_in_the_text_of_settings() -> None:
    shown = repr(load(ZOHO | {"ZOHO_CLIENT_SECRET": "hush", "LEADBRIDGE_DATABASE_URL": "postgresql://u:hush@h/d"}))
    assert "hush" not in shown


def test_a_hook_secret_is_read_from_its_name_or_its_file_without_the_white_space_around_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file \r\n")
    (tmp_path / "marked").write_bytes(b"\xef\xbb\xbffrom notepad\r\n")
    (tmp_path / "wide").write_text("from powershell\r\n", encoding="utf-16")
    read = SecretReader(
        {"A": " direct\n", "B_FILE": str(tmp_path / "secret"), "C_FILE": "/nowhere", "D": " \n"}
        | {"E_FILE": str(tmp_path / "marked"), "F_FILE": str(tmp_path / "wide")}
    )
    found = {name: read(name) for name in "ABCDEFG"}
    assert found == {
        "A": "direct",
        "B": "from a file",
        "C": "",
        "D": "",
        "E": "from notepad",
        "F": "from powershell",
        "G": "",
    }


def test_why_there_is_no_secret_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "bytes").write_bytes(b"\xff\x00\xfe")
    read = SecretReader(
        {"A": "a", "B_FILE": "/nowhere", "C_FILE": str(tmp_path / "empty"), "D_FILE": str(tmp_path / "bytes")}
    )
    assert read.why_empty("A") == ""
    assert read.why_empty("B") == "there is no file /nowhere"
    assert read.why_empty("C") == f"{tmp_path / 'empty'} is empty"
    assert read.why_empty("D") == f"{tmp_path / 'bytes'} is not text"
    assert read.why_empty("E") == "E is empty"


@pytest.mark.parametrize(
    "name", ["ZOHO_REFRESH_TOKEN", "ZOHO_ACME_CLIENT_SECRET", "LEADBRIDGE_DATABASE_URL", "PATH", "HOME", "PGPASSWORD"]
)
def test_the_services_own_variables_are_no_secrets_of_mappings(name: str) -> None:
    read = SecretReader({name: "hush"})
    assert read(name) == ""
    assert read.why_empty(name) == f"{name} belongs to the service or its system, and no mapping may read it"


def test_a_prefix_may_be_asked_of_all_secrets_names() -> None:
    read = SecretReader({"LEADBRIDGE_SECRETS_PREFIX": "ACME_", "ACME_FORM": "a", "OTHER": "b"})
    assert (read("ACME_FORM"), read("OTHER")) == ("a", "")
    assert read.why_empty("OTHER") == "OTHER does not start with ACME_, as LEADBRIDGE_SECRETS_PREFIX asks"


def _outcome(environ: dict[str, str]) -> str:
    try:
        settings = load(environ)
    except SettingsError as error:
        return str(error)
    return repr(settings) + repr(settings.database_url) + repr(settings.zoho.client_secret)


def test_what_kubernetes_reports_of_its_services_is_no_setting() -> None:
    assert load({"LEADBRIDGE_DATABASE_PORT": "tcp://10.0.0.1:5432"}).database_url == "sqlite:///leadbridge.db"
    assert "LEADBRIDGE_DATABASE_PORT" in problems({"LEADBRIDGE_DATABASE_PORT": "5432"})


def test_the_folder_of_secrets_is_read_again_for_each_question(tmp_path: Path) -> None:
    read = SecretReader({"LEADBRIDGE_SECRETS": str(tmp_path), "GIVEN": "by the environment"})
    assert read.why_empty("TOKEN") == f"there is no file {tmp_path / 'TOKEN'}"
    assert read.how_to_set("TOKEN") == f"put it into the file {tmp_path / 'TOKEN'}; no restart is needed"
    (tmp_path / "TOKEN").write_text(" first\n")
    (tmp_path / "GIVEN").write_text("by the folder")
    assert (read("TOKEN"), read("GIVEN")) == ("first", "by the environment")
    (tmp_path / "TOKEN").write_text("second\n")
    assert read("TOKEN") == "second"


def test_a_folder_of_links_that_kubernetes_swaps_is_followed(tmp_path: Path) -> None:
    for version in ("1", "2"):
        (tmp_path / f"..{version}").mkdir()
        (tmp_path / f"..{version}" / "TOKEN").write_text(version)
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "TOKEN").symlink_to("..data/TOKEN")
    read = SecretReader({"LEADBRIDGE_SECRETS": str(tmp_path)})
    assert read("TOKEN") == "1"
    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").rename(tmp_path / "..data")
    assert read("TOKEN") == "2"


def test_a_secret_that_anyone_may_write_or_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "OPEN").write_text("x")
    (tmp_path / "OPEN").chmod(0o666)
    (tmp_path / "FOLDER").mkdir()
    os.mkfifo(tmp_path / "PIPE", 0o600)
    read = SecretReader({"LEADBRIDGE_SECRETS": str(tmp_path)})
    assert read.why_empty("OPEN") == f"{tmp_path / 'OPEN'} can be written by anyone: chmod o-w"
    assert [read.why_empty(name) for name in ("FOLDER", "PIPE")] == [
        f"{tmp_path / name} is not a file" for name in ("FOLDER", "PIPE")
    ]


def test_the_environment_wins_over_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("leadbridge.env").write_text(
        "# a comment\nLEADBRIDGE_BIND=127.0.0.1:1\nZOHO_CLIENT_ID=file\n"
        "export TOKEN='quoted # text'\nZOHO_REFRESH_TOKEN=x\n"
    )
    found = with_settings_file({"LEADBRIDGE_BIND": "127.0.0.1:2", "ZOHO_REFRESH_TOKEN_FILE": "/there"})
    assert found["LEADBRIDGE_BIND"] == "127.0.0.1:2"
    assert (found["ZOHO_CLIENT_ID"], found["TOKEN"]) == ("file", "quoted # text")
    assert "ZOHO_REFRESH_TOKEN" not in found  # the environment gives it in the other form
    assert with_settings_file({"LEADBRIDGE_SETTINGS": ""}) == {"LEADBRIDGE_SETTINGS": ""}


def test_paths_in_a_settings_file_start_at_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "leadbridge.env"
    file.write_text("LEADBRIDGE_SECRETS=secrets\nZOHO_CLIENT_ID_FILE=id.txt\nZOHO_CA_BUNDLE=/etc/ca.pem\n")
    found = with_settings_file({"LEADBRIDGE_SETTINGS": str(file)})
    settings = load({**found, "ZOHO_CLIENT_ID_FILE": ""})
    assert settings.mappings == tmp_path / "mappings"
    assert settings.database_url == f"sqlite:///{tmp_path}/leadbridge.db"
    assert found["LEADBRIDGE_SECRETS"] == str(tmp_path / "secrets")
    assert found["ZOHO_CLIENT_ID_FILE"] == str(tmp_path / "id.txt")
    assert found["ZOHO_CA_BUNDLE"] == "/etc/ca.pem"


def test_every_bad_line_of_a_settings_file_is_reported_and_none_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "leadbridge.env"
    file.write_text("ZOHO_CLIENT_SECRET hidden\nLEADBRIDGE_BIND=127.0.0.1:1\nZOHO_CLIENT_ID=hid\0den\n'hidden\n")
    with pytest.raises(SettingsError) as caught:
        with_settings_file({"LEADBRIDGE_SETTINGS": str(file)})
    assert [problem.line for problem in caught.value.problems] == [1, 3, 4]
    assert "hid" not in str(caught.value.problems)
    with pytest.raises(SettingsError, match="cannot be read"):
        with_settings_file({"LEADBRIDGE_SETTINGS": str(tmp_path / "nowhere.env")})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("leadbridge_workers", "LEADBRIDGE_WORKERS"),
        ("WORKERS", "LEADBRIDGE_WORKERS"),
        ("Database-Url", "LEADBRIDGE_DATABASE_URL"),
        ("zoho.client_id", "ZOHO_CLIENT_ID"),
        ("zoho_client_secret_file", "ZOHO_CLIENT_SECRET_FILE"),
    ],
)
def test_a_setting_without_prefix_or_capitals_is_not_passed_over(tmp_path: Path, written: str, meant: str) -> None:
    file = tmp_path / "leadbridge.env"
    file.write_text(f"FORM_SECRET=hidden\n{written}=hidden\n")
    with pytest.raises(SettingsError) as caught:
        with_settings_file({"LEADBRIDGE_SETTINGS": str(file)})
    (problem,) = caught.value.problems
    assert (problem.line, problem.fix) == (2, f"write {meant}=...")
    assert "hidden" not in str(problem)
    file.write_text(f"FORM_SECRET=hidden\n{meant}=2\n")
    assert with_settings_file({"LEADBRIDGE_SETTINGS": str(file)})["FORM_SECRET"] == "hidden"


def alarm_problems(**settings: str) -> dict[str, str]:
    named = {f"LEADBRIDGE_ALARM_{name.upper()}": text for name, text in settings.items()}
    return {path.removeprefix("LEADBRIDGE_ALARM_"): text for path, text in problems(named).items()}


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"webhook_url": "https://ops.example.com/a"}, "WEBHOOK_SECRET"),
        ({"webhook_secret": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}, "WEBHOOK_URL"),
        ({"webhook_url": "https://ops.example.com/a", "webhook_secret": "whsec_c2VjcmV0"}, "WEBHOOK_SECRET"),
        ({"webhook_url": "https://ops.example.com/a", "webhook_secret": "private text"}, "WEBHOOK_SECRET"),
        ({"slack_url": "hooks.example.com/private"}, "SLACK_URL"),
        ({"slack_url": "https://[private"}, "SLACK_URL"),
        ({"teams_url": "https:///private"}, "TEAMS_URL"),
        ({"mail_server": "smtp://user:private@:587"}, "MAIL_SERVER"),
        ({"mail_server": "smtp://user:private@host:port"}, "MAIL_SERVER"),
        ({"mail_server": "private.example.com"}, "MAIL_SERVER"),
        ({"mail_server": "smtp+plain://user:private@mail.example.com"}, "MAIL_SERVER"),
        ({"mail_from": "private"}, "MAIL_FROM"),
        ({"mail_from": "a@example.com, private@example.com"}, "MAIL_FROM"),
        ({"mail_to": "a@example.com,private"}, "MAIL_TO"),
        ({"mail_server": "smtp://mail.example.com"}, "MAIL_TO"),
        ({"severity": "page"}, "SEVERITY"),
        ({"private": "yes"}, "PRIVATE"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_wrong_alarm_channel_is_named_without_its_secret(settings: dict[str, str], path: str) -> None:
    found = alarm_problems(**settings)
    assert path in found
    assert "private" not in "".join(found.values()).replace("PRIVATE", "")


def test_a_mail_server_has_the_usual_port_and_a_decoded_password() -> None:
    mail = {"MAIL_FROM": "bridge@example.com", "MAIL_TO": "a@example.com, b@example.com"}
    for url, expected in (
        ("smtp://ada%40example.com:p%3Aw@mail.example.com", ("smtp", 587, "ada@example.com", "p:w")),
        ("smtps://mail.example.com", ("smtps", 465, "", "")),
        ("smtp+plain://mail.example.com:2525", ("smtp+plain", 2525, "", "")),
    ):
        named = {f"LEADBRIDGE_ALARM_{name}": text for name, text in (mail | {"MAIL_SERVER": url}).items()}
        alarms = load(named).alarms
        server = alarms.mail_server
        assert server is not None
        assert (server.scheme, server.port, server.user, server.password) == expected
        assert alarms.mail_to == ("a@example.com", "b@example.com")
        assert "p:w" not in repr(load(named))
