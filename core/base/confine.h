/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Confinement of a process that runs what a slice brings: which system calls the kernel takes from
 * it (seccomp(2)), and which files it may open (landlock(7)). It cannot be undone, and is inherited
 * by what the process executes.
 */
#ifndef CC_CONFINE_H
#define CC_CONFINE_H

#include "core/base/error.h"

enum cc_confine_stage {
	/* Before the interpreter is executed: the dynamic linker's calls, and those of the next
	   stage. What is refused fails with EPERM. */
	CC_CONFINE_LAUNCH,
	/* Before the program begins: it reads, and writes to what is open. What is refused raises
	   SIGSYS with the code SYS_SECCOMP. No other program can be executed, nor signalled. */
	CC_CONFINE_PROGRAM,
};

/*
 * For the calling thread; sets no_new_privs. 0, or CC_EUNSUPPORTED with *error: this kernel, or a
 * filter that stands already, does not allow it.
 */
int cc_confine_calls(enum cc_confine_stage stage, struct cc_error *error);

/*
 * From now on files can be opened below these paths only (NULL-terminated; one that does not exist
 * is passed over), to read and to execute. Descriptors that are open stay as they are. 0; 1: this
 * kernel has no Landlock (Linux 5.13, and `lsm=` must not leave it out); or CC_EUNSUPPORTED with
 * *error.
 */
int cc_confine_files(const char *const readable[], struct cc_error *error);

#endif
