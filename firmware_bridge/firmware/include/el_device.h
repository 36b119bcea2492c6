/* The whole device: call el_device_start once and el_device_run for ever. */
#ifndef EL_DEVICE_H
#define EL_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* key: 32 bytes with EL_AUTH, else NULL. Restores the newest state from flash. */
void el_device_start(const uint8_t *key);

/* Reads, handles, writes; returns soon. Returns false when nothing was to do: the place to sleep until the next interrupt. */
bool el_device_run(void);

#endif
