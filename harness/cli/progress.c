#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/mem.h"
#include "reports/phrases.h"

#define LINE_EVERY 10.0 /* seconds between plain lines */
enum { BAR_CELLS = 20 };

void progress_init(struct progress *progress, bool quiet) {
  const char *term = getenv("TERM");
  bool terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
  *progress = (struct progress){.quiet = quiet, .terminal = terminal, .started_at = clock_now()};
}

static void clear_bar(struct progress *progress) {
  if (progress->bar_shown) {
    fputs("\r\033[K", stderr);
    progress->bar_shown = false;
  }
}

static void say(void *arg, const char *line) {
  struct progress *progress = arg;
  if (!progress->quiet) {
    clear_bar(progress);
    fprintf(stderr, "flashflood: %s\n", line);
  }
}

static void planned(void *arg, size_t runs, double seconds) {
  struct progress *progress = arg;
  progress->runs = runs;
  progress->started_at = clock_now();
  if (!progress->quiet) {
    fprintf(stderr, "flashflood: %zu run%s", runs, runs == 1 ? "" : "s");
    fprintf(stderr, seconds > 0 ? ", about %.0f s\n" : "\n", seconds); /* a number of schedules takes what it takes */
  }
}

static void count(const struct result *result, uint64_t *schedules, uint64_t *findings) {
  for (size_t i = 0; i < result->run_count; i++) {
    *schedules += result->runs[i].schedules;
    for (size_t j = 0; j < result->runs[i].finding_count; j++) {
      *findings += result->runs[i].findings[j].count;
    }
  }
}

static void draw(struct progress *progress, const struct result *result, double done) {
  uint64_t schedules = 0, findings = 0;
  double elapsed = clock_now() - progress->started_at;
  count(result, &schedules, &findings);
  char bar[BAR_CELLS + 1];
  memset(bar, '.', BAR_CELLS);
  memset(bar, '#', (size_t)(done * BAR_CELLS));
  bar[BAR_CELLS] = '\0';
  fprintf(stderr, "\r\033[K[%s] %3.0f%%  %zu/%zu runs  %llu tried  %llu found  %.0f s left", bar, done * 100,
          progress->ended, progress->runs, (unsigned long long)schedules, (unsigned long long)findings,
          done > 0.01 ? elapsed / done - elapsed : 0.0);
  fflush(stderr);
  progress->bar_shown = true;
}

static void update(void *arg, const struct result *result, double done) {
  struct progress *progress = arg;
  double now = clock_now();
  if (progress->quiet) {
    return;
  }
  if (progress->terminal) {
    draw(progress, result, done);
  } else if (now - progress->line_at >= LINE_EVERY && progress->line_at > 0) {
    uint64_t schedules = 0, findings = 0;
    count(result, &schedules, &findings);
    fprintf(stderr, "flashflood: %.0f%%, %llu tried, %llu found\n", done * 100, (unsigned long long)schedules,
            (unsigned long long)findings);
  } else if (progress->line_at > 0) {
    return;
  }
  progress->line_at = now;
}

/* ", Python 3.11.2" of "CPython 3.11.2 (main, …)". The caller's. */
static char *python_of(const struct run *run) {
  const char *python = run->python ? run->python : "";
  const char *version = strpbrk(python, " -");
  version = version ? version + 1 : python;
  return mem_printf(", Python %.*s", (int)strcspn(version, " "), version);
}

static void run_ended(void *arg, const struct run *run) {
  struct progress *progress = arg;
  progress->ended++;
  if (!progress->quiet) {
    clear_bar(progress);
    char *python = progress->pythons ? python_of(run) : mem_dup("");
    fprintf(stderr, "flashflood: %zu/%zu %s on %s%s: %s: %s after %llu %ss in %.1f s\n", progress->ended,
            progress->runs, run->scenario, run->target, python, run->engine, verdict_name(run->verdict),
            (unsigned long long)run->schedules, phrase_trial(run), run->seconds);
    free(python);
  }
}

struct campaign_watch progress_watch(struct progress *progress) {
  return (struct campaign_watch){
      .arg = progress, .say = say, .planned = planned, .progress = update, .run_ended = run_ended};
}

void progress_end(struct progress *progress) { clear_bar(progress); }
