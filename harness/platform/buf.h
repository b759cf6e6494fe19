/* A growing byte buffer and a growing list of strings.
 *
 * `struct buf` always ends in a NUL byte that `len` does not count; an empty one ({0}) has data == NULL.
 * Ownership: the buffer owns its bytes until buf_take(). Threading: one thread at a time. */
#ifndef FF_PLATFORM_BUF_H
#define FF_PLATFORM_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
  char *data;
  size_t len;
  size_t cap;
};

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_puts(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_drop_front(struct buf *buf, size_t len); /* forgets the first len bytes */
const char *buf_text(const struct buf *buf);      /* never NULL */
char *buf_take(struct buf *buf);                  /* the bytes become the caller's, the buffer is empty */
void buf_free(struct buf *buf);

/* Each `from` in text becomes `to`; frees text, and the result is the caller's. An empty `from` changes nothing. */
char *text_replace(char *text, const char *from, const char *to);

/* Adds text as one word of a POSIX shell, quoted where it needs to be. */
void buf_shell_word(struct buf *buf, const char *text);

struct strlist {
  char **items;
  size_t count;
};

void strlist_add(struct strlist *list, const char *text); /* a copy of text */
void strlist_addf(struct strlist *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool strlist_has(const struct strlist *list, const char *text);
bool strlist_begins(const struct strlist *list, const char *text); /* text begins with one of them; both may be NULL */
void strlist_copy(struct strlist *to, const struct strlist *from); /* `to` is taken to be empty */
char *strlist_join(const struct strlist *list, const char *between);
char **strlist_argv(const struct strlist *list); /* NULL-terminated; the array is the caller's, the strings are not */
void strlist_free(struct strlist *list);

#endif
