/* What the parts of the POSIX port know of each other. */
#ifndef EL_POSIX_H
#define EL_POSIX_H

#include <stdbool.h>
#include <stdint.h>

/* line.c: opens the line, one of the two; ends the process with a reason when it cannot. */
void line_pty(const char *link); /* prints the path of the terminal; link: a symbolic link to it, or NULL */
void line_socket(const char *path);
void line_standard(void);

/* From now on no more than this line sends is written; 0: as fast as it goes. */
void line_pace(uint32_t baud);

/* Waits until a byte has arrived or so many microseconds are over; false: the other end has gone for good. */
bool line_wait(uint32_t us);

/* flash.c: opens both slots in a file; NULL: in memory, gone with the process. */
void flash_open(const char *path);

_Noreturn void fail(const char *what);

#endif
