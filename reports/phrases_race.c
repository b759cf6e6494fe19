/* What reports say of data races: one to a cell of a table, its verdict, its place, its accesses. */
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "model/verdict.h"
#include "platform/mem.h"
#include "reports/phrases.h"

static void add_number(struct strlist *parts, uint64_t number, const char *what) {
  if (number) {
    char *text = phrase_number(number);
    strlist_addf(parts, "%s %s", text, what);
    free(text);
  }
}

char *phrase_races(const struct run *run) {
  const struct race_tally *races = &run->races;
  struct strlist parts = {0};
  add_number(&parts, races->interpreter, "interpreter");
  add_number(&parts, races->language, "language");
  add_number(&parts, races->native, "native");
  if (parts.count == 0) {
    strlist_add(&parts, races->looked_for ? "none" : "-");
  }
  add_number(&parts, races->suppressed, "suppressed");
  char *text = strlist_join(&parts, ", ");
  strlist_free(&parts);
  return text;
}

const char *phrase_kind(const struct finding *finding) {
  return finding_is_by_language(finding) ? "data-race by the language" : finding_kind_name(finding->kind);
}

static char *verdict_of(const struct finding *finding) {
  if (finding_is_by_language(finding)) {
    return mem_dup("by the language: nothing orders these accesses, and nothing was seen to go wrong on this "
                   "interpreter");
  }
  return finding->race->effect ? mem_printf("by this interpreter: %s", finding->race->effect)
                               : mem_dup("by this interpreter");
}

static char *place_of(const struct race *race) {
  const char *container = race->container ? race->container : "a place without a name";
  return race->key ? mem_printf("%s, key %s", container, race->key) : mem_dup(container);
}

void phrase_race_facts(const struct finding *finding, struct strlist *out) {
  if (!finding->race) {
    return;
  }
  char *verdict = verdict_of(finding);
  char *place = place_of(finding->race);
  strlist_add(out, "verdict");
  strlist_add(out, verdict);
  strlist_add(out, "place");
  strlist_add(out, place);
  if (finding->race->report_file) {
    strlist_add(out, "report");
    strlist_addf(out, "%s (ThreadSanitizer's)", finding->race->report_file);
  }
  free(verdict);
  free(place);
}

static void put_shown(struct buf *out, const char *before, const char *text) {
  buf_puts(out, before);
  text_show(out, text, false);
}

static void put_frames(struct buf *out, const struct race_access *access) {
  for (size_t i = 0; i < access->stack.count; i++) {
    put_shown(out, "  ", access->stack.items[i]);
    buf_puts(out, "\n");
  }
  if (access->stack.count == 0 && access->file) {
    put_shown(out, "  ", access->file);
    buf_printf(out, ":%llu", (unsigned long long)access->line);
    put_shown(out, access->function ? " in " : "", access->function);
    buf_puts(out, "\n");
  }
}

char *phrase_accesses(const struct finding *finding) {
  struct buf out = {0};
  for (size_t i = 0; finding->race && i < finding->race->access_count; i++) {
    const struct race_access *access = &finding->race->accesses[i];
    put_shown(&out, "", access->operation ? access->operation : "access");
    put_shown(&out, " by thread ", access->thread ? access->thread : "?");
    buf_puts(&out, ":\n");
    put_frames(&out, access);
    if (access->started) {
      put_shown(&out, "  thread started: ", access->started);
      buf_puts(&out, "\n");
    }
  }
  return out.len ? buf_take(&out) : NULL;
}

void phrase_unused(const struct result *result, struct strlist *out) {
  for (size_t i = 0; i < result->suppression_count; i++) {
    const struct suppression *suppression = &result->suppressions[i];
    if (suppression->used == 0) {
      strlist_addf(out, "unused suppression: %s %s (line %llu)", suppression->what ? suppression->what : "",
                   suppression->pattern ? suppression->pattern : "", (unsigned long long)suppression->line);
    }
  }
}
