/* Text laid out for a terminal: shown safely, padded, wrapped, coloured.
 * Ownership: the caller's buffers. Threading: no shared state. */
#ifndef FF_REPORTS_LAYOUT_H
#define FF_REPORTS_LAYOUT_H

#include "reports/format.h"

enum tone { TONE_PLAIN, TONE_STRONG, TONE_GOOD, TONE_BAD, TONE_DOUBTFUL };

int layout_width(const struct report_style *style); /* 80 without a style, and never absurdly narrow */
enum tone layout_tone(enum verdict verdict);

/* `text` on one line, made safe, in colours where `style` has them, then blanks up to `columns`. */
void layout_cell(struct buf *out, const struct report_style *style, enum tone tone, const char *text, int columns);

/* `text` on one line, made safe and broken at blanks to the width: the first line begins where the caller has brought
 * the buffer (column `at`), the others at column `indent`. Ends in a newline. A word that is too long stays whole. */
void layout_wrap(struct buf *out, const struct report_style *style, int at, int indent, const char *text);

/* A line of its own, wrapped: begins at column `at`. */
void layout_line(struct buf *out, const struct report_style *style, int at, int indent, const char *text);

/* Lines as they are, each indented, made safe, not broken: a traceback or a command has to survive copying. Of more
 * than `most` lines the middle is left out, and said to be. */
void layout_block(struct buf *out, int indent, const char *text, size_t most);

#endif
