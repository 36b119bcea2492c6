/* A wrong wall clock for the programs it is preloaded into: offset, drift and jumps of CLOCK_REALTIME.
 *
 * EDGELEARN_CLOCK = "START OFFSET DRIFT N AT BY AT BY ..." in ns (DRIFT in ns a second); START is CLOCK_MONOTONIC at the
 * start of the run, so that all processes of a run agree. Without the variable nothing changes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#define JUMPS 64
#define NS 1000000000LL

typedef int (*gettime_fn)(clockid_t, struct timespec *);

static gettime_fn true_gettime;
static int64_t start_ns, offset_ns, drift, jumps, at_ns[JUMPS], by_ns[JUMPS];
static int on;

static void read_variable(const char *text)
{
    char *rest;
    start_ns = strtoll(text, &rest, 10);
    offset_ns = strtoll(rest, &rest, 10);
    drift = strtoll(rest, &rest, 10);
    jumps = strtoll(rest, &rest, 10);
    for (int i = 0; i < jumps && i < JUMPS; i++) {
        at_ns[i] = strtoll(rest, &rest, 10);
        by_ns[i] = strtoll(rest, &rest, 10);
    }
    on = 1;
}

__attribute__((constructor)) static void begin(void)
{
    if (true_gettime)
        return; /* another library's constructor asked for the time before ours ran */
    true_gettime = (gettime_fn)dlsym(RTLD_NEXT, "clock_gettime");
    const char *text = getenv("EDGELEARN_CLOCK");
    if (text)
        read_variable(text);
}

static int64_t skew_ns(void)
{
    struct timespec now;
    true_gettime(CLOCK_MONOTONIC, &now);
    int64_t run_ns = now.tv_sec * NS + now.tv_nsec - start_ns;
    int64_t skew = offset_ns + (int64_t)((double)run_ns * 1e-9 * (double)drift);
    for (int i = 0; i < jumps && i < JUMPS; i++)
        if (at_ns[i] <= run_ns)
            skew += by_ns[i];
    return skew;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    begin();
    int failed = true_gettime(clock, now);
    if (failed || !on || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
        return failed;
    int64_t ns = now->tv_nsec + skew_ns();
    int64_t seconds = ns >= 0 ? ns / NS : -((-ns + NS - 1) / NS);
    now->tv_sec += seconds;
    now->tv_nsec = ns - seconds * NS;
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result)
{
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (result)
        *result = precise.tv_sec;
    return precise.tv_sec;
}

int timespec_get(struct timespec *now, int base)
{
    if (base != TIME_UTC)
        return 0;
    return clock_gettime(CLOCK_REALTIME, now) ? 0 : base;
}
