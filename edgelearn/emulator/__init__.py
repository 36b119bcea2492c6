"""Devices on a desktop: the twin of a microcontroller in Python, and boards that run its firmware."""
