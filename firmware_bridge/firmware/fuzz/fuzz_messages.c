/* The readers of messages on payloads of any length: they read nothing behind the end and write back what they read. */
#include "el_messages.h"
#include "fuzz.h"

#define TRY(type, name, number) \
    case EL_##number: { \
        type m; \
        if (el_read_##name(&m, payload, (uint16_t)n)) { \
            uint8_t *again = malloc(EL_##number##_FIXED); \
            CHECK(n >= EL_##number##_FIXED); \
            CHECK(el_write_##name(again, &m) == EL_##number##_FIXED); \
            CHECK(nan_inside(EL_##number, payload) || !memcmp(again, payload, EL_##number##_FIXED)); \
            free(again); \
        } else { \
            CHECK(n != EL_##number##_FIXED); \
        } \
        break; \
    }

/* Some processors make another NaN of a signalling one when they move it. */
static bool nan_inside(unsigned number, const uint8_t *payload) {
    return number == EL_REWARD && (el_get_u32(payload + 4) & 0x7FFFFFFFU) > 0x7F800000U;
}

static void one(void) {
    const unsigned number = (unsigned)below(33);
    const size_t n = below(4) ? below(80) : below(600);
    uint8_t *payload = malloc(n ? n : 1);
    fill(payload, n);
    switch (number) {
        EL_MESSAGES(TRY)
    default:
        break;
    }
    free(payload);
}

int main(int argc, char **argv) {
    return fuzz(argc, argv, one, 1);
}
