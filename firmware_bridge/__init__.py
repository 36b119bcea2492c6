"""A serial link that loses nothing, between a host and a microcontroller that learns."""
