/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that come to their names only when they are whole. Until then they have none (O_TMPFILE),
 * so that nothing of them stays, however their maker ends; on file systems that cannot do that, a
 * temporary one.
 */
#ifndef CC_NEWFILE_H
#define CC_NEWFILE_H

/*
 * Open, to write and read, what is to stand at `path`, for its owner only. *temporary: to be passed
 * on. The descriptor; -1 with errno.
 */
int cc_newfile_open(const char *path, char **temporary);

/*
 * Give it its name; another file of that name is replaced. `fd` stays open. 0; -1 with errno. Frees
 * `temporary` if so.
 */
int cc_newfile_publish(int fd, char **temporary, const char *path);

/* It is not wanted. Closes `fd`. */
void cc_newfile_discard(int fd, char **temporary);

#endif
