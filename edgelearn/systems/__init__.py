"""The published systems, each a short composition of neuron, rule and signal, beside its controls.

One module each, made with settings by name and a seed. What trains in epochs is used alike::

    from edgelearn.systems.forward_forward import ForwardForward

    net = ForwardForward((784, 500, 500))
    for epoch in net.fit(X, y, epochs=10):  # an iterator: an epoch is learned when the next number is asked for
        print(epoch, (net.predict_many(X_test) == y_test).mean())
    other = ForwardForward((784, 500, 500))
    other.load(net.state())

X is (n, values) of float32, y (n,) of whole numbers; what learns without labels has no y and no `predict_many`.
`features` is what a readout on top is taught with, and `frozen` the same as operations for `edgelearn.export`, on the
live weights. SoftHebb and Diehl & Cook learn in one pass, so there ``fit(X)`` does it and returns the network; S-TLLR
and TESS are taught by `s_tllr.fit`.

Bad input raises before anything is learned. A fit that runs away raises InputError at the batch where it does, which
teaches nothing; what was learned before it stays.
"""
