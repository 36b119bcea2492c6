/* The six functions that make a port. None may block for longer than a few hundred microseconds but the two for flash. */
#ifndef EL_PORT_H
#define EL_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that have arrived, at most `room`; returns how many. An interrupt that fills a ring is the usual way. */
size_t el_port_read(uint8_t *to, size_t room);

/* Hands bytes to the line; returns how many were taken, 0 when it is busy. */
size_t el_port_write(const uint8_t *from, size_t n);

/* A clock that counts microseconds, and wraps at 2^32, not before: of a timer with fewer bits count the wraps. Asked at
 * least once every half hour. */
uint32_t el_port_now_us(void);

/* A number that is another at each call, never 0: a true random number, or a counter in a register that survives. Asked for at
 * each boot and at each RESET. With authentication it must never repeat. */
uint32_t el_port_boot_id(void);

/* Erases slot 0 or 1 (EL_SLOT_BYTES each) to 0xFF; false when it failed. */
bool el_port_flash_erase(unsigned slot);

/* Writes n bytes (a multiple of EL_FLASH_UNIT, at a multiple of it) of an erased slot; false when it failed. Reading needs
 * no function: EL_FLASH(slot) of el_config.h is the address at which a slot is mapped. `from` lies at any address. */
bool el_port_flash_write(unsigned slot, size_t offset, const uint8_t *from, size_t n);

#endif
