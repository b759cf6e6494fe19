#include "platform/buf.h"
void observe_unseen_names(struct strlist *out);
