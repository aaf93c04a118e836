/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands on the job drive, shared by the host and by the guest's init. The drive is a squashfs
 * image with the files of the job, then a hole, then one sector at the very end that starts the
 * run.
 *
 *   /root/...     laid over the guest's base
 *   /stdin        the command's standard input, when it has one
 *   /job          NUL-terminated strings in pairs: key, value (keys below)
 */
#ifndef CC_VM_JOB_H
#define CC_VM_JOB_H

#include <stdint.h>

#define CC_JOB_DRIVE_SIZE (UINT64_C(4) << 30)
#define CC_JOB_SECTOR 4096
#define CC_JOB_ENTROPY 256
#define CC_JOB_MAGIC "cc-job 1"

/* The last sector of the drive. The init polls it; the magic appears when there is a job. */
struct cc_job_start {
	char magic[8];
	uint64_t realtime; /* ns since 1970 for the guest's clock */
	uint8_t entropy[CC_JOB_ENTROPY];
};

/* Keys of /job. Those with * may come several times. */
#define CC_JOB_ARG "arg" /* * */
#define CC_JOB_ENV "env" /* * K=V */
#define CC_JOB_CWD "cwd"
#define CC_JOB_UID "uid" /* decimal */
#define CC_JOB_GID "gid"
#define CC_JOB_GROUP "group" /* * */
#define CC_JOB_UMASK "umask" /* octal */
#define CC_JOB_HOST "host"
#define CC_JOB_STDIN "stdin" /* null, file or pipe */
#define CC_JOB_PULL "pull"   /* directory whose changes are sent back */

/* Names of the virtio ports, in the order of enum port in guest/guest.h. */
#define CC_PORT_NAMES                                                                              \
	{                                                                                          \
		"cc.control", "cc.stdout", "cc.stderr", "cc.pull"                                  \
	}
#define CC_PORT_COUNT 4

/*
 * Lines that the host sends over the serial line while the command runs: a letter and a number. All
 * that the host ever sends fits into the line's 16 bytes of room: what QEMU records comes in late,
 * and what does not fit is lost.
 */
#define CC_COMMAND_SIGNAL 's' /* for the command's process group */
#define CC_COMMAND_END 'e'    /* the recording ends here, with this status */

/*
 * Lines on the control port. While the base is built: "symbol NAME HEX" for what the stage needs,
 * then "ready". In a run: "start", then "exit N", "signal N", "noexec ERRNO" or "cut N" (the host
 * has ended the recording: what ran runs on, and N is the status that the host gave), then
 * "bytes STDOUT STDERR PULL" (how much was sent), then "end". A line "fatal TEXT" instead of these
 * says why the guest gave up.
 */

#endif
