/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded machines: opening a .vmlog, checking it, replaying it under QEMU, and looking at the
 * files that its guest had. The format is doc/vmlog-format.md; how a machine is recorded,
 * doc/recording.md.
 */
#ifndef CC_VM_H
#define CC_VM_H

#include <jansson.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/base/error.h"

/*
 * Where the guest's kernel keeps what a stage must know. Byte offsets are into struct
 * task_struct.
 */
struct cc_vm_kernel {
	uint64_t current_task; /* per-CPU: the task_struct pointer is at kernel GS base + this */
	uint64_t do_exit;      /* address of the function: rdi is the exit code */
	uint32_t task_pid;     /* pid_t: the thread's id */
	uint32_t task_tgid;    /* pid_t: the process's id */
	uint32_t task_real_parent; /* struct task_struct * */
	uint32_t task_comm;	   /* char[16] */
	uint32_t task_exit_code;   /* int, as wait(2) has it */
};

/* The features of the guest's processor, as OPENSSL_ia32cap(3) has them. */
extern const char cc_machine_processor[];

/* A path as a value in QEMU's option syntax, where a comma ends one; malloc'ed. */
char *cc_machine_escape(const char *path);

struct cc_vmlog;

/* Open a recording; reads the manifest only. Errors: CC_EIO, CC_EFORMAT, CC_ECUT, CC_EVERSION. */
struct cc_vmlog *cc_vmlog_open(const char *path, struct cc_error *error);
void cc_vmlog_close(struct cc_vmlog *log); /* also removes the files that were unpacked */

json_t *cc_vmlog_manifest(const struct cc_vmlog *log); /* borrowed */
/* The guest's kernel, as the manifest has it; borrowed. */
const struct cc_vm_kernel *cc_vmlog_kernel(const struct cc_vmlog *log);
/* The path that the log was opened by; borrowed. */
const char *cc_vmlog_path(const struct cc_vmlog *log);

/*
 * SHA-256 of every member against the manifest, and of every image of the base against its name.
 * Errors: CC_EFORMAT (which member), CC_ECUT, CC_EMISSING (base not in the cache), CC_EIO.
 */
int cc_vmlog_verify(struct cc_vmlog *log, struct cc_error *error);

/*
 * Write a copy of the log that carries its base, so that another machine can replay it. Ends with
 * nothing written once *interrupted (NULL: never) is a signal.
 */
int cc_vmlog_pack(struct cc_vmlog *log, const char *out, const volatile sig_atomic_t *interrupted,
		  struct cc_error *error);

/*
 * A file with what the run wrote to stdout (1) or stderr (2); it lives as long as the log. NULL on
 * failure.
 */
const char *cc_vm_output(struct cc_vmlog *log, int stream, struct cc_error *error);

/* ---- replaying ---- */

struct cc_vm_replay_options {
	/* "FILE,arg=value,…" strings for QEMU's -plugin; NULL-terminated, or NULL */
	const char *const *plugins;
	/* descriptors that QEMU (and so the plugins) inherits under the same numbers */
	const int *keep;
	size_t keep_count;
	/*
	 * called a few times a second with the instruction count so far and that of the whole run
	 * (0 when unknown); nonzero stops the replay with that CC_E… status. May be NULL.
	 */
	int (*tick)(void *context, uint64_t instructions, uint64_t total, struct cc_error *error);
	void *context;
	/* cc_vmlog_verify was done on this handle before: do not read everything twice */
	int verified;
	/*
	 * what QEMU and its plugins write to stderr goes here; 0 or less: kept, and its last line
	 * quoted in the error when QEMU fails
	 */
	int stderr_fd;
	/* what the plugins read and write besides the log; NULL-terminated, or NULL */
	const char *const *readable, *const *writable;
	/* the other end is the plugins': they ask for files of the job's image there
	   (core/vm/guestfs.h); 0 or less: nobody does */
	int asked;
};

struct cc_vm_result {
	int status; /* the command's: 0..255, 128+n for a signal; -1 before the end marker */
	int same;   /* stdout, stderr and status are those of the recording */
	uint64_t instructions; /* how far the replay came */
	double seconds;
};

/*
 * Replay the machine from its beginning to its end. Verifies the log first (options->verified).
 * Succeeds when the guest's end marker came, and its exit status, stdout and stderr are the
 * recorded ones. QEMU is gone when this returns, whatever happened. Errors: those of verify;
 * CC_ETIMEOUT (no progress), CC_EDIVERGED (ended differently), CC_EMISSING (no QEMU), CC_EIO, what
 * tick returned.
 */
int cc_vm_replay(struct cc_vmlog *log, const struct cc_vm_replay_options *options,
		 struct cc_vm_result *result, struct cc_error *error);

/* ---- files of the guest, as they were when the command started ---- */

/*
 * Called for each regular file and symbolic link, with its absolute path in the guest (symlinked
 * directories are not followed, so /lib/x appears as /usr/lib/x) and its mode and size. `link` is a
 * symlink's target, else NULL. Nonzero ends the walk and is returned.
 */
typedef int (*cc_vm_file)(void *context, const char *path, mode_t mode, uint64_t size,
			  const char *link);
int cc_vm_list(struct cc_vmlog *log, cc_vm_file callback, void *context, struct cc_error *error);

/*
 * Where the content of a guest's file stands on the host already, uncompressed: in the base's
 * store. 1; 0: the host does not have it so. `*file` lives as long as the log.
 */
int cc_vm_locate(struct cc_vmlog *log, const char *guest_path, const char **file, uint64_t *offset,
		 uint64_t *size);
/*
 * Copy a file of the guest to `to` on the host, following the guest's symbolic links. CC_EMISSING
 * when the guest had no such regular file.
 */
int cc_vm_extract(struct cc_vmlog *log, const char *guest_path, const char *to,
		  struct cc_error *error);

#endif
