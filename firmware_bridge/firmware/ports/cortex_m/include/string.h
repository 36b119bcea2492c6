/* The four functions of string.h the firmware uses; memory.c has them. By their built-in names a compiler still
 * puts a load in the place of a four-byte memcpy, which -ffreestanding would take from it. */
#ifndef EL_STRING_H
#define EL_STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#define memcpy(to, from, n) __builtin_memcpy((to), (from), (n))
#define memmove(to, from, n) __builtin_memmove((to), (from), (n))
#define memset(to, value, n) __builtin_memset((to), (value), (n))
#define memcmp(a, b, n) __builtin_memcmp((a), (b), (n))

#endif
