/* Rule: whatever rate a host asks for, the line is served in between: a few samples at a time, none faster than the clock
 * tells, and those that are more than a second late are never taken. */
#include "sensor.h"

#include "el_port.h"
#include "el_window.h"

#define SECOND_US 1000000U
#define AT_A_TIME 64

static uint32_t rate, taken, next_us, over; /* over: what of the period is no whole microsecond, in 1 / rate */

static void count(int16_t *channels) {
    for (uint32_t c = 0; c < EL_CHANNELS_MAX; c++) {
        uint32_t value = (2 * c + 1) * 257U * taken & 0xFFFFU;
        channels[c] = (int16_t)(value < 0x8000U ? (int32_t)value : (int32_t)value - 0x10000);
    }
}

static void take_one(sensor_source source) {
    int16_t channels[EL_CHANNELS_MAX];
    if (source == 0 || !source(next_us, channels)) {
        count(channels);
    }
    el_window_sample(channels, next_us);
    taken++;
}

static void wait_for_next(void) {
    next_us += SECOND_US / rate;
    over += SECOND_US % rate;
    if (over >= rate) {
        over -= rate;
        next_us++;
    }
}

static void set_rate(uint32_t own_hz, uint32_t now) {
    const el_configure *c = el_window_settings();
    uint32_t wanted = c->channels == 0 ? 0 : c->rate_hz != 0 ? c->rate_hz : own_hz;
    wanted = wanted < SECOND_US ? wanted : SECOND_US;
    if (wanted != rate) {
        rate = wanted;
        taken = over = 0;
        next_us = now;
    }
}

bool sensor_run(uint32_t own_hz, sensor_source source) {
    const uint32_t now = el_port_now_us();
    set_rate(own_hz, now);
    if (rate == 0) {
        return false;
    }
    if (now - next_us + SECOND_US > 2 * SECOND_US) { /* late, or, after a long stop, early by more than a second */
        next_us = now;
    }
    for (int i = 0; i < AT_A_TIME && (int32_t)(now - next_us) >= 0; i++) {
        take_one(source);
        wait_for_next();
    }
    return (int32_t)(now - next_us) >= 0;
}
