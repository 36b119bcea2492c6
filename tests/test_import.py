"""What ``import edgelearn`` costs and offers."""

import subprocess
import sys

import edgelearn

HEAVY = ["PIL", "click", "matplotlib", "numba", "onnx", "onnxruntime", "rich", "safetensors"]
HEAVY += ["scipy", "serial", "sklearn", "sqlite3", "torch"]


def run(*arguments):
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_brings_nothing_heavy():
    code = f"import sys, edgelearn; print([m for m in {HEAVY} if m in sys.modules])"
    assert run("-c", code).strip() == "[]"


def test_every_public_name_loads_on_first_use():
    code = "import edgelearn; print(all(getattr(edgelearn, name) is not None for name in edgelearn.__all__))"
    assert run("-c", code).strip() == "True"
    assert len(edgelearn.__all__) <= 25
    assert set(edgelearn.__all__) <= set(dir(edgelearn))
    assert not hasattr(edgelearn, "no_such_name")


def test_naming_a_class_compiles_nothing():
    code = "import sys; from edgelearn import Learner, SLDA, Store; print('numba' in sys.modules)"
    assert run("-c", code).strip() == "False"


def test_export_is_reached_by_name_and_compiles_nothing():
    code = (
        "import sys, edgelearn; before = 'edgelearn.export' in sys.modules; edgelearn.export.to_c; "
        "print(before, [m for m in ('numba', 'serial', 'onnxruntime') if m in sys.modules])"
    )
    assert run("-c", code).strip() == "False []"
    assert "export" in dir(edgelearn)


def test_help_is_help():
    told = run("-m", "edgelearn", "--help")
    for command in ("bench", "demo", "inspect", "cut", "eval", "run", "state", "doctor"):
        assert command in told
