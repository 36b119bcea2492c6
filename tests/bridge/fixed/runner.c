/* A head in fixed point as a process: calls from standard input, what came of each and the whole state to standard output.
 *
 * A call is what (1 byte: p, l, r, s, b), label (i16), reward (f32), x (n_pre i16); w is followed by a state instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "el_learner.h"

static void get(void *to, size_t n) {
    if (fread(to, 1, n, stdin) != n) {
        exit(2);
    }
}

int main(void) {
    const size_t size = el_learner_state_size();
    uint8_t *state = malloc(size);
    el_learner_start();
    for (int what = getchar(); what != EOF; what = getchar()) {
        int16_t x[EL_N_PRE], scores[EL_N_POST] = {0}, label = -2, taught;
        float reward;
        uint8_t code = 0;
        get(&taught, sizeof taught);
        get(&reward, sizeof reward);
        get(x, sizeof x);
        if (what == 'w') {
            get(state, size);
            el_learner_state_write(0, state, size / 3);
            el_learner_state_write(size / 3, state + size / 3, size - size / 3);
        } else if (what == 'p') {
            code = el_learner_predict(x, scores, &label);
        } else if (what == 'l') {
            code = el_learner_learn(x, taught);
        } else {
            code = el_learner_reward(x, reward);
        }
        el_learner_state_read(0, state, size / 2);
        el_learner_state_read(size / 2, state + size / 2, size - size / 2);
        fwrite(&code, 1, 1, stdout);
        fwrite(&label, sizeof label, 1, stdout);
        fwrite(scores, sizeof *scores, EL_N_POST, stdout);
        fwrite(state, 1, size, stdout);
    }
    free(state);
    return 0;
}
