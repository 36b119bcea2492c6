/* What the board of the smallest main.c has; nothing behind it, for it is only built. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

static inline void board_start(void) {
}

static inline bool board_uart_get(uint8_t *byte) {
    (void)byte;
    return false;
}

static inline bool board_uart_put(uint8_t byte) {
    (void)byte;
    return true;
}

static inline uint32_t board_micros(void) {
    return 0;
}

static inline uint32_t board_random(void) {
    return 4;
}

#endif
