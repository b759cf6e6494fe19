#include "platform/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/mem.h"

bool fs_is_dir(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool fs_is_file(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool fs_can_run(const char *path) { return fs_is_file(path) && access(path, X_OK) == 0; }

bool fs_read(const char *path, struct buf *out, struct err *err) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return err_errno(err, ERR_USAGE, "cannot read %s", path);
  }
  char chunk[65536];
  ssize_t got;
  while ((got = read(fd, chunk, sizeof chunk)) > 0) {
    buf_add(out, chunk, (size_t)got);
  }
  if (got < 0) {
    err_errno(err, ERR_USAGE, "cannot read %s", path);
  }
  close(fd);
  return got == 0;
}

static bool write_all(int fd, const char *data, size_t len) {
  while (len) {
    ssize_t put = write(fd, data, len);
    if (put < 0) {
      if (errno == EINTR) {
        continue;
      }
      return false;
    }
    data += put;
    len -= (size_t)put;
  }
  return true;
}

bool fs_write(const char *path, const char *data, size_t len, struct err *err) {
  char *temporary = mem_printf("%s.%ld.tmp", path, (long)getpid());
  bool ok = false;
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) {
    err_errno(err, ERR_USAGE, "cannot write %s", path);
    goto cleanup;
  }
  ok = write_all(fd, data, len) && fsync(fd) == 0;
  if (!ok) {
    err_errno(err, ERR_USAGE, "cannot write %s (%zu bytes)", path, len);
  }
  close(fd);
  if (ok && rename(temporary, path) != 0) {
    ok = err_errno(err, ERR_USAGE, "cannot write %s", path);
  }
  if (!ok) {
    unlink(temporary);
  }
cleanup:
  free(temporary);
  return ok;
}

bool fs_make_dirs(const char *path, struct err *err) {
  if (!*path) {
    return err_set(err, ERR_USAGE, "an empty path names no folder");
  }
  char *copy = mem_dup(path);
  bool ok = true;
  for (char *p = copy + 1; ok; p++) {
    if (*p != '/' && *p != '\0') {
      continue;
    }
    char kept = *p;
    *p = '\0';
    if (mkdir(copy, 0777) != 0 && (errno != EEXIST || !fs_is_dir(copy))) {
      ok = err_errno(err, ERR_USAGE, "cannot make the folder %s", copy);
    }
    *p = kept;
    if (!kept) {
      break;
    }
  }
  free(copy);
  return ok;
}

char *fs_join(const char *folder, const char *name) { return mem_printf("%s/%s", folder, name); }

char *fs_absolute(const char *path) {
  char *real = realpath(path, NULL);
  if (real || path[0] == '/') {
    return real ? real : mem_dup(path);
  }
  char *here = getcwd(NULL, 0);
  char *joined = fs_join(here ? here : ".", path);
  free(here);
  return joined;
}

const char *fs_base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

void fs_list(const char *folder, const char *suffix, struct strlist *out) {
  DIR *dir = opendir(folder);
  if (!dir) {
    return;
  }
  size_t first = out->count;
  for (struct dirent *entry; (entry = readdir(dir));) {
    size_t len = strlen(entry->d_name), tail = strlen(suffix);
    if (entry->d_name[0] != '.' && len > tail && strcmp(entry->d_name + len - tail, suffix) == 0) {
      strlist_add(out, entry->d_name);
    }
  }
  closedir(dir);
  if (out->count > first) {
    qsort(out->items + first, out->count - first, sizeof *out->items, by_name);
  }
}
