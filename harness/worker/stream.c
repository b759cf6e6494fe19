#include "worker/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/record.h"
#include "model/text.h"
#include "platform/mem.h"

static void write_line(struct stream *stream, char *line, size_t len) {
  line[len] = '\n'; /* where the NUL was: one write, one line */
  quiet_enter(&stream->lock);
  for (size_t done = 0; done < len + 1;) {
    ssize_t put = write(stream->fd, line + done, len + 1 - done);
    if (put < 0 && errno != EINTR) {
      _exit(3); /* the driver is gone: nobody wants the rest */
    }
    done += put > 0 ? (size_t)put : 0;
  }
  quiet_leave(&stream->lock);
}

void stream_write(struct stream *stream, json_t *record) {
  char *line = record ? json_dumps(record, JSON_COMPACT) : NULL;
  json_decref(record);
  if (line) {
    write_line(stream, line, strlen(line));
    free(line);
  }
}

static json_t *text_or_null(const char *text) {
  char *clean = text ? text_to_utf8(text) : NULL;
  json_t *value = clean ? json_string(clean) : json_null();
  free(clean);
  return value;
}

json_t *stream_tristate(enum tristate value) {
  return value == TRI_UNKNOWN ? json_null() : json_boolean(value == TRI_TRUE);
}

static json_t *race_access(const struct race_access *access) {
  json_t *stack = json_array();
  for (size_t i = 0; i < access->stack.count; i++) {
    json_array_append_new(stack, text_or_null(access->stack.items[i]));
  }
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "thread", text_or_null(access->thread), "started",
                   text_or_null(access->started), "operation", text_or_null(access->operation), "function",
                   text_or_null(access->function), "file", text_or_null(access->file), "line", (json_int_t)access->line,
                   "stack", stack);
}

static json_t *race_or_null(const struct race *race) {
  if (!race) {
    return json_null();
  }
  json_t *accesses = json_array();
  for (size_t i = 0; i < race->access_count; i++) {
    json_array_append_new(accesses, race_access(&race->accesses[i]));
  }
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "container", text_or_null(race->container), "key",
                   text_or_null(race->key), "effect", text_or_null(race->effect), "accesses", accesses, "report",
                   text_or_null(race->report));
}

void stream_finding(struct stream *stream, const struct finding *finding) {
  json_t *record = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}", "record", RECORD_FINDING,
                             "kind", finding_kind_name(finding->kind), "message", text_or_null(finding->message),
                             "actor", text_or_null(finding->actor), "where", text_or_null(finding->where), "traceback",
                             text_or_null(finding->traceback), "fingerprint", text_or_null(finding->fingerprint),
                             "first_at", (json_int_t)finding->first_at, "reachable", text_or_null(finding->reachable),
                             "confirmed", stream_tristate(finding->confirmed), "race", race_or_null(finding->race));
  stream_write(stream, record);
}

void stream_note(struct stream *stream, const char *text) {
  stream_write(stream, json_pack("{s:s, s:o}", "record", RECORD_NOTE, "text", text_or_null(text)));
}
