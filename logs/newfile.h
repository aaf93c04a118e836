/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that come to their names only when they are whole. Until then they have none (O_TMPFILE),
 * so that nothing of them stays, however their maker ends; on file systems that cannot do that, a
 * temporary one.
 */
#ifndef CC_NEWFILE_H
#define CC_NEWFILE_H

/*
 * Make a file beside `path`, for its owner only, open to write and read: NAME.tmp-PID-XXXXXX, which
 * nobody can foresee, and which was not there. The descriptor and, to be freed, its name; -1 with
 * errno.
 */
int cc_newfile_beside(const char *path, char **name);

/* The process that has made a file with such a name; 0: it is no such name. */
long cc_newfile_maker(const char *name);

/*
 * Open, to write and read, a file that is to stand at `path`, for its owner only. *temporary is to
 * be passed on. The descriptor; -1 with errno.
 */
int cc_newfile_open(const char *path, char **temporary);

/*
 * Give the file its name; another file of that name is replaced. `fd` stays open. 0, and
 * *temporary is freed; -1 with errno.
 */
int cc_newfile_publish(int fd, char **temporary, const char *path);

/*
 * Likewise, but nothing is replaced: *name, to be freed, is `path` or, where that is taken, the
 * first that is free of run-2.vmlog, run-3.vmlog, ….
 */
int cc_newfile_publish_new(int fd, char **temporary, const char *path, char **name);
/*
 * Likewise for the file at `from`, which stands in the same file system. 0; -1 with errno, and no
 * name.
 */
int cc_newfile_move_new(const char *from, const char *path, char **name);

/* The file is not wanted. Closes `fd`. */
void cc_newfile_discard(int fd, char **temporary);

#endif
