/* The six functions of a port on Arduino's Serial and EEPROM. NOT RUN ON HARDWARE HERE.
 *
 * Rule: the firmware reads its flash at an address, and an EEPROM has none: el_flash is a copy in RAM, read at the start;
 * what is erased and written goes to both. */
#include "edgelearn.h"

#include <Arduino.h>
#include <EEPROM.h>

extern "C" {
#include "el_port.h"

unsigned char el_flash[2 * EL_SLOT_BYTES];

size_t el_port_read(uint8_t *to, size_t room) {
    size_t n = 0;
    while (n < room && Serial.available() > 0) {
        to[n++] = (uint8_t)Serial.read();
    }
    return n;
}

size_t el_port_write(const uint8_t *from, size_t n) {
    const int room = Serial.availableForWrite();
    const size_t most = room > 0 ? (size_t)room : 0;
    return Serial.write(from, n < most ? n : most);
}

uint32_t el_port_now_us(void) {
    return (uint32_t)micros();
}

uint32_t el_port_boot_id(void) {
    uint32_t count = 0;
    for (int i = 0; i < 4; i++) {
        count |= (uint32_t)EEPROM.read(2 * EL_SLOT_BYTES + i) << (8 * i);
    }
    count = count + 1 == 0 ? 1 : count + 1;
    for (int i = 0; i < 4; i++) {
        EEPROM.write(2 * EL_SLOT_BYTES + i, (uint8_t)(count >> (8 * i)));
    }
    return count;
}

bool el_port_flash_erase(unsigned slot) {
    for (size_t i = 0; i < EL_SLOT_BYTES; i++) {
        el_flash[slot * EL_SLOT_BYTES + i] = 0xFF;
        EEPROM.write((int)(slot * EL_SLOT_BYTES + i), 0xFF);
    }
    return true;
}

bool el_port_flash_write(unsigned slot, size_t offset, const uint8_t *from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        el_flash[slot * EL_SLOT_BYTES + offset + i] = from[i];
        EEPROM.write((int)(slot * EL_SLOT_BYTES + offset + i), from[i]);
    }
    return true;
}
}

void edgelearn_begin(void) {
    for (size_t i = 0; i < sizeof el_flash; i++) {
        el_flash[i] = EEPROM.read((int)i);
    }
    el_device_start(NULL);
}
