/* Two links on a bad line. An input is one chunk on the way from one end to the other.
 *
 * Honest lines damage bytes, lose chunks, repeat them and reboot ends: every message must come once and in order,
 * credits must hold, and once the line is good all must arrive. Forged lines also carry frames of the right session
 * with anything inside: nothing is asked of them but that both ends survive. */
#include <stdbool.h>

#include "el_link.h"
#include "fuzz.h"

#define CHUNKS 400 /* a life of the pair, which one seed repeats */
#define PATIENCE 20000 /* steps of a millisecond */
#define ROOM (8 * EL_WIRE_MAX)

typedef struct {
    el_link *link; /* of its own, so that what is written behind it is seen */
    uint32_t said, heard; /* messages of this session */
    bool forged, lazy;
} end;

static const uint8_t KEY[32] = "a key that both ends have, only ";
static end ends[2];
static uint32_t now_us, windows;

/* Message `serial` has a size and content of its own. */
static uint16_t content(uint32_t serial, uint8_t *to) {
    const uint32_t mixed = serial * 2654435761U;
    const uint16_t n = (uint16_t)(4 + (mixed >> 8) % (EL_MTU - 3));
    memset(to, (int)(mixed & 0xFF), n);
    memcpy(to, &serial, 4);
    return n;
}

static bool deliver(void *user, uint8_t type, const uint8_t *payload, uint16_t size) {
    end *e = user;
    uint8_t wanted[EL_MTU];
    if (type != EL_PREDICT || e->forged) {
        return below(8) != 0;
    }
    if (e->lazy && below(4) == 0) {
        return false;
    }
    CHECK(content(e->heard, wanted) == size && !memcmp(payload, wanted, size));
    e->heard++;
    return true;
}

static uint16_t stream(void *user, uint8_t *type, uint8_t *to) {
    (void)user;
    if (below(4)) {
        return 0;
    }
    *type = EL_WINDOW;
    el_put_u32(to, windows++);
    const size_t n = below(EL_MTU - 11);
    fill(to + 4, 8 + n);
    return (uint16_t)(12 + n);
}

static void opened(void *user, bool resumed) {
    end *e = user;
    if (!resumed) {
        e->said = e->heard = 0;
    }
}

static void boot(end *e, uint8_t role) {
    const el_link_user user = {e, deliver, role == EL_ROLE_DEVICE ? stream : NULL, opened, NULL};
    e->said = e->heard = 0;
    el_link_init(e->link, &user, role, draw() | 1, EL_AUTH ? KEY : NULL, now_us);
}

static void say(end *e) {
    uint8_t payload[EL_MTU];
    const uint16_t n = content(e->said, payload);
    if (el_link_send(e->link, EL_PREDICT, payload, 4, payload + 4, (uint16_t)(n - 4))) {
        e->said++;
    }
}

/* Puts a frame of the session, as far as a check can tell, behind n bytes. */
static size_t forge(const el_link *l, uint8_t *to, size_t n) {
    uint8_t raw[EL_RAW_MAX];
    const size_t size = below(2) ? below(20) : below(EL_MTU + 1);
    fill(raw, EL_HEADER + size);
    raw[0] = (uint8_t)(EL_KIND_HELLO + below(6));
    raw[1] = (uint8_t)below(33);
    if (below(4)) { /* near to what is awaited */
        el_put_u16(raw + 2, (uint16_t)(l->rx_next + below(5) - 2));
        el_put_u16(raw + 4, (uint16_t)(l->tx_base + below(5) - 2));
    }
    const bool hello = raw[0] == EL_KIND_HELLO;
    if (hello && size >= EL_HELLO_AT_ROLE && below(4)) {
        raw[EL_HEADER] = raw[EL_HEADER + 1] = EL_VERSION;
        el_put_u32(raw + EL_HEADER + EL_HELLO_AT_SCHEMA, EL_SCHEMA);
    }
    const uint32_t check = el_crc32(0, raw, EL_HEADER + size) ^ (hello ? 0 : l->session.number);
    uint8_t tail[4];
    el_put_u32(tail, check);
    return n + el_encode(to + n, raw, raw + EL_HEADER, size, tail, 4);
}

/* One chunk from an end to the other. */
static void carry(end *from, end *to, bool bad) {
    static uint8_t line[ROOM], past[2][ROOM];
    static size_t past_n[2];
    size_t n = el_link_transmit(from->link, line, below(3 * EL_WIRE_MAX), now_us);
    CHECK(from->forged || (int32_t)(from->link->tx_limit - from->link->tx_cost) >= 0);
    if (bad && to->forged && below(2)) {
        n = forge(to->link, line, n);
    }
    if (bad && below(4) == 0) {
        n = mutate(line, n, sizeof line);
    }
    if (bad && below(16) == 0) { /* the chunk before once more */
        memcpy(line, past[from == ends], n = past_n[from == ends]);
    }
    memcpy(past[from == ends], line, past_n[from == ends] = n);
    uint8_t *given = malloc(n ? n : 1);
    memcpy(given, line, n);
    const size_t first = below(n + 1);
    el_link_receive(to->link, given, first, now_us);
    el_link_receive(to->link, given + first, n - first, now_us);
    free(given);
    el_link_poke(to->link, now_us);
}

static void settle(void) {
    for (unsigned i = 0; i < PATIENCE; i++) {
        now_us += 1000;
        carry(&ends[0], &ends[1], false);
        carry(&ends[1], &ends[0], false);
        if (i > 3000 && ends[0].heard == ends[1].said && ends[1].heard == ends[0].said && ends[0].link->open) {
            CHECK(ends[0].link->rx_cost == ends[1].link->tx_cost && ends[1].link->rx_cost == ends[0].link->tx_cost);
            return;
        }
    }
    CHECK(!"all arrives once the line is good");
}

static void one(void) {
    const bool forged = below(2);
    now_us = draw();
    for (uint8_t role = 0; role < 2; role++) {
        ends[role].forged = forged;
        ends[role].lazy = below(2);
        boot(&ends[role], role);
    }
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        const uint8_t role = (uint8_t)below(2);
        now_us += (uint32_t)below(below(64) ? 30000 : 2000000);
        if (below(200) == 0) {
            boot(&ends[role], role);
        } else if (below(100) == 0) {
            el_link_connected(ends[role].link, now_us);
        }
        for (size_t i = below(4); i; i--) {
            say(&ends[role]);
        }
        carry(&ends[role], &ends[!role], true);
    }
    if (!forged) {
        settle();
    }
}

int main(int argc, char **argv) {
    ends[0].link = malloc(sizeof(el_link));
    ends[1].link = malloc(sizeof(el_link));
    const int code = fuzz(argc, argv, one, CHUNKS);
    free(ends[0].link);
    free(ends[1].link);
    return code;
}
