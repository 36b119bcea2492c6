/* Windows. One static object: the window being gathered, then a ring of finished ones, both in `memory`. A finished one is its
 * time and the bytes that WINDOW carries. Windows in the ring are always the latest, so their indexes follow from `made`. */
#include "el_window.h"

#include <string.h>

#define TIME_BYTES 4U

static struct {
    el_configure c;
    uint16_t gathered;  /* samples a channel so far */
    uint32_t time_us;   /* of the first of them */
    uint32_t made;
    uint32_t dropped;
    uint16_t entry;     /* bytes of one in the ring; 0: not configured */
    uint16_t capacity;
    uint16_t first;     /* the oldest */
    uint16_t waiting;
    bool streaming;
    bool gap;           /* some have gone that the other end was not told of */
    uint16_t n_features;
    float features[EL_FEATURES_MAX];
    int16_t memory[EL_WINDOW_BYTES / 2]; /* (channels, window) gathered, then the ring */
} w;

static unsigned bits(unsigned of) {
    unsigned n = 0;
    for (; of != 0; of &= of - 1) {
        n++;
    }
    return n;
}

static uint32_t raw_bytes(const el_configure *c) {
    return (uint32_t)c->channels * c->window * 2U;
}

static uint32_t data_bytes(const el_configure *c) {
    return c->features == 0 ? raw_bytes(c) : 4U * c->channels * bits(c->features);
}

void el_window_start(void) {
    memset(&w, 0, sizeof w);
}

/* -- configuration ------------------------------------------------------------------------------------------------------- */

/* Samples a channel that fit in a frame and in the memory, which holds one window gathered and one finished at least. */
static uint32_t longest(const el_configure *c, uint16_t mtu) {
    uint32_t line = mtu > EL_WINDOW_FIXED ? (uint32_t)(mtu - EL_WINDOW_FIXED) : 0;
    uint32_t data = data_bytes(c);
    uint32_t sample = 2U * c->channels;
    if (c->features == 0) {
        uint32_t memory = (EL_WINDOW_BYTES - TIME_BYTES) / 2 / sample;
        return line / sample < memory ? line / sample : memory;
    }
    return data > line || TIME_BYTES + data > EL_WINDOW_BYTES ? 0 : (EL_WINDOW_BYTES - TIME_BYTES - data) / sample;
}

uint8_t el_window_configure(const el_configure *c, uint16_t mtu, uint32_t *limit) {
    const unsigned all = EL_FEATURE_MEAN | EL_FEATURE_VARIANCE | EL_FEATURE_ENERGY | EL_FEATURE_CROSSINGS;
    *limit = EL_CHANNELS_MAX;
    if (c->channels == 0 || c->channels > EL_CHANNELS_MAX) {
        return EL_CODE_CONFIG;
    }
    *limit = all;
    if ((c->features & ~all) != 0) {
        return EL_CODE_CONFIG;
    }
    *limit = longest(c, mtu);
    if (c->window == 0 || c->window > *limit) {
        return EL_CODE_CONFIG;
    }
    w.dropped += w.waiting;
    w.gap = w.gap || w.waiting > 0;
    w.waiting = 0;
    w.first = 0;
    w.c = *c;
    w.gathered = 0;
    w.n_features = 0;
    w.entry = (uint16_t)(TIME_BYTES + data_bytes(c));
    w.capacity = (uint16_t)((EL_WINDOW_BYTES - raw_bytes(c)) / w.entry);
    return EL_CODE_OK;
}

void el_window_stream(bool on) {
    w.streaming = on;
}

const el_configure *el_window_settings(void) {
    return &w.c;
}

/* -- features ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    int32_t sum;
    uint64_t squares;
    uint64_t differences;
    uint32_t crossings;
} sums;

static sums sums_of(const int16_t *x, uint32_t n) {
    sums s = {0, 0, 0, 0};
    for (uint32_t i = 0; i < n; i++) {
        s.sum += x[i];
        s.squares += (uint32_t)((int32_t)x[i] * x[i]);
    }
    for (uint32_t i = 1; i < n; i++) {
        int32_t step = (int32_t)x[i] - x[i - 1];
        uint32_t size = (uint32_t)(step < 0 ? -step : step);
        bool above = (int64_t)n * x[i] >= s.sum;
        bool before = (int64_t)n * x[i - 1] >= s.sum;
        s.differences += size * size; /* 65535 squared fits in 32 bits */
        s.crossings += above != before;
    }
    return s;
}

static unsigned features_of(const int16_t *x, uint32_t n, unsigned which, float *to) {
    const float fraction = 1.0F / 32768.0F; /* powers of two: these products are exact */
    const sums s = sums_of(x, n);
    const uint64_t square = (uint64_t)((int64_t)s.sum * s.sum);
    const float steps = (float)(n > 1 ? n - 1 : 1);
    unsigned k = 0;
    if (which & EL_FEATURE_MEAN) {
        to[k++] = (float)s.sum / (float)n * fraction;
    }
    if (which & EL_FEATURE_VARIANCE) {
        to[k++] = (float)(n * s.squares - square) / (float)((uint64_t)n * n) * (fraction * fraction);
    }
    if (which & EL_FEATURE_ENERGY) {
        to[k++] = (float)s.differences / steps * (fraction * fraction);
    }
    if (which & EL_FEATURE_CROSSINGS) {
        to[k++] = (float)s.crossings / steps;
    }
    return k;
}

/* -- windows ------------------------------------------------------------------------------------------------------------- */

static uint8_t *entry_at(uint32_t k) {
    return (uint8_t *)w.memory + raw_bytes(&w.c) + (w.first + k) % w.capacity * w.entry;
}

static void drop_oldest(void) {
    w.first = (uint16_t)((w.first + 1U) % w.capacity);
    w.waiting--;
    w.dropped++;
    w.gap = true;
}

static void write_data(uint8_t *to) {
    if (w.c.features == 0) {
        for (uint32_t i = 0; i < raw_bytes(&w.c) / 2; i++) {
            el_put_u16(to + 2 * i, (uint16_t)w.memory[i]);
        }
        return;
    }
    for (unsigned i = 0; i < w.n_features; i++) {
        el_put_f32(to + 4 * i, w.features[i]);
    }
}

static void finish(void) {
    unsigned k = 0;
    for (unsigned channel = 0; channel < w.c.channels; channel++) {
        k += features_of(w.memory + (size_t)channel * w.c.window, w.c.window, w.c.features, w.features + k);
    }
    w.n_features = (uint16_t)k;
    w.gathered = 0;
    if (!w.streaming) {
        return; /* one that nobody asked for has no number */
    }
    w.made++;
    if (w.waiting == w.capacity) {
        drop_oldest();
    }
    uint8_t *entry = entry_at(w.waiting);
    el_put_u32(entry, w.time_us);
    write_data(entry + TIME_BYTES);
    w.waiting++;
}

void el_window_sample(const int16_t *channels, uint32_t time_us) {
    if (w.entry == 0) {
        return;
    }
    if (w.gathered == 0) {
        w.time_us = time_us;
    }
    for (unsigned channel = 0; channel < w.c.channels; channel++) {
        w.memory[(size_t)channel * w.c.window + w.gathered] = channels[channel];
    }
    w.gathered++;
    if (w.gathered == w.c.window) {
        finish();
    }
}

static uint16_t next_gap(uint8_t *type, uint8_t *to) {
    el_gap gap = {w.made - w.waiting};
    w.gap = false;
    *type = EL_GAP;
    return el_write_gap(to, &gap);
}

static uint16_t next_window(uint8_t *type, uint8_t *to) {
    const uint8_t *entry = entry_at(0);
    uint16_t n = (uint16_t)data_bytes(&w.c);
    el_window window = {.index = w.made - w.waiting,
                        .time_us = el_get_u32(entry),
                        .format = w.c.features == 0 ? EL_FORMAT_I16 : EL_FORMAT_FEATURES,
                        .channels = w.c.channels,
                        .count = w.c.window};
    uint16_t fixed = el_write_window(to, &window);
    memcpy(to + fixed, entry + TIME_BYTES, n);
    w.first = (uint16_t)((w.first + 1U) % w.capacity);
    w.waiting--;
    *type = EL_WINDOW;
    return (uint16_t)(fixed + n);
}

uint16_t el_window_next(uint8_t *type, uint8_t *to, uint16_t room) {
    while (w.waiting > 0 && EL_WINDOW_FIXED + data_bytes(&w.c) > room) {
        drop_oldest();
    }
    if (w.gap) {
        return next_gap(type, to);
    }
    return w.waiting > 0 ? next_window(type, to) : 0;
}

uint16_t el_window_features(float *to, uint16_t room) {
    if (w.n_features > room) {
        return 0;
    }
    memcpy(to, w.features, sizeof(float) * w.n_features);
    return w.n_features;
}

uint32_t el_windows_made(void) {
    return w.made;
}

uint32_t el_windows_dropped(void) {
    return w.dropped;
}
