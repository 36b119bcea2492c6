/* A sensor that counts, for boards that have none: sample i of channel c is (2c + 1) * 257 * i, modulo 2^16, at the rate the host
 * sets. In its place a firmware reads its own and calls el_window_sample. */
#include "board.h"
#include "el_port.h"
#include "el_window.h"

#define SECOND_US 1000000U

static uint32_t rate, taken, next_us, over; /* over: what of the period is no whole microsecond, in 1 / rate */

static void take_one(void) {
    int16_t channels[EL_CHANNELS_MAX];
    for (uint32_t c = 0; c < EL_CHANNELS_MAX; c++) {
        uint32_t value = (2 * c + 1) * 257U * taken & 0xFFFFU;
        channels[c] = (int16_t)(value < 0x8000U ? (int32_t)value : (int32_t)value - 0x10000);
    }
    el_window_sample(channels, next_us);
    taken++;
}

void sensor_run(void) {
    const el_configure *c = el_window_settings();
    uint32_t wanted = c->channels == 0 ? 0 : c->rate_hz;
    uint32_t now = el_port_now_us();
    if (wanted != rate) {
        rate = wanted;
        taken = 0;
        over = 0;
        next_us = now;
    }
    while (rate != 0 && (int32_t)(now - next_us) >= 0) {
        take_one();
        next_us += SECOND_US / rate;
        over += SECOND_US % rate;
        if (over >= rate) {
            over -= rate;
            next_us++;
        }
    }
}
