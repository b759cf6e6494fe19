#include "campaign/places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/helper.h"
#include "platform/fs.h"
#include "platform/mem.h"

static char *own_folder(void) {
  char *exe = realpath("/proc/self/exe", NULL);
  char *slash = exe ? strrchr(exe, '/') : NULL;
  if (slash) {
    *slash = '\0';
  }
  return exe ? exe : mem_dup(".");
}

/* The checkout that the driver was built in, if it still stands in its build folder. */
static char *find_checkout(const char *folder) {
  char *here = mem_dup(folder);
  for (int level = 0; level < 4; level++) {
    char *mark = fs_join(here, "scripts/fetch_target.py");
    bool found = fs_is_file(mark) && strcmp(here, folder) != 0;
    free(mark);
    if (found) {
      return here;
    }
    char *slash = strrchr(here, '/');
    if (!slash || slash == here) {
      break;
    }
    *slash = '\0';
  }
  free(here);
  return NULL;
}

static char *cache_folder(const char *otherwise) {
  const char *xdg = getenv("XDG_CACHE_HOME");
  return xdg && xdg[0] == '/' ? fs_join(xdg, "flashflood") : mem_dup(otherwise);
}

bool places_find(struct places *places, struct err *err) {
  char *folder = own_folder();
  char *root = find_checkout(folder);
  if (root) {
    char *cache = fs_join(root, "build/cache");
    *places = (struct places){.workers = mem_dup(folder),
                              .scenarios = fs_join(root, "scenarios"),
                              .scripts = fs_join(root, "scripts"),
                              .cache = cache_folder(cache)};
    free(cache);
  } else {
    const char *home = getenv("HOME");
    char *cache = mem_printf("%s/.cache/flashflood", home ? home : "/tmp");
    *places = (struct places){.workers = fs_join(folder, "../lib/flashflood"),
                              .scenarios = fs_join(folder, "../share/flashflood/scenarios"),
                              .scripts = fs_join(folder, "../share/flashflood/scripts"),
                              .cache = cache_folder(cache)};
    free(cache);
  }
  free(root);
  bool ok = fs_is_dir(places->scripts) ||
            err_set(err, ERR_HARNESS, "%s is neither in its build folder nor installed (no %s); run make install",
                    folder, places->scripts);
  free(folder);
  return ok;
}

void places_free(struct places *places) {
  free(places->workers);
  free(places->scenarios);
  free(places->scripts);
  free(places->cache);
  *places = (struct places){0};
}

static bool ends_with(const char *text, const char *end) {
  size_t len = strlen(text), end_len = strlen(end);
  return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* As scripts/python_flags.py names one that was built with ThreadSanitizer. */
static bool is_instrumented(const char *tag) { return ends_with(tag, "-tsanpy"); }

static bool is_free_threaded(const char *tag) { return ends_with(tag, "t") || ends_with(tag, "t-tsanpy"); }

static bool has_worker(const struct places *places, const char *tag) {
  const char *tsan = is_instrumented(tag) ? "-tsan" : "";
  char *path = mem_printf("%s/%s%s/flashflood-worker", places->workers, tag, tsan);
  bool has = fs_can_run(path);
  free(path);
  return has;
}

void places_pythons(const struct places *places, struct strlist *tags) {
  struct strlist all = {0};
  fs_list(places->workers, "", &all);
  for (size_t i = 0; i < all.count; i++) {
    if (strncmp(all.items[i], "cpython-", 8) == 0 && !ends_with(all.items[i], "-tsan") &&
        has_worker(places, all.items[i])) {
      strlist_add(tags, all.items[i]);
    }
  }
  strlist_free(&all);
}

static void cut_line(struct buf *text) {
  if (text->data) {
    text->data[strcspn(text->data, "\r\n")] = '\0';
  }
}

/* The tag itself, or the highest of those that have more numbers; NULL where no such worker was built. The caller's. */
static char *highest_tag(const struct places *places, const char *asked) {
  struct strlist tags = {0};
  const char *best = NULL;
  size_t len = strlen(asked);
  places_pythons(places, &tags);
  for (size_t i = 0; i < tags.count; i++) {
    const char *tag = tags.items[i];
    bool exact = strcmp(tag, asked) == 0;
    bool within =
        strncmp(tag, asked, len) == 0 && tag[len] == '.' && tag[len + strspn(tag + len, "0123456789.")] == '\0';
    if (exact || (within && (!best || strverscmp(tag, best) > 0))) {
      best = tag;
    }
    if (exact) {
      break;
    }
  }
  char *copy = mem_dup(best);
  strlist_free(&tags);
  return copy;
}

/* "3.12", "3.12.1", "cpython-3.12.1": the tag that it begins, of a Python that workers were built for, the highest
 * where there are several; or else the tag that it would have. NULL where it is no version. The caller's. */
static char *tag_of_version(const struct places *places, const char *text) {
  const char *version = strncmp(text, "cpython-", 8) == 0 ? text + 8 : text;
  size_t len = strspn(version, "0123456789.");
  const char *rest = version + len;
  if (len == 0 || (*rest && strcmp(rest, "t") != 0 && strcmp(rest, "-tsanpy") != 0 && strcmp(rest, "t-tsanpy") != 0)) {
    return NULL;
  }
  char *asked = mem_printf("cpython-%s", version);
  char *found = highest_tag(places, asked);
  if (!found) {
    return asked;
  }
  free(asked);
  return found;
}

static bool ask_for_tag(const struct places *places, const char *interpreter, struct buf *out, struct err *err) {
  if (!fs_can_run(interpreter)) {
    return err_set(err, ERR_USAGE, "--python %s: no such program; give the path of an interpreter", interpreter);
  }
  bool said = helper_python_tag(places, interpreter, out, err) && strncmp(buf_text(out), "cpython-", 8) == 0;
  return said ||
         err_set(err, ERR_USAGE, "--python %s is no Python that can say what it is; give the path of an interpreter",
                 interpreter);
}

static char *tag_of(const struct places *places, const char *interpreter, struct err *err) {
  struct buf out = {0};
  bool ok;
  char *version = interpreter ? tag_of_version(places, interpreter) : NULL;
  if (version) {
    return version;
  }
  if (interpreter) {
    ok = ask_for_tag(places, interpreter, &out, err);
  } else {
    char *file = fs_join(places->workers, "default-python");
    ok = fs_read(file, &out, err) || err_set(err, ERR_USAGE, "no worker was built yet (no %s); run make", file);
    free(file);
  }
  cut_line(&out);
  char *tag = ok ? buf_take(&out) : NULL;
  buf_free(&out);
  return tag;
}

/* What make is to be given for it. The caller's. */
static char *interpreter_word(const struct python *python) {
  const char *asked = python->asked;
  if (!asked) {
    return mem_dup("/usr/bin/python3");
  }
  const char *version = strncmp(asked, "cpython-", 8) == 0 ? asked + 8 : asked;
  bool is_version = strspn(version, "0123456789.") > 0 && !strchr(version, '/');
  return is_version ? mem_printf("python%s", version) : mem_dup(asked);
}

bool places_python_if_built(const struct places *places, const char *interpreter, bool tsan, struct python *python,
                            struct err *err) {
  char *tag = tag_of(places, interpreter, err);
  if (!tag) {
    return false;
  }
  bool instrumented = is_instrumented(tag);
  *python = (struct python){
      .asked = mem_dup(interpreter),
      .tag = tag,
      .worker = mem_printf("%s/%s%s/flashflood-worker", places->workers, tag, instrumented ? "-tsan" : ""),
      .tsan_worker = mem_printf("%s/%s-tsan/flashflood-worker", places->workers, tag),
      .venv_python = mem_printf("%s/%s/venv/bin/python", places->workers, tag),
      .instrumented = instrumented,
      .free_threaded = is_free_threaded(tag)};
  if (instrumented) {
    python->suppressions = mem_printf("%s/%s-tsan/suppressions.txt", places->workers, tag);
  }
  const char *needed[] = {python->worker, python->venv_python, tsan ? python->tsan_worker : python->worker};
  for (size_t i = 0; !python->missing && i < sizeof needed / sizeof *needed; i++) {
    if (!fs_can_run(needed[i])) {
      char *word = interpreter_word(python);
      python->missing = mem_printf("no worker was built for %s (no %s); run make worker PYTHON=%s",
                                   interpreter ? interpreter : tag, needed[i], word);
      free(word);
    }
  }
  return true;
}

bool places_python(const struct places *places, const char *interpreter, bool tsan, struct python *python,
                   struct err *err) {
  if (!places_python_if_built(places, interpreter, tsan, python, err)) {
    return false;
  }
  bool ok = !python->missing || err_set(err, ERR_USAGE, "%s", python->missing);
  if (!ok) {
    python_free(python);
  }
  return ok;
}

void python_free(struct python *python) {
  free(python->asked);
  free(python->missing);
  free(python->tag);
  free(python->worker);
  free(python->tsan_worker);
  free(python->venv_python);
  free(python->suppressions);
  *python = (struct python){0};
}
