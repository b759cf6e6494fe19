#include "oracle/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

static bool count_if_known(struct ledger *ledger, enum finding_kind kind, const char *fingerprint) {
  for (size_t i = 0; i < ledger->count; i++) {
    if (strcmp(ledger->entries[i].fingerprint, fingerprint) == 0) {
      ledger->entries[i].count += ledger->entries[i].last_at != ledger->at;
      ledger->entries[i].last_at = ledger->at;
      ledger->found++;
      ledger->found_by_kind[kind]++;
      return true;
    }
  }
  return false;
}

bool ledger_seen(struct ledger *ledger, enum finding_kind kind, const char *fingerprint) {
  quiet_enter(&ledger->lock);
  bool known = count_if_known(ledger, kind, fingerprint);
  quiet_leave(&ledger->lock);
  return known;
}

void ledger_enter(struct ledger *ledger, struct finding *finding) {
  quiet_enter(&ledger->lock);
  if (!count_if_known(ledger, finding->kind, finding->fingerprint)) {
    ledger->entries = mem_grow(ledger->entries, (ledger->count + 1) * sizeof *ledger->entries);
    struct ledger_entry *entry = &ledger->entries[ledger->count++];
    *entry = (struct ledger_entry){.kind = finding->kind, .count = 1, .last_at = ledger->at};
    snprintf(entry->fingerprint, sizeof entry->fingerprint, "%s", finding->fingerprint);
    ledger->found++;
    ledger->found_by_kind[finding->kind]++;
    finding->count = 1;
    finding->first_at = ledger->at;
    if (ledger->listener) {
      ledger->listener(ledger->listener_arg, finding);
    }
  }
  quiet_leave(&ledger->lock);
}

bool ledger_has(const struct ledger *ledger, const char *fingerprint) {
  for (size_t i = 0; i < ledger->count; i++) {
    if (strcmp(ledger->entries[i].fingerprint, fingerprint) == 0) {
      return true;
    }
  }
  return false;
}

void ledger_free(struct ledger *ledger) {
  free(ledger->entries);
  ledger->entries = NULL;
  ledger->count = 0;
}
