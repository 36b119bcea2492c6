/* el_port_read and el_port_write over two rings, and the main loop, of every Cortex-M board.
 *
 * Rule 1: interrupts move bytes between rings and UART, so that the line goes on while the head learns. Both functions move
 * them too: the firmware is complete without one interrupt (emulators without an interrupt controller, a debugger).
 * Rule 2: whoever moves bytes holds the interrupts off: no ring has two writers.
 * Rule 3: a byte that finds the ring full is dropped, as a UART does; the link sends it again. */
#include "../sensor/sensor.h"
#include "board.h"
#include "emulator.h"
#include "el_config.h"
#include "el_device.h"
#include "el_port.h"

typedef struct {
    uint32_t head, tail; /* bytes ever put and taken */
    uint8_t *bytes;
    uint32_t mask;
} ring;

static uint8_t in_bytes[EL_RX_RING], out_bytes[EL_TX_RING];
static ring in = {0, 0, in_bytes, EL_RX_RING - 1}, out = {0, 0, out_bytes, EL_TX_RING - 1};

static bool put(ring *r, uint8_t byte) {
    if (r->head - r->tail > r->mask) {
        return false;
    }
    r->bytes[r->head++ & r->mask] = byte;
    return true;
}

static uint32_t hold(void) {
    uint32_t before;
    __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(before)::"memory");
    return before;
}

static void let(uint32_t before) {
    __asm volatile("msr primask, %0" ::"r"(before) : "memory");
}

static void move(void) {
    uint8_t byte;
    while (board_get(&byte)) {
        (void)put(&in, byte);
    }
    while (out.head != out.tail && board_put(out.bytes[out.tail & out.mask])) {
        out.tail++;
    }
}

void board_interrupt(void) {
    board_acknowledge();
    move();
}

size_t el_port_read(uint8_t *to, size_t room) {
    size_t n = 0;
    uint32_t before = hold();
    move();
    while (n < room && in.head != in.tail) {
        to[n++] = in.bytes[in.tail++ & in.mask];
    }
    let(before);
    return n;
}

size_t el_port_write(const uint8_t *from, size_t n) {
    size_t taken = 0;
    uint32_t before = hold();
    move();
    while (taken < n && put(&out, from[taken])) {
        taken++;
    }
    move();
    let(before);
    return taken;
}

/* Asleep until an interrupt; one that came after el_device_run looked is still waiting and ends the sleep at once. */
static void rest(void) {
    uint32_t before = hold();
    move();
    if (in.head == in.tail) {
        board_set_alarm();
        __asm volatile("dsb\n\twfi" ::: "memory");
    }
    let(before);
}

int main(void) {
    board_start();
    el_device_start(EL_KEY);
    for (;;) {
        const bool moved = el_device_run(), due = sensor_run(0, emulator_sample);
        if (!moved && !due) {
            rest();
        }
    }
}
