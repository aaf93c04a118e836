/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's init: a static program that is process 1 of every recorded machine. It boots once, up
 * to the point where it waits for a job; that is where the snapshot is taken. Each recording goes
 * on from there with a job on the drive.
 */
#ifndef CC_GUEST_H
#define CC_GUEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/vm/job.h"

#define JOB_DRIVE "/dev/vda"
/* A disk in the guest's memory, which a job that fits is copied to */
#define JOB_MEMORY "/dev/ram0"
#define JOB_MEMORY_KIB 131072
#define JOB_MOUNT "/job"   /* the job's squashfs */
#define BASE_TREE "/base"  /* the base's files */
#define SCRATCH "/scratch" /* tmpfs: what the run writes */
#define RUN_ROOT "/new"	   /* what the command sees as / */

/* The ports to the host, in the order of their devices. */
enum port { PORT_CONTROL, PORT_STDOUT, PORT_STDERR, PORT_PULL, PORTS };

/* report.c */
void ports_open(void);
void port_write(enum port port, const void *data, size_t length);
uint64_t port_bytes(enum port port);
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void power_off(void) __attribute__((noreturn));

/* boot.c */
void boot(void);

/* unpack.c: fills BASE_TREE from the drive. */
void unpack_base(void);

/* job.c: what the host asks for, read from the job drive. */
struct job {
	char **argv, **environment; /* NULL-terminated */
	const char *cwd, *hostname, *pull;
	const char *stdin_kind; /* "null", "file" or "pipe" */
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t group_count;
	mode_t umask;
};
void job_wait(struct cc_job_start *start); /* returns when a job is on the drive */
void job_load(void);			   /* into the guest's memory, if it fits there */
/* Mounts the job's image over the guest's files. */
void job_mount(void);
/* Reads what is to be run, and as whom; stops the machine where the job is damaged. */
void job_read(struct job *job);

/* commands.c: what the host asks for while the command runs. */
void commands_open(void);
int commands_fd(void); /* to be polled */
/* Obey what has come. `pid` is the command; `*cut` becomes the status to end the recording with. */
void commands_take(pid_t pid, int *cut);

/*
 * run.c: runs the command to its end: its wait status. Or as far as the host wants it: then `*cut`
 * is the status that the host gave, all processes are stopped where they are, and stay so; else it
 * is -1.
 */
int run(const struct job *job, int *cut);

/* pull.c: a tar of what the run changed below `directory`, to PORT_PULL. */
void pull(const char *directory);

#endif
