/* Sizes of the firmware as a process: room for a line with a long way, and flash in a file. */
#ifndef EL_BOARD_POSIX_H
#define EL_BOARD_POSIX_H

#ifndef EL_TX_SLOTS
#define EL_TX_SLOTS 32
#endif
#ifndef EL_RX_SLOTS
#define EL_RX_SLOTS 31
#endif
#ifndef EL_WINDOW_BYTES
#define EL_WINDOW_BYTES 65536
#endif
#ifndef EL_SLOT_BYTES
#define EL_SLOT_BYTES 65536
#endif
#ifndef EL_CHUNK
#define EL_CHUNK 4096
#endif
#define EL_FIRMWARE "posix"
#define EL_FLASH(slot) (el_posix_flash + (slot) * (unsigned)EL_SLOT_BYTES)

extern const unsigned char *el_posix_flash; /* both slots, mapped */

#endif
