"""For tests of firmware and of what talks to it: a bad wire on a virtual clock, and the figures measured on it."""
