/* The head of a micro:bit without a head of its own: 64 inputs, 10 classes, delta in fixed point, as `edgelearn.export.to_c`
 * writes it. An input x is sent as the int16 nearest to x * 32768. It begins with zeros. */
#ifndef EL_HEAD_H
#define EL_HEAD_H

#define EL_HEAD_RULE EL_RULE_DELTA
#define EL_HEAD_NUMBER EL_NUMBER_Q15
#define EL_N_PRE 64
#define EL_N_POST 10
#define EL_HEAD_NEURON EL_NEURON_LINEAR
#define EL_HEAD_SIGNAL EL_SIGNAL_LABEL_ERROR
#define EL_HEAD_STEPS 1
#define EL_HEAD_WEIGHT_BITS 12
#define EL_HEAD_RULE_PARAMS {20972, 21, -32768, 32767} /* eta 0.01 */
#define EL_HEAD_NEURON_PARAMS {0}
#define EL_HEAD_SIGNAL_PARAMS {0}
/* CRC-32 of "edgelearn head 1; delta q15 12 bits; linear; label_error; 64x10; w i16 64x10; dither u32 1" */
#define EL_HEAD_LAYOUT 0x2F0FB4BBU

#endif
