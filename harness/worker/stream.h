/* The worker's record stream (model/record.h): one JSON object a line, written whole. Any thread may write. */
#ifndef FF_WORKER_STREAM_H
#define FF_WORKER_STREAM_H

#include <jansson.h>

#include "model/result.h"
#include "platform/quiet.h"

struct stream {
  int fd;
  struct quiet_lock lock;
};

void stream_write(struct stream *stream, json_t *record); /* takes the record; a reader that is gone ends the process */
void stream_finding(struct stream *stream, const struct finding *finding);
json_t *stream_tristate(enum tristate value); /* true, false or null */
void stream_note(struct stream *stream, const char *text);

#endif
