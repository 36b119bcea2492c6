"""The link without a port, a thread or a clock: frames, messages, one end of a connection. `SPEC.md` has every byte."""
