/* What the example uses of Arduino's EEPROM library, as declared there. */
#pragma once
#include <stdint.h>

struct EEPROMClass {
    uint8_t read(int at);
    void write(int at, uint8_t value);
};
extern EEPROMClass EEPROM;
