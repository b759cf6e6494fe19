#include "model/result_fields.h"

#define RECORD(type, table)                                                                                            \
  { sizeof(type), table, sizeof(table) / sizeof *(table) }

static const char *const OUTCOMES[] = {"pass", "fail", NULL};
static const char *const REACHABLE[] = {"gil", "bytecode", RACE_BY_LANGUAGE, NULL};
static const char *const CONTROLS[] = {"passed", "failed", NULL};
static const char *const SUPPRESSED[] = {"container", "function", "file", NULL};

static const struct field ACTOR_FIELDS[] = {
    {"name", SHAPE_TEXT, offsetof(struct coverage_actor, name), NULL, 0, NULL},
    {"threads", SHAPE_COUNT, offsetof(struct coverage_actor, threads), NULL, 0, NULL},
    {"calls", SHAPE_COUNT, offsetof(struct coverage_actor, calls), NULL, 0, NULL},
};
static const struct record ACTOR = RECORD(struct coverage_actor, ACTOR_FIELDS);

static const struct field POINT_FIELDS[] = {
    {"name", SHAPE_TEXT, offsetof(struct coverage_point, name), NULL, 0, NULL},
    {"count", SHAPE_COUNT, offsetof(struct coverage_point, count), NULL, 0, NULL},
};
static const struct record POINT = RECORD(struct coverage_point, POINT_FIELDS);

static const struct field COVERAGE_FIELDS[] = {
    {"actors", SHAPE_ARRAY, offsetof(struct coverage, actors), &ACTOR, offsetof(struct coverage, actor_count), NULL},
    {"reached", SHAPE_ARRAY, offsetof(struct coverage, reached), &POINT, offsetof(struct coverage, reached_count),
     NULL},
    {"control", SHAPE_WORD_OR_NULL, offsetof(struct coverage, control), NULL, 0, CONTROLS},
    {"notes", SHAPE_TEXTS, offsetof(struct coverage, notes), NULL, 0, NULL},
    {"peak_rss_kib", SHAPE_COUNT, offsetof(struct coverage, peak_rss_kib), NULL, 0, NULL},
};
static const struct record COVERAGE = RECORD(struct coverage, COVERAGE_FIELDS);

static const struct field EXPECTED_FIELDS[] = {
    {"outcome", SHAPE_WORD, offsetof(struct expectation, outcome), NULL, 0, OUTCOMES},
    {"kinds", SHAPE_KINDS, offsetof(struct expectation, must), NULL, 0, NULL},
    {"may", SHAPE_KINDS, offsetof(struct expectation, may), NULL, 0, NULL},
    {"because", SHAPE_TEXT_OR_NULL, offsetof(struct expectation, because), NULL, 0, NULL},
    {"met", SHAPE_TRISTATE, offsetof(struct expectation, met), NULL, 0, NULL},
    {"unmet", SHAPE_TEXT_OR_NULL, offsetof(struct expectation, unmet), NULL, 0, NULL},
};
static const struct record EXPECTED = RECORD(struct expectation, EXPECTED_FIELDS);

static const struct field REPLAYED_FIELDS[] = {
    {"outcome", SHAPE_WORD, offsetof(struct replayed, outcome), NULL, 0, REPLAY_OUTCOMES},
    {"line", SHAPE_COUNT_OR_NULL, offsetof(struct replayed, line), NULL, 0, NULL},
    {"detail", SHAPE_TEXT_OR_NULL, offsetof(struct replayed, detail), NULL, 0, NULL},
};
static const struct record REPLAYED = RECORD(struct replayed, REPLAYED_FIELDS);

static const struct field STEP_FIELDS[] = {
    {"thread", SHAPE_TEXT, offsetof(struct step, thread), NULL, 0, NULL},
    {"function", SHAPE_TEXT_OR_NULL, offsetof(struct step, function), NULL, 0, NULL},
    {"file", SHAPE_TEXT_OR_NULL, offsetof(struct step, file), NULL, 0, NULL},
    {"line", SHAPE_COUNT, offsetof(struct step, line), NULL, 0, NULL},
    {"source", SHAPE_TEXT_OR_NULL, offsetof(struct step, source), NULL, 0, NULL},
    {"switched", SHAPE_BOOL, offsetof(struct step, switched), NULL, 0, NULL},
};
static const struct record STEP = RECORD(struct step, STEP_FIELDS);

static const struct field ACCESS_FIELDS[] = {
    {"thread", SHAPE_TEXT_OR_NULL, offsetof(struct race_access, thread), NULL, 0, NULL},
    {"started", SHAPE_TEXT_OR_NULL, offsetof(struct race_access, started), NULL, 0, NULL},
    {"operation", SHAPE_WORD, offsetof(struct race_access, operation), NULL, 0, RACE_OPERATIONS},
    {"function", SHAPE_TEXT_OR_NULL, offsetof(struct race_access, function), NULL, 0, NULL},
    {"file", SHAPE_TEXT_OR_NULL, offsetof(struct race_access, file), NULL, 0, NULL},
    {"line", SHAPE_COUNT, offsetof(struct race_access, line), NULL, 0, NULL},
    {"stack", SHAPE_TEXTS, offsetof(struct race_access, stack), NULL, 0, NULL},
};
static const struct record ACCESS = RECORD(struct race_access, ACCESS_FIELDS);

static const struct field RACE_FIELDS[] = {
    {"container", SHAPE_TEXT_OR_NULL, offsetof(struct race, container), NULL, 0, NULL},
    {"key", SHAPE_TEXT_OR_NULL, offsetof(struct race, key), NULL, 0, NULL},
    {"effect", SHAPE_WORD_OR_NULL, offsetof(struct race, effect), NULL, 0, RACE_EFFECTS},
    {"accesses", SHAPE_ARRAY, offsetof(struct race, accesses), &ACCESS, offsetof(struct race, access_count), NULL},
    {"report", SHAPE_TEXT_OR_NULL, offsetof(struct race, report), NULL, 0, NULL},
    {"report_file", SHAPE_TEXT_OR_NULL, offsetof(struct race, report_file), NULL, 0, NULL},
};
static const struct record RACE = RECORD(struct race, RACE_FIELDS);

static const struct field RACES_FIELDS[] = {
    {"looked_for", SHAPE_BOOL, offsetof(struct race_tally, looked_for), NULL, 0, NULL},
    {"policy", SHAPE_WORD, offsetof(struct race_tally, policy), NULL, 0, RACE_POLICIES},
    {"language", SHAPE_COUNT, offsetof(struct race_tally, language), NULL, 0, NULL},
    {"interpreter", SHAPE_COUNT, offsetof(struct race_tally, interpreter), NULL, 0, NULL},
    {"native", SHAPE_COUNT, offsetof(struct race_tally, native), NULL, 0, NULL},
    {"suppressed", SHAPE_COUNT, offsetof(struct race_tally, suppressed), NULL, 0, NULL},
};
static const struct record RACES = RECORD(struct race_tally, RACES_FIELDS);

static const struct field FINDING_FIELDS[] = {
    {"kind", SHAPE_KIND, offsetof(struct finding, kind), NULL, 0, NULL},
    {"message", SHAPE_TEXT_OR_NULL, offsetof(struct finding, message), NULL, 0, NULL},
    {"actor", SHAPE_TEXT_OR_NULL, offsetof(struct finding, actor), NULL, 0, NULL},
    {"where", SHAPE_TEXT_OR_NULL, offsetof(struct finding, where), NULL, 0, NULL},
    {"traceback", SHAPE_TEXT_OR_NULL, offsetof(struct finding, traceback), NULL, 0, NULL},
    {"count", SHAPE_COUNT, offsetof(struct finding, count), NULL, 0, NULL},
    {"first_at", SHAPE_COUNT, offsetof(struct finding, first_at), NULL, 0, NULL},
    {"reachable", SHAPE_WORD_OR_NULL, offsetof(struct finding, reachable), NULL, 0, REACHABLE},
    {"confirmed", SHAPE_TRISTATE, offsetof(struct finding, confirmed), NULL, 0, NULL},
    {"switches", SHAPE_COUNT_OR_NULL, offsetof(struct finding, switches), NULL, 0, NULL},
    {"schedule", SHAPE_TEXT_OR_NULL, offsetof(struct finding, schedule), NULL, 0, NULL},
    {"interleaving", SHAPE_ARRAY, offsetof(struct finding, steps), &STEP, offsetof(struct finding, step_count), NULL},
    {"race", SHAPE_OWNED_OR_NULL, offsetof(struct finding, race), &RACE, 0, NULL},
    {"replay", SHAPE_TEXT_OR_NULL, offsetof(struct finding, replay), NULL, 0, NULL},
    {"fingerprint", SHAPE_TEXT_OR_NULL, offsetof(struct finding, fingerprint), NULL, 0, NULL},
};
static const struct record FINDING = RECORD(struct finding, FINDING_FIELDS);

static const struct field RUN_FIELDS[] = {
    {"scenario", SHAPE_TEXT, offsetof(struct run, scenario), NULL, 0, NULL},
    {"summary", SHAPE_TEXT_OR_NULL, offsetof(struct run, summary), NULL, 0, NULL},
    {"target", SHAPE_TEXT, offsetof(struct run, target), NULL, 0, NULL},
    {"release", SHAPE_TEXT_OR_NULL, offsetof(struct run, release), NULL, 0, NULL},
    {"patches", SHAPE_TEXTS, offsetof(struct run, patches), NULL, 0, NULL},
    {"python", SHAPE_TEXT_OR_NULL, offsetof(struct run, python), NULL, 0, NULL},
    {"python_tag", SHAPE_TEXT_OR_NULL, offsetof(struct run, python_tag), NULL, 0, NULL},
    {"python_binary", SHAPE_TEXT_OR_NULL, offsetof(struct run, python_binary), NULL, 0, NULL},
    {"engine", SHAPE_TEXT, offsetof(struct run, engine), NULL, 0, NULL},
    {"carrier", SHAPE_TEXT_OR_NULL, offsetof(struct run, carrier), NULL, 0, NULL},
    {"points", SHAPE_TEXT_OR_NULL, offsetof(struct run, points), NULL, 0, NULL},
    {"strategy", SHAPE_TEXT_OR_NULL, offsetof(struct run, strategy), NULL, 0, NULL},
    {"seed", SHAPE_COUNT, offsetof(struct run, seed), NULL, 0, NULL},
    {"threads", SHAPE_COUNT, offsetof(struct run, threads), NULL, 0, NULL},
    {"tsan", SHAPE_BOOL, offsetof(struct run, tsan), NULL, 0, NULL},
    {"schedules", SHAPE_COUNT, offsetof(struct run, schedules), NULL, 0, NULL},
    {"operations", SHAPE_COUNT, offsetof(struct run, operations), NULL, 0, NULL},
    {"seconds", SHAPE_SECONDS, offsetof(struct run, seconds), NULL, 0, NULL},
    {"claim", SHAPE_TEXT_OR_NULL, offsetof(struct run, claim), NULL, 0, NULL},
    {"bound", SHAPE_COUNT_OR_NULL, offsetof(struct run, bound), NULL, 0, NULL},
    {"complete", SHAPE_BOOL, offsetof(struct run, complete), NULL, 0, NULL},
    {"coverage", SHAPE_OBJECT, offsetof(struct run, coverage), &COVERAGE, 0, NULL},
    {"verdict", SHAPE_VERDICT, offsetof(struct run, verdict), NULL, 0, NULL},
    {"why", SHAPE_TEXT_OR_NULL, offsetof(struct run, why), NULL, 0, NULL},
    {"expected", SHAPE_OBJECT_OR_NULL, offsetof(struct run, expected), &EXPECTED, 0, NULL},
    {"replayed", SHAPE_OBJECT_OR_NULL, offsetof(struct run, replayed), &REPLAYED, 0, NULL},
    {"races", SHAPE_OBJECT, offsetof(struct run, races), &RACES, 0, NULL},
    {"findings", SHAPE_ARRAY, offsetof(struct run, findings), &FINDING, offsetof(struct run, finding_count), NULL},
    {"replay", SHAPE_TEXT_OR_NULL, offsetof(struct run, replay), NULL, 0, NULL},
};
static const struct record RUN = RECORD(struct run, RUN_FIELDS);

static const struct field SUPPRESSION_FIELDS[] = {
    {"what", SHAPE_WORD, offsetof(struct suppression, what), NULL, 0, SUPPRESSED},
    {"pattern", SHAPE_TEXT, offsetof(struct suppression, pattern), NULL, 0, NULL},
    {"reason", SHAPE_TEXT, offsetof(struct suppression, reason), NULL, 0, NULL},
    {"line", SHAPE_COUNT, offsetof(struct suppression, line), NULL, 0, NULL},
    {"used", SHAPE_COUNT, offsetof(struct suppression, used), NULL, 0, NULL},
};
static const struct record SUPPRESSION = RECORD(struct suppression, SUPPRESSION_FIELDS);

static const struct field NOT_RUN_FIELDS[] = {
    {"scenario", SHAPE_TEXT, offsetof(struct not_run, scenario), NULL, 0, NULL},
    {"target", SHAPE_TEXT, offsetof(struct not_run, target), NULL, 0, NULL},
    {"python", SHAPE_TEXT, offsetof(struct not_run, python), NULL, 0, NULL},
    {"engine", SHAPE_TEXT_OR_NULL, offsetof(struct not_run, engine), NULL, 0, NULL},
    {"kind", SHAPE_WORD, offsetof(struct not_run, kind), NULL, 0, NOT_RUN_KINDS},
    {"why", SHAPE_TEXT_OR_NULL, offsetof(struct not_run, why), NULL, 0, NULL},
};
static const struct record NOT_RUN = RECORD(struct not_run, NOT_RUN_FIELDS);

static const struct field MATRIX_FIELDS[] = {
    {"releases", SHAPE_TEXT, offsetof(struct matrix, releases), NULL, 0, NULL},
    {"targets", SHAPE_TEXTS, offsetof(struct matrix, targets), NULL, 0, NULL},
    {"scenarios", SHAPE_TEXTS, offsetof(struct matrix, scenarios), NULL, 0, NULL},
    {"pythons", SHAPE_TEXTS, offsetof(struct matrix, pythons), NULL, 0, NULL},
    {"engines", SHAPE_TEXTS, offsetof(struct matrix, engines), NULL, 0, NULL},
    {"not_run", SHAPE_ARRAY, offsetof(struct matrix, not_run), &NOT_RUN, offsetof(struct matrix, not_run_count), NULL},
};
static const struct record MATRIX = RECORD(struct matrix, MATRIX_FIELDS);

static const struct field CHANGE_FIELDS[] = {
    {"what", SHAPE_WORD, offsetof(struct change, what), NULL, 0, CHANGES},
    {"before", SHAPE_TEXT, offsetof(struct change, before), NULL, 0, NULL},
    {"after", SHAPE_TEXT, offsetof(struct change, after), NULL, 0, NULL},
    {"untried", SHAPE_TEXTS, offsetof(struct change, untried), NULL, 0, NULL},
    {"files", SHAPE_TEXTS, offsetof(struct change, files), NULL, 0, NULL},
    {"diff", SHAPE_TEXT_OR_NULL, offsetof(struct change, diff), NULL, 0, NULL},
    {"no_diff", SHAPE_TEXT_OR_NULL, offsetof(struct change, no_diff), NULL, 0, NULL},
    {"others", SHAPE_COUNT, offsetof(struct change, others), NULL, 0, NULL},
};
static const struct record CHANGE = RECORD(struct change, CHANGE_FIELDS);

static const struct field BISECTION_FIELDS[] = {
    {"releases", SHAPE_TEXT, offsetof(struct bisection, releases), NULL, 0, NULL},
    {"count", SHAPE_COUNT, offsetof(struct bisection, count), NULL, 0, NULL},
    {"tried", SHAPE_COUNT, offsetof(struct bisection, tried), NULL, 0, NULL},
    {"changes", SHAPE_ARRAY, offsetof(struct bisection, changes), &CHANGE, offsetof(struct bisection, change_count),
     NULL},
};
static const struct record BISECTION = RECORD(struct bisection, BISECTION_FIELDS);

static const struct field RESULT_FIELDS[] = {
    {"command", SHAPE_TEXT_OR_NULL, offsetof(struct result, command), NULL, 0, NULL},
    {"platform", SHAPE_TEXT_OR_NULL, offsetof(struct result, platform), NULL, 0, NULL},
    {"cut_short", SHAPE_BOOL, offsetof(struct result, cut_short), NULL, 0, NULL},
    {"expect_known", SHAPE_BOOL, offsetof(struct result, expect_known), NULL, 0, NULL},
    {"suppressions", SHAPE_ARRAY, offsetof(struct result, suppressions), &SUPPRESSION,
     offsetof(struct result, suppression_count), NULL},
    {"matrix", SHAPE_OWNED_OR_NULL, offsetof(struct result, matrix), &MATRIX, 0, NULL},
    {"bisection", SHAPE_OWNED_OR_NULL, offsetof(struct result, bisection), &BISECTION, 0, NULL},
    {"runs", SHAPE_ARRAY, offsetof(struct result, runs), &RUN, offsetof(struct result, run_count), NULL},
};

const struct record RESULT_RECORD = RECORD(struct result, RESULT_FIELDS);
