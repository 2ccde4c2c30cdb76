"""Which files others on this host can read."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from bridge.config import SecretReader, exposure
from bridge.config.exposure import is_exposed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def open_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that everybody can pass, as are all above it: those of pytest are not."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "mounts").write_text("/dev/sda / ext4 rw 0 0\n")
        monkeypatch.setattr(exposure, "MOUNTS", folder / "mounts")
        yield folder


def test_a_file_is_exposed_where_everybody_can_read_it_and_reach_it(open_folder: Path) -> None:
    secret = open_folder / "TOKEN"
    secret.write_text("value")
    secret.chmod(0o640)
    assert not is_exposed(secret)
    secret.chmod(0o644)
    assert is_exposed(secret)
    open_folder.chmod(0o750)
    assert not is_exposed(secret)
    assert not is_exposed(open_folder / "nowhere")


def test_what_a_container_gets_in_memory_is_not_exposed(open_folder: Path) -> None:
    secret = open_folder / "TOKEN"
    secret.write_text("value")
    secret.chmod(0o444)
    exposure.MOUNTS.write_text(f"/dev/sda / ext4 rw 0 0\ntmpfs {open_folder} tmpfs ro 0 0\n")
    assert not is_exposed(secret)


def test_the_reader_names_the_exposed_file_of_a_secret(open_folder: Path) -> None:
    (open_folder / "TOKEN").write_text("value")
    (open_folder / "TOKEN").chmod(0o644)
    reader = SecretReader({"LEADBRIDGE_SECRETS": str(open_folder)})
    assert reader.exposed_file("TOKEN") == str(open_folder / "TOKEN")
    assert reader.exposed_file("OTHER") == ""
    assert SecretReader({"TOKEN": "value", "LEADBRIDGE_SECRETS": str(open_folder)}).exposed_file("TOKEN") == ""
