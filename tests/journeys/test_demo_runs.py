"""`make demo`, as a newcomer runs it: every fact as expected, exit 0."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.full
def test_the_demo_tells_its_story(tmp_path: Path) -> None:
    """All scenes through real processes."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "deploy.demo.run", "--folder", str(tmp_path / "demo-run")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=540)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
