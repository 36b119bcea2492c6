from hypothesis import given
from hypothesis import strategies as st

from edgelearn.sources.splitter import Splitter

LINES = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=6)


@given(LINES, st.lists(st.integers(1, 9), max_size=40))
def test_lines_are_the_same_however_they_arrive(lines: list[bytes], sizes: list[int]) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    splitter = Splitter(max_bytes=100)
    got: list[bytes | None] = []
    at = 0
    for size in [*sizes, len(stream)]:
        got += splitter.feed(stream[at : at + size])
        at += size
    assert [*got, *splitter.close()] == lines


def test_what_stands_behind_the_last_newline_is_kept_for_the_end() -> None:
    splitter = Splitter(max_bytes=100)
    assert splitter.feed(b"one\ntw") == [b"one"]
    assert splitter.feed(b"o") == []
    assert splitter.close() == [b"two"]
    assert splitter.close() == []


def test_a_line_that_is_too_long_is_dropped_up_to_its_newline() -> None:
    splitter = Splitter(max_bytes=4)
    assert splitter.feed(b"12345") == []
    assert splitter.feed(b"6789\nok\n1234\n") == [None, b"ok", b"1234"]
    assert splitter.feed(b"12345") == []
    assert splitter.close() == [None]
