"""The deployment files, read by the tools they are written for, and what an accident with them has taught."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from .conftest import DEPLOY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Run

Made = dict[tuple[str, str], list[dict[str, Any]]]
OVERLAYS = ("sqlite", "postgres", "sqlite-console", "postgres-console")
COMPOSE = ("sqlite", "postgres")


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def _pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((DEPLOY / "kubernetes").rglob("*.yaml")):
        for content in yaml.safe_load_all(path.read_text()):
            if content.get("kind") == "Deployment" and "selector" in content["spec"]:
                yield path.name, content["spec"]["template"]["spec"]


def test_promtool_takes_the_rules_and_their_cases_hold(run: Run) -> None:
    checked = run("promtool", "test", "rules", DEPLOY / "prometheus/alerts_test.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    config = run("promtool", "check", "config", DEPLOY / "prometheus/prometheus.yaml")
    assert config.returncode == 0, config.stdout + config.stderr


def test_nginx_takes_the_file_for_one_host(run: Run, tmp_path: Path) -> None:
    made = run(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=hooks.example.com",
        "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    text = (DEPLOY / "nginx/leadbridge.conf").read_text()
    text = text.replace("/etc/letsencrypt/live/hooks.example.com/fullchain.pem", str(tmp_path / "cert.pem"))
    text = text.replace("/etc/letsencrypt/live/hooks.example.com/privkey.pem", str(tmp_path / "key.pem"))
    text = text.replace("/etc/letsencrypt/live/ops.example.com/fullchain.pem", str(tmp_path / "cert.pem"))
    text = text.replace("/etc/letsencrypt/live/ops.example.com/privkey.pem", str(tmp_path / "key.pem"))
    text = text.replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "site.conf").write_text(text)
    whole = f"pid {tmp_path}/pid; events {{}}\nhttp {{ include {tmp_path}/site.conf; }}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    tested = run("nginx", "-t", "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log")
    assert tested.returncode == 0, tested.stderr


@pytest.mark.parametrize("name", ["leadbridge.conf", "compose.conf"])
def test_no_proxy_takes_a_server_out_for_one_hook_or_logs_a_query(name: str) -> None:
    text = (DEPLOY / "nginx" / name).read_text()
    assert "max_fails=0" in text
    assert " crit;" in text.partition("error_log")[2].partition("\n")[0]
    assert "$request " not in text
    assert "$args" not in text.replace("($request, $args)", "")


def test_systemd_takes_the_unit_and_finds_little_exposed(run: Run, tmp_path: Path) -> None:
    text = (DEPLOY / "systemd/leadbridge.service").read_text().replace("/opt/leadbridge/bin/leadbridge", sys.executable)
    (tmp_path / "leadbridge.service").write_text(text)
    verified = run("systemd-analyze", "verify", tmp_path / "leadbridge.service")
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = run("systemd-analyze", "security", "--offline=true", "--threshold=15", tmp_path / "leadbridge.service")
    assert judged.returncode == 0, judged.stdout.splitlines()[-1:]


def test_systemd_takes_the_timer_of_backups(run: Run, tmp_path: Path) -> None:
    for name in ("leadbridge-backup.service", "leadbridge-backup.timer"):
        (tmp_path / name).write_text((DEPLOY / "systemd" / name).read_text())
    verified = run("systemd-analyze", "verify", tmp_path / "leadbridge-backup.timer")
    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_backup_of_the_unit_is_written_under_a_dated_name(tmp_path: Path) -> None:
    unit = (DEPLOY / "systemd/leadbridge-backup.service").read_text()
    (command,) = re.findall(r"^ExecStart=/bin/sh -c '(.*)'$", unit, re.MULTILINE)
    command = (
        command.replace("$$", "$")
        .replace("%%", "%")
        .replace("/opt/leadbridge/bin/leadbridge", f"{sys.executable} -m bridge")
    )
    (tmp_path / "backups").mkdir()
    for arguments in (f"{sys.executable} -m bridge migrate", command):
        done = subprocess.run(["/bin/sh", "-c", arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert [bool(re.fullmatch(r"leadbridge-[-0-9]+\.db", path.name)) for path in (tmp_path / "backups").iterdir()] == [
        True
    ]


COMPONENTS = "components: [../../components/ingress, ../../components/podmonitor]\n"


@pytest.fixture(scope="module")
def made(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """What `kubectl kustomize` makes of each overlay, with nothing more and with the components: its objects."""
    folder = tmp_path_factory.mktemp("kubernetes") / "kubernetes"
    shutil.copytree(DEPLOY / "kubernetes", folder)
    found = {}
    for name, more in product(OVERLAYS, ("", COMPONENTS)):
        own = folder / "overlays" / name / "kustomization.yaml"
        text = own.read_text()
        own.write_text(text + more)
        built = run(Path(sys.executable).with_name("kubectl"), "kustomize", own.parent)
        own.write_text(text)  # an overlay may build on another
        assert built.returncode == 0, built.stderr
        found[name, more] = list(yaml.safe_load_all(built.stdout))
    return found


def test_kubernetes_takes_what_overlays_make(made: Made, run: Run, tmp_path: Path) -> None:
    files = []
    for (name, more), objects in made.items():
        files.append(tmp_path / f"{name}{'-with-components' if more else ''}.yaml")
        known = [one for one in objects if one["kind"] != "PodMonitor"]  # the operator's own: no schema has it
        files[-1].write_text(yaml.safe_dump_all(known))
    judged = run(Path(sys.executable).with_name("kubernetes-validate"), "--strict", *files)
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_ingress_and_a_pod_monitor_find_what_an_overlay_makes(overlay: str, made: Made) -> None:
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for one in made[overlay, COMPONENTS]:
        by_kind[one["kind"]].append(one)
    (monitor,) = by_kind["PodMonitor"]
    (ingress,) = by_kind["Ingress"]
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    services = {one["metadata"]["name"]: {port["name"] for port in one["spec"]["ports"]} for one in by_kind["Service"]}
    assert backend["port"]["name"] in services[backend["name"]]
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    for template in (one["spec"]["template"] for one in by_kind["Deployment"]):
        assert monitor["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        ports = {port["name"] for one in template["spec"]["containers"] for port in one.get("ports", ())}
        assert endpoint["port"] in ports or ports == {"console"}  # which has no metrics


@pytest.mark.parametrize(("name", "pod"), list(_pods()))
def test_every_pod_is_restricted(name: str, pod: dict[str, Any]) -> None:
    """The Pod Security level `restricted`, https://kubernetes.io/docs/concepts/security/pod-security-standards/."""
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert {"startupProbe", "livenessProbe"} <= container.keys()


@pytest.mark.parametrize(("name", "pod"), list(_pods()))
def test_every_pod_has_the_mappings(name: str, pod: dict[str, Any]) -> None:
    """A deliverer without them never completes the events of senders that send ids only."""
    for container in pod["containers"]:
        assert "/mappings" in [mount["mountPath"] for mount in container["volumeMounts"]]


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_takes_the_file(name: str, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "compose"
    folder.mkdir()
    for path in (DEPLOY / "compose").iterdir():
        (folder / path.name.removesuffix(".example")).write_text(path.read_text())
    for secret in ("database_url.txt", "postgres_password.txt"):
        (folder / secret).touch()
    composed = run(Path(sys.executable).with_name("docker-compose"), "-f", folder / f"{name}.yaml", "config", "-q")
    assert (composed.returncode, composed.stderr) == (0, "")


@pytest.mark.parametrize("name", COMPOSE)
def test_every_container_of_ours_is_bounded_and_without_rights(name: str) -> None:
    services = _yaml(DEPLOY / "compose" / f"{name}.yaml")["services"]
    ours = [service for service in services.values() if service["image"] == "leadbridge"]
    assert ours
    for service in ours:
        assert (service["read_only"], service["init"], service["cap_drop"]) == (True, True, ["ALL"])
        assert {"mem_limit", "pids_limit", "logging", "stop_grace_period"} <= service.keys()
        assert "./mappings:/mappings:ro" in service["volumes"]


def test_the_image_is_built_from_what_the_docker_context_has() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (DEPLOY.parent / "Dockerfile").read_text(), re.MULTILINE)
    context = re.findall(r"^!(.*)$", (DEPLOY.parent / ".dockerignore").read_text(), re.MULTILINE)
    assert sorted(" ".join(copied).split()) == sorted(context)


def test_a_receiver_on_postgresql_never_falls_back_to_a_file_in_its_container() -> None:
    services = _yaml(DEPLOY / "compose/postgres.yaml")["services"]
    for service in (services["receiver"], services["deliverer"]):
        assert service["environment"]["LEADBRIDGE_DATABASE_URL_FILE"] == "/run/secrets/database_url"
        assert "/data" not in service["tmpfs"]
    assert "LEADBRIDGE_DATABASE_URL=" not in (DEPLOY.parent / "Dockerfile").read_text()


def test_a_command_next_to_the_unit_has_its_settings_and_secrets(tmp_path: Path) -> None:
    unit = (DEPLOY / "systemd/leadbridge.service").read_text()
    script = (DEPLOY / "systemd/leadbridge-command").read_text()
    for active in re.findall(
        r"^((?:Environment|EnvironmentFile|LoadCredential|DynamicUser|StateDirectory)=.*)$", unit, re.M
    ):
        assert f"-p {active}" in script or active == "Environment=ZOHO_REFRESH_TOKEN_FILE=%d/zoho_refresh_token"
    (tmp_path / "systemd-run").write_text('#!/bin/sh\nwhile [ "$1" != /bin/sh ]; do shift; done\nexec "$@"\n')
    (tmp_path / "systemd-run").chmod(0o755)
    (tmp_path / "product").write_text('#!/bin/sh\nprintf "%s\\n" "$ZOHO_REFRESH_TOKEN_FILE" "$@"\n')
    (tmp_path / "product").chmod(0o755)
    (tmp_path / "command").write_text(script.replace("/opt/leadbridge/bin/leadbridge", str(tmp_path / "product")))
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "CREDENTIALS_DIRECTORY": "/run/credentials/one"}
    done = subprocess.run(
        ["/bin/sh", str(tmp_path / "command"), "show", "a b"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["/run/credentials/one/zoho_refresh_token", "show", "a b"], done.stderr
