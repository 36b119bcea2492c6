/* Sizes of the firmware on the MPS2 board with AN386 (Cortex-M4F at 25 MHz). */
#ifndef EL_BOARD_MPS2_AN386_H
#define EL_BOARD_MPS2_AN386_H

#define EL_FIRMWARE "mps2_an386"
#define EL_BAUD 115200
#define EL_WAKE_US 5000 /* longest sleep */
#define EL_RX_RING 1024 /* powers of two */
#define EL_TX_RING 256
#ifndef EL_KEY
#define EL_KEY 0 /* no authentication */
#endif

#define EL_FLASH_UNIT 8
#define EL_SLOT_BYTES 16384U /* two of them, where mps2_an386.ld says */
#define EL_EMULATOR 0x40010000U /* GPIO 0, of which no pin is used */

#endif
