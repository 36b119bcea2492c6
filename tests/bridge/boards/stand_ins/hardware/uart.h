#pragma once
#include <stdbool.h>
typedef struct uart_inst uart_inst_t;
extern uart_inst_t *uart0;
unsigned uart_init(uart_inst_t *uart, unsigned baudrate);
bool uart_is_readable(uart_inst_t *uart);
bool uart_is_writable(uart_inst_t *uart);
char uart_getc(uart_inst_t *uart);
void uart_putc_raw(uart_inst_t *uart, char c);
