"""Serial lines that exist on this machine only: paced, late, damaged by a seed, unplugged and plugged in again."""
