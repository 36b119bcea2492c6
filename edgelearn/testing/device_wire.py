"""Checks of what a device does with bytes, windows and strangers; `devices` lists them."""

from itertools import pairwise

import numpy as np

from edgelearn.testing.device_bench import Device, expect, same_state, sample, taught
from edgelearn.testing.device_host import Host
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import FEATURES, FORMATS, HELLO, PROTO_MAX, PROTO_MIN, ROLE_HOST
from firmware_bridge.protocol.frame import encode

RATE_HZ, WINDOW, CHANNELS = 1000, 20, 2
GARBAGE_BYTES = 20_000
AWAY_S = 2.0  # longer than a device believes in a host that is silent
PULLED_S = 0.3


def answers_malformed(device: Device, rng: np.random.Generator) -> None:
    host, model = device.host(), device.model()
    taught(host, model, rng, 2)
    before = host.counters().malformed
    number = host.take_id()
    host.link.send_raw(99, number.to_bytes(4, "little") + b"what is this")
    expect(host.answer(number).code == 3, "a command that does not exist is answered UNKNOWN")
    said = 1
    for kind in (m.Configure, m.Stream, m.Learn, m.LearnLast, m.Reward, m.ReadState, m.WriteState, m.CommitState,
                 m.Save, m.Reset, m.Statistics):  # fmt: skip
        number, size = host.take_id(), m.FORMS[kind].fixed.size
        for payload in _misfits(number, size, m.FORMS[kind].rest):
            host.link.send_raw(m.TYPES[kind], payload)
            expect(
                host.answer(number).code == 2,
                f"a {kind.__name__} of {len(payload)} bytes is answered MALFORMED",
            )
            said += 1
    host.link.send_raw(m.TYPES[m.Learn], b"\1")  # no id: nothing to answer
    expect(host.counters().malformed - before >= said, "it counts what was malformed")
    same_state(host, model, "after messages that were malformed")
    host.close()


def _misfits(number: int, size: int, rest: bool) -> list[bytes]:
    name = number.to_bytes(4, "little")
    short = [name.ljust(size - 1, b"\1")] if size > 4 else []
    return short + ([] if rest else [name.ljust(size + 1, b"\1")])


def survives_garbage(device: Device, rng: np.random.Generator) -> None:
    host, model = device.host(), device.model()
    taught(host, model, rng, 2)
    before = host.counters()
    host.write(rng.integers(256, size=GARBAGE_BYTES, dtype=np.uint8).tobytes() + b"\0")
    taught(host, model, rng, 2)
    host.write(b"\1" * 3 * host.hello.mtu + b"\0")  # a frame beyond all measure
    host.write(bytes(host.sent[:-40]))  # all it has heard before, in the middle of a frame at the end
    host.write(b"\0")
    taught(host, model, rng, 2)
    after = host.counters()
    expect(after.bad_frames > before.bad_frames, "garbage is counted in bad_frames")
    expect(after.oversize > before.oversize, "a frame larger than its MTU is counted in oversize")
    expect(
        after.duplicates + after.unexpected > before.duplicates + before.unexpected, "old frames are counted"
    )
    same_state(host, model, "after garbage, and after all that was said was said again")
    host.close()


def takes_many_at_once(device: Device, rng: np.random.Generator) -> None:
    host, model = device.host(), device.model()
    numbers = []
    for _ in range(200):
        x = sample(model, rng)
        model.learn(x, 0)
        numbers.append(host.take_id())
        host.link.send(m.Learn(numbers[-1], 0, x.astype(model.dtype).tobytes()))
    heard = [host.answer(number).id for number in numbers]
    expect(heard == numbers, "200 commands at once are all answered")
    same_state(host, model, "after 200 commands at once")
    host.close()


def accounts_for_windows(device: Device, rng: np.random.Generator) -> None:  # noqa: ARG001 (one signature for all)
    host, model = device.host(), device.model()
    for values in ((RATE_HZ, WINDOW, 0, 0), (RATE_HZ, WINDOW, 255, 0), (RATE_HZ, 0, 1, 0), (RATE_HZ, 65535, 1, 0),
                   (RATE_HZ, WINDOW, 1, 255)):  # fmt: skip
        expect(host.code(m.Configure, *values)[0] == "CONFIG", f"CONFIGURE{values} is refused CONFIG")
    host.code(m.Stream, 0)
    expect(host.code(m.Configure, RATE_HZ, WINDOW, CHANNELS, 0)[0] == "OK", "CONFIGURE of raw windows is OK")
    _stream(host, 20)
    expect(
        host.code(m.Predict, b"")[0] == "NOTHING", "PREDICT of the latest window without features is NOTHING"
    )
    host.rest(0.3)  # windows go on being made, and none is for the line
    _stream(host, 20)
    host.code(m.Stream, 1)
    host.clock.sleep(AWAY_S)  # nobody listens: what the line does not take must go, the oldest first
    _stream(host, 5)
    host.code(m.Stream, 1)
    host.unplug()
    host.clock.sleep(PULLED_S)
    host.plug()
    _stream(host, 5)
    _regular(host.windows, FORMATS["i16"], 2 * CHANNELS * WINDOW)
    which = FEATURES["mean"] + FEATURES["crossings"]
    expect(host.code(m.Configure, RATE_HZ, WINDOW, CHANNELS, which)[0] == "OK", "CONFIGURE of features is OK")
    raw = len(host.windows)
    _stream(host, 3)
    _regular(host.windows[raw:], FORMATS["features"], 4 * CHANNELS * 2)
    wanted = ("Prediction", 0) if model.n_pre == 2 * CHANNELS else ("SHAPE", model.n_pre)
    expect(host.code(m.Predict, b"") == wanted, f"PREDICT of {2 * CHANNELS} features is answered {wanted}")
    host.close()


def _stream(host: Host, count: int) -> None:
    """Have so many windows more, and account for all that were made."""
    enough = len(host.windows) + count
    expect(host.code(m.Stream, 1)[0] == "OK", "STREAM(1) is answered OK")
    host.until(lambda: True if len(host.windows) >= enough else None, f"{count} windows arrive")
    expect(host.code(m.Stream, 0)[0] == "OK", "STREAM(0) is answered OK")
    counted = host.counters()

    def all_here() -> bool | None:
        return True if len(host.windows) + host.missing == counted.windows_made else None

    host.until(all_here, f"received + gaps = {counted.windows_made} windows made, all accounted for")
    expect(
        host.link.heard == len(host.windows),
        "no window comes twice, or after the device said that it is lost",
    )
    here = host.windows[-1].index + 1
    expect(here <= counted.windows_made, f"window {here - 1} is none of the {counted.windows_made} made")
    expect(counted.windows_dropped <= host.missing, "windows that the device dropped are said to be missing")


def _regular(windows: list[m.Window], form: int, size: int) -> None:
    for window in windows:
        shape = (window.format, window.channels, window.count, len(window.data))
        expect(
            shape == (form, CHANNELS, WINDOW, size),
            f"a window is {(form, CHANNELS, WINDOW, size)}, not {shape}",
        )
    for one, two in pairwise(windows):
        later = (two.time_us - one.time_us) & 0xFFFFFFFF
        expect(0 < later < 0x80000000, "a later window has a later time")


def _turned_away(stranger: Host) -> None:
    stranger.until(lambda: stranger.refused or stranger.sessions or None, "a stranger is told so")
    expect(not stranger.sessions, "an end with another key, or the only one with a key, opens no session")
    stranger.close()


def keeps_strangers_out(device: Device, rng: np.random.Generator) -> None:
    host, model = device.host(), device.model()
    taught(host, model, rng, 2)
    heard = bytes(host.sent)
    host.close()
    for key in (bytes(range(1, 33)), None if device.key else bytes(32)):
        if not (device.key or key):
            continue
        _turned_away(device.caller(key, wait=False))
    host = device.caller(device.key)
    before = host.counters()
    for low, high, schema in ((PROTO_MAX + 1, PROTO_MAX + 1, m.SCHEMA), (PROTO_MIN, PROTO_MAX, m.SCHEMA ^ 1)):
        hello = host.hello._replace(
            proto_min=low, proto_max=high, schema=schema, role=ROLE_HOST, peer=0, proof=bytes(8), boot=12345
        )
        host.write(encode(HELLO, m.TYPES[m.Hello], 0, 0, m.encode(hello), 0))
    host.write(heard)  # a whole session of before, its greeting included
    refused = host.counters().refused_hello - before.refused_hello
    expect(refused >= 2, "a HELLO of another version or schema is counted in refused_hello")
    same_state(host, model, "after strangers, and after an old session was said again")
    taught(host, model, rng, 2)
    same_state(host, model, "after it learned on behind strangers")
    host.close()
