"""Each promise of check_layer can be broken, and the broken one is named."""

import numpy as np
import pytest

from edgelearn.errors import InputError
from edgelearn.layer import Layer
from edgelearn.neurons import lif, make
from edgelearn.testing import check_layer

pytestmark = pytest.mark.kernels

NOTHING = np.zeros(0, np.float32)


def faults(kind, promise, **parts):
    parts = {"rule": "delta", "neuron": "softmax", "signal": "label_error"} | parts
    with pytest.raises(AssertionError, match=promise):
        check_layer(lambda: kind(4, **parts))


def test_what_makes_no_layer():
    for other in (Layer(4, "oja"), "oja", lambda: "oja"):
        with pytest.raises(InputError, match="check_layer takes a function that returns a new layer"):
            check_layer(other)


def test_learning_in_another_order():
    class Late(Layer):
        def _taught(self, x, teach):
            self._learn(x, teach)  # from the drive of the sample before
            self._drive(x)
            return self._out.copy()

    faults(Late, "learn_one returns what the definitions say")


def test_weights_that_move_a_little_more():
    class Pushed(Layer):
        def _learn(self, x, teach):
            super()._learn(x, teach)
            self.w *= np.float32(1.0000001)

    faults(Pushed, "learn_one moves the weights as the definitions say")


def test_units_that_forget_to_wake():
    class Tired(Layer):
        def _wake(self, state):
            pass

    faults(Tired, "definition", rule="hebb", neuron="lif", signal="unsupervised")


def test_a_look_that_teaches():
    class Curious(Layer):
        def transform(self, x):
            seen = super().transform(x)
            self.w += np.float32(1e-3)
            return seen

    faults(Curious, "transform")


def test_a_look_that_moves_a_threshold():
    class Moved(Layer):
        def transform(self, x):
            seen = super().transform(x)
            self._neuron_state.theta[:] += np.float32(0.1)
            return seen

    faults(Moved, "transform", rule="hebb", neuron=lif.neuron(theta_plus=0.1), signal="unsupervised")


def test_a_state_that_is_not_whole():
    class Forgetful(Layer):
        def state(self):
            return {name: a for name, a in super().state().items() if not name.startswith("rule.")}

    faults(Forgetful, "learn_one keeps the state of the rule", rule="three_factor")


def test_a_load_that_does_not_copy():
    class Sharing(Layer):
        def load(self, arrays):
            super().load(arrays)
            if arrays:
                self.w = arrays["w"]

    faults(Sharing, "load copies what it takes")


def test_a_load_that_loses_the_count():
    class Uncounted(Layer):
        def load(self, arrays):
            super().load(arrays)
            self.n_learned = 0

    faults(Uncounted, "state comes back through load")


def test_a_load_that_half_applies():
    class Hasty(Layer):
        def load(self, arrays):
            if self.n_pre is not None and "w" in arrays and arrays["w"].shape == self.w.shape:
                self.w[...] = arrays["w"]
            super().load(arrays)

    faults(Hasty, "a state that is refused changes nothing")


def test_a_refusal_that_comes_too_late():
    class Late(Layer):
        def learn_one(self, x, teach=NOTHING):
            if self.n_pre is None and np.ndim(x) == 1:
                self.bind(len(x) or 1)
            return super().learn_one(x, teach)

    faults(Late, "what is refused does not bind the layer")


def test_a_layer_that_takes_anything():
    class Trusting(Layer):
        def transform(self, x):
            return super().transform(np.nan_to_num(np.asarray(x, np.float32)).reshape(-1)[:12].copy())

    faults(Trusting, "transform refuses an x")


def test_a_start_that_is_never_the_same():
    rng = np.random.default_rng(0)

    class Random(Layer):
        def _draw(self):
            self.w[...] = rng.normal(size=self.w.shape)

    faults(Random, "two layers that are made alike start alike")


def test_a_config_that_json_does_not_have():
    class Odd(Layer):
        def config(self):
            return super().config() | {"shape": (1, 2)}

    faults(Odd, "config is JSON")


def test_memory_that_is_told_wrong():
    class Thin(Layer):
        def bytes_with(self, n_pre):
            return 4 * n_pre * self.n_post

    faults(Thin, "bytes_with tells what memory_bytes will be")


def test_many_that_are_not_each():
    relu = make("relu")._replace(batch=lambda _, drive: np.abs(drive))
    faults(Layer, "transform_many is transform of each", neuron=relu)


def test_a_layer_that_is_not_empty_at_first():
    class Eager(Layer):
        def __init__(self, *args, **settings):
            super().__init__(*args, **settings)
            self.bind(12)

    faults(Eager, "a layer that met no sample keeps nothing")


def test_a_config_that_learns():
    class Counting(Layer):
        def config(self):
            return super().config() | {"n": self.n_learned}

    faults(Counting, "config is equal for equal layers")


def test_a_question_about_memory_that_takes_it():
    class Taking(Layer):
        def bytes_with(self, n_pre):
            self.bind(n_pre)
            return self.memory_bytes

    faults(Taking, "bytes_with leaves the layer as it was")


def test_a_load_that_cannot_forget():
    class Keeping(Layer):
        def load(self, arrays):
            if arrays:
                super().load(arrays)

    faults(Keeping, "load of nothing makes the layer new")


def test_a_load_that_takes_more_or_less_than_a_state():
    class Loose(Layer):
        def load(self, arrays):
            super().load({name: a for name, a in arrays.items() if name != "other"})

    class Lenient(Layer):
        def load(self, arrays):
            super().load({"n_learned": np.array(0)} | arrays if arrays else arrays)

    faults(Loose, "load refuses a state with more than its own")
    faults(Lenient, "load refuses a state that is not whole")


def test_a_layer_that_learns_from_anything():
    class Deaf(Layer):
        def learn_one(self, x, teach=NOTHING):
            return super().learn_one(x, np.resize(np.asarray(teach, np.float32), 4))

    faults(Deaf, "learn_one refuses an x or teach")
