#include "oracle/oracle.h"

REGISTRY_DEFINE(oracles, struct oracle);
