/* What the example uses of Arduino, as declared there. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define A0 14
unsigned long micros(void);
int analogRead(uint8_t pin);

struct Stream {
    void begin(unsigned long baud);
    int available(void);
    int read(void);
    int availableForWrite(void);
    size_t write(const uint8_t *from, size_t n);
};
extern Stream Serial;
