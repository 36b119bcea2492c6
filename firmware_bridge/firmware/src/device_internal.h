/* What the parts of the device call of each other: device.c joins and runs, device_commands.c carries out,
 * device_state.c moves what was learned between learner, line and flash. */
#ifndef EL_DEVICE_INTERNAL_H
#define EL_DEVICE_INTERNAL_H

#include "el_learner.h"
#include "el_link.h"
#include "el_store.h"

#define EL_ANSWERED 255 /* not a code: the answer is another message than DONE */

#if EL_HEAD_NUMBER == EL_NUMBER_Q15
#define EL_NUMBER_BYTES 2
#else
#define EL_NUMBER_BYTES 4
#endif

typedef char raise_EL_MTU_so_that_a_sample_fits[EL_LEARN_FIXED + EL_NUMBER_BYTES * EL_N_PRE <= EL_MTU ? 1 : -1];
typedef char raise_EL_MTU_so_that_scores_fit[EL_PREDICTION_FIXED + EL_NUMBER_BYTES * EL_N_POST <= EL_MTU ? 1 : -1];

typedef struct {
    el_link link;
    el_store store;
    const uint8_t *key;
    uint32_t applied;
    bool predicted; /* `last` is what was predicted last */
    bool restarting;
    uint32_t restart_us;
    uint16_t out_n, out_at;
    el_number x[EL_N_PRE], last[EL_N_PRE], scores[EL_N_POST];
    uint8_t part[EL_MTU]; /* of a state, or scores, on the way */
    uint8_t out[EL_CHUNK];
} el_device;

extern el_device el_own; /* the one object (device.c) */

/* What DONE says of a command. */
typedef struct {
    uint8_t code;
    uint32_t detail;
} el_answer;

static inline el_answer el_answer_with(uint8_t code, uint32_t detail) {
    const el_answer a = {code, detail};
    return a;
}

static inline el_answer el_answer_of(uint8_t code) {
    return el_answer_with(code, code == EL_CODE_LABEL ? EL_N_POST : 0);
}

/* Whether what a command with this id changes was changed already. */
static inline bool el_is_old(uint32_t id) {
    return (int32_t)(id - el_own.applied) <= 0;
}

/* The answer is this message; where the other end does not take so much, it is told how much there was. */
el_answer el_device_send(uint8_t type, const uint8_t *head, uint16_t head_n, const uint8_t *body, uint16_t body_n);

/* device_commands.c: carries out any command; p[0 .. n) is its payload. */
el_answer el_device_command(uint8_t type, const uint8_t *p, uint16_t n);

/* device_state.c */
void el_device_restore(void); /* the newest state in flash, or the start compiled in */
el_answer el_device_read_state(const uint8_t *p, uint16_t n);
el_answer el_device_write_state(const uint8_t *p, uint16_t n);
el_answer el_device_commit_state(const uint8_t *p, uint16_t n);
el_answer el_device_save(const uint8_t *p, uint16_t n);

#endif
