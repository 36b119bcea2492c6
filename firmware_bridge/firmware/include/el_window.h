/* Samples to windows, windows to features, for a port without an extractor. */
#ifndef EL_WINDOW_H
#define EL_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "el_messages.h"

#define EL_CHANNELS_MAX 8

/* Sets what is gathered; returns EL_CODE_OK or EL_CODE_CONFIG. */
uint8_t el_window_configure(const el_configure *c, uint16_t mtu);
void el_window_stream(bool on);

/* One sample of each channel, taken at time_us: called by the application, from its main loop. */
void el_window_sample(const int16_t *channels, uint32_t time_us);

/* The link's `stream`: the next WINDOW or GAP. */
uint16_t el_window_next(uint8_t *type, uint8_t *to);

/* The features of the latest window, channel after channel, each in the order of the bits set; returns how many, 0 if none. */
uint16_t el_window_features(float *to, uint16_t room);

uint32_t el_windows_made(void);
uint32_t el_windows_dropped(void);

#endif
