#include "campaign/command.h"

#include <string.h>

static void add_option(struct buf *text, const char *option, const char *value) {
  buf_printf(text, " %s ", option);
  buf_shell_word(text, value);
}

static void add_number(struct buf *text, const char *option, uint64_t number) {
  if (number) {
    buf_printf(text, " %s %llu", option, (unsigned long long)number);
  }
}

/* A built-in scenario goes by its name, another by its path. */
static const char *scenario_word(const struct campaign_options *options, const struct catalog_entry *entry) {
  bool builtin = options->scenarios.count == 0 || strlist_has(&options->scenarios, entry->name);
  return builtin ? entry->name : entry->path;
}

static void add_stress(struct buf *text, const struct campaign_options *options) {
  buf_printf(text, " --seconds %g --seed %llu", options->seconds, (unsigned long long)options->seed);
  add_number(text, "--trials", options->trials);
  add_number(text, "--threads", options->threads);
  if (options->switch_interval > 0) {
    buf_printf(text, " --switch-interval %g", options->switch_interval);
  }
}

static void add_explore(struct buf *text, const struct campaign_options *options) {
  const struct explore_options *explore = &options->explore;
  add_option(text, "--strategy", explore->strategy);
  add_option(text, "--carrier", explore->carrier);
  add_option(text, "--points", explore->points);
  if (campaign_seconds(options, ENGINE_EXPLORE) > 0) {
    buf_printf(text, " --seconds %g", options->seconds);
  }
  add_number(text, "--schedules", explore->schedules);
  buf_printf(text, " --seed %llu", (unsigned long long)options->seed);
  add_number(text, "--threads", options->threads);
  if (explore->preemptions_given && explore->preemptions < 0) {
    buf_puts(text, " --preemptions unbounded");
  } else if (explore->preemptions_given) {
    buf_printf(text, " --preemptions %lld", (long long)explore->preemptions);
  }
  add_number(text, "--depth", explore->depth);
  buf_puts(text, explore->verify ? " --verify" : "");
  buf_puts(text, explore->confirm ? "" : " --no-confirm");
  if (explore->resume) {
    add_option(text, "--resume", explore->resume);
  }
}

/* What every engine has. Said only where it differs from the default, but for ThreadSanitizer under stress. */
static void add_common(struct buf *text, const struct campaign_options *options, const struct python *python,
                       enum engine engine) {
  if (options->hang_after < CAMPAIGN_HANG_AFTER || options->hang_after > CAMPAIGN_HANG_AFTER) {
    buf_printf(text, " --hang-after %g", options->hang_after);
  }
  if (options->until && engine != ENGINE_REPLAY) {
    add_option(text, "--until", options->until);
  }
  if (python->asked) {
    add_option(text, "--python", python->asked);
  }
  if (options->suppressions) {
    add_option(text, "--suppressions", options->suppressions);
  }
  bool tsan = campaign_tsan(options, engine);
  if (tsan && engine != ENGINE_REPLAY && strcmp(options->races, "show") != 0) {
    add_option(text, "--races", options->races);
  }
  if (tsan || engine == ENGINE_STRESS) {
    buf_puts(text, tsan ? " --tsan" : " --no-tsan");
  }
}

char *command_run(const struct campaign_options *options, const struct plan *plan, const struct planned *planned) {
  enum engine engine = planned->engine;
  if (engine == ENGINE_REPLAY) {
    return command_replay(options, plan, planned, options->replay.file, false);
  }
  struct buf text = {0};
  buf_shell_word(&text, options->program);
  buf_printf(&text, " %s ", engine_name(engine));
  buf_shell_word(&text, scenario_word(options, &plan->catalog.entries[planned->entry]));
  add_option(&text, "--target", plan->targets[planned->target].text);
  if (engine == ENGINE_STRESS) {
    add_stress(&text, options);
  } else {
    add_explore(&text, options);
  }
  add_common(&text, options, plan_python(plan, planned), engine);
  return buf_take(&text);
}

char *command_replay(const struct campaign_options *options, const struct plan *plan, const struct planned *planned,
                     const char *path, bool race) {
  struct buf text = {0};
  const struct catalog_entry *entry = &plan->catalog.entries[planned->entry];
  const char *scenario = scenario_word(options, entry);
  buf_shell_word(&text, options->program);
  buf_puts(&text, " replay ");
  buf_shell_word(&text, path);
  if (strcmp(scenario, entry->name) != 0) {
    add_option(&text, "--scenario", scenario);
  }
  add_option(&text, "--target", plan->targets[planned->target].text);
  add_option(&text, "--carrier", options->explore.carrier);
  add_number(&text, "--times", options->replay.times > 1 ? options->replay.times : 0);
  add_common(&text, options, plan_python(plan, planned), ENGINE_REPLAY);
  buf_puts(&text, race && !campaign_tsan(options, ENGINE_REPLAY) ? " --tsan" : "");
  return buf_take(&text);
}
