/* Samples at the rate the host set, from a source of the port's, or from a sensor that counts: sample i of channel c is
 * (2c + 1) * 257 * i, modulo 2^16, so that a host sees at once what is missing. */
#ifndef EL_SENSOR_H
#define EL_SENSOR_H

#include <stdbool.h>
#include <stdint.h>

/* Gives all EL_CHANNELS_MAX channels as they were at that time of el_port_now_us; false: there is nothing to sample. */
typedef bool (*sensor_source)(uint32_t time_us, int16_t *channels);

/* Takes samples that are due, a few at a time, at the rate the host set, or where it set none at own_hz (0: not at all).
 * Without a source, or where it has nothing, they count. Returns true when more are due. */
bool sensor_run(uint32_t own_hz, sensor_source source);

#endif
