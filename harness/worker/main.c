/* flashflood-worker: embeds CPython and runs one job (model/job.h), its only argument. */
#include "worker/worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/record.h"
#include "oracle/race.h"
#include "platform/clock.h"
#include "platform/fs.h"
#include "platform/mem.h"
#include "platform/udp_sink.h"
#include "python/code_map.h"
#include "python/embed.h"
#include "python/escapes.h"
#include "python/frame_peek.h"
#include "python/garbage.h"
#include "python/module.h"
#include "python/randomness.h"
#include "python/real_sync.h"
#include "python/sched.h"
#include "python/virtual.h"
#include "python/watchdog.h"
#include "tsan/report.h"
#include "tsan/self_test.h"
#include "worker/leaks.h"

/* The worker's one current run: the signal handler has nowhere else to look. */
static struct worker worker;

static void on_terminate(int signal_number) {
  (void)signal_number;
  __atomic_store_n(&worker.stop, true, __ATOMIC_RELAXED);
}

static void tell_finding(void *arg, const struct finding *finding) { stream_finding(arg, finding); }

static uint64_t choose(void *arg, uint64_t bound) {
  static struct quiet_lock choosing; /* without a GIL several threads do at once */
  if (worker.controlled) {
    return sched_number(bound);
  }
  quiet_enter(&choosing);
  uint64_t chosen = rng_below(arg, bound);
  quiet_leave(&choosing);
  return chosen;
}

/* What can be named in a job and is not known here. */
static bool find_parts(struct err *err) {
  const struct job *job = &worker.job;
  worker.carrier = carriers_find(job->carrier);
  worker.points = points_find(job->points);
  worker.strategy = strategies_find(job->strategy);
  if (!worker.carrier) {
    return err_set(err, ERR_USAGE, "unknown carrier '%s'", job->carrier);
  }
  if (!worker.points) {
    return err_set(err, ERR_USAGE, "unknown switch points '%s'", job->points);
  }
  if (!worker.strategy) {
    return err_set(err, ERR_USAGE, "unknown strategy '%s'", job->strategy);
  }
  worker.controlled = worker.strategy->controlled;
  return true;
}

static void find_sources(const char *scenario_folder) {
  for (size_t i = 0; i < worker.job.paths.count; i++) {
    const char *path = worker.job.paths.items[i];
    strlist_addf(&worker.sources.prefixes, "%s/", path);
    strlist_addf(&worker.sources.packages, "%s/%s/", path, worker.job.package ? worker.job.package : "");
    strlist_addf(&worker.sources.packages, "%s/%s.py", path, worker.job.package ? worker.job.package : "");
  }
  strlist_addf(&worker.sources.prefixes, "%s/", scenario_folder);
  worker.sources.stdlib = embed_stdlib();
}

static void say_hello(void) {
  char *python = embed_describe();
  char *stdlib = embed_stdlib();
  stream_write(&worker.stream,
               json_pack("{s:s, s:s, s:s, s:s, s:b, s:i}", "record", RECORD_HELLO, "python", python, "binary",
                         FF_PYTHON_BINARY, "stdlib", stdlib, "tsan", tsan_active(), "pid", (int)getpid()));
  free(stdlib);
  free(python);
}

static void say_ready(void) {
  json_t *actors = json_array();
  worker.lifts = worker.job.lift && frame_peek_works();
  for (size_t i = 0; i < worker.scenario.actor_count; i++) {
    json_array_append_new(actors, json_pack("{s:s, s:I}", "name", worker.scenario.actors[i].name, "threads",
                                            (json_int_t)worker.threads[i]));
  }
  stream_write(&worker.stream, json_pack("{s:s, s:o, s:b, s:b}", "record", RECORD_READY, "actors", actors, "lifted",
                                         worker.lifts, "gil", worker.has_gil));
}

void worker_share_threads(struct worker *w) {
  size_t count = w->scenario.actor_count, many = 0;
  w->threads = mem_alloc(count * sizeof *w->threads);
  w->calls = mem_alloc(count * sizeof *w->calls);
  for (size_t i = 0; i < count; i++) {
    w->threads[i] = 1;
    many += w->scenario.actors[i].many;
  }
  uint64_t usual = !w->controlled ? 6 : count > 2 ? count : 2; /* docs/scenarios.md */
  uint64_t total = w->job.threads ? w->job.threads : usual;
  for (uint64_t used = count; many && used < total;) {
    for (size_t i = count; i-- > 0 && used < total;) { /* the last first: what comes last tends to be the rarer deed */
      w->threads[i] += w->scenario.actors[i].many;
      used += w->scenario.actors[i].many;
    }
  }
}

static bool start(struct err *err) {
  char *scenario = fs_absolute(worker.job.scenario);
  char *slash = strrchr(scenario, '/');
  char *folder = mem_dupn(scenario, slash ? (size_t)(slash - scenario) : 0);
  bool ok = embed_start(FF_PYTHON_BINARY, err) && embed_set_paths(&worker.job.paths, folder, err);
  if (ok && worker.controlled) {
    ok = virtual_install(err) && randomness_install(err);
  }
  if (ok) {
    say_hello();
    find_sources(folder);
    module_set_host(&(struct module_host){.engine = worker.job.engine, .choose = choose, .arg = &worker.rng});
    ok = scenario_load(scenario, worker.job.name, &worker.scenario, err) && scenario_set_up(&worker.scenario, err);
  }
  free(folder);
  free(scenario);
  return ok;
}

/* The constructor is tried once before anything is promised: one that always raises is the scenario's mistake. */
static bool try_constructor(struct err *err) {
  PyObject *object = scenario_new(&worker.scenario);
  if (!object) {
    return embed_error(err, ERR_USAGE, "the scenario's constructor raised");
  }
  Py_DECREF(object);
  return true;
}

static bool watch(struct err *err) {
  worker.ledger.listener = tell_finding;
  worker.ledger.listener_arg = &worker.stream;
  worker.oracles = (struct oracle_context){.ledger = &worker.ledger,
                                           .sources = &worker.sources,
                                           .scenario = &worker.scenario,
                                           .scenario_name = worker.job.name,
                                           .records_fd = worker.stream.fd,
                                           .records_lock = &worker.stream.lock,
                                           .stacks_fd = worker.job.stacks_fd,
                                           .reachable = worker.controlled ? worker.job.points
                                                        : worker.has_gil  ? "gil"
                                                                          : "bytecode",
                                           .confirmed = worker.controlled ? TRI_UNKNOWN : TRI_TRUE};
  bool ok = true;
  for (size_t i = 0; ok && i < oracles_count(); i++) {
    ok = !oracles_at(i)->watch || oracles_at(i)->watch(&worker.oracles, err);
  }
  if (ok && worker.lifts) {
    oracle_watch_races(&worker.oracles);
  }
  return ok;
}

/* Which code is under test. */
static void judge_code(void) {
  static struct strlist watched;
  scenario_watched(&worker.scenario, &watched);
  if (!worker.job.package && !watched.count) { /* then the scenario's own code is what is under test */
    char *file = fs_absolute(worker.job.scenario);
    strlist_add(&watched, file);
    free(file);
  }
  code_map_init(
      &(struct code_map_rules){.sources = &worker.sources, .watched_files = &watched, .cold = worker.controlled});
}

/* What explore needs before its first schedule. */
static bool control_schedules(struct err *err) {
  judge_code();
  code_map_settle();
  garbage_disable();
  return worker.points->open(err) && escapes_watch(err) && watchdog_start(err);
}

/* What stress needs to look for data races of Python code; up to CPython 3.10 it cannot. */
static bool prepare_stress(struct err *err) {
  if (!worker.lifts) {
    return true;
  }
  judge_code();
  return real_sync_install(err);
}

/* A free-threaded Python turns its GIL on, for good, when it imports an extension that does not say that it can do
 * without. */
static void look_for_gil(void) {
  worker.has_gil = embed_has_gil();
#ifdef Py_GIL_DISABLED
  stream_note(&worker.stream, worker.has_gil
                                  ? "free-threaded Python, but its GIL is on: an extension that the scenario "
                                    "imports does not say that it can do without"
                                  : "free-threaded Python, its GIL is off");
#endif
}

static bool run(char **why, struct err *err) {
  worker_share_threads(&worker);
  look_for_gil();
  say_ready();
  bool passed = false;
  if (!watch(err) || !(worker.controlled ? control_schedules(err) : prepare_stress(err)) ||
      !control_run(&worker, &passed, err)) {
    return false;
  }
  if (strcmp(worker.job.engine, "replay") == 0) {
    return replay_run(&worker, why, err); /* what fails in any order may be the finding */
  }
  return !passed || (worker.controlled ? explore_run : stress_run)(&worker, why, err);
}

/* Whether this interpreter has the switch points of the job. */
static bool try_points(struct err *err) {
  code_map_init(&(struct code_map_rules){0});
  return worker.points->open(err);
}

static void note_sink(void) {
  if (udp_sink_received()) {
    char *note = mem_printf("%llu metric datagrams reached the UDP sink", (unsigned long long)udp_sink_received());
    stream_note(&worker.stream, note);
    free(note);
  }
}

static bool work(struct err *err) {
  const char *mode = worker.job.mode;
  char *why = NULL;
  bool ok = false;
  if (strcmp(mode, "self-test-racy") == 0 || strcmp(mode, "self-test-locked") == 0) {
    ok = find_parts(err) && tsan_watch_reports(worker.stream.fd, &worker.stream.lock, mode, err) &&
         self_test_run(worker.carrier, strcmp(mode, "self-test-locked") == 0, err);
  } else if (strcmp(mode, "self-test-points") == 0) {
    ok = find_parts(err) && embed_start(FF_PYTHON_BINARY, err) && try_points(err);
  } else if (strcmp(mode, "load") == 0) {
    ok = find_parts(err) && start(err) && try_constructor(err);
  } else if (strcmp(mode, "run") == 0) {
    ok = find_parts(err) && start(err) && run(&why, err);
    note_sink();
  } else {
    err_set(err, ERR_USAGE, "unknown mode '%s'", mode);
  }
  if (ok) {
    stream_write(&worker.stream, json_pack("{s:s, s:s?}", "record", RECORD_DONE, "why", why));
  }
  free(why);
  if (leaks_found()) {
    stream_note(&worker.stream, "LeakSanitizer found leaks in the worker");
  }
  return ok;
}

int main(int argc, char **argv) {
  struct err err = ERR_INIT;
  if (argc != 2) {
    fputs("usage: flashflood-worker JOB\nJOB is one JSON object (harness/model/job.h); flashflood writes it.\n",
          stderr);
    return ERR_USAGE;
  }
  worker.stream.fd = STDOUT_FILENO;
  bool ok = job_from_json(argv[1], &worker.job, &err);
  if (ok) {
    worker.stream.fd = worker.job.records_fd >= 0 ? worker.job.records_fd : STDOUT_FILENO;
    worker.job.stacks_fd = worker.job.stacks_fd >= 0 ? worker.job.stacks_fd : STDERR_FILENO;
    worker.rng.state = worker.job.seed;
    signal(SIGINT, SIG_IGN); /* Ctrl-C is the driver's, which then sends SIGTERM */
    signal(SIGTERM, on_terminate);
    ok = work(&err);
  }
  if (!ok) {
    stream_write(&worker.stream,
                 json_pack("{s:s, s:i, s:s}", "record", RECORD_REFUSED, "code", err.code, "message", err.msg));
  }
  fflush(NULL);
  _exit(ok ? 0 : err.code); /* no atexit, no threading._shutdown: they would wait for threads that do not end */
}
