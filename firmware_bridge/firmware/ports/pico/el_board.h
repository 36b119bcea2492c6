/* Sizes of the firmware on a Raspberry Pi Pico. NOT RUN ON HARDWARE HERE. */
#ifndef EL_BOARD_PICO_H
#define EL_BOARD_PICO_H

#include <hardware/flash.h>

#define EL_FIRMWARE "pico"
#define EL_FLASH_UNIT FLASH_PAGE_SIZE /* 256 */
#define EL_SLOT_BYTES FLASH_SECTOR_SIZE /* 4096; the two slots are the last of the flash */
#define EL_FLASH_FIRST (PICO_FLASH_SIZE_BYTES - 2 * EL_SLOT_BYTES)
#define EL_FLASH(slot) ((const unsigned char *)(XIP_BASE + EL_FLASH_FIRST + (slot) * (unsigned)EL_SLOT_BYTES))

#endif
