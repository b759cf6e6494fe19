/* Other people's text in GitHub's Markdown, where it cannot become markup.
 * Ownership: the caller's buffers. Threading: no shared state. */
#ifndef FF_REPORTS_MARKDOWN_TEXT_H
#define FF_REPORTS_MARKDOWN_TEXT_H

#include "platform/buf.h"

#define MARKDOWN_MOST_BLOCK ((size_t)32 * 1024) /* of one fenced block */

/* Text that stays text, in a paragraph, a list or a table cell. It is never the first on a line. */
void markdown_text(struct buf *out, const char *text);
void markdown_taken(struct buf *out, char *text); /* the same, and frees it */

/* The same inside an HTML element, where Markdown is not read. */
void markdown_html(struct buf *out, const char *text);

/* A name: a code span where nothing in it could end one. */
void markdown_name(struct buf *out, const char *name);

/* A block that its text cannot leave; of a long one the middle is left out. */
void markdown_fence(struct buf *out, const char *language, const char *text);

#endif
