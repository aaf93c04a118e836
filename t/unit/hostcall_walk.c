/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real calls, logged out of our own memory, compared and served as in a replay: each comes back
 * whole, and each change of an argument is found.
 */
#include "t/unit/hostcall_acts.h"

static void serves_back(const struct act *act, const struct logged *log)
{
	struct scene live = {0}, keep = {0};
	struct cc_cursor in = cursor_of(&keep, &log->in, log->in.length);
	struct cc_cursor out = cursor_of(&keep, &log->out, log->out.length);
	struct cc_buffer again = {0};
	uint32_t before[CC_MAXARGS];
	unsigned item = 99;
	int64_t ret;

	buffer(&live, "move the others", 16);
	act->fill(&live);
	assert_int_equal(cc_call_compare(log->call, live.args, 0, NULL, &in, &item), 0);
	assert_ptr_equal(in.at, in.end);
	cc_call_lengths(log->call, live.args, &cc_own_memory, before);
	assert_int_equal(cc_call_serve(log->call, live.args, before, log->ret, NULL, &out), 0);
	assert_ptr_equal(out.at, out.end);
	ret = cc_call_returned(log->call, live.args, log->ret);
	/* What the program sees now, logged once more, is the same. */
	assert_int_equal(cc_call_encode_out(log->call, live.args, before, ret, &cc_own_memory, NULL,
					    &again),
			 0);
	assert_int_equal(again.length, log->out.length);
	if (again.length)
		assert_memory_equal(again.data, log->out.data, again.length);
	cc_buffer_free(&again);
	clear(&live);
	clear(&keep);
}

static void prints(const struct act *act, const struct logged *log)
{
	struct scene keep = {0};
	struct cc_cursor in = cursor_of(&keep, &log->in, log->in.length);
	struct cc_cursor out = cursor_of(&keep, &log->out, log->out.length);
	json_t *object = json_object();
	char *text = NULL;

	assert_int_equal(print(log, in, out, &text), 0);
	if (act->text)
		assert_string_equal(text, act->text);
	if (getenv("CC_SHOW"))
		fprintf(stderr, "# %s\n", text);
	assert_int_equal(json(log, in, out, object), 0);
	assert_true(json_is_object(json_object_get(object, "args")));
	assert_non_null(json_object_get(object, "ret"));
	if (getenv("CC_SHOW"))
		json_dumpf(object, stderr, 0), fputc('\n', stderr);
	json_decref(object);
	free(text);
	clear(&keep);
}

static void a_call_comes_back_whole(void **state)
{
	for (unsigned i = 0; i < ACTS; i++) {
		struct scene scene = {0};
		struct logged log;

		record(&acts[i], &scene, &log);
		serves_back(&acts[i], &log);
		prints(&acts[i], &log);
		forget(&log);
		clear(&scene);
		tidy();
	}
}

/* ---- differences ---- */

static void other_byte(struct scene *s, unsigned arg, size_t at)
{
	((uint8_t *)(uintptr_t)s->args[arg])[at] ^= 1;
}

static void other_path(struct scene *s)
{
	other_byte(s, 0, 3);
}
static void longer_path(struct scene *s)
{
	s->args[0] = string(s, "/proc/self/exec");
}
static void shorter_path(struct scene *s)
{
	s->args[0] = string(s, "/proc/self/ex");
}
static void null_path(struct scene *s)
{
	s->args[0] = 0;
}
static void other_flags(struct scene *s)
{
	s->args[1] |= O_APPEND;
}
static void other_mode(struct scene *s)
{
	s->args[2] = 0600;
}
static void other_fd(struct scene *s)
{
	s->args[0]++;
}
static void other_size(struct scene *s)
{
	s->args[2]--;
}
static void other_data(struct scene *s)
{
	other_byte(s, 1, 2);
}
static void other_lock(struct scene *s)
{
	other_byte(s, 2, offsetof(struct flock, l_len));
}
static void other_command(struct scene *s)
{
	s->args[1] = F_GETFD;
}
static void other_set(struct scene *s)
{
	other_byte(s, 1, 9);
}
static void no_set(struct scene *s)
{
	s->args[1] = 0;
}
static void a_set(struct scene *s)
{
	s->args[2] = s->args[1];
}
static void other_timeout(struct scene *s)
{
	other_byte(s, 4, 0);
}
static void other_events(struct scene *s)
{
	other_byte(s, 0, offsetof(struct pollfd, events));
}
static void other_mask(struct scene *s)
{
	other_byte(s, 1, 8);
}
static void ignored(struct scene *s)
{
	*(void **)(uintptr_t)s->args[1] = (void *)SIG_IGN;
}
static void other_room(struct scene *s)
{
	*(uint32_t *)(uintptr_t)s->args[2] = 90;
}
static void other_hour(struct scene *s)
{
	other_byte(s, 0, offsetof(struct tm, tm_hour));
}
static void other_argument(struct scene *s)
{
	other_byte(s, 3, 0);
}
static void one_more(struct scene *s)
{
	s->args[4] = string(s, "more");
}
static void one_less(struct scene *s)
{
	s->args[3] = 0;
}
static void other_vector(struct scene *s)
{
	((char **)(uintptr_t)s->args[1])[1][1]++;
}
static void short_vector(struct scene *s)
{
	((char **)(uintptr_t)s->args[1])[1] = NULL;
}
static void other_piece(struct scene *s)
{
	((char *)((struct iovec *)(uintptr_t)s->args[1])[1].iov_base)[2]++;
}
static void other_message(struct scene *s)
{
	((char *)((struct msghdr *)(uintptr_t)s->args[1])->msg_iov->iov_base)[6]++;
}
static void wide_format(struct scene *s)
{
	((wchar_t *)(uintptr_t)s->args[2])[1] = 'y';
}

static const struct {
	const char *what, *call;
	void (*fill)(struct scene *scene), (*change)(struct scene *scene);
	unsigned item;
} changes[] = {
	{"another path", "stat64", fill_stat, other_path, 0},
	{"a longer path", "readlink", fill_readlink, longer_path, 0},
	{"a shorter path", "readlink", fill_readlink, shorter_path, 0},
	{"no path", "readlink", fill_readlink, null_path, 0},
	{"other flags", "open64", fill_open, other_flags, 1},
	{"another mode", "open64", fill_open_create, other_mode, 2},
	{"another descriptor", "read", fill_read, other_fd, 0},
	{"another size", "read", fill_read, other_size, 2},
	{"other bytes written", "write", fill_write, other_data, 1},
	{"fewer bytes written", "write", fill_write, other_size, 1},
	{"another lock", "fcntl64", fill_fcntl_setlk, other_lock, 2},
	{"another command", "fcntl64", fill_fcntl_getfl, other_command, 1},
	{"other descriptors", "select", fill_select, other_set, 1},
	{"no descriptors", "select", fill_select, no_set, 1},
	{"more descriptors", "select", fill_select, a_set, 2},
	{"another timeout", "select", fill_select, other_timeout, 4},
	{"other events", "poll", fill_poll, other_events, 0},
	{"another signal mask", "sigaction", fill_sigaction, other_mask, 1},
	{"an ignored signal", "sigaction", fill_sigaction, ignored, 1},
	{"room for another length", "getsockname", fill_getsockname, other_room, 2},
	{"another hour", "mktime", fill_mktime, other_hour, 0},
	{"another argument", "execl", fill_execl, other_argument, 1},
	{"one more argument", "execl", fill_execl, one_more, 1},
	{"one argument less", "execl", fill_execl, one_less, 1},
	{"another string of a vector", "execv", fill_execv, other_vector, 1},
	{"a shorter vector", "execv", fill_execv, short_vector, 1},
	{"another piece", "writev", fill_writev, other_piece, 1},
	{"another message", "sendmsg", fill_sendmsg, other_message, 1},
	{"another wide string", "wcsftime", fill_wcsftime, wide_format, 2},
};

static void a_difference_is_found_where_it_is(void **state)
{
	for (unsigned i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		const struct cc_hostcall *call = cc_hostcall_find(changes[i].call);
		struct scene then = {0}, now = {0};
		struct cc_buffer in = {0};
		struct cc_cursor cursor;
		unsigned item = 99;

		changes[i].fill(&then);
		assert_int_equal(cc_call_encode_in(call, then.args, &cc_own_memory, NULL, &in), 0);
		changes[i].fill(&now);
		changes[i].change(&now);
		cursor = (struct cc_cursor){in.data, in.data + in.length, 0};
		if (cc_call_compare(call, now.args, 0, NULL, &cursor, &item) != -1 ||
		    item != changes[i].item)
			fail_msg("%s: %s: item %u", changes[i].call, changes[i].what, item);
		cc_buffer_free(&in);
		clear(&then);
		clear(&now);
	}
}

/* ---- a process whose memory is not all there ---- */

struct window {
	uint64_t from, to;
};

static int read_window(void *context, uint64_t address, void *data, size_t length)
{
	const struct window *window = context;

	if (address < window->from || address + length > window->to)
		return -1;
	memcpy(data, (const void *)(uintptr_t)address, length);
	return 0;
}

static void memory_that_is_not_there_is_said_and_leaves_nothing(void **state)
{
	const struct cc_hostcall *call = cc_hostcall_find("open64");
	char *pages = aligned_alloc(4096, 8192), *path = pages + 4090;
	struct window both = {(uintptr_t)pages, (uintptr_t)pages + 8192};
	struct window first = {(uintptr_t)pages, (uintptr_t)pages + 4096};
	struct cc_memory memory = {.read = read_window, .context = &both};
	uint64_t args[CC_MAXARGS] = {(uintptr_t)path, O_RDONLY};
	struct cc_buffer out = {0};

	memset(pages, 'x', 8192);
	strcpy(path, "/a/path/that/crosses");
	cc_put_u(&out, 7);
	assert_int_equal(cc_call_encode_in(call, args, &memory, NULL, &out), 0);
	out.length = 1;
	memory.context = &first;
	assert_int_equal(cc_call_encode_in(call, args, &memory, NULL, &out), -1);
	assert_int_equal(out.length, 1);
	path[5] = 0; /* it ends with the page, and what follows is not asked for */
	assert_int_equal(cc_call_encode_in(call, args, &memory, NULL, &out), 0);
	cc_buffer_free(&out);
	free(pages);
}

/* ---- as people read it ---- */

static void a_read_is_printed_with_what_came(void **state)
{
	struct act act = {"read", fill_read, NULL};
	struct scene scene = {0};
	struct logged log;
	char *text, want[128];
	struct cc_cursor in, out;

	record(&act, &scene, &log);
	in = (struct cc_cursor){log.in.data, log.in.data + log.in.length, 0};
	out = (struct cc_cursor){log.out.data, log.out.data + log.out.length, 0};
	print(&log, in, out, &text);
	snprintf(want, sizeof(want),
		 "read(%d, n=100) = 25 → \"first line\\nsecond \\\"line\\\"\\n\"", stage.fd);
	assert_string_equal(text, want);
	free(text);
	forget(&log);
	clear(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_comes_back_whole),
		cmocka_unit_test(a_difference_is_found_where_it_is),
		cmocka_unit_test(a_read_is_printed_with_what_came),
		cmocka_unit_test(memory_that_is_not_there_is_said_and_leaves_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_stage, strike_stage);
}
