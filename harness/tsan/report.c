/* Runs inside ThreadSanitizer's report: it holds the runtime's locks, so nothing here allocates, takes a lock that
 * is instrumented, or calls an intercepted function. Built without -fsanitize=thread. */
#include "tsan/report.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "model/fingerprint.h"

/* The runtime's interface; weak, because the same file is linked into builds without the sanitizer. */
__attribute__((weak)) void __sanitizer_set_report_fd(void *fd);
__attribute__((weak)) void __tsan_init(void);
void __tsan_on_report(void *report);

enum { TEXT_MAX = 64 * 1024, LINE_MAX_BYTES = 6 * TEXT_MAX + 4096 };

/* One a process, since the runtime's callback has no argument. */
static struct {
  bool watching;
  int text_fd; /* a memfd: the runtime writes its text there */
  size_t text_read;
  int records_fd;
  struct quiet_lock *lock;
  char scenario[256];
  char text[TEXT_MAX];
  char place[512];
  char line[LINE_MAX_BYTES];
  char kept[TEXT_MAX];
} watch;

static __thread bool keeping;

void tsan_keep_report(bool on) {
  keeping = on;
  if (on) {
    watch.kept[0] = '\0';
  }
}

const char *tsan_kept_report(void) { return watch.kept[0] ? watch.kept : NULL; }

bool tsan_active(void) { return __tsan_init != NULL; }

bool tsan_watch_reports(int records_fd, struct quiet_lock *lock, const char *scenario, struct err *err) {
  if (!tsan_active()) {
    return true;
  }
  watch.text_fd = memfd_create("tsan-reports", MFD_CLOEXEC);
  if (watch.text_fd < 0) {
    return err_errno(err, ERR_HARNESS, "cannot make a file in memory for ThreadSanitizer's reports");
  }
  watch.records_fd = records_fd;
  watch.lock = lock;
  snprintf(watch.scenario, sizeof watch.scenario, "%s", scenario ? scenario : "");
  __sanitizer_set_report_fd((void *)(intptr_t)watch.text_fd);
  watch.watching = true;
  return true;
}

static size_t read_text(void) {
  long got = syscall(SYS_pread64, watch.text_fd, watch.text, TEXT_MAX - 1, watch.text_read);
  size_t len = got > 0 ? (size_t)got : 0;
  watch.text_read += len;
  watch.text[len] = '\0';
  return len;
}

static char *put(char *to, const char *end, const char *text) {
  while (*text && to < end) {
    *to++ = *text++;
  }
  return to;
}

/* A JSON string. TSan's text is ASCII but for the names in it; bytes above that are shown as '?'. */
static char *put_json(char *to, const char *end, const char *text, size_t len) {
  static const char HEX[] = "0123456789abcdef";
  to = put(to, end, "\"");
  for (size_t i = 0; i < len && to + 8 < end; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte == '"' || byte == '\\') {
      *to++ = '\\';
      *to++ = (char)byte;
    } else if (byte < 0x20) {
      to = put(to, end, "\\u00");
      *to++ = HEX[byte >> 4];
      *to++ = HEX[byte & 15];
    } else {
      *to++ = byte < 0x7f ? (char)byte : '?';
    }
  }
  return put(to, end, "\"");
}

/* A part of the text; not ended by a NUL. */
struct span {
  const char *start;
  size_t len;
};

/* "SUMMARY: ThreadSanitizer: data race /a/b/file.c:12:3 in work": what, and "file.c:12:3 in work". */
static void read_summary(const char *text, struct span *what, struct span *where) {
  static const char MARK[] = "SUMMARY: ThreadSanitizer: ";
  const char *start = strstr(text, MARK);
  *what = (struct span){"report", 6};
  *where = (struct span){"", 0};
  if (!start) {
    return;
  }
  start += sizeof MARK - 1;
  size_t len = strcspn(start, "\n");
  size_t split = 0; /* the place begins at the first word with a slash or a parenthesis; before it is what */
  while (split < len && start[split] != '/' && start[split] != '(') {
    split++;
  }
  *what = (struct span){start, split > 0 && start[split - 1] == ' ' ? split - 1 : split};
  size_t place = split;
  for (size_t i = split; i < len && start[i] != ' '; i++) {
    place = start[i] == '/' ? i + 1 : place;
  }
  *where = (struct span){start + place, len - place};
}

static const char *base_name(const char *path, size_t len) {
  for (size_t i = len; i > 0; i--) {
    if (path[i - 1] == '/') {
      return path + i;
    }
  }
  return path;
}

static bool is_atomic(const char *file) { return strncmp(file, "pyatomic", 8) == 0; }

/* A place in CPython's atomics, which come out of a header, says nothing: what called them does. "    #1 work
 * /a/b.c:12:3 (libpython…)", the first such line of another file, becomes "b.c:12:3 in work". */
static struct span leave_atomics(const char *text, struct span where) {
  const char *frame = is_atomic(where.start) ? strstr(text, "\n    #") : NULL;
  while (frame && strncmp(frame, "\n    #", 6) == 0) {
    const char *function = frame + 6 + strcspn(frame + 6, " \n");
    function += *function == ' ';
    size_t name_len = strcspn(function, " \n");
    const char *path = function + name_len + (function[name_len] == ' ');
    size_t path_len = strcspn(path, " \n");
    const char *file = base_name(path, path_len);
    if (path_len && !is_atomic(file)) {
      int len = snprintf(watch.place, sizeof watch.place, "%.*s in %.*s", (int)(path + path_len - file), file,
                         (int)name_len, function);
      return (struct span){watch.place, len < (int)sizeof watch.place ? (size_t)len : sizeof watch.place - 1};
    }
    frame = strchr(frame + 1, '\n');
  }
  return where;
}

static void fingerprint_report(struct span what, struct span where, char fingerprint[FINGERPRINT_SIZE]) {
  char first[128], second[512];
  snprintf(first, sizeof first, "%.*s", (int)what.len, what.start);
  snprintf(second, sizeof second, "%.*s", (int)where.len, where.start);
  const char *parts[] = {watch.scenario, "data-race", first, second};
  fingerprint_of(parts, sizeof parts / sizeof *parts, fingerprint);
}

/* faulthandler's own handler, which we ask for the stacks of a trial that hangs, writes errno; the runtime has no
 * suppression for that kind of report, and nothing of the program under test is in it. */
static bool is_ours_to_ignore(const char *text) { return strstr(text, ": signal handler spoils errno ") != NULL; }

static size_t compose(size_t len) {
  char *to = watch.line;
  const char *end = watch.line + LINE_MAX_BYTES - 64;
  struct span what, where;
  char fingerprint[FINGERPRINT_SIZE];
  read_summary(watch.text, &what, &where);
  where = leave_atomics(watch.text, where);
  fingerprint_report(what, where, fingerprint);
  to = put(to, end, "{\"record\":\"finding\",\"kind\":\"data-race\",\"actor\":\"native code\",\"message\":");
  to = put_json(to, end, what.start, what.len);
  to = put(to, end, ",\"where\":");
  to = put_json(to, end, where.start, where.len);
  to = put(to, end, ",\"fingerprint\":");
  to = put_json(to, end, fingerprint, strlen(fingerprint));
  to = put(to, end, ",\"first_at\":0,\"traceback\":");
  to = put_json(to, end, watch.text, len);
  to = put(to, end + 8, "}\n");
  return (size_t)(to - watch.line);
}

/* All of a race's report is the same from run to run but this. */
static void drop_process(char *text) {
  char *at = strstr(text, " (pid=");
  const char *end = at ? strchr(at, ')') : NULL;
  if (end) {
    __builtin_memmove(at, end + 1, strlen(end + 1) + 1);
  }
}

/* The frame of shadow.c that makes a fiber is no part of the program: its line goes, the others of that stack count on.
 */
static void drop_own_frame(char *text) {
  static const char OWN[] = "    #0 shadow_start ";
  for (char *at; (at = strstr(text, OWN)) != NULL;) {
    char *rest = strchr(at, '\n');
    rest = rest ? rest + 1 : at + strlen(at);
    __builtin_memmove(at, rest, strlen(rest) + 1);
    for (char *line = at; strncmp(line, "    #", 5) == 0;) {
      unsigned number = 0;
      char *digit = line + 5;
      for (; *digit >= '0' && *digit <= '9'; digit++) {
        number = number * 10 + (unsigned)(*digit - '0');
      }
      char smaller[16];
      int width = snprintf(smaller, sizeof smaller, "%u", number ? number - 1 : 0);
      __builtin_memcpy(line + 5, smaller, (size_t)width);
      __builtin_memmove(line + 5 + width, digit, strlen(digit) + 1);
      char *end = strchr(line, '\n');
      line = end ? end + 1 : line + strlen(line);
    }
  }
}

/* Called by the runtime after it has written the text of a report. */
void __tsan_on_report(void *report) {
  (void)report;
  if (!watch.watching) {
    return;
  }
  int saved = errno;
  quiet_lock(watch.lock);
  size_t len = read_text();
  if (keeping) {
    if (!watch.kept[0]) {
      __builtin_memcpy(watch.kept, watch.text, len + 1);
      drop_own_frame(watch.kept);
      drop_process(watch.kept);
    }
  } else if (len && !is_ours_to_ignore(watch.text)) {
    size_t size = compose(len);
    for (size_t put_so_far = 0; put_so_far < size;) {
      long wrote = syscall(SYS_write, watch.records_fd, watch.line + put_so_far, size - put_so_far);
      if (wrote <= 0 && errno != EINTR) {
        break;
      }
      put_so_far += wrote > 0 ? (size_t)wrote : 0;
    }
  }
  quiet_unlock(watch.lock);
  errno = saved;
}
