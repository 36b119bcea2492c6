/* Sizes, all at compile time. A port sets what it wants otherwise with -D or in its own el_board.h. */
#ifndef EL_CONFIG_H
#define EL_CONFIG_H

#ifdef EL_BOARD_H
#include EL_BOARD_H
#endif

#ifndef EL_MTU
#define EL_MTU 512 /* largest payload of a frame, bytes; at least 72 */
#endif
#ifndef EL_TX_SLOTS
#define EL_TX_SLOTS 2 /* messages kept until acknowledged, 1 to 32 */
#endif
#ifndef EL_RX_SLOTS
#define EL_RX_SLOTS 1 /* room, in largest frames, for those ahead of their turn or put off, 0 to 31 */
#endif
#ifndef EL_RX_BUFFER
#define EL_RX_BUFFER ((EL_RX_SLOTS + 1) * (EL_MTU + 10)) /* credits given, bytes: frames on their way at once */
#endif
#ifndef EL_AUTH
#define EL_AUTH 0 /* 1: a key is needed; see SPEC.md, 6 */
#endif
#ifndef EL_TICK_HZ
#define EL_TICK_HZ 1000000 /* resolution of the port's clock */
#endif
#ifndef EL_WINDOW_BYTES
#define EL_WINDOW_BYTES 2048 /* ring of samples that wait for the line */
#endif
#ifndef EL_CHUNK
#define EL_CHUNK 64 /* bytes handed to and taken from the port at a time */
#endif
#ifndef EL_FLASH_UNIT
#define EL_FLASH_UNIT 8 /* bytes the flash writes at once */
#endif
#ifndef EL_SLOT_BYTES
#define EL_SLOT_BYTES 4096 /* flash for one saved state and its header: whole pages; there are two such slots */
#endif
#ifndef EL_FLASH
extern unsigned char el_flash[]; /* the linker script puts it where the two slots are */
#define EL_FLASH(slot) ((const unsigned char *)el_flash + (slot) * (unsigned)EL_SLOT_BYTES) /* where a slot is mapped */
#endif
#ifndef EL_FIRMWARE
#define EL_FIRMWARE "edgelearn"
#endif

#endif
