/* The line: a pseudo-terminal, a Unix socket, or standard input and output. Bytes are never dropped and never wait: what the other
 * side does not take stays with the firmware. */
#define _XOPEN_SOURCE 700

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "el_port.h"
#include "posix.h"

#define AHEAD_US 20000

static int in = -1, out = -1;
static int listener = -1; /* of a socket: waits for the next one when this one goes */
static bool gone;         /* nobody is there, nor will be */
static bool full;         /* the line took less than it was given */
static uint32_t rate;     /* bytes a second; 0: as fast as it goes */
static uint32_t idle_us;  /* when the line will have sent all, by the port's clock */

static void no_waiting(int file) {
    if (fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_NONBLOCK) != 0) {
        fail("cannot set the line");
    }
}

/* The other end is kept open here too: a terminal whose last user goes away would be hung up. */
static const char *open_terminal(void) {
    in = out = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (in < 0 || grantpt(in) != 0 || unlockpt(in) != 0) {
        fail("cannot make a pseudo-terminal");
    }
    const char *path = ptsname(in);
    int user = path == NULL ? -1 : open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios raw;
    if (user < 0 || tcgetattr(user, &raw) != 0) {
        fail("cannot open the pseudo-terminal");
    }
    raw.c_iflag = 0;
    raw.c_oflag = 0;
    raw.c_lflag = 0;
    raw.c_cflag = CS8 | CREAD | CLOCAL;
    if (tcsetattr(user, TCSANOW, &raw) != 0) {
        fail("cannot set the pseudo-terminal");
    }
    return path;
}

/* By a rename, so that the link is never missing. */
static void point(const char *link, const char *path) {
    char beside[4096];
    int n = snprintf(beside, sizeof beside, "%s.%ld", link, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof beside || symlink(path, beside) != 0 || rename(beside, link) != 0) {
        fail("cannot make the link");
    }
}

void line_pty(const char *link) {
    const char *path = open_terminal();
    no_waiting(in);
    if (link != NULL) {
        point(link, path);
    }
    (void)printf("%s\n", path);
    (void)fflush(stdout);
}

static void next_caller(void) {
    int caller = accept(listener, NULL, NULL);
    if (caller >= 0) {
        in = out = caller;
        no_waiting(caller);
    }
}

void line_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        fail("the path of a socket is too long");
    }
    memcpy(address.sun_path, path, strlen(path));
    (void)unlink(path);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0) {
        fail("cannot make the socket");
    }
    no_waiting(listener);
    (void)printf("%s\n", path);
    (void)fflush(stdout);
}

void line_standard(void) {
    in = STDIN_FILENO;
    out = STDOUT_FILENO;
    no_waiting(in);
    no_waiting(out);
}

static void lose(void) {
    if (listener < 0) {
        gone = true;
        return;
    }
    (void)close(in);
    in = out = -1;
}

bool line_wait(uint32_t us) {
    int wanted = in >= 0 ? in : listener;
    struct pollfd files[2] = {{wanted, POLLIN, 0}, {out, POLLOUT, 0}};
    nfds_t n = full ? 2 : 1;
    if (poll(files, n, (int)((us + 999) / 1000)) > 0 && in < 0) {
        next_caller();
    }
    return !gone;
}

void line_pace(uint32_t baud) {
    rate = baud / 10;
    idle_us = el_port_now_us();
}

/* A serial line takes no more than its buffer holds: what it sends in AHEAD_US. */
static size_t paced(size_t n) {
    const uint32_t now = el_port_now_us();
    const int32_t ahead = (int32_t)(idle_us - now) > 0 ? (int32_t)(idle_us - now) : 0;
    if (ahead == 0) {
        idle_us = now;
    }
    const uint64_t room = ahead < AHEAD_US ? (uint64_t)(AHEAD_US - ahead) * rate / 1000000U : 0;
    return n < room ? n : (size_t)room;
}

size_t el_port_read(uint8_t *to, size_t room) {
    if (in < 0 || gone) {
        return 0;
    }
    ssize_t n = read(in, to, room);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        lose();
    }
    return n > 0 ? (size_t)n : 0;
}

size_t el_port_write(const uint8_t *from, size_t n) {
    if (gone) {
        return 0;
    }
    if (out < 0) {
        return n; /* nobody listens, and the line does not wait for that */
    }
    n = rate != 0 ? paced(n) : n;
    if (n == 0) {
        return 0;
    }
    ssize_t taken = write(out, from, n);
    if (taken < 0 && errno != EAGAIN && errno != EINTR) {
        lose();
    }
    full = taken < (ssize_t)n;
    if (rate != 0 && taken > 0) {
        idle_us += (uint32_t)((uint64_t)taken * 1000000U / rate);
    }
    return taken > 0 ? (size_t)taken : 0;
}
