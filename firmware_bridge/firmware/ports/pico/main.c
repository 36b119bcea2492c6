/* The six functions of a port with the pico-sdk, on UART 0 (GPIO 0 and 1). NOT RUN ON HARDWARE HERE.
 *
 * Rule: nothing runs from flash while it is written, so interrupts are off; `from` may lie in flash and is copied first. */
#include <hardware/flash.h>
#include <hardware/gpio.h>
#include <hardware/sync.h>
#include <hardware/uart.h>
#include <pico/rand.h>
#include <pico/time.h>
#include <string.h>

#include "el_config.h"
#include "el_device.h"
#include "el_port.h"

#define BAUD 115200
#define PIN_SEND 0
#define PIN_RECEIVE 1

size_t el_port_read(uint8_t *to, size_t room) {
    size_t n = 0;
    while (n < room && uart_is_readable(uart0)) {
        to[n++] = (uint8_t)uart_getc(uart0);
    }
    return n;
}

size_t el_port_write(const uint8_t *from, size_t n) {
    size_t taken = 0;
    while (taken < n && uart_is_writable(uart0)) {
        uart_putc_raw(uart0, (char)from[taken++]);
    }
    return taken;
}

uint32_t el_port_now_us(void) {
    return time_us_32();
}

uint32_t el_port_boot_id(void) {
    uint32_t id;
    do {
        id = get_rand_32();
    } while (id == 0);
    return id;
}

bool el_port_flash_erase(unsigned slot) {
    uint32_t interrupts = save_and_disable_interrupts();
    flash_range_erase(EL_FLASH_FIRST + slot * EL_SLOT_BYTES, EL_SLOT_BYTES);
    restore_interrupts(interrupts);
    return true;
}

bool el_port_flash_write(unsigned slot, size_t offset, const uint8_t *from, size_t n) {
    static uint8_t page[FLASH_PAGE_SIZE];
    for (size_t at = 0; at < n; at += sizeof page) {
        memcpy(page, from + at, sizeof page);
        uint32_t interrupts = save_and_disable_interrupts();
        flash_range_program((uint32_t)(EL_FLASH_FIRST + slot * EL_SLOT_BYTES + offset + at), page, sizeof page);
        restore_interrupts(interrupts);
    }
    return true;
}

int main(void) {
    (void)uart_init(uart0, BAUD);
    gpio_set_function(PIN_SEND, GPIO_FUNC_UART);
    gpio_set_function(PIN_RECEIVE, GPIO_FUNC_UART);
    el_device_start(NULL);
    for (;;) {
        if (!el_device_run()) {
            tight_loop_contents(); /* sample here: el_window_sample */
        }
    }
}
