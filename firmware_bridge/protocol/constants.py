"""Numbers both ends share; `SPEC.md` says what each is for. Times in microseconds."""

VERSION = 1
PROTO_MIN = PROTO_MAX = VERSION

HELLO, DATA, STREAM, ACK, NOTE = 0x10, 0x11, 0x12, 0x13, 0x14  # frame kinds

HEADER_BYTES, CHECK_BYTES, TAG_BYTES, KEY_BYTES, NONCE_BYTES = 6, 4, 8, 32, 8
FRAME_COST = HEADER_BYTES + CHECK_BYTES  # credit a DATA frame takes besides its payload
WINDOW_MAX = 32

HELLO_EVERY_US = 100_000
KEEPALIVE_US = 250_000
DEAD_AFTER_US = 1_000_000
RTO_FIRST_US, RTO_MIN_US, RTO_MAX_US = 200_000, 50_000, 1_000_000
RTO_DOUBLINGS = 2

FLAG_AUTH, FLAG_OPEN = 1, 2  # HELLO.flags
ROLE_HOST, ROLE_DEVICE = 0, 1  # HELLO.role
NO_LABEL = -1  # LEARN.label, PREDICTION.label

CODES = {  # DONE.code
    "OK": 0,
    "ALREADY": 1,  # an id not above `applied`: was carried out before
    "MALFORMED": 2,
    "UNKNOWN": 3,  # no such message
    "SHAPE": 4,  # x has another number of values; detail: the number wanted
    "VALUE": 5,  # NaN, infinite or too large; nothing was learned
    "LABEL": 6,  # no such class; detail: how many there are
    "UNABLE": 7,  # this head cannot do that (learn, take a reward, …)
    "LAYOUT": 8,  # a state of another layer; detail: the layout wanted
    "RANGE": 9,  # offset or size outside the state; detail: its size
    "CHECK": 10,  # the state written does not have the CRC named
    "FLASH": 11,  # the store could not be written; the old state stands
    "NOTHING": 12,  # no window yet, nothing predicted yet
    "CONFIG": 13,  # window, channels or features beyond what was compiled in; detail: the limit
}

RULES = {  # HELLO.rule: what the head is
    "none": 0, "fixed": 1, "ncm": 2, "delta": 3, "three_factor": 4, "softhebb": 5, "stdp": 6,
}  # fmt: skip
NEURONS = {  # el_head.h: what its units are
    "linear": 0, "relu": 1, "tanh": 2, "triangle": 3, "softmax": 4, "k_winners": 5, "ranked": 6, "lif": 7,
}  # fmt: skip
SIGNALS = {  # el_head.h: what teaches it
    "unsupervised": 0, "competition": 1, "label_error": 2, "reward": 3, "rank": 4,
}  # fmt: skip
POSTS = {"out": 0, "slope": 1, "drive": 2}  # el_head.h: what its rule sees of a unit
NUMBERS = {"none": 0, "f32": 1, "q15": 2}  # HELLO.number
# WINDOW.format: raw samples, or f32 features, channel after channel
FORMATS = {"i16": 0, "f32": 1, "features": 2}
# CONFIGURE.features, a sum; 0: raw samples
FEATURES = {"mean": 1, "variance": 2, "energy": 4, "crossings": 8}
RESETS = {"learned": 0, "device": 1}  # RESET.what: back to the weights compiled in; or restart
