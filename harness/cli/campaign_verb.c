#include "cli/campaign_verb.h"

#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/progress.h"
#include "platform/interrupt.h"
#include "platform/mem.h"

static void take_arguments(const struct campaign_verb *verb, struct cli_options *options) {
  struct campaign_options *campaign = &options->campaign;
  struct strlist *to = verb->arguments_are_targets ? &campaign->targets : &campaign->scenarios;
  strlist_copy(to, &options->arguments);
}

static void describe(struct result *result, const struct cli_options *options) {
  struct utsname name;
  uname(&name);
  result->tool = mem_dup("flashflood " FF_VERSION);
  result->command = mem_dup(options->command);
  result->platform = mem_printf("%s %s, %ld cores", name.sysname, name.machine, sysconf(_SC_NPROCESSORS_ONLN));
}

static bool run(const struct cli_options *options, struct result *result, struct err *err) {
  struct places places = {0};
  struct progress progress;
  progress_init(&progress, options->output.quiet);
  struct campaign_watch watch = progress_watch(&progress);
  interrupt_watch();
  bool ok = output_check(&options->output, err) && places_find(&places, err) &&
            campaign_run(&options->campaign, &places, &watch, result, err);
  progress_end(&progress);
  places_free(&places);
  return ok && output_write(&options->output, result, true, err);
}

int campaign_verb_run(const struct campaign_verb *verb, int argc, char **argv, struct err *err) {
  static const struct argp_child children[] = {{&options_campaign, 0, NULL, 0}, {&options_output, 0, NULL, 0}, {0}};
  struct cli_options options;
  struct result result = {0};
  int code = ERR_USAGE;
  options_defaults(&options, verb->seconds, err);
  if (options_parse(children, verb->args_doc, verb->doc, argc, argv, &options)) {
    take_arguments(verb, &options);
    describe(&result, &options);
    if (run(&options, &result, err)) {
      code = campaign_exit_code(&result);
    }
  }
  result_free(&result);
  options_free(&options);
  return options.help ? 0 : code;
}
