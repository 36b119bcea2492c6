/* A plugin of QEMU that counts how often the instruction at each address of code memory ran, in a file that others may read
 * meanwhile: one uint64_t for each two bytes of code from address 0. Debian's QEMU 7.2 takes plugins and ships no header:
 * what is needed of it is declared here (docs/devel/tcg-plugins, API version 1).
 *
 *     -plugin /path/judge.so,counts=/path/counts,bytes=1048576 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ADD_U64 0

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*on_translate)(plugin_id, struct qemu_plugin_tb *);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, on_translate);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t *counts, code_bytes;

static void translate(plugin_id id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *one = qemu_plugin_tb_get_insn(block, i);
        uint64_t address = qemu_plugin_insn_vaddr(one);
        if (address < code_bytes) {
            qemu_plugin_register_vcpu_insn_exec_inline(one, ADD_U64, &counts[address / 2], 1);
        }
    }
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info, int n, char **arguments) {
    const char *file = NULL;
    (void)info;
    for (int i = 0; i < n; i++) {
        if (strncmp(arguments[i], "counts=", 7) == 0) {
            file = arguments[i] + 7;
        } else if (strncmp(arguments[i], "bytes=", 6) == 0) {
            code_bytes = strtoull(arguments[i] + 6, NULL, 10);
        }
    }
    int descriptor = file == NULL ? -1 : open(file, O_RDWR | O_CREAT | O_TRUNC, 0644);
    size_t size = (size_t)(code_bytes / 2 * sizeof *counts);
    if (descriptor < 0 || ftruncate(descriptor, (off_t)size) != 0) {
        return 1;
    }
    counts = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    (void)close(descriptor);
    if (counts == MAP_FAILED) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    return 0;
}
