/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of events in a recorded machine. */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/vm/guest/guest.h"

/* Every machine resumes from one snapshot, with its clock and its random pool: make both new. */
static void set_clock(uint64_t realtime)
{
	struct timespec now = {realtime / 1000000000, realtime % 1000000000};

	if (clock_settime(CLOCK_REALTIME, &now))
		die("setting the clock");
}

static void feed_entropy(const uint8_t *bytes)
{
	struct {
		int bits, length;
		uint8_t bytes[CC_JOB_ENTROPY];
	} pool = {CC_JOB_ENTROPY * 8, CC_JOB_ENTROPY, {0}};
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);

	memcpy(pool.bytes, bytes, sizeof(pool.bytes));
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) || ioctl(fd, RNDRESEEDCRNG))
		die("feeding entropy");
	close(fd);
}

/* 0 to 2 are to be taken, whatever the kernel gave us. There is no /dev/null yet. */
static void take_standard_descriptors(void)
{
	int fd = open("/", O_RDONLY);

	while (fd >= 0 && fd < 2)
		fd = open("/", O_RDONLY);
	if (fd > 2)
		close(fd);
}

int main(void)
{
	struct cc_job_start start;
	struct job job;
	int status, cut = -1;

	take_standard_descriptors();
	boot();
	tell("ready");
	job_wait(&start);
	set_clock(start.realtime);
	feed_entropy(start.entropy);
	job_load();
	job_mount();
	job_read(&job);
	if (sethostname(job.hostname, strlen(job.hostname)))
		die("setting the host name");
	commands_open();
	tell("start");
	status = run(&job, &cut);
	if (cut >= 0)
		tell("cut %d", cut);
	else if (WIFSIGNALED(status))
		tell("signal %d", WTERMSIG(status));
	else
		tell("exit %d", WEXITSTATUS(status));
	if (job.pull)
		pull(job.pull);
	tell("bytes %llu %llu %llu", (unsigned long long)port_bytes(PORT_STDOUT),
	     (unsigned long long)port_bytes(PORT_STDERR),
	     (unsigned long long)port_bytes(PORT_PULL));
	tell("end");
	power_off();
}
