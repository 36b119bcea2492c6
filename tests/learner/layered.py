"""Learners with layers, small enough to test, for every teacher a layer can have."""

from edgelearn import Layer, Learner
from edgelearn.neurons import softmax
from edgelearn.rules import delta, softhebb, three_factor


def unsupervised(n_post=6, eta=0.05, seed=0):
    return Layer(n_post, softhebb.rule(eta=eta), softmax.neuron(), seed=seed)


def taught(n_post=5):
    return Layer(n_post, delta.rule(eta=0.05), "softmax", "label_error")


def rewarded(n_post=5):
    return Layer(n_post, three_factor.rule(eta=0.05), "tanh", "reward")


def plastic(**options):
    """Return a learner whose layers go on learning under a readout that keeps statistics."""
    layers = options.pop("layers", None) or [unsupervised(), taught()]
    return Learner(layers=layers, anchors=options.pop("anchors", "2KB"), reanchor_every=16, **options)
