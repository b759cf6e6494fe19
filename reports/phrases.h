/* What more than one report says, said once: verdicts, labels, what was found, what was covered, what to do next.
 * All of it is plain text in which other people's bytes may stand; a format escapes it for where it goes.
 *
 * Ownership: the caller's buffers and lists; returned `char *` are the caller's. Threading: no shared state. */
#ifndef FF_REPORTS_PHRASES_H
#define FF_REPORTS_PHRASES_H

#include "model/result.h"

const char *phrase_verdict(enum verdict verdict); /* "PASS", "FAIL", "INCONCLUSIVE" */
char *phrase_number(uint64_t number);             /* "1,234,567" */
char *phrase_first_line(const char *text);        /* "" for NULL */

/* "4 runs: 2 failed (1 as expected), 1 passed, 1 inconclusive", and under --expect known how the grading went. */
char *phrase_summary(const struct result *result);
char *phrase_cut_short(void);

char *phrase_target(const struct run *run);      /* as asked for, without the folders of patches */
char *phrase_engine(const struct run *run);      /* "stress, pthread, Python 3.11.2, tsan" */
char *phrase_label(const struct run *run);       /* "stuck_detector on TARGET [ENGINE]" */
char *phrase_found(const struct run *run);       /* what fails it: "dict-changed-size x31, invariant x2"; "nothing" */
char *phrase_races(const struct run *run);       /* "2 interpreter, 6 language"; "none"; "-" where not looked for */
const char *phrase_trial(const struct run *run); /* "trial", "schedule": what this run is counted in */
char *phrase_coverage(const struct run *run);    /* one line */
char *phrase_replayed(const struct run *run);    /* "replay: diverged at line 12: …"; "" where it was none */
char *phrase_expected(const struct run *run); /* "expected: …", "UNEXPECTED: …"; "" where the table says nothing */

/* What is known of a finding beside its message and traceback: labels and values in turn. */
void phrase_facts(const struct run *run, const struct finding *finding, struct strlist *out);

/* "invariant"; "data-race by the language", which fails nothing unless that was asked for. */
const char *phrase_kind(const struct finding *finding);

/* Each access of a race with its thread and its stack, in lines that are fit to be shown; NULL where there are none. */
char *phrase_accesses(const struct finding *finding);

/* What `phrase_facts` says of a race: its verdict in words, its place, and the file of ThreadSanitizer's text. */
void phrase_race_facts(const struct finding *finding, struct strlist *out);

/* "unused suppression: container X (line 3)", for each. */
void phrase_unused(const struct result *result, struct strlist *out);

/* Sentences: what to do next, given this result. */
void phrase_next(const struct result *result, struct strlist *out);

#endif
