"""The C firmware: build it, measure it, prove it."""
