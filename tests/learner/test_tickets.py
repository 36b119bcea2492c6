"""Tickets: the truth that comes late teaches what was seen, once, or says why it cannot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgelearn import Learner, Store
from edgelearn.errors import ConfigError, InputError, TicketError
from edgelearn.feedback import Ledger, ledger_bytes
from tests.learner.fakes import Clock, blobs, learned, same

ONE = ledger_bytes(1, 4)


def test_feedback_learns_exactly_as_learn_one():
    X, y = blobs(80)
    late, now = Learner(), Learner()
    tickets = [late.predict_one(x).ticket for x in X]
    for ticket, x, label in zip(tickets, X, y, strict=True):
        late.feedback(ticket, label=label)
        now.learn_one(x, label)
    assert same(learned(late), learned(now))


def test_a_ticket_keeps_its_own_copy_of_the_sample():
    x = np.ones(4, np.float32)
    late, now = Learner(), Learner()
    ticket = late.predict_one(x).ticket
    now.learn_one(x, "a")
    x[:] = 7
    late.feedback(ticket, label="a")
    assert same(learned(late), learned(now))


def test_a_ticket_teaches_once():
    learner = Learner()
    ticket = learner.predict_one(np.ones(4)).ticket
    learner.feedback(ticket, label="a")
    before = learned(learner)
    with pytest.raises(TicketError, match="used already"):
        learner.feedback(ticket, label="a")
    assert same(before, learned(learner))


@pytest.mark.parametrize(
    "ticket", ["", "abc", "12-", "x-1", "f-f-f", "-1", "0000000000000000-99", None, 7, "9" * 5000]
)
def test_what_is_no_ticket_is_told(ticket):
    learner = Learner()
    with pytest.raises(TicketError, match="no decision was made yet"):
        learner.feedback(ticket, label="a")
    learner.predict_one(np.ones(4))
    with pytest.raises(TicketError, match=r"is not a ticket|is not in the ledger"):
        learner.feedback(ticket, label="a")
    assert learner.classes_ == []


def test_a_wrong_label_leaves_the_ticket_open():
    learner = Learner()
    learner.learn_one(np.ones(4), "a")
    ticket = learner.predict_one(np.zeros(4)).ticket
    for label in (3, 1.5, None, True):
        with pytest.raises(InputError):
            learner.feedback(ticket, label=label)
    learner.feedback(ticket, label="b")
    assert learner.classes_ == ["a", "b"]


def test_the_oldest_tickets_make_room():
    learner = Learner(ticket_bytes=3 * ONE + 5)
    tickets = [learner.predict_one(np.full(4, i)).ticket for i in range(5)]
    for gone in tickets[:2]:
        with pytest.raises(TicketError, match="keeps the last 3"):
            learner.feedback(gone, label="a")
    for kept in tickets[2:]:
        learner.feedback(kept, label="a")
    assert learner.readout.counts == [3]
    assert np.allclose(learner.readout._means[0], 3.0)  # samples 2, 3 and 4


def test_a_used_slot_is_used_again_by_its_next_ticket_only():
    learner = Learner(ticket_bytes=2 * ONE)
    first = learner.predict_one(np.full(4, 1)).ticket
    learner.feedback(first, label="a")
    second, third = (learner.predict_one(np.full(4, i)).ticket for i in (2, 3))
    with pytest.raises(TicketError):
        learner.feedback(first, label="a")
    learner.feedback(third, label="a")
    learner.feedback(second, label="a")
    assert np.allclose(learner.readout._means[0], 2.0)


def test_a_ticket_expires():
    clock = Clock()
    learner = Learner(ticket_ttl_s=60, clock=clock)
    old, late = (learner.predict_one(np.ones(4)).ticket for _ in range(2))
    clock.now += 60
    learner.feedback(old, label="a")
    clock.now += 1
    with pytest.raises(TicketError, match="older than ticket_ttl_s=60"):
        learner.feedback(late, label="a")
    assert learner.readout.counts == [1]


def test_room_for_less_than_one_ticket_is_refused():
    with pytest.raises(ConfigError, match=f"give at least {ONE}"):
        Learner(ticket_bytes=ONE - 1).predict_one(np.ones(4))


def test_tickets_outlive_the_process(tmp_path):
    clock = Clock()
    with Learner(store=tmp_path / "s", clock=clock) as learner:
        open_, used = (learner.predict_one(np.full(4, i)).ticket for i in (1, 2))
        learner.feedback(used, label="a")
        learner.save()
        after = learner.predict_one(np.full(4, 9)).ticket  # closing saves it
    clock.now += 3600
    with Learner(store=tmp_path / "s", clock=clock) as learner:
        learner.feedback(open_, label="b")
        learner.feedback(after, label="c")
        with pytest.raises(TicketError):
            learner.feedback(used, label="a")
        assert learner.classes_ == ["a", "b", "c"]
        assert learner.readout._means[:, 0].tolist() == [2.0, 1.0, 9.0]


def test_only_tickets_are_worth_a_save_at_the_end(tmp_path):
    with Learner(store=tmp_path / "s") as learner:
        ticket = learner.predict_one(np.ones(4)).ticket
    with Learner(store=tmp_path / "s") as learner:
        learner.feedback(ticket, label="a")


def test_a_ticket_from_before_a_crash_never_teaches_another_sample(tmp_path):
    store = Store(tmp_path / "s")
    crashed = Learner(store=store, save_every_s=None)
    saved = crashed.predict_one(np.full(4, 1)).ticket
    crashed.save()
    lost = [crashed.predict_one(np.full(4, i)).ticket for i in (2, 3)]
    snapshot = store.load()
    resumed = Learner()
    resumed.restore(snapshot)
    fresh = [resumed.predict_one(np.full(4, i)).ticket for i in (50, 60)]
    assert [t.split("-")[1] for t in fresh] == [t.split("-")[1] for t in lost]  # the same slots and numbers
    for ticket in lost:
        with pytest.raises(TicketError, match="after the last save before a crash"):
            resumed.feedback(ticket, label="a")
    resumed.feedback(saved, label="a")
    resumed.feedback(fresh[1], label="b")
    assert resumed.readout._means[:, 0].tolist() == [1.0, 60.0]
    store.close()


def test_a_smaller_ledger_keeps_the_newest():
    many = Learner()
    tickets = [many.predict_one(np.full(4, i)).ticket for i in range(6)]
    few = Learner(ticket_bytes=2 * ONE)
    few.restore(many.snapshot())
    for ticket in tickets[:4]:
        with pytest.raises(TicketError):
            few.feedback(ticket, label="a")
    few.feedback(tickets[5], label="a")
    few.feedback(tickets[4], label="a")
    assert np.allclose(few.readout._means[0], 4.5)


@given(
    capacity=st.integers(1, 5),
    steps=st.lists(st.tuples(st.sampled_from(["issue", "use", "move"]), st.integers(0, 30)), max_size=40),
)
@settings(max_examples=60)
def test_a_ledger_is_the_last_tickets_that_nobody_used(capacity, steps):
    """Against a plain list; "move" saves and resumes."""
    ledger = Ledger(10.0, capacity * ONE, Clock())
    ledger.bind(4)
    issued, is_open = [], {}
    for what, i in steps:
        if what == "issue":
            issued.append(ledger.issue(np.full(4, len(issued), np.float32)))
            is_open[issued[-1]] = True
            for old in issued[:-capacity]:
                is_open[old] = False
        elif what == "move":
            resumed = Ledger(10.0, capacity * ONE, Clock())
            resumed.load({name: np.array(a) for name, a in ledger.state().items()})
            ledger = resumed
        elif issued:
            ticket = issued[i % len(issued)]
            if is_open[ticket]:
                assert ledger.look(ticket)[0] == issued.index(ticket)
                ledger.close(ticket)
                is_open[ticket] = False
            else:
                with pytest.raises(TicketError):
                    ledger.look(ticket)
    assert len(ledger) == sum(is_open.values())
    assert ledger.memory_bytes <= capacity * ONE
