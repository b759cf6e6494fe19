/* Texts of unknown origin (exception messages, names, what a worker's stderr held) made fit for where they go.
 *
 * Ownership: returned strings are the caller's. Threading: no shared state. */
#ifndef FF_MODEL_TEXT_H
#define FF_MODEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/buf.h"

#define TEXT_REPLACEMENT 0xFFFDu /* stands for bytes that are not UTF-8 */

/* The character at `text` and how many bytes it takes; 0 at the end. Overlong forms, surrogates, values above U+10FFFF,
 * stray and missing continuation bytes are TEXT_REPLACEMENT, one for each longest start of a character. */
size_t text_next(const char *text, uint32_t *character);

void text_put(struct buf *out, uint32_t character);

/* Valid UTF-8 with the same characters. NULL stays NULL. */
char *text_to_utf8(const char *text);

/* What a terminal or a web page cannot be misled by: control characters and those that turn the writing direction
 * come out as \x1b or \u202e, other text as it is. With `lines`, newlines stay and tabs become spaces; without,
 * they are shown as \n and \t, so that the text keeps to one line. NULL adds nothing. */
void text_show(struct buf *out, const char *text, bool lines);
char *text_shown(const char *text); /* the same on one line, as a string; "" for NULL */

/* Columns that shown text takes in a terminal: combining marks none, East Asian wide characters and emoji two. */
int text_width(const char *text);

#endif
