"""What is saved comes back bit for bit, whatever its type, shape, byte order or memory layout."""

import string
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edgelearn.errors import StoreError
from edgelearn.store import Store
from edgelearn.types import Snapshot
from tests.store.samples import same

DTYPES = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", ">f4", ">i8", ">u2"]
ARRAYS = hnp.arrays(
    st.sampled_from(DTYPES).map(np.dtype),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
).flatmap(lambda array: st.sampled_from([array, array.T, array[..., ::2] if array.ndim else array]))
NAMES = st.text(string.ascii_letters + "._/äß", max_size=8)
WORDS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("roundtrip") / "s.db", keep=2) as opened:
        yield opened


@settings(max_examples=150)
@given(
    arrays=st.dictionaries(NAMES, ARRAYS, max_size=4),
    meta=st.dictionaries(st.text(max_size=5).filter(lambda key: key != "schema"), WORDS, max_size=4),
)
def test_what_is_saved_is_what_is_loaded(
    store: Store, arrays: dict[str, np.ndarray], meta: dict[str, object]
) -> None:
    saved = Snapshot(arrays, meta)
    store.save(saved)
    assert same(store.load(), saved)


def test_bits_of_nan_and_negative_zero_survive(store: Store) -> None:
    bits = np.array([0x7FC00001, 0xFFC00002, 0x80000000, 0x7F800000, 1], dtype=np.uint32)
    store.save(Snapshot({"odd": bits.view(np.float32)}, {}))
    assert (store.load().arrays["odd"].view(np.uint32) == bits).all()


def test_what_is_loaded_can_be_written_to(store: Store) -> None:
    store.save(Snapshot({"mean": np.zeros(3)}, {}))
    loaded = store.load()
    loaded.arrays["mean"][0] = 1
    assert store.load().arrays["mean"][0] == 0


@pytest.mark.parametrize("dtype", ["c16", "g", "U3", "M8[s]", "O"])
def test_a_type_that_safetensors_does_not_know_is_refused_by_name(store: Store, dtype: str) -> None:
    newest = store.newest
    with pytest.raises(StoreError, match="'odd' has dtype"):
        store.save(Snapshot({"odd": np.zeros(2, dtype)}, {}))
    assert store.newest == newest


def test_a_name_that_safetensors_keeps_for_itself_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="__metadata__"):
        store.save(Snapshot({"__metadata__": np.zeros(2)}, {}))


@pytest.mark.parametrize("word", [float("nan"), np.float32(1), {1, 2}], ids=["nan", "numpy", "set"])
def test_words_that_are_not_json_are_refused(store: Store, word: object) -> None:
    with pytest.raises(StoreError, match="JSON"):
        store.save(Snapshot({}, {"word": word}))
