"""Checks of what a device learns, keeps and refuses; `devices` lists them."""

import zlib

import numpy as np

from edgelearn import export
from edgelearn.emulator.boards.heads import Head
from edgelearn.testing.device_bench import Device, expect, predicted, same, same_state, sample, taught
from edgelearn.testing.device_host import Host
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import PROTO_MAX, PROTO_MIN, RESETS, ROLE_DEVICE

SAMPLES = 24


def introduces_itself(device: Device, rng: np.random.Generator) -> None:  # noqa: ARG001 (one signature for all)
    host, model = device.host(), device.model()
    hello, place = host.hello, export.describe(device.head)
    expect(hello.role == ROLE_DEVICE and hello.boot != 0, "HELLO says that it is a device, and of which boot")
    expect(
        (hello.proto_min, hello.proto_max) == (PROTO_MIN, PROTO_MAX), "HELLO names the protocol's versions"
    )
    expect(
        hello.mtu >= 72 and hello.rx_buffer > 0 and hello.tick_hz > 0, "HELLO names MTU, credits and clock"
    )
    expect(
        hello.layout == place.number, f"HELLO.layout is that of {place.text!r}; give head= if it has another"
    )
    wanted = (place.rule, place.kind, model.n_pre, model.n_post)
    expect((hello.rule, hello.number, hello.n_pre, hello.n_post) == wanted, "HELLO says what its head is")
    times = []
    for token in (7, 8):
        host.link.note(m.TimeRequest(token))
        reply = host.until(host.time_reply, "a TIME_REQUEST is answered")
        expect(reply.token == token, "TIME_REPLY has the token of its request")
        times.append(reply.device_us)
    expect(times[0] < times[1], "the device's time goes on")
    host.close()


def learns(device: Device, rng: np.random.Generator) -> None:
    host, model = device.host(), device.model()
    same_state(host, model, "at the start")
    predicted(host, model, sample(model, rng))
    taught(host, model, rng, SAMPLES)
    same_state(host, model, f"after {SAMPLES} samples")
    x = sample(model, rng)
    predicted(host, model, x)
    predicted(host, model, x)  # predicting changes nothing
    same(host.code(m.LearnLast, 0), model.learn(x, 0), "LEARN_LAST")
    same_state(host, model, "after LEARN_LAST")
    host.code(m.Reset, RESETS["learned"])
    same_state(host, device.model(), "after RESET(learned)")
    host.close()


def refuses(device: Device, rng: np.random.Generator) -> None:
    host, model = device.host(), device.model()
    taught(host, model, rng, 2)
    x = sample(model, rng)
    data = x.astype(model.dtype).tobytes()
    unit = np.dtype(model.dtype).itemsize
    for short in (data[:-unit], data + data[:unit], data[:-1]):
        for kind, head in ((m.Predict, ()), (m.Learn, (0,))):
            code = host.code(kind, *head, short)
            expect(code == ("SHAPE", model.n_pre), f"{len(short)} bytes of x are refused SHAPE, not {code}")
    for value in (np.nan, np.inf, -1000.0, 1000.0) if model.dtype == "<f4" else ():
        bad = x.copy()
        bad[-1] = value
        same(host.code(m.Predict, bad.tobytes()), model.predict(bad), f"PREDICT of {value}")
        same(host.code(m.Learn, 0, bad.tobytes()), model.learn(bad, 0), f"LEARN of {value}")
    for label in (-1, model.n_post, 32767, -32768):
        same(host.code(m.Learn, label, data), model.learn(x, label), f"LEARN as class {label}")
    predicted(host, model, x)
    same(host.code(m.Reward, float("nan")), model.reward(x, float("nan")), "REWARD of NaN")
    expect(host.code(m.Reset, 7)[0] != "OK", "RESET of nothing known is refused")
    same_state(host, model, "after commands that were refused")
    host.close()


def carries_out_once(device: Device, rng: np.random.Generator) -> None:
    host, model = device.host(), device.model()
    taught(host, model, rng, 2)
    x = sample(model, rng)
    data = x.astype(model.dtype).tobytes()
    if model.learn(x, 0).code != "OK":  # a head that only predicts; RESET is all that it carries out
        number = host.next_id
        expect(host.code(m.Reset, RESETS["learned"])[0] == "OK", "RESET(learned) is answered OK")
        expect(host.code(m.Reset, RESETS["learned"], number=number)[0] == "ALREADY", "RESET again is ALREADY")
        host.close()
        return
    number = host.next_id
    expect(host.code(m.Learn, 0, data)[0] == "OK", "LEARN is answered OK")
    for old in (number, number - 1, (number - 0x7FFFFFFF) & 0xFFFFFFFF):
        expect(host.code(m.Learn, 0, data, number=old)[0] == "ALREADY", f"LEARN {old} said again is ALREADY")
    same_state(host, model, "after a command that was said four times")
    last = _unplugged(host, model, rng)
    host.close()
    other = device.caller(device.key)  # a host that restarted: all it knows is `applied`
    expect(other.hello.applied == last, "HELLO.applied is the id of the last command that taught")
    code = other.code(m.Learn, 0, data, number=other.hello.applied)
    expect(code[0] == "ALREADY", "LEARN said again by a host that restarted is ALREADY")
    same_state(other, model, "after a host restarted")
    other.close()


def _unplugged(host: Host, model: Head, rng: np.random.Generator) -> int:
    """Pull the plug with commands on the way, some of them carried out, none answered; return the id of the last."""
    numbers: list[int] = []
    for pulled in range(3):
        numbers.clear()
        for _ in range(4):
            x = sample(model, rng)
            numbers.append(host.take_id())
            host.link.send(m.Learn(numbers[-1], 0, x.astype(model.dtype).tobytes()))
            model.learn(x, 0)
        host.flush()
        if pulled:
            host.line.read(0.02 * pulled)  # what the device said is lost with the plug
        host.unplug()
        host.plug()
        expect(
            [host.answer(number).code for number in numbers] == [0] * 4, "what was on the way is answered OK"
        )
        expect(host.sessions[-1].resumed, "a device that was unplugged resumes its session")
    same_state(host, model, "after the plug was pulled with commands on the way")
    return numbers[-1]


def state_goes_both_ways(device: Device, rng: np.random.Generator) -> None:
    host, model = device.host(), device.model()
    taught(host, model, rng, 8)
    kept = export.state_bytes(model.learned)
    same_state(host, model, "before it is written back")
    taught(host, model, rng, 4)
    layout, size = host.hello.layout, len(kept)
    host.write_state(kept)
    before = export.state_bytes(model.learned)
    expect(host.state() == before, "a state that is not committed changes nothing")
    wrong = {
        "CHECK": (size, zlib.crc32(kept) ^ 1, layout),
        "LAYOUT": (size, zlib.crc32(kept), layout ^ 1),
        "RANGE": (size + 4, zlib.crc32(kept), layout),
    }
    for name, values in wrong.items():
        host.write_state(kept)
        code = host.code(m.CommitState, *values)
        expect(code[0] == name, f"COMMIT_STATE of another state is refused {name}, not {code}")
    host.code(m.WriteState, 0, kept[:4])
    expect(
        host.code(m.WriteState, 5, kept[5:8])[0] == "RANGE", "WRITE_STATE that leaves a hole is refused RANGE"
    )
    code = host.code(m.CommitState, size, zlib.crc32(kept), layout)
    expect(code[0] == "CHECK", f"COMMIT_STATE of half a state is refused, not {code}")
    expect(host.code(m.WriteState, size, b"1")[0] == "RANGE", "WRITE_STATE beyond the end is refused RANGE")
    expect(
        host.code(m.ReadState, size + 1, 4) == ("RANGE", size),
        "READ_STATE beyond the end is RANGE, with the size",
    )
    expect(host.state() == before, "a state that was refused changes nothing")
    host.write_state(kept)
    code = host.code(m.CommitState, size, zlib.crc32(kept), layout)
    expect(code[0] == "OK", f"COMMIT_STATE of what was read is OK, not {code}")
    export.load_state(model.learned, kept)
    same_state(host, model, "after a state was written")
    taught(host, model, rng, 4)
    same_state(host, model, "after it learned on from a state that was written")
    host.close()


def keeps_what_was_saved(device: Device, rng: np.random.Generator) -> None:
    host, model = device.host(), device.model()
    taught(host, model, rng, 6)
    host.write_state(state := export.state_bytes(model.learned))
    applied = host.next_id
    code = host.code(m.CommitState, len(state), zlib.crc32(state), host.hello.layout)
    expect(code[0] == "OK", f"COMMIT_STATE of its own state is OK, not {code}")
    taught(host, model, rng, 1)
    _restarted(host, state, applied)
    export.load_state(model.learned, state)
    x = sample(model, rng)
    applied = host.next_id
    same(host.code(m.Learn, 0, x.astype(model.dtype).tobytes()), answer := model.learn(x, 0), "LEARN")
    saved = export.state_bytes(model.learned)
    expect(host.code(m.Save)[0] == "OK", "SAVE is answered OK")
    taught(host, model, rng, 1)
    _restarted(host, saved, applied if answer.code == "OK" else host.hello.applied)
    host.close()


def _restarted(host: Host, saved: bytes, applied: int) -> None:
    """Expect that after a restart only what was saved is there."""
    boot = host.hello.boot
    expect(
        host.code(m.Reset, RESETS["device"])[0] == "OK", "RESET(device) is answered OK, before it restarts"
    )
    host.until(
        lambda: True if host.hello.boot != boot else None,
        "it restarts after RESET(device), with another boot",
    )
    expect(not host.sessions[-1].resumed, "a device that restarted opens a new session")
    expect(
        host.hello.applied == applied, f"after a restart HELLO.applied is {applied}, the last command saved"
    )
    host.next_id = applied + 1
    expect(host.state() == saved, "after a restart its state is the one that was saved")
    expect(host.code(m.LearnLast, 0)[0] == "NOTHING", "after a restart nothing was predicted yet")
