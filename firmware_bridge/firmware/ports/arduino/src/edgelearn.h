/* The firmware of the serial bridge for Arduino. NOT RUN ON HARDWARE HERE: an example of a port, compiled against stand-ins.
 *
 * Make the library whole by copying the firmware beside this file, then install the folder `arduino` as a library:
 *     cp -r include/. src/. ports/arduino/src/
 * For a board with 32 KB of RAM and more, and an EEPROM (or its emulation) of at least EL_EEPROM_BYTES. */
#ifndef EDGELEARN_H
#define EDGELEARN_H

#ifdef __cplusplus
extern "C" {
#endif
#include "el_config.h"
#include "el_device.h"
#include "el_window.h"
#ifdef __cplusplus
}
#endif

#define EL_EEPROM_BYTES (2 * EL_SLOT_BYTES + 4) /* two slots, and a count of boots */

/* In setup(), after Serial.begin. */
void edgelearn_begin(void);

#endif
