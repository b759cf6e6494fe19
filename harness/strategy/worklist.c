#include "strategy/worklist.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "platform/rng.h"

static void put_number(struct buf *out, uint64_t number) {
  char bytes[10];
  size_t used = 0;
  for (; number >= 128; number >>= 7) {
    bytes[used++] = (char)(number | 128);
  }
  bytes[used++] = (char)number;
  buf_add(out, bytes, used);
}

static uint64_t take_number(const char **at) {
  uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    unsigned char byte = (unsigned char)*(*at)++;
    number |= (uint64_t)(byte & 127) << shift;
    if (!(byte & 128)) {
      return number;
    }
  }
}

void worklist_put(struct worklist *list, struct deviation deviation) {
  put_number(&list->bytes, deviation.index);
  put_number(&list->bytes, deviation.value);
}

void worklist_close(struct worklist *list, size_t start) {
  uint32_t length = (uint32_t)(list->bytes.len - start);
  buf_add(&list->bytes, &length, sizeof length);
  list->count++;
}

void worklist_clear(struct worklist *list) {
  list->bytes.len = 0;
  list->count = 0;
}

const char *worklist_pop(struct worklist *list, size_t *length) {
  uint32_t stored;
  list->bytes.len -= sizeof stored;
  memcpy(&stored, list->bytes.data + list->bytes.len, sizeof stored);
  list->bytes.len -= stored;
  list->count--;
  *length = stored;
  return list->bytes.data + list->bytes.len;
}

struct deviation worklist_take(const char **at) {
  struct deviation deviation;
  deviation.index = take_number(at);
  deviation.value = take_number(at);
  return deviation;
}

void worklist_save(const struct worklist *list, size_t bytes, const char *name, struct buf *out) {
  struct worklist rest = *list; /* its bytes are only read */
  rest.bytes.len = bytes;
  while (rest.bytes.len) {
    size_t length;
    const char *at = worklist_pop(&rest, &length);
    buf_puts(out, name);
    for (const char *end = at + length; at < end;) {
      struct deviation deviation = worklist_take(&at);
      buf_printf(out, " %" PRIu64 ":%" PRIu64, deviation.index, deviation.value);
    }
    buf_puts(out, "\n");
  }
}

bool worklist_load(struct worklist *list, const char *text) {
  size_t start = list->bytes.len;
  while (*text == ' ') {
    char *end;
    struct deviation deviation;
    deviation.index = strtoull(text + 1, &end, 10);
    if (end == text + 1 || *end != ':') {
      return false;
    }
    text = end + 1;
    deviation.value = strtoull(text, &end, 10);
    if (end == text) {
      return false;
    }
    worklist_put(list, deviation);
    text = end;
  }
  worklist_close(list, start);
  return *text == '\0';
}

void worklist_reverse(struct worklist *list) {
  struct worklist turned = {0};
  while (list->count) {
    size_t length, start = turned.bytes.len;
    const char *at = worklist_pop(list, &length);
    buf_add(&turned.bytes, at, length);
    worklist_close(&turned, start);
  }
  buf_free(&list->bytes);
  *list = turned;
}

struct span {
  size_t start, length;
};

/* Fisher and Yates's shuffle, of where the items are. */
static void shuffle_spans(struct span *spans, uint64_t count) {
  struct rng rng = {.state = count};
  for (uint64_t left = count; left > 1; left--) {
    uint64_t other = rng_below(&rng, left);
    struct span kept = spans[left - 1];
    spans[left - 1] = spans[other];
    spans[other] = kept;
  }
}

void worklist_shuffle(struct worklist *list) {
  struct worklist shuffled = {0};
  uint64_t count = list->count;
  struct span *spans = mem_alloc((count + 1) * sizeof *spans);
  for (uint64_t i = 0; i < count; i++) {
    const char *at = worklist_pop(list, &spans[i].length);
    spans[i].start = (size_t)(at - list->bytes.data);
  }
  shuffle_spans(spans, count);
  for (uint64_t i = 0; i < count; i++) {
    size_t start = shuffled.bytes.len;
    buf_add(&shuffled.bytes, list->bytes.data + spans[i].start, spans[i].length);
    worklist_close(&shuffled, start);
  }
  free(spans);
  buf_free(&list->bytes);
  *list = shuffled;
}
