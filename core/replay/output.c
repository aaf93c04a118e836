/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the run wrote to its standard output and error, a replay writes to its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/replay/agent.h"
#include "core/replay/past.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"

/*
 * What the run's process wrote to what were the command's stdout and stderr, we write to ours. What
 * went into a pipe or a file of its own is written when that is asked for, and else told of.
 */
void cc_replay_write(unsigned stream, const uint8_t *data, size_t length)
{
	if (cc_past.unread > 0)
		return;
	if (stream >= CC_STREAM_OWN_OUT) {
		stream -= CC_STREAM_OWN_OUT - CC_STREAM_OUT;
		if (!cc_replay.output.shows_own) {
			cc_replay.output.unshown[stream - 1] = 1;
			return;
		}
	}
	if (cc_agent.on) {
		size_t unshown = cc_agent_unshown(stream, length);

		data += length - unshown;
		length = unshown;
	}
	while (length) {
		long wrote = cc_raw(SYS_write, (long)stream, (long)data, (long)length, 0, 0, 0);

		if (wrote == -EINTR || wrote == -EAGAIN)
			continue;
		if (wrote < 0)
			cc_die("cannot write the output of the run: %s", strerror((int)-wrote));
		data += wrote;
		length -= (size_t)wrote;
	}
}

static void put_output(void *stream, const void *data, size_t length)
{
	cc_replay_write(*(const unsigned *)stream, data, length);
}

void cc_replay_output(const struct cc_hostcall *call, unsigned flags, const uint64_t *args,
		      int64_t ret)
{
	static const struct {
		unsigned flag, stream;
	} streams[] = {
		{CC_CALL_STDOUT, CC_STREAM_OUT},
		{CC_CALL_STDERR, CC_STREAM_ERR},
		{CC_CALL_OWN_STDOUT, CC_STREAM_OWN_OUT},
		{CC_CALL_OWN_STDERR, CC_STREAM_OWN_ERR},
	};

	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		unsigned stream = streams[i].stream;

		if (flags & streams[i].flag)
			cc_call_output(call, args, (size_t)ret, put_output, &stream);
	}
}

/* Where output went that is not the run's; in one line. */
void cc_replay_report_unshown(void)
{
	static const char *const names[] = {"standard output", "standard error"};
	char text[2][300] = {"", ""};

	for (int i = 0; i < 2; i++)
		if (cc_replay.output.unshown[i])
			snprintf(text[i], sizeof(text[i]), "%s went into %s", names[i],
				 cc_replay.output.names[i] && *cc_replay.output.names[i]
					 ? cc_replay.output.names[i]
					 : "something else");
	if (*text[0] || *text[1])
		cc_say("in the run, the %s%s%s: --show-output shows it", text[0],
		       *text[0] && *text[1] ? ", and the " : "", text[1]);
}
