/* The head that a device without a head of its own runs: 64 inputs, 10 classes, delta. `edgelearn.export.to_c` writes
 * such a file; put its folder before this one on the include path. */
#ifndef EL_HEAD_H
#define EL_HEAD_H

#define EL_HEAD_RULE EL_RULE_DELTA /* of el_messages.h: EL_RULE_* */
#define EL_HEAD_NUMBER EL_NUMBER_F32
#define EL_N_PRE 64
#define EL_N_POST 10
#define EL_HEAD_NEURON EL_NEURON_LINEAR
#define EL_HEAD_SIGNAL EL_SIGNAL_LABEL_ERROR
#define EL_HEAD_STEPS 1
#define EL_HEAD_POST EL_POST_OUT /* what the rule sees of a unit */
/* parameters of rule, neuron and signal, in the order of their Params, as bit patterns (f32) or values (q15) */
#define EL_HEAD_RULE_PARAMS {0x3C23D70AU, 0xFF800000U, 0x7F800000U}
#define EL_HEAD_NEURON_PARAMS {0}
#define EL_HEAD_SIGNAL_PARAMS {0}
/* CRC-32 of "edgelearn head 1; delta f32; linear; label_error; 64x10; w f32 64x10" */
#define EL_HEAD_LAYOUT 0x11114B23U
/* the state at the start, as `STATE` carries it; not defined: zeros, as the rule begins */
/* #define EL_HEAD_START {0x00, …} */

#endif
