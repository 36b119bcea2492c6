/* A sensor that counts, for ports that have no other: sample i of channel c is (2c + 1) * 257 * i, modulo 2^16, so that
 * a host sees at once what is missing. In its place a firmware reads its own and calls el_window_sample. */
#ifndef EL_SENSOR_H
#define EL_SENSOR_H

#include <stdbool.h>
#include <stdint.h>

/* Takes samples that are due, a few at a time, at the rate the host set, or where it set none at own_hz (0: not at all).
 * Returns true when more are due. */
bool sensor_run(uint32_t own_hz);

#endif
