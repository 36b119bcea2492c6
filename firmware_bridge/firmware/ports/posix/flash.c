/* Flash in a file, as flash is: erased to 0xFF, written in units, once; each operation is on disk when it returns.
 *
 * EL_CUT_AT=n[:bytes] in the environment cuts the power: the n-th operation (a unit written, a slot erased; from 0) is left after
 * so many bytes, the next byte half done, and the process is killed. */
#define _XOPEN_SOURCE 700

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "el_config.h"
#include "el_port.h"
#include "posix.h"

#define FLASH_BYTES (2U * EL_SLOT_BYTES)

const unsigned char *el_posix_flash;
static int file;
static long cut_at = -1; /* operations until then; below 0: never */
static size_t cut_bytes;

static void put(size_t at, const uint8_t *from, size_t n) {
    if (pwrite(file, from, n, (off_t)at) != (ssize_t)n) {
        fail("cannot write the flash file");
    }
}

static void on_disk(void) {
    if (fdatasync(file) != 0) {
        fail("cannot write the flash file");
    }
}

/* One operation: n bytes at `at` become those of `from`. */
static void operate(size_t at, const uint8_t *from, size_t n) {
    if (cut_at == 0) {
        size_t whole = cut_bytes < n ? cut_bytes : n;
        put(at, from, whole);
        if (whole < n) {
            uint8_t half = (uint8_t)((el_posix_flash[at + whole] & 0x0F) | (from[whole] & 0xF0));
            put(at + whole, &half, 1);
        }
        on_disk();
        (void)raise(SIGKILL);
    }
    cut_at -= cut_at > 0;
    put(at, from, n);
}

static void read_cut(void) {
    const char *text = getenv("EL_CUT_AT");
    if (text == NULL) {
        return;
    }
    char *end;
    cut_at = strtol(text, &end, 10);
    cut_bytes = *end == ':' ? (size_t)strtoul(end + 1, &end, 10) : 0;
    if (*end != 0 || cut_at < 0) {
        fail("EL_CUT_AT must be a number, or two with a colon between");
    }
}

void flash_open(const char *path) {
    struct stat known;
    FILE *nameless = path == NULL ? tmpfile() : NULL;
    file = path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : nameless != NULL ? fileno(nameless) : -1;
    if (file < 0 || fstat(file, &known) != 0) {
        fail("cannot open the flash file");
    }
    uint8_t blank[256];
    memset(blank, 0xFF, sizeof blank);
    for (off_t at = known.st_size; at < (off_t)FLASH_BYTES; at += (off_t)sizeof blank) {
        put((size_t)at, blank, sizeof blank);
    }
    void *mapped = mmap(NULL, FLASH_BYTES, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) {
        fail("cannot map the flash file");
    }
    el_posix_flash = mapped;
    read_cut();
}

bool el_port_flash_erase(unsigned slot) {
    static uint8_t blank[EL_SLOT_BYTES];
    memset(blank, 0xFF, sizeof blank);
    operate((size_t)slot * EL_SLOT_BYTES, blank, sizeof blank);
    on_disk();
    return true;
}

bool el_port_flash_write(unsigned slot, size_t offset, const uint8_t *from, size_t n) {
    if (n % EL_FLASH_UNIT != 0 || offset % EL_FLASH_UNIT != 0 || offset > EL_SLOT_BYTES || n > EL_SLOT_BYTES - offset) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (EL_FLASH(slot)[offset + i] != 0xFF) {
            return false; /* a unit is written once */
        }
    }
    for (size_t i = 0; i < n; i += EL_FLASH_UNIT) {
        operate((size_t)slot * EL_SLOT_BYTES + offset + i, from + i, EL_FLASH_UNIT);
    }
    on_disk();
    return true;
}
