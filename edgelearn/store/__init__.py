"""Everything learned, kept through a power cut: the old version or the new one, never half.

One SQLite file; a version is a row of JSON words, a safetensors blob and the sha-256 of both. The journal is
a rollback journal kept in place (``journal_mode=PERSIST``) with ``synchronous=FULL``: what ``save`` returned
is on the medium. A new blob fills pages that were free, and free pages need no journal, so a save writes the
blob once: 1.03 times its bytes for 2 MB, 2.9 times for 20 kB. A write-ahead log writes it twice (1.9 times on
average, 4.0 when the log is folded back), and ``secure_delete``, on in some builds of SQLite, three times.
"""

from edgelearn.store.blob import SCHEMA
from edgelearn.store.store import Store
from edgelearn.store.values import SaveReport, Verification, Version

__all__ = ["SCHEMA", "SaveReport", "Store", "Verification", "Version"]
