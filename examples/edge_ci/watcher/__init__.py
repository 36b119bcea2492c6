"""Watches a machine by the vibration that a sensor board sends, and learns its states from what people say."""
