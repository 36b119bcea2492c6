/* micro:bit v1 (nRF51822): UART on the pins of its USB interface, TIMER0 as clock and alarm, RNG, NVMC. nRF51 Series Reference Manual
 * 3.0; the registers QEMU models.
 *
 * Rule: the core stands still while a page of flash is erased (about 21 ms): bytes that arrive meanwhile are lost, and sent
 * again by the link. */
#include <string.h>

#include "board.h"
#include "el_config.h"
#include "el_port.h"

#define CLOCK_CRYSTAL_START EL_REGISTER(0x40000000U) /* the UART is too far off on the RC oscillator */

#define GPIO_OUT_SET EL_REGISTER(0x50000508U)
#define GPIO_OUTPUT_SET EL_REGISTER(0x50000518U)
#define PIN_SEND 24U
#define PIN_RECEIVE 25U

#define UART 0x40002000U
#define UART_START_RX EL_REGISTER(UART + 0x000U)
#define UART_START_TX EL_REGISTER(UART + 0x008U)
#define UART_RECEIVED EL_REGISTER(UART + 0x108U)
#define UART_SENT EL_REGISTER(UART + 0x11CU)
#define UART_ERROR EL_REGISTER(UART + 0x124U)
#define UART_INTERRUPTS EL_REGISTER(UART + 0x304U)
#define UART_ERRORS EL_REGISTER(UART + 0x480U)
#define UART_ENABLE EL_REGISTER(UART + 0x500U)
#define UART_PIN_SEND EL_REGISTER(UART + 0x50CU)
#define UART_PIN_RECEIVE EL_REGISTER(UART + 0x514U)
#define UART_RX EL_REGISTER(UART + 0x518U)
#define UART_TX EL_REGISTER(UART + 0x51CU)
#define UART_BAUDRATE EL_REGISTER(UART + 0x524U)
#define UART_ON_RECEIVED (1U << 2)
#define UART_ON_SENT (1U << 7)

#define TIMER 0x40008000U
#define TIMER_START EL_REGISTER(TIMER + 0x000U)
#define TIMER_CAPTURE_0 EL_REGISTER(TIMER + 0x040U)
#define TIMER_ALARM EL_REGISTER(TIMER + 0x144U)
#define TIMER_INTERRUPTS EL_REGISTER(TIMER + 0x304U)
#define TIMER_BITS EL_REGISTER(TIMER + 0x508U)
#define TIMER_PRESCALER EL_REGISTER(TIMER + 0x510U)
#define TIMER_CAPTURED_0 EL_REGISTER(TIMER + 0x540U)
#define TIMER_ALARM_AT EL_REGISTER(TIMER + 0x544U)
#define TIMER_32_BIT 3U
#define TIMER_1_MHZ 4U
#define TIMER_ON_ALARM (1U << 17)

#define RNG_START EL_REGISTER(0x4000D000U)
#define RNG_STOP EL_REGISTER(0x4000D004U)
#define RNG_READY EL_REGISTER(0x4000D100U)
#define RNG_EVEN EL_REGISTER(0x4000D504U)
#define RNG_VALUE EL_REGISTER(0x4000D508U)

#define NVMC_READY EL_REGISTER(0x4001E400U)
#define NVMC_CONFIG EL_REGISTER(0x4001E504U)
#define NVMC_ERASE_PAGE EL_REGISTER(0x4001E508U)
#define NVMC_READ 0U
#define NVMC_WRITE 1U
#define NVMC_ERASE 2U
#define PAGE_BYTES 1024U

#define NVIC_ENABLE EL_REGISTER(0xE000E100U)
#define INTERRUPTS ((1U << 2) | (1U << 8)) /* UART and TIMER0 */

static bool sending;

void board_set_alarm(void) {
    TIMER_ALARM_AT = el_port_now_us() + EL_WAKE_US;
}

static void start_uart(void) {
    GPIO_OUT_SET = 1U << PIN_SEND;
    GPIO_OUTPUT_SET = 1U << PIN_SEND;
    UART_PIN_SEND = PIN_SEND;
    UART_PIN_RECEIVE = PIN_RECEIVE;
    UART_BAUDRATE = EL_BAUDRATE;
    UART_ENABLE = 4U;
    UART_INTERRUPTS = UART_ON_RECEIVED | UART_ON_SENT;
    UART_START_TX = 1U;
    UART_START_RX = 1U;
}

void board_start(void) {
    CLOCK_CRYSTAL_START = 1U;
    TIMER_BITS = TIMER_32_BIT;
    TIMER_PRESCALER = TIMER_1_MHZ;
    TIMER_START = 1U;
    TIMER_INTERRUPTS = TIMER_ON_ALARM;
    start_uart();
    NVIC_ENABLE = INTERRUPTS;
}

bool board_get(uint8_t *byte) {
    if (UART_RECEIVED == 0) {
        return false;
    }
    UART_RECEIVED = 0; /* before the read: the next byte sets it again */
    *byte = (uint8_t)UART_RX;
    return true;
}

bool board_put(uint8_t byte) {
    if (sending && UART_SENT == 0) {
        return false;
    }
    sending = true;
    UART_SENT = 0;
    UART_TX = byte;
    return true;
}

/* A byte sent or received stays pending until board_get or board_put have seen it, which masks nothing: an interrupt with no
 * more to send would come again for ever, so its event is taken down here and remembered. */
void board_acknowledge(void) {
    if (UART_SENT != 0) {
        UART_SENT = 0;
        sending = false;
    }
    if (UART_ERROR != 0) {
        UART_ERROR = 0;
        UART_ERRORS = UART_ERRORS;
    }
    TIMER_ALARM = 0;
}

uint32_t el_port_now_us(void) {
    TIMER_CAPTURE_0 = 1U;
    return TIMER_CAPTURED_0;
}

uint32_t el_port_boot_id(void) {
    uint32_t id = 0;
    RNG_EVEN = 1U;
    RNG_START = 1U;
    while (id == 0) {
        for (int i = 0; i < 4; i++) {
            while (RNG_READY == 0) {
            }
            RNG_READY = 0;
            id = (id << 8) | (RNG_VALUE & 0xFFU);
        }
    }
    RNG_STOP = 1U;
    return id;
}

static void flash_mode(uint32_t mode) {
    NVMC_CONFIG = mode;
    while (NVMC_READY == 0) {
    }
}

static void flash_wait(void) {
    while (NVMC_READY == 0) {
    }
}

bool el_port_flash_erase(unsigned slot) {
    flash_mode(NVMC_ERASE);
    for (uint32_t page = 0; page < EL_SLOT_BYTES; page += PAGE_BYTES) {
        NVMC_ERASE_PAGE = (uint32_t)(uintptr_t)EL_FLASH(slot) + page;
        flash_wait();
    }
    flash_mode(NVMC_READ);
    return true;
}

bool el_port_flash_write(unsigned slot, size_t offset, const uint8_t *from, size_t n) {
    flash_mode(NVMC_WRITE);
    for (size_t i = 0; i < n; i += EL_FLASH_UNIT) {
        uint32_t word;
        memcpy(&word, from + i, sizeof word);
        EL_REGISTER((uintptr_t)EL_FLASH(slot) + offset + i) = word;
        flash_wait();
    }
    flash_mode(NVMC_READ);
    return memcmp(EL_FLASH(slot) + offset, from, n) == 0;
}
