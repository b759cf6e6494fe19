#include "reports/interleaving.h"

#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "platform/mem.h"

enum {
  GAP = 2,           /* columns between two threads */
  NARROWEST = 24,    /* a thread's column; with more threads than fit so, each line says whose it is */
  THREADS_MOST = 64, /* with a column */
  SEGMENT_KEPT = 5,  /* lines at each end of what one thread did in a row */
  ROWS_KEPT = 40     /* rows at each end of all */
};

struct row {
  size_t column;
  char *text;
  bool wide; /* may leave its column, as nothing else stands on its line */
};

struct page {
  const struct finding *finding;
  const char *threads[THREADS_MOST];
  const struct step *shown[THREADS_MOST]; /* whose function the column shows last */
  size_t thread_count;
  bool columns; /* false: one for all, and names in it */
  int digits;   /* of the highest line */
  struct row *rows;
  size_t row_count;
};

static bool same(const char *one, const char *other) { return strcmp(one ? one : "", other ? other : "") == 0; }

static bool is_known(const struct page *page, const char *thread) {
  for (size_t i = 0; i < page->thread_count; i++) {
    if (same(page->threads[i], thread)) {
      return true;
    }
  }
  return false;
}

/* One that is not known shares the last column. */
static size_t column_of(const struct page *page, const char *thread) {
  size_t column = 0;
  while (column + 1 < page->thread_count && !same(page->threads[column], thread)) {
    column++;
  }
  return column;
}

static void learn_threads(struct page *page) {
  uint64_t highest = 999;
  for (size_t i = 0; i < page->finding->step_count; i++) {
    const struct step *step = &page->finding->steps[i];
    highest = step->line > highest ? step->line : highest;
    if (!is_known(page, step->thread) && page->thread_count < THREADS_MOST) {
      page->threads[page->thread_count++] = step->thread ? step->thread : "";
    }
  }
  for (page->digits = 0; highest; highest /= 10) {
    page->digits++;
  }
}

/* At most `width` columns of text, made safe; what was cut off is shown by an ellipsis. The caller's. */
static char *fit(const char *text, int width) {
  char *shown = text_shown(text);
  if (text_width(shown) <= width) {
    return shown;
  }
  struct buf out = {0};
  uint32_t c;
  for (const char *at = shown; *at;) {
    size_t len = text_next(at, &c);
    char *longer = mem_printf("%s%.*s", buf_text(&out), (int)len, at);
    bool fits = text_width(longer) < width;
    free(longer);
    if (!fits) {
      break;
    }
    buf_add(&out, at, len);
    at += len;
  }
  buf_puts(&out, "…");
  free(shown);
  return buf_take(&out);
}

/* Takes `text`. */
static void add_row(struct page *page, size_t column, char *text) {
  page->rows = mem_grow(page->rows, (page->row_count + 1) * sizeof *page->rows);
  page->rows[page->row_count++] = (struct row){column, text_shown(text), false};
  free(text);
}

/* A line of text where source lines stand. */
static void add_text(struct page *page, size_t column, const char *text) {
  add_row(page, column, mem_printf("%*s%s", page->digits + GAP, "", text));
}

static const char *base_name(const char *file) {
  const char *slash = file ? strrchr(file, '/') : NULL;
  return slash ? slash + 1 : file;
}

static void add_step(struct page *page, size_t column, const struct step *step) {
  const struct step *shown = page->shown[column];
  bool new_file = step->file && !(shown && same(shown->file, step->file));
  if (!shown || new_file || !same(shown->function, step->function)) {
    char *place = mem_printf("in %s%s%s", step->function ? step->function : "?", new_file ? ", " : "",
                             new_file ? base_name(step->file) : "");
    add_text(page, column, place);
    free(place);
  }
  page->shown[column] = step;
  const char *source = step->source ? step->source + strspn(step->source, " \t") : "…";
  if (step->line) {
    add_row(page, column, mem_printf("%*llu  %s", page->digits, (unsigned long long)step->line, source));
  } else {
    add_text(page, column, source);
  }
}

/* What one thread did in a row: steps `first` to `end`, without the latter. */
static void add_segment(struct page *page, size_t first, size_t end) {
  size_t column = column_of(page, page->finding->steps[first].thread);
  const size_t count = end - first, kept = 2 * (size_t)SEGMENT_KEPT;
  size_t left_out = count > kept + 1 ? count - kept : 0;
  for (size_t i = first; i < end; i++) {
    if (left_out && i == first + SEGMENT_KEPT) {
      char *words = mem_printf("… %zu lines …", left_out);
      add_text(page, column, words);
      free(words);
      i += left_out;
    }
    add_step(page, column, &page->finding->steps[i]);
  }
}

static bool runs_again(const struct finding *finding, size_t after, const char *thread) {
  for (size_t i = after; i < finding->step_count; i++) {
    if (same(finding->steps[i].thread, thread)) {
      return true;
    }
  }
  return false;
}

/* The switch after step `last`: why, and an arrow to the thread that goes on. */
static void add_switch(struct page *page, size_t last) {
  const struct step *from = &page->finding->steps[last], *to = from + 1;
  const char *how = from->switched ? "switched" : runs_again(page->finding, last + 1, from->thread) ? "waits" : "ended";
  size_t here = column_of(page, from->thread), there = column_of(page, to->thread);
  const char *name = (page->thread_count > 2 || !page->columns) && to->thread ? to->thread : "";
  bool right = there > here || !page->columns;
  char *text =
      right ? mem_printf("%s ----> %s", how, name) : mem_printf("<---- %s%s%s", how, *name ? " to " : "", name);
  add_text(page, here, text);
  free(text);
}

/* How it ended: in the column of the last thread where that is what struck it. */
static void add_end(struct page *page) {
  const struct finding *finding = page->finding;
  const char *thread = finding->steps[finding->step_count - 1].thread;
  bool strikes = finding->kind == FINDING_DICT_CHANGED_SIZE || finding->kind == FINDING_EXCEPTION;
  const char *actor = finding->actor ? finding->actor : "";
  actor += strncmp(actor, "thread ", 7) == 0 ? 7 : 0; /* one that the target started */
  bool struck = strikes && is_known(page, actor);
  size_t column = column_of(page, struck ? actor : thread);
  char *message = finding->message ? mem_dupn(finding->message, strcspn(finding->message, "\r\n")) : NULL;
  char *text = mem_printf("=> %s%s%s", strikes ? "" : finding_kind_name(finding->kind), strikes || !message ? "" : ": ",
                          message ? message : "");
  add_text(page, column, text);
  page->rows[page->row_count - 1].wide = true;
  free(text);
  free(message);
}

static void add_rows(struct page *page) {
  const struct finding *finding = page->finding;
  for (size_t first = 0, end = 1; first < finding->step_count; first = end++) {
    while (end < finding->step_count && same(finding->steps[end].thread, finding->steps[first].thread)) {
      end++;
    }
    add_segment(page, first, end);
    if (end < finding->step_count) {
      add_switch(page, end - 1);
    }
  }
  add_end(page);
}

/* The columns' widths: what each needs, and where that is too much, an equal share of what there is. */
static void measure(const struct page *page, int width, int widths[THREADS_MOST]) {
  int left = width - GAP * (int)(page->thread_count - 1), open = (int)page->thread_count;
  for (size_t i = 0; i < page->thread_count; i++) {
    widths[i] = page->digits + GAP + text_width(page->threads[i]);
  }
  for (size_t i = 0; i < page->row_count; i++) {
    int needs = page->rows[i].wide ? 0 : text_width(page->rows[i].text);
    widths[page->rows[i].column] = needs > widths[page->rows[i].column] ? needs : widths[page->rows[i].column];
  }
  bool settled[THREADS_MOST] = {false};
  for (bool more = true; more && open;) {
    int share = left / open;
    more = false;
    for (size_t i = 0; i < page->thread_count; i++) {
      if (!settled[i] && widths[i] <= share) {
        settled[i] = more = true;
        left -= widths[i];
        open--;
      }
    }
  }
  for (size_t i = 0; i < page->thread_count; i++) {
    widths[i] = settled[i] ? widths[i] : left / open;
  }
}

static void put_row(struct buf *out, int at, const char *text, int width) {
  char *fitted = fit(text, width);
  size_t len = strlen(fitted);
  while (len && fitted[len - 1] == ' ') {
    len--;
  }
  buf_printf(out, "%*s%.*s\n", len ? at : 0, "", (int)len, fitted);
  free(fitted);
}

/* The names of the threads above their columns. */
static void put_heads(const struct page *page, const int *starts, const int *widths, struct buf *out) {
  int at = 0;
  for (size_t i = 0; i < page->thread_count; i++) {
    char *name = fit(page->threads[i], widths[i] - page->digits - GAP);
    buf_printf(out, "%*s%s", starts[i] + page->digits + GAP - at, "", name);
    at = starts[i] + page->digits + GAP + text_width(name);
    free(name);
  }
  buf_puts(out, "\n");
}

static void put_columns(const struct page *page, int width, struct buf *out) {
  int widths[THREADS_MOST] = {0}, starts[THREADS_MOST] = {0};
  measure(page, width, widths);
  for (size_t i = 1; i < page->thread_count; i++) {
    starts[i] = starts[i - 1] + widths[i - 1] + GAP;
  }
  if (page->columns) {
    put_heads(page, starts, widths, out);
  }
  size_t tail = page->row_count > 2 * (size_t)ROWS_KEPT + 1 ? page->row_count - ROWS_KEPT : ROWS_KEPT;
  for (size_t i = 0; i < page->row_count; i++) {
    size_t column = page->rows[i].column;
    if (i >= ROWS_KEPT && i < tail) {
      i = tail;
      buf_printf(out, "… %zu lines …\n", tail - ROWS_KEPT);
      column = page->rows[i].column;
    }
    if (page->rows[i].wide) {
      int spare = width - text_width(page->rows[i].text);
      int start = spare < starts[column] ? spare : starts[column];
      put_row(out, start > 0 ? start : 0, page->rows[i].text, width);
    } else {
      put_row(out, starts[column], page->rows[i].text, widths[column]);
    }
  }
}

/* Without columns each line begins with the name of its thread. */
static void name_rows(struct page *page) {
  int widest = 0;
  for (size_t i = 0; i < page->thread_count; i++) {
    int width = text_width(page->threads[i]);
    widest = width > widest ? width : widest;
  }
  widest = widest > NARROWEST ? NARROWEST : widest;
  for (size_t i = 0; i < page->row_count; i++) {
    char *name = fit(page->threads[page->rows[i].column], widest);
    char *text = mem_printf("%s%*s %s", name, widest - text_width(name), "", page->rows[i].text);
    free(name);
    free(page->rows[i].text);
    page->rows[i] = (struct row){0, text, page->rows[i].wide};
  }
  page->threads[0] = "";
  page->thread_count = 1;
}

char *interleaving_text(const struct finding *finding, int width) {
  if (finding->step_count == 0) {
    return NULL;
  }
  struct page page = {.finding = finding};
  struct buf out = {0};
  learn_threads(&page);
  page.columns = (int)page.thread_count * (NARROWEST + GAP) <= width + GAP;
  add_rows(&page);
  if (!page.columns) {
    name_rows(&page);
  }
  put_columns(&page, width, &out);
  for (size_t i = 0; i < page.row_count; i++) {
    free(page.rows[i].text);
  }
  free(page.rows);
  return buf_take(&out);
}
