/* The ledger of a run: each distinct finding once, with how often and when first.
 *
 * Oracles write to it from any thread; it tells its listener of each finding when it is first met, so that a worker
 * that dies a moment later has already said so. Its lock is one that ThreadSanitizer cannot see: taking note of a
 * failure orders nothing in the program under test. */
#ifndef FF_ORACLE_LEDGER_H
#define FF_ORACLE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/result.h"
#include "platform/quiet.h"

struct ledger_entry {
  char fingerprint[20];
  enum finding_kind kind;
  uint64_t count;   /* trials that had it: several threads may have it in one */
  uint64_t last_at; /* the last of them */
};

struct ledger {
  struct quiet_lock lock;
  struct ledger_entry *entries;
  size_t count;
  uint64_t at;    /* the present trial or schedule, counted from 1 */
  uint64_t found; /* findings of all kinds, each repeat counted */
  uint64_t found_by_kind[FINDING_KINDS];
  void (*listener)(void *arg, const struct finding *finding); /* NULL: nobody */
  void *listener_arg;
};

/* True where the fingerprint was known: it is counted, and the caller can save itself the description. */
bool ledger_seen(struct ledger *ledger, enum finding_kind kind, const char *fingerprint);

/* Enters a finding with its fingerprint and tells the listener, unless another thread was faster. `first_at` and
 * `count` are filled in. The finding stays the caller's. */
void ledger_enter(struct ledger *ledger, struct finding *finding);

/* Whether that was found. For when nobody enters anything any more. */
bool ledger_has(const struct ledger *ledger, const char *fingerprint);

void ledger_free(struct ledger *ledger);

#endif
