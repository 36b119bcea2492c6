/* A peripheral that only emulators have (edgelearn.emulator.boards): what a user's test gives the board to sample, and flash
 * for a chip without any. It lies at EL_EMULATOR (el_board.h), where the chip has nothing that a read disturbs; QEMU and
 * hardware read something else than the id there, and nothing of it is used. A board without EL_EMULATOR is never asked.
 *
 *     0x00  id: EMULATOR_ID
 *     0x04  bytes of a page of flash
 *     0x08  write an address of flash: its page is erased
 *     0x0C  other than 0: a sensor is attached
 *     0x10  write a time of el_port_now_us: the channels become what they were then
 *     0x40  a word for each channel, of which the lower 16 bits count */
#ifndef EL_CORTEX_M_EMULATOR_H
#define EL_CORTEX_M_EMULATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "el_config.h"

#define EMULATOR_ID 0x31424C45U /* "ELB1" */
#define EMULATOR_IS EL_REGISTER(EL_EMULATOR + 0x00U)
#define EMULATOR_PAGE_BYTES EL_REGISTER(EL_EMULATOR + 0x04U)
#define EMULATOR_ERASE EL_REGISTER(EL_EMULATOR + 0x08U)
#define EMULATOR_SENSOR EL_REGISTER(EL_EMULATOR + 0x0CU)
#define EMULATOR_TIME EL_REGISTER(EL_EMULATOR + 0x10U)
#define EMULATOR_CHANNEL(c) EL_REGISTER(EL_EMULATOR + 0x40U + 4U * (c))

/* A sensor_source (sensor.h): what is attached to the emulated board; false where nothing is, and outside of it. */
bool emulator_sample(uint32_t time_us, int16_t *channels);

#endif
