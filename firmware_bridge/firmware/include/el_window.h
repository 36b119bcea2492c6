/* Samples to windows, windows to features, for a port without an extractor.
 *
 * Features of the n samples x of one channel of a window, taken as fractions of full scale (x / 32768). Sums are whole
 * numbers and exact; f32() is one rounding to nearest, and each division one more:
 *     S = sum x, Q = sum x*x, D = sum (x[i] - x[i-1])^2, d = max(n - 1, 1)
 *     mean      f32(S) / f32(n) * 2^-15
 *     variance  f32(n*Q - S*S) / f32(n*n) * 2^-30
 *     energy    f32(D) / f32(d) * 2^-30         of the upper band: the first difference is a high pass
 *     crossings f32(c) / f32(d)                 c: how often n*x[i] >= S changes from one sample to the next */
#ifndef EL_WINDOW_H
#define EL_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "el_config.h"
#include "el_messages.h"

#define EL_CHANNELS_MAX 8
#define EL_FEATURES_MAX (4 * EL_CHANNELS_MAX)

/* Nothing is gathered; windows are counted from 0. */
void el_window_start(void);

/* Sets what is gathered; mtu: the largest payload of the link. Returns EL_CODE_OK, or EL_CODE_CONFIG with what is
 * possible in `limit`, and then nothing has changed. */
uint8_t el_window_configure(const el_configure *c, uint16_t mtu, uint32_t *limit);

/* Whether windows are for the line: only those are numbered. Features come of the others too. */
void el_window_stream(bool on);

/* What was configured; the application takes its rate from here. Zeros before. */
const el_configure *el_window_settings(void);

/* One sample of each channel, taken at time_us: called by the application, from its main loop. */
void el_window_sample(const int16_t *channels, uint32_t time_us);

/* The link's `stream`: the next WINDOW, or a GAP after a drop; 0 if there is none. A window larger than `room` is
 * dropped. */
uint16_t el_window_next(uint8_t *type, uint8_t *to, uint16_t room);

/* The features of the latest window, channel after channel, each in the order of the bits set; returns how many, 0 if none. */
uint16_t el_window_features(float *to, uint16_t room);

uint32_t el_windows_made(void);
uint32_t el_windows_dropped(void);

#endif
