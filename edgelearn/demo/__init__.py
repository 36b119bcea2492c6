"""The main job in a minute: a frozen network, new classes, a drift, and a kill in the middle."""
