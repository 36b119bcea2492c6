"""The book of commands, without a link."""

import pytest

from firmware_bridge.ledger import Ledger
from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.constants import CODES, RESETS


def done(number, code="OK", detail=0):
    return wire.Done(number, CODES[code], detail)


def book(applied=0):
    ledger = Ledger()
    ledger.start(applied)
    return ledger


def test_numbers_go_on_from_what_the_device_applied_and_wrap():
    ledger = book(0xFFFFFFFE)
    assert [ledger.issue(wire.Save).message.id for _ in range(3)] == [0xFFFFFFFF, 0, 1]


def test_an_answer_ends_the_command_of_its_number_once():
    ledger = book(7)
    call = ledger.issue(wire.Learn, 2, b"")
    ledger.take()
    assert not ledger.answered(done(99))
    assert ledger.answered(done(8))
    assert call.answer == done(8)
    assert not ledger.answered(done(8))


def test_a_refusal_is_an_error_with_its_code_and_detail():
    ledger = book()
    call = ledger.issue(wire.Learn, 2, b"")
    quiet = ledger.issue(wire.Learn, 3, b"", quiet=True)
    ledger.take()
    ledger.answered(done(1, "SHAPE", 64))
    ledger.answered(done(2, "LABEL", 10))
    assert (call.error.code, call.error.detail) == ("SHAPE", 64)
    assert "64 values" in str(call.error)
    assert ledger.failed is quiet.error


def test_what_has_no_answer_is_sent_again_with_its_number_and_in_order():
    ledger = book()
    calls = [ledger.issue(wire.Learn, label, b"") for label in range(4)]
    ledger.take()
    ledger.answered(done(1))
    ledger.issue(wire.Learn, 9, b"")
    assert ledger.restarted(applied=2) == 0
    assert [(m.id, m.label) for m in ledger.take()] == [(2, 1), (3, 2), (4, 3), (5, 9)]
    assert ledger.resent == 3
    ledger.answered(done(2, "ALREADY"))
    assert calls[1].answer is not None


def test_a_number_used_before_is_an_error_for_a_command_sent_once():
    ledger = book()
    call = ledger.issue(wire.Learn, 0, b"")
    ledger.take()
    ledger.answered(done(1, "ALREADY"))
    assert call.error.code == "ALREADY"


def test_what_was_answered_and_not_saved_is_counted_as_lost():
    ledger = book()
    for label in range(6):
        ledger.issue(wire.Learn, label, b"")
    ledger.issue(wire.Predict, b"")
    ledger.take()
    for number in range(1, 8):
        ledger.answered(done(number))
    assert ledger.restarted(applied=4) == 2
    assert ledger.restarted(applied=4) == 0
    assert ledger.lost == 2


def test_what_was_saved_is_never_lost():
    ledger = book()
    ledger.issue(wire.Learn, 0, b"")
    ledger.issue(wire.Save)
    ledger.issue(wire.Learn, 1, b"")
    ledger.take()
    for number in (1, 2, 3):
        ledger.answered(done(number))
    assert ledger.restarted(applied=1) == 1


def test_more_than_is_remembered_is_still_counted():
    ledger = book()
    for number in range(1, 70001):
        ledger.issue(wire.Learn, 0, b"")
        ledger.answered(done(number))
    assert ledger.restarted(applied=0) == 70000


def test_a_restart_that_was_asked_for_is_not_asked_for_again():
    ledger = book()
    call = ledger.issue(wire.Reset, RESETS["device"])
    ledger.take()
    ledger.restarted(applied=0)
    assert call.done
    assert ledger.take() == []
    learned = ledger.issue(wire.Reset, RESETS["learned"])
    ledger.take()
    ledger.restarted(applied=0)
    assert not learned.done
    assert len(ledger.take()) == 1


@pytest.mark.parametrize("applied", [0, 5, 0xFFFFFFF0])
def test_ids_around_the_wrap_compare_as_signed_differences(applied):
    ledger = book(applied)
    calls = [ledger.issue(wire.Learn, 0, b"") for _ in range(40)]
    ledger.take()
    for call in calls:
        ledger.answered(done(call.message.id))
    assert ledger.restarted(calls[29].message.id) == 10
