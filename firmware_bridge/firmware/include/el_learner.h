/* The head: what el_head.h says, in memory; predicts, learns from one sample, takes rewards. */
#ifndef EL_LEARNER_H
#define EL_LEARNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <el_head.h> /* not "…": the folder of a head of one's own comes first */

#include "el_messages.h"

#if EL_HEAD_NUMBER == EL_NUMBER_Q15
typedef int16_t el_number;
#else
typedef float el_number;
#endif

/* Memory of the head is one static object of learner_f32.c or learner_q15.c; these all work on it. x is (EL_N_PRE),
 * aligned as its numbers are; scores is (EL_N_POST). Functions return a code of el_messages.h. */
void el_learner_start(void); /* back to the start compiled in */
uint8_t el_learner_predict(const el_number *x, el_number *scores, int16_t *label);
uint8_t el_learner_learn(const el_number *x, int16_t label);
uint8_t el_learner_reward(const el_number *x, float reward); /* what came of the prediction for x */

/* Everything learned as bytes: what STATE carries and the store keeps. Little-endian, arrays one after the other in
 * the order of the layout text. offset + n is at most the size. */
size_t el_learner_state_size(void);
void el_learner_state_read(size_t offset, uint8_t *to, size_t n);
void el_learner_state_write(size_t offset, const uint8_t *from, size_t n);

#endif
