#pragma once
enum gpio_function { GPIO_FUNC_UART = 2 };
void gpio_set_function(unsigned gpio, enum gpio_function fn);
