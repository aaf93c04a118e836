/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Confinement of a process that runs what a slice brings: which system calls the kernel takes from
 * it (seccomp(2)), and which files it may open (landlock(7)). It cannot be undone, and is inherited
 * by what the process executes.
 */
#ifndef CC_CONFINE_H
#define CC_CONFINE_H

#include <stdint.h>

#include "core/base/error.h"

enum cc_confine_stage {
	/* Before the interpreter is executed: the dynamic linker's calls, and those of the next
	   stage. What is refused fails with EPERM. */
	CC_CONFINE_LAUNCH,
	/* Before the program begins: it reads, and writes to what is open. What is refused raises
	   SIGSYS with the code SYS_SECCOMP. No other program can be executed, nor signalled. */
	CC_CONFINE_PROGRAM,
	/*
	 * Instead of cc_confine_files, where the kernel has no such thing: files are opened by a
	 * broker (core/session/broker.h). Before CC_CONFINE_PROGRAM.
	 */
	CC_CONFINE_OPENS,
	/*
	 * Instead of CC_CONFINE_PROGRAM, where code of the user's runs beside the program, and
	 * copies of it call the machine: memory, time, threads, processes, what is open, pipes
	 * between them. All else, each opening of a file too, is asked of the broker, which does it
	 * or refuses it with EPERM.
	 */
	CC_CONFINE_GUARDED,
	/* In a throwaway copy, above that: no further processes and groups (EPERM). */
	CC_CONFINE_COPY,
	/*
	 * Before a program of the system's that works on files of somebody else is executed: QEMU,
	 * unsquashfs (core/base/fence.h). What is refused fails with ENOSYS, as on a kernel that
	 * lacks it: programs know how to go on without io_uring or clone3, whose arguments a filter
	 * cannot see.
	 */
	CC_CONFINE_TOOL,
};

/*
 * For the calling thread and what it starts; sets no_new_privs. In a stage with a broker *listener
 * is the descriptor by which the kernel asks it (seccomp_unotify(2)), close-on-exec; in others
 * `listener` is NULL. 0, or CC_EUNSUPPORTED with *error: this kernel, or a filter that stands
 * already, does not allow it.
 */
int cc_confine_calls(enum cc_confine_stage stage, int *listener, struct cc_error *error);

/* Has this kernel what cc_confine_files takes? */
int cc_confine_has_files(void);

/*
 * What may be read by whoever is confined: where packages and administrators have libraries and
 * modules, and what an interpreter or its C library looks at as it starts; NULL-terminated. All of
 * it is for everybody to read.
 */
extern const char *const cc_confine_system[];

/* Is this path, which is looked at as a text, in one of these? */
int cc_confine_is_system(const char *path);

/*
 * Lowers a limit of the calling process (RLIMIT_…, getrlimit(2)): what it has by now stays where it
 * is lower. The kernel takes both for all of the process's threads, and its children inherit them.
 */
void cc_confine_resource(int resource, uint64_t soft, uint64_t hard);

/*
 * From now on files can be opened below these paths only (NULL-terminated; one that does not exist
 * is passed over), to read and to execute; below `writable` (as well, or NULL) to read and to
 * write, and files can be made, renamed and removed there. Descriptors that are open stay as they
 * are. 0; 1: this kernel has no Landlock (Linux 5.13, and `lsm=` must not leave it out); or
 * CC_EUNSUPPORTED with *error.
 */
int cc_confine_files(const char *const readable[], const char *const writable[],
		     struct cc_error *error);

#endif
