/* From reset to main on any Cortex-M: vectors, memory, FPU.
 *
 * Rule 1: all interrupts of the chip go to one function; a firmware with a UART and a timer needs no table of them.
 * Rule 2: a fault restarts the chip: the other end then sees a new boot, which it knows how to live with. A loop here would be
 * a device that hangs. */
#include <stdint.h>

#include "board.h"

#define AIRCR EL_REGISTER(0xE000ED0CU) /* application interrupt and reset control */
#define CPACR EL_REGISTER(0xE000ED88U) /* who may use the FPU */

extern uint32_t el_stack_top[], el_data_from[], el_data_start[], el_data_end[], el_bss_start[], el_bss_end[];

int main(void);
_Noreturn void el_start(void);
_Noreturn void el_restart(void);
void el_tick(void);

#define IN_ALL_FOUR(x) x, x, x, x
#define INTERRUPTS_32 \
    IN_ALL_FOUR(board_interrupt), IN_ALL_FOUR(board_interrupt), IN_ALL_FOUR(board_interrupt), \
        IN_ALL_FOUR(board_interrupt), IN_ALL_FOUR(board_interrupt), IN_ALL_FOUR(board_interrupt), \
        IN_ALL_FOUR(board_interrupt), IN_ALL_FOUR(board_interrupt)

typedef struct {
    uint32_t *stack;
    void (*handlers[47])(void);
} vectors;

__attribute__((section(".vectors"), used)) static const vectors table = {
    el_stack_top,
    {el_start, el_restart, el_restart, el_restart, el_restart, el_restart, el_restart, el_restart, el_restart, el_restart,
     el_restart, el_restart, el_restart, el_restart, el_tick, INTERRUPTS_32},
};

void el_start(void) {
    const uint32_t *from = el_data_from;
    for (uint32_t *to = el_data_start; to < el_data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = el_bss_start; to < el_bss_end;) {
        *to++ = 0;
    }
#ifdef __ARM_FP
    CPACR |= 0xFU << 20; /* before the first instruction that uses it */
    __asm volatile("dsb\n\tisb" ::: "memory");
#endif
    (void)main();
    el_restart();
}

void el_restart(void) {
    AIRCR = 0x05FA0004U;
    for (;;) {
    }
}

/* SysTick only ends a sleep. */
void el_tick(void) {
}
