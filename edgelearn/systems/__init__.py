"""The published systems, each a short composition of neuron, rule and signal, beside its controls."""
