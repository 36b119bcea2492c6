"""The environment of the peers, beside the one of the project: ``.venv-bench`` at the root of the checkout."""

import hashlib
import subprocess
import sys
from pathlib import Path

from tools._venv import ROOT

VENV = ROOT / ".venv-bench"
PEERS = ("torch==2.13.0", "avalanche-lib==0.6.0", "snntorch==1.0.0")  # one pip command: all take this torch
ALONE = ("bindsnet==0.2.7",)  # without what they depend on: gym and OpenCV, which nothing measured needs
STAMP = VENV / "bench-installed"


class PeersError(Exception):
    """The peers cannot be installed; one sentence that says why."""


def ensure() -> Path:
    """Return the Python that has edgelearn and its peers, made and installed on the first call."""
    python = VENV / "bin" / "python"
    wanted = hashlib.sha256(
        "\n".join(PEERS + ALONE).encode() + (ROOT / "pyproject.toml").read_bytes()
    ).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted and python.exists():
        return python
    print("bench: installing the peers into .venv-bench (minutes, the first time)", file=sys.stderr)
    if not python.exists():
        _call([sys.executable, "-m", "venv", "--clear", str(VENV)])
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    _call([*pip, *PEERS, "--editable", str(ROOT)])
    _call([*pip, "--no-deps", *ALONE])
    STAMP.write_text(wanted)
    return python


def _call(command: list[str]) -> None:
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise PeersError(f"the peers could not be installed: {' '.join(command[:4])} … failed (see above)")
