"""Published systems measured on public data, each beside its controls."""
