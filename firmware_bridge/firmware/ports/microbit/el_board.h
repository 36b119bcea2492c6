/* Sizes of the firmware on the micro:bit (nRF51822: Cortex-M0 at 16 MHz, 16 KB of RAM). */
#ifndef EL_BOARD_MICROBIT_H
#define EL_BOARD_MICROBIT_H

#define EL_FIRMWARE "microbit"
#define EL_BAUDRATE 0x01D7E000U /* 115200, as the register wants it */
#define EL_WAKE_US 5000U        /* longest sleep */
#define EL_RX_RING 512          /* powers of two */
#define EL_TX_RING 64
#define EL_MTU 136 /* the least that takes a sample of 64 values */
#define EL_WINDOW_BYTES 1024
#ifndef EL_KEY
#define EL_KEY 0 /* no authentication */
#endif

#define EL_FLASH_UNIT 4
#define EL_SLOT_BYTES 4096U /* four pages; the two slots lie where microbit.ld says */
#define EL_EMULATOR 0x4001A000U /* no peripheral has this number */

#endif
