/* What a Cortex-M board adds to start-up (startup.c), rings and main loop (port.c): its UART, byte by byte, its wake-up,
 * and, of el_port.h, the clock, the boot number and the flash. */
#ifndef EL_CORTEX_M_BOARD_H
#define EL_CORTEX_M_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#define EL_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* Clocks, pins, UART. */
void board_start(void);

/* Before a sleep: an interrupt that ends it after EL_WAKE_US at the latest. */
void board_set_alarm(void);

/* One byte that has arrived; false: none. */
bool board_get(uint8_t *byte);

/* Hands one byte to the UART; false: it is busy, and raises an interrupt when it no longer is. */
bool board_put(uint8_t byte);

/* Clears what raised the interrupt, whichever it was. */
void board_acknowledge(void);

/* Every interrupt of the chip comes here (startup.c has it in the vector table). */
void board_interrupt(void);

#endif
