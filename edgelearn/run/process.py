"""From a configuration to a running process, and its clean end."""

from contextlib import ExitStack, closing, suppress
from typing import Any

from edgelearn.errors import InputError, StoreError
from edgelearn.learner import Learner
from edgelearn.run.config import Config
from edgelearn.run.events import Events
from edgelearn.run.loop import Loop
from edgelearn.run.saves import Saves
from edgelearn.run.stop import Stop
from edgelearn.run.warm import warm_up
from edgelearn.store import Store


def run(config: Config, stop: Stop, out: int = 1) -> dict[str, Any]:
    """Run until the source ends or ``stop`` is wanted; events go to descriptor ``out``.

    Returns the last event: samples seen, learned and refused, and the version saved. Raises InputError when
    the source gave nothing that could be used, StoreError when the last save failed, OutputError when the
    events cannot be written, and every error of opening; whatever is raised, what was learned was saved first
    if that was possible.
    """
    with ExitStack() as stack:
        events = Events(out, stop)
        store = None if config.store is None else Store(config.store.path, keep=config.store.keep)
        if store is not None:
            stack.callback(store.close)
        saves = stack.enter_context(closing(Saves(events, None if store is None else store.newest)))
        learner = _learner(config, store, saves)
        warm_up(learner.readout, learner.layers)
        loop = Loop(config, learner, saves, events, stop)
        try:
            loop.run()
        finally:
            summary = _finish(loop, learner, saves, events, durable=store is not None)
    if saves.failure is not None:
        raise saves.failure
    if events.failure is not None:
        raise events.failure
    if not (stop.wanted or loop.seen or loop.learned):
        raise InputError(f"the source gave no sample that could be used ({loop.refused} refused)")
    return summary


def _learner(config: Config, store: Store | None, saves: Saves) -> Learner:
    extractor = None
    if config.extractor is not None:
        from edgelearn.extractor import Extractor

        extractor = Extractor(**config.extractor.arguments())
    options = config.learner
    return Learner(
        extractor,
        config.readout,
        layers=config.layers,
        anchors=options.anchors,
        reanchor_every=options.reanchor_every,
        store=store,
        budget=options.budget,
        reject_rate=options.reject_rate,
        ticket_ttl_s=options.ticket_ttl_s,
        ticket_bytes=options.ticket_bytes,
        save_every=options.save_every,
        save_every_s=options.save_every_s,
        on_save=saves.put,
    )


def _finish(loop: Loop, learner: Learner, saves: Saves, events: Events, durable: bool) -> dict[str, Any]:
    """Save, close, and say so; nothing is written out before everything is safe."""
    try:
        if durable and (loop.seen or loop.learned):
            saves.put(learner.save())
    except StoreError as error:
        saves.put(error)
    with suppress(StoreError):  # it would be the same failure once more
        learner.close()
    saves.report()
    summary = {
        "seen": loop.seen,
        "learned": loop.learned,
        "refused": loop.refused,
        "saved_version": saves.version,
    }
    if loop.started:
        events.emit("stopped", **summary)
    return {"event": "stopped", **summary}
