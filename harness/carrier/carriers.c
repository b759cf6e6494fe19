#include "carrier/carrier.h"

REGISTRY_DEFINE(carriers, struct carrier);
