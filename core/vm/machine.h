/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One QEMU process: its command line, its monitor, its end. The same machine is booted once to make
 * a snapshot, recorded, and replayed; every part of its command line that the guest could notice is
 * therefore in one place, machine.c.
 */
#ifndef CC_VM_MACHINE_H
#define CC_VM_MACHINE_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/base/fence.h"
#include "core/vm/qmp.h"

/* -icount shift=: an instruction takes 2^3 ns of the guest's time. */
#define CC_ICOUNT_SHIFT 3

/* Files that QEMU writes in its directory. */
#define CC_CONTROL_FILE "control"
#define CC_STDOUT_FILE "stdout"
#define CC_STDERR_FILE "stderr"
#define CC_PULL_FILE "pull"
#define CC_CONSOLE_FILE "console"
#define CC_COMMANDS_FILE "commands"
#define CC_COMPLAINTS_FILE "qemu.err"

struct cc_machine_options {
	const char *directory; /* where QEMU runs; the files named above are in it */
	const char *drive;     /* image of the job drive, CC_JOB_DRIVE_SIZE bytes */
	const char *ram;       /* file with the guest's memory */
	uint64_t ram_bytes;
	/*
	 * To boot: a kernel and an initramfs; `ram` is written to. Else: the snapshot to resume
	 * from, and `ram` is left as it is.
	 */
	const char *kernel, *initrd, *state;
	const char *rr; /* "record" or "replay", or NULL for neither */
	const char *rr_file;
	/* Lines to the guest come from CC_COMMANDS_FILE, a FIFO that the caller has open */
	int commands;
	const char *const *plugins; /* NULL-terminated, or NULL */
	const int *keep;	    /* descriptors that QEMU inherits */
	size_t keep_count;
	int stderr_fd; /* 0 or less: CC_COMPLAINTS_FILE */
	/* What QEMU is held to, with a filter of its own (-sandbox); NULL: nothing */
	const struct cc_fence *fence;
};

struct cc_machine {
	pid_t pid; /* 0 when QEMU is gone */
	int wait_status;
	char *directory;
	struct cc_qmp qmp;
};

/* Where QEMU is, malloc'ed; `path` may be NULL. CC_EMISSING with what to do. */
int cc_machine_program(char **path, struct cc_error *error);

/* QEMU's version, as a base's manifest has it ("10.0.2"); "" when it cannot be told. */
void cc_machine_version(char *version, size_t size);

/* Start QEMU. Errors: CC_EMISSING (not installed), CC_EIO. */
int cc_machine_start(struct cc_machine *machine, const struct cc_machine_options *options,
		     struct cc_error *error);

/*
 * Whether QEMU is still there, after waiting up to `timeout` ms for its end, or for something to
 * read from `also` (-1: nothing).
 */
int cc_machine_alive(struct cc_machine *machine, int timeout, int also);

/* End QEMU if it is there, and free what cc_machine_start made. Safe on a zeroed struct. */
void cc_machine_stop(struct cc_machine *machine);

/* Fill in an error that says how QEMU ended: what it wrote last, or the guest's console. */
int cc_machine_failed(const struct cc_machine *machine, const char *doing, struct cc_error *error);

/* The last line of a file in the machine's directory that is not empty, malloc'ed, or NULL. */
char *cc_machine_last_line(const struct cc_machine *machine, const char *file);

#endif
