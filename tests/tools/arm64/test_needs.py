"""What the command refuses, in a sentence that says what to do."""

import os
import platform
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tools import _run
from tools.arm64 import command, needs
from tools.arm64.needs import Arm64Error


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return a machine that has everything."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")
    return monkeypatch


def test_a_machine_that_has_everything_is_told_where_qemu_is(machine: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    assert needs.check() == "/usr/bin/qemu-aarch64-static"


@pytest.mark.parametrize(
    ("owner", "name", "value", "sentence"),
    [
        (sys, "platform", "darwin", "needs Linux"),
        (platform, "machine", lambda: "aarch64", "python3 -m tools test"),
        (os, "geteuid", lambda: 1000, "with sudo"),
    ],
)
def test_another_machine_or_user_is_refused(
    machine: pytest.MonkeyPatch, owner: object, name: str, value: object, sentence: str
) -> None:
    machine.setattr(owner, name, value)
    with pytest.raises(Arm64Error, match=sentence):
        needs.check()


def test_missing_programs_are_named_with_the_line_that_installs_them(machine: pytest.MonkeyPatch) -> None:
    absent = {"debootstrap", "qemu-aarch64-static", "unshare", "setpriv"}
    machine.setattr(shutil, "which", lambda program: None if program in absent else f"/usr/bin/{program}")
    with pytest.raises(Arm64Error, match="sudo apt install debootstrap qemu-user-static util-linux, then"):
        needs.check()


def test_the_command_refuses_with_one_sentence(
    machine: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.setattr(os, "geteuid", lambda: 1000)
    machine.setattr(signal, "signal", lambda *_: None)
    assert command.main([]) == 1
    refused = capsys.readouterr()
    assert refused.err.startswith("tools arm64: chroot and mounts need root")
    assert (refused.out, refused.err.count("\n")) == ("", 1)


def test_it_is_in_the_table_of_commands() -> None:
    assert _run.COMMANDS["arm64"].module == "arm64.command"


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LOCK", tmp_path / "lock")
    with command._alone(), pytest.raises(Arm64Error, match="another run"), command._alone():
        pass
    with command._alone():
        pass
