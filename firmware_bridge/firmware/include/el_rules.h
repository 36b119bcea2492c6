/* The rules in float32, one header each. To add one: its header, a line in EL_RULES, its number in constants.py.
 *
 * el_rule_NAME(p, s, w, pre, post, third, n_pre, n_post): parameters and arrays of state one after the other, in the
 * order of Params and State in edgelearn/rules/NAME.py; w (n_pre, n_post) and s are changed in place. */
#ifndef EL_RULES_H
#define EL_RULES_H

#include "rules/delta.h"
#include "rules/softhebb.h"
#include "rules/stdp.h"
#include "rules/three_factor.h"

/* X(name, NUMBER as in EL_RULE_NUMBER, floats of state) */
#define EL_RULES(X)                                                                                                    \
    X(delta, DELTA, 0)                                                                                                 \
    X(three_factor, THREE_FACTOR, n_pre * n_post)                                                                      \
    X(softhebb, SOFTHEBB, 2 * n_post)                                                                                  \
    X(stdp, STDP, n_pre + n_post)

#endif
