#include "platform/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

static void reserve(struct buf *buf, size_t extra) {
  size_t need = buf->len + extra + 1;
  if (buf->data && need <= buf->cap) {
    return;
  }
  size_t cap = buf->cap ? buf->cap : 64;
  while (cap < need) {
    cap *= 2;
  }
  buf->data = mem_grow(buf->data, cap);
  buf->cap = cap;
}

void buf_add(struct buf *buf, const void *bytes, size_t len) {
  reserve(buf, len);
  if (len) {
    memcpy(buf->data + buf->len, bytes, len);
  }
  buf->len += len;
  buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *text) { buf_add(buf, text, strlen(text)); }

void buf_printf(struct buf *buf, const char *fmt, ...) {
  char *text = NULL;
  va_list args;
  va_start(args, fmt);
  int used = vasprintf(&text, fmt, args);
  va_end(args);
  if (used >= 0) {
    buf_add(buf, text, (size_t)used);
    free(text);
  }
}

void buf_drop_front(struct buf *buf, size_t len) {
  if (!buf->data || len == 0) {
    return;
  }
  if (len > buf->len) {
    len = buf->len;
  }
  memmove(buf->data, buf->data + len, buf->len - len + 1);
  buf->len -= len;
}

const char *buf_text(const struct buf *buf) { return buf->data ? buf->data : ""; }

char *buf_take(struct buf *buf) {
  char *text = buf->data ? buf->data : mem_dup("");
  *buf = (struct buf){0};
  return text;
}

void buf_free(struct buf *buf) {
  free(buf->data);
  *buf = (struct buf){0};
}

char *text_replace(char *text, const char *from, const char *to) {
  struct buf out = {0};
  const char *rest = text;
  for (const char *hit; *from && (hit = strstr(rest, from)); rest = hit + strlen(from)) {
    buf_add(&out, rest, (size_t)(hit - rest));
    buf_puts(&out, to);
  }
  buf_puts(&out, rest);
  free(text);
  return buf_take(&out);
}

void buf_shell_word(struct buf *buf, const char *text) {
  static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./,:@%";
  if (*text && text[strspn(text, PLAIN)] == '\0') {
    buf_puts(buf, text);
    return;
  }
  char *quoted = text_replace(mem_dup(text), "'", "'\\''");
  buf_printf(buf, "'%s'", quoted);
  free(quoted);
}

static void adopt(struct strlist *list, char *text) {
  list->items = mem_grow(list->items, (list->count + 1) * sizeof *list->items);
  list->items[list->count++] = text;
}

void strlist_add(struct strlist *list, const char *text) { adopt(list, mem_dup(text)); }

void strlist_addf(struct strlist *list, const char *fmt, ...) {
  char *text = NULL;
  va_list args;
  va_start(args, fmt);
  int used = vasprintf(&text, fmt, args);
  va_end(args);
  if (used >= 0) {
    adopt(list, text);
  }
}

bool strlist_has(const struct strlist *list, const char *text) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->items[i], text) == 0) {
      return true;
    }
  }
  return false;
}

bool strlist_begins(const struct strlist *list, const char *text) {
  for (size_t i = 0; list && text && i < list->count; i++) {
    if (strncmp(text, list->items[i], strlen(list->items[i])) == 0) {
      return true;
    }
  }
  return false;
}

void strlist_copy(struct strlist *to, const struct strlist *from) {
  for (size_t i = 0; i < from->count; i++) {
    strlist_add(to, from->items[i]);
  }
}

char *strlist_join(const struct strlist *list, const char *between) {
  struct buf out = {0};
  for (size_t i = 0; i < list->count; i++) {
    buf_printf(&out, "%s%s", i ? between : "", list->items[i]);
  }
  return buf_take(&out);
}

char **strlist_argv(const struct strlist *list) {
  char **argv = mem_alloc((list->count + 1) * sizeof *argv);
  if (list->count) {
    memcpy(argv, list->items, list->count * sizeof *argv);
  }
  return argv;
}

void strlist_free(struct strlist *list) {
  for (size_t i = 0; i < list->count; i++) {
    free(list->items[i]);
  }
  free(list->items);
  *list = (struct strlist){0};
}
