/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logs that are not what was written: whatever stands in them, no walk leaves the buffers of the
 * program, and what is malformed is said to be. Run this under ASan.
 */
#include "t/unit/hostcall_acts.h"

/* One log that is not what was written: whatever it says, nothing but our buffers is touched. */
static void survives(const struct act *act, const struct logged *log, size_t in_length,
		     size_t out_length, int cut)
{
	struct scene live = {0}, keep = {0};
	struct cc_cursor in = cursor_of(&keep, &log->in, in_length);
	struct cc_cursor out = cursor_of(&keep, &log->out, out_length);
	struct cc_cursor again_in = in, again_out = out;
	json_t *object = json_object();
	uint32_t before[CC_MAXARGS];
	char *text = NULL;
	unsigned item;
	int compared, served;

	act->fill(&live);
	compared = cc_call_compare(log->call, live.args, 0, NULL, &in, &item);
	cc_call_lengths(log->call, live.args, &cc_own_memory, before);
	served = cc_call_serve(log->call, live.args, before, log->ret, NULL, &out);
	if (cut) {
		assert_true(compared < 0 || in_length == log->in.length);
		assert_true(served < 0 || out_length == log->out.length);
	}
	print(log, again_in, again_out, &text);
	json(log, again_in, again_out, object);
	json_decref(object);
	free(text);
	clear(&live);
	clear(&keep);
}

static void survives_bytes(const struct act *act, const struct logged *log, struct cc_buffer *part)
{
	static const uint8_t values[] = {0x00, 0x01, 0x02, 0x7f, 0x80, 0xff};

	for (size_t at = 0; at < part->length && at < 48; at++) {
		uint8_t was = part->data[at];

		for (unsigned i = 0; i < sizeof(values); i++) {
			part->data[at] = values[i];
			survives(act, log, log->in.length, log->out.length, 0);
		}
		part->data[at] = was;
	}
}

static void a_log_may_end_anywhere(void **state)
{
	for (unsigned i = 0; i < ACTS; i++) {
		struct scene scene = {0};
		struct logged log;

		record(&acts[i], &scene, &log);
		for (size_t at = 0; at < log.in.length; at++) {
			survives(&acts[i], &log, at, log.out.length, 1);
			tidy();
		}
		for (size_t at = 0; at < log.out.length && at < 300; at++) {
			survives(&acts[i], &log, log.in.length, at, 1);
			tidy();
		}
		forget(&log);
		clear(&scene);
	}
}

static void a_log_may_hold_anything(void **state)
{
	for (unsigned i = 0; i < ACTS; i++) {
		struct scene scene = {0};
		struct logged log;

		if (acts[i].fill == fill_waitpid_any) /* a fork for each */
			continue;
		record(&acts[i], &scene, &log);
		survives_bytes(&acts[i], &log, &log.in);
		survives_bytes(&acts[i], &log, &log.out);
		tidy();
		forget(&log);
		clear(&scene);
	}
}

/* ---- lengths and results that a log must not get away with ---- */

static int serve_read(uint64_t ret, const char *data, size_t length)
{
	const struct cc_hostcall *call = cc_hostcall_find("read");
	struct scene live = {0};
	struct cc_buffer out = {0};
	struct cc_cursor cursor;
	uint32_t before[CC_MAXARGS];
	int status;

	fill_read(&live);
	cc_put_u(&out, length + 2);
	cc_put_bytes(&out, data, length);
	cursor = (struct cc_cursor){out.data, out.data + out.length, 0};
	cc_call_lengths(call, live.args, &cc_own_memory, before);
	status = cc_call_serve(call, live.args, before, (int64_t)ret, NULL, &cursor);
	cc_buffer_free(&out);
	clear(&live);
	return status;
}

static void more_than_the_buffer_holds_is_not_served(void **state)
{
	char data[200] = "";

	assert_int_equal(serve_read(100, data, 100), 0);
	assert_int_equal(serve_read(0, data, 0), 0);
	assert_int_equal(serve_read(101, data, 101), -1);
	assert_int_equal(serve_read(200, data, 200), -1);
	assert_int_equal(serve_read(101, data, 100), -1); /* the program would believe it */
	assert_int_equal(serve_read(100, data, 99), -1);
	assert_int_equal(serve_read(99, data, 100), -1);
	assert_int_equal(serve_read(INT64_MAX, data, 100), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_than_the_buffer_holds_is_not_served),
		cmocka_unit_test(a_log_may_end_anywhere),
		cmocka_unit_test(a_log_may_hold_anything),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_stage, strike_stage);
}
