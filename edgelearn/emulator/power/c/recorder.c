/* What a program does to the files of one folder, written down in order; loaded with LD_PRELOAD (Linux, 64 bits).
 *
 * EDGELEARN_POWER_FOLDER is the folder (no links in its path), EDGELEARN_POWER_LOG the file that is appended to.
 *
 * Rule 1: a call and its record are one step: no other thread, and no other process of the run, comes between.
 * Rule 2: nothing is remembered of a descriptor. The kernel is asked each time what it is (/proc/self/fd), so dup,
 *         fork, vfork and descriptors that came over a socket need no code here.
 * Rule 3: a file is its inode; a name is what leads there. Records name the inode; only creations, links, renames
 *         and removals are about names.
 * Rule 4: what is not seen (writes through a mapping, io_uring, a static program, libc's own writes in dprintf and
 *         mkstemps) is found by whoever replays the log: the folder then holds something else.
 *
 * A record: struct head, path, other path, data; one write each. power/log.py reads it.
 */
#include "log.h"

#include "data.h"
#include "names.h"
#include "streams.h"
#include "sync.h"
