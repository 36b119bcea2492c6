"""The loop: samples in, decisions out, feedback and saves between two samples. One thread does it all."""

import json
import time
from collections.abc import Callable
from selectors import EVENT_READ, SelectSelector
from typing import Any

from edgelearn.errors import BudgetError, EdgelearnError, InputError, LayerError
from edgelearn.learner import Learner
from edgelearn.run.config import Config, reads_stdin
from edgelearn.run.door import MAX_LINE_BYTES, SocketDoor, StdinDoor
from edgelearn.run.events import Events
from edgelearn.run.notify import notify, watchdog_s
from edgelearn.run.saves import Saves
from edgelearn.run.stop import Stop
from edgelearn.sources.base import Late, Missed, Pause, Refused
from edgelearn.sources.jsonline import late_of, parse
from edgelearn.types import Decision, Label, Sample

LONGEST_WAIT_S = 3600.0  # select takes no infinity


class Loop:
    """Drives a source through a learner until the source ends or a stop is wanted."""

    def __init__(
        self,
        config: Config,
        learner: Learner,
        saves: Saves,
        events: Events,
        stop: Stop,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config, self._learner, self._saves = config, learner, saves
        self._events, self._stop, self._clock = events, stop, clock
        self.started = False
        self.seen = self.learned = self.refused = 0
        self._selector = SelectSelector()  # it takes files too, which epoll does not
        self._selector.register(stop.fd, EVENT_READ, None)
        self._selector.register(saves.fd, EVENT_READ, saves.report)
        self._watchdog_s = watchdog_s()
        self._alive_s = clock()
        self._doors: list[SocketDoor | StdinDoor] = []

    def run(self) -> None:
        """Open the source and the doors, and go on until the end; raises what the source or a door raises."""
        items = iter(self._config.source)
        self._open_doors()
        try:
            self.started = True
            self._events.emit("started", classes=len(self._learner.classes_), version=self._saves.version)
            notify("READY=1")
            while not self._stop.wanted:
                item = next(items, None)
                if item is None:
                    self._wait(Pause(self._config.feedback.wait_s), ending=True)
                    break
                self._take(item)
        finally:
            notify("STOPPING=1")
            for door in self._doors:
                door.close()
            self._selector.close()

    # -- samples ------------------------------------------------------------------------------------

    def _take(self, item: Sample | Refused | Missed | Late | Pause) -> None:
        match item:
            case Pause():
                self._wait(item)
                return
            case Refused(name, reason):
                self._refuse(name, reason)
            case Missed(samples, reason):
                self._events.emit("missed", samples=samples, reason=reason)
            case Late():
                self._learn_late(item)
            case Sample():
                self._decide(item)
        self._serve(0.0)

    def _decide(self, sample: Sample) -> None:
        start = time.perf_counter()
        try:
            decision = self._learner.predict_one(sample.x)
            microseconds = (time.perf_counter() - start) * 1e6
        except (InputError, LayerError) as error:
            self._refuse(sample.id, str(error))
            return
        self.seen += 1
        timed = {} if sample.time_s is None else {"time_s": round(sample.time_s, 6)}
        self._events.emit(
            "decision", id=sample.id, **timed, **self._said(decision), us=round(microseconds, 1)
        )
        if self._config.learn and sample.label is not None:
            self._learn(sample.id, decision.ticket, sample.label)
        elif self._config.learner.adapt and sample.label is None:
            self._adapt(sample.id, decision.ticket)

    def _learn(self, name: str | int, ticket: str, label: Label) -> None:
        """Learn a sample that was just predicted; its ticket holds the features, so the network ran once."""
        try:
            self._learner.feedback(ticket, label=label)
            self.learned += 1
        except (InputError, BudgetError, LayerError) as error:
            self._refuse(name, str(error))

    def _adapt(self, name: str | int, ticket: str) -> None:
        try:
            self._learner.adapt_ticket(ticket)
        except LayerError as error:
            self._refuse(name, str(error))

    def _said(self, decision: Decision) -> dict[str, Any]:
        said: dict[str, Any] = {
            "label": decision.label,
            "best": decision.best,
            "probability": None if decision.best is None else float(decision.probabilities[decision.best]),
            "margin": float(decision.margin),
            "ticket": decision.ticket,
        }
        if self._config.output.probabilities:
            said["probabilities"] = [[label, float(p)] for label, p in decision.probabilities.items()]
        return said

    def _refuse(self, name: str | int, reason: str) -> None:
        self.refused += 1
        self._events.emit("refused", id=name, reason=reason)

    # -- feedback -----------------------------------------------------------------------------------

    def _open_doors(self) -> None:
        feedback = self._config.feedback
        if feedback.socket is not None:
            self._doors.append(SocketDoor(feedback.socket, self._selector, self._answer))
        if feedback.stdin and not reads_stdin(self._config.source):
            self._doors.append(StdinDoor(self._selector, self._answer))

    def _answer(self, line: bytes | None) -> bytes:
        """Learn from a line of feedback and return the answer, a line of JSON without its end."""
        try:
            if line is None:
                raise InputError(f"a line of feedback has at most {MAX_LINE_BYTES} bytes")
            answer = self._learn_late(late_of(parse(line)))
        except InputError as error:
            answer = self._report(None, error)
        return json.dumps(answer, ensure_ascii=False).encode()

    def _learn_late(self, late: Late) -> dict[str, Any]:
        try:
            self._learner.feedback(late.ticket, label=late.label, reward=late.reward)
        except EdgelearnError as error:
            return self._report(late, error)
        self.learned += 1
        return self._report(late, None)

    def _report(self, late: Late | None, error: EdgelearnError | None) -> dict[str, Any]:
        answer = {"ok": True} if error is None else {"ok": False, "error": str(error)}
        reward = {} if late is None or late.reward is None else {"reward": late.reward}
        self._events.emit(
            "feedback", ticket=late and late.ticket, label=late and late.label, **reward, **answer
        )
        return answer

    # -- waiting ------------------------------------------------------------------------------------

    def _wait(self, pause: Pause, *, ending: bool = False) -> None:
        """Serve the doors until the pause is over; an ending one is cut short when no door is open."""
        if pause.fd is not None:
            self._selector.register(pause.fd, EVENT_READ, None)
        until_s = float("inf") if pause.seconds is None else self._clock() + pause.seconds
        try:
            while not self._stop.wanted and not (ending and not any(door.open for door in self._doors)):
                left_s = max(0.0, until_s - self._clock())
                if self._serve(left_s, pause.fd) or left_s == 0:
                    return
        finally:
            if pause.fd is not None:
                self._selector.unregister(pause.fd)

    def _serve(self, seconds: float, fd: int | None = None) -> bool:
        """Serve whoever is at a door, wait at most so long for one, report saves; True when fd is ready."""
        ready = self._selector.select(min(seconds, self._watchdog_s or LONGEST_WAIT_S, LONGEST_WAIT_S))
        for key, mask in ready:
            if key.data is not None:
                key.data(mask)
        if self._watchdog_s is not None and self._clock() - self._alive_s >= self._watchdog_s / 2:
            notify("WATCHDOG=1")
            self._alive_s = self._clock()
        return any(key.fd == fd for key, _ in ready)
