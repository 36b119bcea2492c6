"""The device of the demo: a process of its own that predicts, learns, saves, and may be killed at any moment.

``python -m edgelearn.demo.device STORE SEED`` resumes from STORE and prints what it woke up with.
Each line it reads is a number of samples to learn up to; it answers in one line of JSON. At the end of its
input it saves and prints its times.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter_ns
from types import TracebackType
from typing import Any, Self

import numpy as np

from edgelearn.demo import stream as streams
from edgelearn.demo.drift import rotate
from edgelearn.errors import EdgelearnError
from edgelearn.extractor import Extractor
from edgelearn.learner import Learner
from edgelearn.types import Array

NETWORK = "digits04.features.onnx"
READOUT = "slda"
SAVE_EVERY = 100  # samples: what a kill may take at most
_PART = "readout/"
TICKET_BYTES = 16_000  # the truth comes at once here, so few tickets wait for it


def wake(store: str | Path) -> Learner:
    """Return the learner of the device, resumed from its store."""
    extractor = Extractor(streams.asset(NETWORK))
    return Learner(extractor, READOUT, store=store, save_every=SAVE_EVERY, ticket_bytes=TICKET_BYTES)


def digest(arrays: Mapping[str, Array]) -> str:
    """Return the sha-256 of what a readout has learned; ``arrays`` are those of a snapshot."""
    sha = hashlib.sha256()
    for name, array in memory(arrays).items():
        sha.update(f"{name} {array.dtype} {array.shape} ".encode() + array.tobytes())
    return sha.hexdigest()


def memory(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays of the readout in a snapshot, by the names of `Readout.state`."""
    return {name.removeprefix(_PART): arrays[name] for name in sorted(arrays) if name.startswith(_PART)}


def main(store: str, seed: str) -> None:
    """Serve one parent process."""
    digits = streams.load_digits()
    stream = streams.make(digits, int(seed))
    held_out, truth = digits.x[digits.test], digits.y[digits.test]
    predict_us: list[float] = []
    learn_us: list[float] = []
    with wake(store) as learner:
        _answer(seen=learner.readout.n_seen, memory=digest(learner.snapshot().arrays))
        for line in sys.stdin:
            for i in range(learner.readout.n_seen, int(line)):
                start = perf_counter_ns()
                decision = learner.predict_one(stream.x[i])
                between = perf_counter_ns()
                learner.feedback(decision.ticket, label=int(stream.y[i]))
                learn_us.append((perf_counter_ns() - between) / 1e3)
                predict_us.append((between - start) / 1e3)
            seen = learner.readout.n_seen
            turned = rotate(held_out, stream.degrees[seen - 1])
            labels = learner.readout.predict_many(np.stack([learner.features(image) for image in turned]))
            _answer(seen=seen, accuracy=float(np.mean(np.array(labels) == truth)))
        learner.save()
    _answer(predict_us_p50=float(np.median(predict_us)), learn_us_p50=float(np.median(learn_us)))


def _answer(**values: Any) -> None:
    print(json.dumps(values), flush=True)  # noqa: T201 (the pipe to the parent)


class Device:
    """The parent's handle on such a process; kills it when an error leaves the ``with`` block."""

    def __init__(self, store: Path, seed: int) -> None:
        command = [sys.executable, "-m", "edgelearn.demo.device", str(store), str(seed)]
        self._process = subprocess.Popen(  # a session of its own: Ctrl-C is for the parent
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
        )
        try:
            woke = self._hear()
            self.seen: int = woke["seen"]
            self.memory: str = woke["memory"]
        except EdgelearnError:
            self._end()
            raise

    def tell(self, seen: int) -> None:
        """Let it learn up to so many samples."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seen}\n")

    def learn_until(self, seen: int) -> float:
        """Let it learn up to so many samples; return its accuracy on the held-out digits then."""
        self.tell(seen)
        answer = self._hear()
        self.seen = answer["seen"]
        return float(answer["accuracy"])

    def kill(self) -> int:
        """Send SIGKILL; return the exit code (minus the signal)."""
        self._process.kill()
        return self._process.wait()

    def finish(self) -> dict[str, float]:
        """Close its input; return its times in microseconds."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        times = self._hear()
        self._process.wait()
        return times

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._process.poll() is None:
            self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            raise EdgelearnError(f"the demo's second process ended with code {code}; its message is above")
        answer: dict[str, Any] = json.loads(line)
        return answer


if __name__ == "__main__":
    main(*sys.argv[1:])
