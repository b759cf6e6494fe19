#include "reports/format.h"

REGISTRY_DEFINE(formats, struct report_format);
