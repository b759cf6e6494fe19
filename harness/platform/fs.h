/* Files and folders, whole. Paths are UTF-8 byte strings as the kernel takes them. */
#ifndef FF_PLATFORM_FS_H
#define FF_PLATFORM_FS_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/buf.h"
#include "platform/err.h"

bool fs_is_dir(const char *path);
bool fs_is_file(const char *path);
bool fs_can_run(const char *path);
bool fs_read(const char *path, struct buf *out, struct err *err);

/* Writes the whole file or none of it: a temporary file beside it, synced, then renamed over `path`. A full disk
 * leaves an older file as it was and no temporary file behind. */
bool fs_write(const char *path, const char *data, size_t len, struct err *err);

/* mkdir -p; an existing folder is fine. Errors are ERR_USAGE: the path came from the user. */
bool fs_make_dirs(const char *path, struct err *err);

char *fs_join(const char *folder, const char *name); /* the caller's */
char *fs_absolute(const char *path);                 /* realpath, or cwd + path where it does not exist; the caller's */
const char *fs_base(const char *path);               /* the part after the last slash; points into path */

/* Names in `folder` that end in `suffix`, sorted; a folder that cannot be read has none. */
void fs_list(const char *folder, const char *suffix, struct strlist *out);

#endif
