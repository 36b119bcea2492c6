/* Flash in memory, from which the power goes at any operation (a unit written, a slot erased) and leaves anything there, and one
 * call for each thing a test does with the store. */
#include <setjmp.h>
#include <string.h>

#include "el_port.h"
#include "el_store.h"

unsigned char el_flash[2 * EL_SLOT_BYTES];

static jmp_buf dark;
static uint32_t operations, cut_at, seed;
static int torn;      /* bytes of the operation that were carried out; the rest is anything */
static int worn = -1; /* a unit of slot and offset that no longer takes what is written */
static bool header_first; /* a cache before the flash: the payload gets there after the header, which is written last */
static unsigned char cached[2 * EL_SLOT_BYTES]; /* 1: this byte has not got to the flash yet */
static uint32_t misused;  /* units written that were not erased, or not whole */
static el_store store;

static uint32_t draw(void) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static void tear(unsigned char *to, const unsigned char *after, size_t n) {
    for (size_t i = 0; i < sizeof cached; i++) {
        el_flash[i] = cached[i] ? 0xFF : el_flash[i];
    }
    memset(cached, 0, sizeof cached);
    for (size_t i = (size_t)torn; i < n; i++) {
        uint32_t what = draw();
        to[i] = (what & 3) == 0 ? to[i] : (what & 3) == 1 ? after[i] : (unsigned char)(what >> 8);
    }
    memcpy(to, after, (size_t)torn < n ? (size_t)torn : n);
    longjmp(dark, 1);
}

static void write_unit(size_t at, const uint8_t *from) {
    if (operations++ == cut_at) {
        memset(cached + at, 0, EL_FLASH_UNIT);
        tear(el_flash + at, from, EL_FLASH_UNIT);
    }
    if ((size_t)worn != at / EL_FLASH_UNIT) {
        for (size_t k = 0; k < EL_FLASH_UNIT; k++) {
            el_flash[at + k] &= from[k]; /* writing only takes bits away */
        }
    }
    memset(cached + at, 0, EL_FLASH_UNIT);
}

static void write_cached(unsigned slot) {
    for (size_t at = slot * EL_SLOT_BYTES; at < (slot + 1) * EL_SLOT_BYTES; at += EL_FLASH_UNIT) {
        if (cached[at]) {
            unsigned char unit[EL_FLASH_UNIT];
            memcpy(unit, el_flash + at, sizeof unit);
            write_unit(at, unit);
        }
    }
}

bool el_port_flash_erase(unsigned slot) {
    static unsigned char blank[EL_SLOT_BYTES];
    memset(blank, 0xFF, sizeof blank);
    unsigned char *to = el_flash + slot * EL_SLOT_BYTES;
    if (operations++ == cut_at) {
        tear(to, blank, sizeof blank);
    }
    memcpy(to, blank, sizeof blank);
    return true;
}

bool el_port_flash_write(unsigned slot, size_t offset, const uint8_t *from, size_t n) {
    misused += n % EL_FLASH_UNIT != 0 || offset % EL_FLASH_UNIT != 0 || offset + n > EL_SLOT_BYTES;
    for (size_t i = 0; i < n; i += EL_FLASH_UNIT) {
        size_t at = slot * EL_SLOT_BYTES + offset + i;
        for (size_t k = 0; k < EL_FLASH_UNIT; k++) {
            misused += el_flash[at + k] != 0xFF;
        }
        if (header_first && offset > 0) {
            memcpy(el_flash + at, from + i, EL_FLASH_UNIT);
            memset(cached + at, 1, EL_FLASH_UNIT);
        } else {
            write_unit(at, from + i);
        }
    }
    if (offset == 0) {
        write_cached(slot);
    }
    return true;
}

void power(uint32_t cut, int torn_bytes, uint32_t garbage) {
    operations = 0;
    cut_at = cut;
    torn = torn_bytes;
    seed = garbage | 1U;
}

void wear(int unit) {
    worn = unit;
}

void cache(bool on) {
    header_first = on;
}

uint32_t count_operations(void) {
    return operations;
}

uint32_t count_misused(void) {
    return misused;
}

uint32_t room(void) {
    return (uint32_t)el_store_room();
}

/* Opens, as after a boot; returns the size of the record and copies it, -1: there is none. */
int boot(uint8_t *to, uint32_t *applied, uint32_t *layout) {
    el_store_open(&store);
    const uint8_t *data = el_store_data(&store);
    if (data == NULL) {
        return -1;
    }
    memcpy(to, data, store.size);
    *applied = store.applied;
    *layout = store.layout;
    return (int)store.size;
}

int begin(void) {
    return el_store_begin(&store);
}

int part(uint32_t offset, const uint8_t *from, uint32_t n) {
    return el_store_part(&store, offset, from, n);
}

int commit(uint32_t applied, uint32_t layout) {
    return el_store_commit(&store, applied, layout);
}

/* Saves in parts of so many bytes: 1: so it says, 0: it says that it failed, -1: the power went. */
int save(const uint8_t *from, uint32_t n, uint32_t step, uint32_t applied, uint32_t layout) {
    if (setjmp(dark) != 0) {
        return -1;
    }
    bool good = el_store_begin(&store);
    for (uint32_t at = 0; good && at < n; at += step) {
        good = el_store_part(&store, at, from + at, n - at < step ? n - at : step);
    }
    return good && el_store_commit(&store, applied, layout);
}
