"""Microcontrollers: a twin of the device in Python, and boards that run the firmware's own ELF."""
