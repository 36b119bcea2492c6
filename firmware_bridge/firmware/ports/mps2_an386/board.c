/* MPS2 with AN386: CMSDK UART 0, dual timer as clock, SysTick as alarm. Arm DAI0386, DDI0479; the registers QEMU models.
 *
 * Rule 1: the clock is a 32-bit timer that is only read: it wraps after 171 s, where SysTick wraps after 0.67 s, which a stalled
 * emulator may miss. SysTick wakes a sleeping core and nothing else.
 * Rule 2: there is no flash and no random number generator. Two slots in RAM that the firmware does not use otherwise stand in for
 * the one: they outlive a reset, not a power cut; an emulator that has flash (emulator.h) has it there. For the other stands a word
 * that whoever starts the board writes (el_seed: the emulators do), or what the RAM holds at power-up, mixed with a count of resets. */
#include <string.h>

#include "board.h"
#include "el_config.h"
#include "el_port.h"
#include "emulator.h"

#define HZ 25000000U

#define UART 0x40004000U
#define UART_DATA EL_REGISTER(UART + 0x00U)
#define UART_STATE EL_REGISTER(UART + 0x04U)
#define UART_CTRL EL_REGISTER(UART + 0x08U)
#define UART_INTERRUPT EL_REGISTER(UART + 0x0CU)
#define UART_DIVIDER EL_REGISTER(UART + 0x10U)
#define UART_TX_FULL 1U
#define UART_RX_FULL 2U
#define UART_ON 0xBU /* send, receive, an interrupt when a byte has arrived */
#define UART_TELL_SENT 4U
#define UART_BOTH 3U

#define TIMER_LOAD EL_REGISTER(0x40002000U)
#define TIMER_VALUE EL_REGISTER(0x40002004U) /* counts down */
#define TIMER_CONTROL EL_REGISTER(0x40002008U)
#define TIMER_FREE_32_BIT 0x82U

#define SYSTICK_CONTROL EL_REGISTER(0xE000E010U)
#define SYSTICK_RELOAD EL_REGISTER(0xE000E014U)
#define SYSTICK_VALUE EL_REGISTER(0xE000E018U)
#define SYSTICK_ON 7U /* core clock, interrupt, enable */

#define NVIC_ENABLE EL_REGISTER(0xE000E100U)
#define INTERRUPTS 3U /* 0: UART 0 has received; 1: has sent */

__attribute__((section(".noinit"))) volatile uint32_t el_seed;
__attribute__((section(".noinit"))) static volatile uint32_t resets;

static uint32_t ticks_seen, microseconds, ticks_over;
static bool telling; /* an interrupt comes when a byte has been sent */

void board_start(void) {
    TIMER_LOAD = 0xFFFFFFFFU;
    TIMER_CONTROL = TIMER_FREE_32_BIT;
    SYSTICK_RELOAD = HZ / 1000000U * EL_WAKE_US - 1U;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_ON;
    UART_DIVIDER = HZ / EL_BAUD;
    UART_CTRL = UART_ON;
    NVIC_ENABLE = INTERRUPTS;
}

/* SysTick is periodic. */
void board_set_alarm(void) {
}

bool board_get(uint8_t *byte) {
    if ((UART_STATE & UART_RX_FULL) == 0) {
        return false;
    }
    *byte = (uint8_t)UART_DATA;
    return true;
}

bool board_put(uint8_t byte) {
    if ((UART_STATE & UART_TX_FULL) != 0) {
        UART_CTRL = UART_ON | UART_TELL_SENT;
        telling = true;
        if ((UART_STATE & UART_TX_FULL) != 0) { /* it was sent before the interrupt was asked for */
            return false;
        }
    }
    UART_DATA = byte;
    return true;
}

void board_acknowledge(void) {
    UART_INTERRUPT = UART_BOTH;
    if (telling) {
        telling = false;
        UART_CTRL = UART_ON; /* board_put asks again */
    }
}

uint32_t el_port_now_us(void) {
    uint32_t ticks = ~TIMER_VALUE;
    ticks_over += ticks - ticks_seen;
    ticks_seen = ticks;
    microseconds += ticks_over / (HZ / 1000000U);
    ticks_over %= HZ / 1000000U;
    return microseconds;
}

uint32_t el_port_boot_id(void) {
    uint32_t mixed = el_seed ^ (++resets * 0x9E3779B9U);
    mixed = (mixed ^ (mixed >> 16)) * 0x7FEB352DU;
    mixed = (mixed ^ (mixed >> 15)) * 0x846CA68BU;
    mixed ^= mixed >> 16;
    return mixed == 0 ? 1 : mixed;
}

static volatile uint32_t *words_of(unsigned slot) {
    return &EL_REGISTER(EL_FLASH(slot));
}

bool el_port_flash_erase(unsigned slot) {
    if (EMULATOR_IS == EMULATOR_ID) {
        const uint32_t page_bytes = EMULATOR_PAGE_BYTES;
        for (uint32_t at = 0; at < EL_SLOT_BYTES; at += page_bytes) {
            EMULATOR_ERASE = (uint32_t)(uintptr_t)EL_FLASH(slot) + at;
        }
        return true;
    }
    for (size_t i = 0; i < EL_SLOT_BYTES / sizeof(uint32_t); i++) {
        words_of(slot)[i] = 0xFFFFFFFFU;
    }
    return true;
}

/* As flash: a bit goes to 0 only, and one that does not is left to whoever reads it back. */
bool el_port_flash_write(unsigned slot, size_t offset, const uint8_t *from, size_t n) {
    volatile uint32_t *to = words_of(slot) + offset / sizeof(uint32_t);
    for (size_t i = 0; i < n; i += sizeof(uint32_t), to++) {
        uint32_t word;
        memcpy(&word, from + i, sizeof word);
        *to &= word;
    }
    return true;
}
