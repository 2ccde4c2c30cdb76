"""`action.yml`: its last step, run by a shell as GitHub's runner does, over good mappings and over a bad one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def checked(mappings: Path) -> subprocess.CompletedProcess[str]:
    """The step that checks, with no secret, no account and no settings, as in a pipeline."""
    step = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"][-1]
    assert step["env"] == {"MAPPINGS": "${{ inputs.path }}"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    environ = {"PATH": path, "MAPPINGS": mappings.name}
    return subprocess.run(command, cwd=mappings.parent, env=environ, capture_output=True, text=True, check=False)


def test_the_action_passes_good_mappings_and_annotates_the_line_of_a_bad_one(tmp_path: Path) -> None:
    mappings = tmp_path / "mappings"
    shutil.copytree(ROOT / "examples", mappings)
    good = checked(mappings)
    assert good.returncode == 0, good.stderr
    assert "::" not in good.stdout
    (mappings / "tally.yaml").write_text((mappings / "tally.yaml").read_text().replace("subscribe:", "subscrbe:"))
    bad = checked(mappings)
    assert bad.returncode == 1
    (line,) = [text for text in bad.stdout.splitlines() if text.startswith("::")]
    assert line.startswith("::error file=mappings/tally.yaml,line=")
    assert "did you mean 'subscribe'?" in line
