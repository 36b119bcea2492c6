/* A device that samples A0 as often as the host asks and learns what the host teaches. NOT RUN ON HARDWARE HERE. */
#include <edgelearn.h>

static uint32_t next_us;

void setup() {
    Serial.begin(115200);
    edgelearn_begin();
}

void loop() {
    el_device_run();
    const el_configure *wanted = el_window_settings();
    if (wanted->channels == 1 && wanted->rate_hz != 0 && (int32_t)(micros() - next_us) >= 0) {
        const int16_t sample = (int16_t)(analogRead(A0) * 32);
        next_us = micros();
        el_window_sample(&sample, next_us);
        next_us += 1000000UL / wanted->rate_hz;
    }
}
