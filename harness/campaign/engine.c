#include "campaign/engine.h"

const char *engine_name(enum engine engine) {
  static const char *const NAMES[ENGINES] = {
      [ENGINE_EXPLORE] = "explore", [ENGINE_STRESS] = "stress", [ENGINE_REPLAY] = "replay"};
  return NAMES[engine];
}
