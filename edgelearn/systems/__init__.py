"""The published systems, each a short composition of neuron, rule and signal, beside its controls.

One module each, made with settings by name and a seed. What trains in epochs is used alike::

    from edgelearn.systems.forward_forward import ForwardForward

    net = ForwardForward((784, 500, 500))
    for epoch in net.fit(X, y, epochs=10):  # an iterator: an epoch is learned when the next number is asked for
        print(epoch, (net.predict_many(X_test) == y_test).mean())
    other = ForwardForward((784, 500, 500))
    other.load(net.state())

X is (n, values) of float32, y (n,) of whole numbers; what learns without labels has no y and no `predict_many`. A state
is the network, not the fit: another `fit` begins its optimiser and the fall of its rate anew, and what draws samples
and views is no part of it. `features` is what a readout on top is taught with, and `frozen` the same as operations for
`edgelearn.export`, on the live weights. SoftHebb and Diehl & Cook learn in one pass, so there ``fit(X)`` does it and
returns the network; S-TLLR and TESS are taught by `s_tllr.fit`.

Bad input raises before anything is learned. A fit that runs away raises InputError, or ConfigError where a setting is
to blame, at the batch where it does; what was learned before it stays, and of that batch no more than the layers, or
steps, before the one that ran away.
"""
