"""Virtual environments of the checkout: made once, installed into only when pyproject.toml has changed.

Rule 1: what was installed is remembered by a stamp in the environment (a hash of what pip reads of
pyproject.toml, the Python, and the extras). Rule 2: everything said here goes to standard error.
Rule 3: pip runs with the caller's environment and so follows its PIP_* settings.
"""

import hashlib
import importlib.util
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = "edgelearn-installed.json"


class VenvError(Exception):
    """An environment that cannot be made; one sentence that says what to do."""


def inside(name: str) -> bool:
    """Say whether this Python is the one of the environment ``name`` at the root of the checkout."""
    return Path(sys.prefix).resolve() == (ROOT / name).resolve()


def ensure(name: str, extra: str) -> Path:
    """Return the Python of the environment, made and installed with an extra of the package.

    Raises VenvError when Python's venv module is missing, or venv or pip fail.
    """
    venv = ROOT / name
    python = venv / "bin" / "python"
    extras = installed(venv, digest(ROOT / "pyproject.toml", python))
    if extra in extras:
        return python
    if not _has_pip(python):  # none yet, or its making was interrupted, or the system's Python was upgraded
        _make(venv)
    wanted = sorted({*extras, extra})
    _install(python, wanted)
    stamp = {"digest": digest(ROOT / "pyproject.toml", python), "extras": wanted}
    (venv / STAMP).write_text(json.dumps(stamp))
    return python


def installed(venv: Path, digest: str) -> list[str]:
    """Return the extras that were installed under this digest."""
    try:
        stamp = json.loads((venv / STAMP).read_text())
    except (OSError, json.JSONDecodeError):
        return []
    return list(stamp["extras"]) if stamp["digest"] == digest else []


def digest(pyproject: Path, python: Path) -> str:
    """Hash what pip reads, and which Python it is: settings of a linter must not cause an installation."""
    content = tomllib.loads(pyproject.read_text())
    read_by_pip = [content.get("build-system"), content.get("project"), str(python.resolve())]
    return hashlib.sha256(json.dumps(read_by_pip, sort_keys=True).encode()).hexdigest()


def _has_pip(python: Path) -> bool:
    if not python.exists():
        return False
    return (
        subprocess.run([str(python), "-c", "import pip"], stderr=subprocess.DEVNULL, check=False).returncode
        == 0
    )


def _make(venv: Path) -> None:
    missing = [module for module in ("venv", "ensurepip") if importlib.util.find_spec(module) is None]
    if missing:
        raise VenvError(
            f"Python's {missing[0]} module is missing; on Debian and Ubuntu: sudo apt install python3-venv, "
            "then run the same command again"
        )
    _say(f"making {venv.name}")
    _call([sys.executable, "-m", "venv", "--clear", str(venv)], "the virtual environment could not be made")


def _install(python: Path, extras: list[str]) -> None:
    names = ",".join(extras)
    _say(f"installing edgelearn[{names}] into {python.parent.parent.name} (minutes, the first time)")
    target = f"{ROOT}[{names}]"
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--editable", target]
    _call(pip, "pip could not install what is needed (its reason is above)")


def _call(command: list[str], failure: str) -> None:
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise VenvError(failure)


def _say(text: str) -> None:
    print(f"tools: {text}", file=sys.stderr, flush=True)
