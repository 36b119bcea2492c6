/* The firmware as a process. Clock and boot number, the options, and the loop.
 *
 *     cc -std=c99 -ffp-contract=off -O2 -DEL_BOARD_H='"el_board.h"' -Iports/posix -Iinclude \
 *         src/(all).c ports/posix/(all).c ports/sensor/sensor.c -o device
 *     ./device --pty --flash flash.bin
 */
#define _XOPEN_SOURCE 700

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../sensor/sensor.h"
#include "el_device.h"
#include "el_messages.h"
#include "el_port.h"
#include "posix.h"

#define IDLE_US 2000U

static const char usage[] = "usage: device (--pty [--link PATH] | --socket PATH | --stdio) [--flash FILE] [--sample-rate HZ] [--key HEX] [--baud N]\n"
                            "  --pty          on a pseudo-terminal, whose path it prints; --link: and a symbolic link to it\n"
                            "  --socket       on a Unix socket, for one caller after the other\n"
                            "  --stdio        on standard input and output, until their end\n"
                            "  --flash        where both slots of flash are kept; in memory otherwise\n"
                            "  --sample-rate  of the sensor where CONFIGURE asks for none\n"
                            "  --baud         of the line: as slowly as it; without, as fast as it goes\n"
                            "  --key          64 hexadecimal digits; needs a build with EL_AUTH\n";

typedef struct {
    const char *link, *socket, *flash, *key;
    unsigned long rate, baud;
    bool pty, standard;
} options;

void fail(const char *what) {
    (void)fprintf(stderr, "device: %s%s%s\n", what, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    exit(2);
}

uint32_t el_port_now_us(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U);
}

uint32_t el_port_boot_id(void) {
    uint32_t id = 0;
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    while (id == 0) {
        if (file < 0 || read(file, &id, sizeof id) != (ssize_t)sizeof id) {
            fail("cannot read /dev/urandom");
        }
    }
    (void)close(file);
    return id;
}

static const char *value_of(const char *option, const char *value) {
    if (value == NULL) {
        (void)fprintf(stderr, "device: %s needs a value\n%s", option, usage);
        exit(2);
    }
    return value;
}

/* Takes one option; returns how many arguments it had. */
static int take(options *o, char **arguments) {
    const char *name = arguments[0];
    const char **text = strcmp(name, "--link") == 0     ? &o->link
                        : strcmp(name, "--socket") == 0 ? &o->socket
                        : strcmp(name, "--flash") == 0  ? &o->flash
                        : strcmp(name, "--key") == 0    ? &o->key
                                                        : NULL;
    if (text != NULL) {
        *text = value_of(name, arguments[1]);
        return 2;
    }
    if (strcmp(name, "--sample-rate") == 0) {
        o->rate = strtoul(value_of(name, arguments[1]), NULL, 10);
        return 2;
    }
    if (strcmp(name, "--baud") == 0) {
        o->baud = strtoul(value_of(name, arguments[1]), NULL, 10);
        return 2;
    }
    o->pty = o->pty || strcmp(name, "--pty") == 0;
    o->standard = o->standard || strcmp(name, "--stdio") == 0;
    if (strcmp(name, "--pty") != 0 && strcmp(name, "--stdio") != 0) {
        (void)fprintf(stderr, "device: there is no option %s\n%s", name, usage);
        exit(2);
    }
    return 1;
}

static const uint8_t *key_of(const char *text) {
    static uint8_t key[EL_KEY_BYTES];
    if (text == NULL) {
        return NULL;
    }
#if !EL_AUTH
    fail("this build has no keys; build it with -DEL_AUTH=1");
#endif
    for (size_t i = 0; i < EL_KEY_BYTES; i++) {
        unsigned byte;
        if (strlen(text) != 2 * EL_KEY_BYTES || sscanf(text + 2 * i, "%2x", &byte) != 1) {
            fail("a key has 64 hexadecimal digits");
        }
        key[i] = (uint8_t)byte;
    }
    return key;
}

static void open_line(const options *o) {
    if (o->pty + o->standard + (o->socket != NULL) != 1) {
        (void)fprintf(stderr, "device: which line?\n%s", usage);
        exit(2);
    }
    if (o->pty) {
        line_pty(o->link);
    } else if (o->standard) {
        line_standard();
    } else {
        line_socket(o->socket);
    }
}

int main(int n, char **arguments) {
    options o = {0};
    for (int i = 1; i < n;) {
        i += take(&o, arguments + i);
    }
    const uint8_t *key = key_of(o.key);
    (void)signal(SIGPIPE, SIG_IGN);
    flash_open(o.flash);
    el_device_start(key);
    open_line(&o);
    line_pace((uint32_t)o.baud);
    for (bool there = true; there;) {
        const bool moved = el_device_run(), busy = sensor_run((uint32_t)o.rate, NULL) || moved;
        there = line_wait(busy ? 0 : IDLE_US);
    }
    return 0;
}
