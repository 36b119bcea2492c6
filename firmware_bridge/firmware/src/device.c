/* The device: hands messages of the link to the commands, answers to the link, bytes to the port.
 *
 * Rule: each command has exactly one answer, and is put off while there is no room for that. */
#include "el_device.h"

#include <string.h>

#include "device_internal.h"
#include "el_port.h"
#include "el_window.h"

el_device el_own;

/* -- answers ------------------------------------------------------------------------------------------------------- */

el_answer el_device_send(uint8_t type, const uint8_t *head, uint16_t head_n, const uint8_t *body, uint16_t body_n) {
    bool taken = el_link_send(&el_own.link, type, head, head_n, body, body_n);
    return taken ? el_answer_of(EL_ANSWERED) : el_answer_with(EL_CODE_RANGE, (uint32_t)head_n + body_n);
}

static void done(uint32_t id, el_answer a) {
    uint8_t bytes[EL_DONE_FIXED];
    el_done m = {id, a.code, a.detail};
    uint16_t n = el_write_done(bytes, &m);
    (void)el_link_send(&el_own.link, EL_DONE, bytes, n, NULL, 0);
}

/* -- the link's user ----------------------------------------------------------------------------------------------- */

static bool deliver(void *user, uint8_t type, const uint8_t *payload, uint16_t size) {
    (void)user;
    if (type < EL_CONFIGURE) { /* of the link, not for a device; it may have been a NOTE, which is not answered */
        el_own.link.counters.malformed++;
        return true;
    }
    if (el_own.restarting || !el_link_room(&el_own.link)) {
        return false;
    }
    el_answer a = el_device_command(type, payload, size);
    el_own.link.counters.commands++;
    el_own.link.counters.malformed += a.code == EL_CODE_MALFORMED || a.code == EL_CODE_UNKNOWN;
    if (a.code != EL_ANSWERED && size >= 4) { /* the id, which all commands begin with */
        done(el_get_u32(payload), a);
    }
    return true;
}

static uint16_t next_of_stream(void *user, uint8_t *type, uint8_t *to) {
    (void)user;
    return el_window_next(type, to, el_link_mtu(&el_own.link));
}

static void opened(void *user, bool resumed) {
    (void)user;
    el_own.predicted = el_own.predicted && resumed; /* another host did not predict it */
}

static void describe(void *user, el_hello *hello) {
    static const char firmware[] = EL_FIRMWARE;
    (void)user;
    hello->applied = el_own.applied;
    hello->layout = EL_HEAD_LAYOUT;
    hello->rule = EL_HEAD_RULE;
    hello->number = EL_HEAD_NUMBER;
    hello->n_pre = EL_N_PRE;
    hello->n_post = EL_N_POST;
    size_t n = sizeof firmware - 1 < sizeof hello->firmware ? sizeof firmware - 1 : sizeof hello->firmware;
    memset(hello->firmware, 0, sizeof hello->firmware);
    memcpy(hello->firmware, firmware, n);
}

/* -- running ------------------------------------------------------------------------------------------------------- */

void el_device_start(const uint8_t *key) {
    static const el_link_user user = {NULL, deliver, next_of_stream, opened, describe};
    memset(&el_own, 0, sizeof el_own);
    el_own.key = key;
    el_window_start();
    uint32_t now = el_port_now_us();
    el_link_init(&el_own.link, &user, EL_ROLE_DEVICE, el_port_boot_id(), key, now);
    el_device_restore();
    el_link_connected(&el_own.link, now);
}

static bool receive(uint32_t now) {
    uint8_t in[EL_CHUNK];
    size_t n = el_port_read(in, sizeof in);
    el_link_receive(&el_own.link, in, n, now);
    el_link_poke(&el_own.link, now);
    return n > 0;
}

static bool transmit(uint32_t now) {
    if (el_own.out_at == el_own.out_n) {
        el_own.out_at = 0;
        el_own.out_n = (uint16_t)el_link_transmit(&el_own.link, el_own.out, sizeof el_own.out, now);
    }
    const size_t waiting = (size_t)(el_own.out_n - el_own.out_at);
    const size_t taken = waiting > 0 ? el_port_write(el_own.out + el_own.out_at, waiting) : 0;
    el_own.out_at = (uint16_t)(el_own.out_at + taken);
    return taken > 0;
}

bool el_device_run(void) {
    uint32_t now = el_port_now_us();
    if (el_own.restarting && (int32_t)(now - el_own.restart_us) >= 0) {
        el_device_start(el_own.key);
    }
    bool received = receive(now);
    bool transmitted = transmit(now);
    return received || transmitted;
}
