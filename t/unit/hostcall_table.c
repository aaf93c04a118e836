/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host-call table: every row parses (cc_hostcall_init would abort) and its symbols are found.
 * With --tsv the rows are printed instead, for tests and people: symbol, row, class, spec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/host/hostcall.h"

static const char *const classes[] = {
	[CC_HOST] = "host", [CC_LIVE] = "live", [CC_LOAD] = "load",	[CC_THREAD] = "thread",
	[CC_PURE] = "pure", [CC_DATA] = "data", [CC_REFUSE] = "refuse",
};

static void print_symbol(const char *symbol, size_t length, const struct cc_hostcall *call)
{
	printf("%.*s\t%s\t%s\t%s\n", (int)length, symbol, call->name, classes[call->class],
	       call->spec);
}

static void print_row(const struct cc_hostcall *call)
{
	print_symbol(call->name, strlen(call->name), call);
	for (const char *at = call->aliases; *at;) {
		size_t length = strcspn(at, " ");

		print_symbol(at, length, call);
		at += length;
		at += strspn(at, " ");
	}
}

static int print_tsv(int count, char **symbols)
{
	cc_hostcall_init();
	for (int i = 0; i < count; i++) {
		const struct cc_hostcall *call = cc_hostcall_find(symbols[i]);
		const char *note = cc_datasym_find(symbols[i]);

		if (call)
			print_symbol(symbols[i], strlen(symbols[i]), call);
		else
			printf("%s\t\t%s\t%s\n", symbols[i], note ? "datasym" : "missing",
			       note ? note : "");
	}
	for (unsigned i = 0; !count && i < cc_hostcall_count; i++)
		print_row(&cc_hostcalls[i]);
	return 0;
}

static void every_row_is_found_by_its_name(void **state)
{
	cc_hostcall_init();
	cc_hostcall_init(); /* once more does nothing */
	for (unsigned i = 0; i < cc_hostcall_count; i++)
		assert_ptr_equal(cc_hostcall_find(cc_hostcalls[i].name), &cc_hostcalls[i]);
}

static void a_symbol_is_found_by_alias_and_version(void **state)
{
	assert_string_equal(cc_hostcall_find("open")->name, "open64");
	assert_string_equal(cc_hostcall_find("__open64_2@GLIBC_2.7")->name, "open64");
	assert_string_equal(cc_hostcall_find("__read_chk")->name, "read");
	assert_null(cc_hostcall_find("ope"));
	assert_null(cc_hostcall_find("no_such_function"));
	assert_null(cc_hostcall_find(""));
	assert_non_null(cc_datasym_find("environ@GLIBC_2.2.5"));
	assert_null(cc_datasym_find("env"));
	assert_null(cc_datasym_find("open64"));
}

static void a_row_says_what_its_columns_mean(void **state)
{
	const struct cc_hostcall *read = cc_hostcall_find("read");
	const struct cc_hostcall *exit = cc_hostcall_find("exit");
	const struct cc_hostcall *execl = cc_hostcall_find("execl");

	assert_int_equal(read->class, CC_HOST);
	assert_int_equal(read->nargs, 3);
	assert_int_equal(read->ret.kind, CC_ITEM_LONG);
	assert_int_equal(read->result, CC_RES_NEGATIVE);
	assert_string_equal(read->arg[1].name, "buf");
	assert_int_equal(read->arg[1].kind, CC_ITEM_OUT);
	assert_int_equal(read->arg[1].length_source, CC_LEN_RET);
	assert_int_equal(read->arg[1].length_arg, 2);
	assert_int_equal(read->arg[1].scale, 1);
	assert_true(exit->noreturn);
	assert_int_equal(execl->nargs, CC_MAXARGS);
	assert_int_equal(cc_hostcall_find("getpwnam_r")->result, CC_RES_ALWAYS);
	assert_int_equal(cc_hostcall_find("getaddrinfo")->result, CC_RES_NONZERO);
	assert_int_equal(cc_hostcall_find("opendir")->result, CC_RES_NULL);
	assert_true(cc_call_gives_memory(cc_hostcall_find("getaddrinfo")));
	assert_true(cc_call_gives_memory(cc_hostcall_find("realpath")));
	assert_false(cc_call_gives_memory(cc_hostcall_find("opendir")));
}

static void a_result_has_the_width_of_its_type(void **state)
{
	assert_int_equal(cc_call_result(cc_hostcall_find("close"), 0xdeadbeefffffffffu), -1);
	assert_int_equal(cc_call_result(cc_hostcall_find("getuid"), 0xdead0000fffffffeu),
			 0xfffffffe);
	assert_int_equal(cc_call_result(cc_hostcall_find("lseek64"), 1ull << 40), 1ll << 40);
	assert_int_equal(cc_call_result(cc_hostcall_find("endpwent"), 12345), 0);
	assert_true(cc_call_failed(cc_hostcall_find("close"), -1));
	assert_false(cc_call_failed(cc_hostcall_find("close"), 0));
	assert_true(cc_call_failed(cc_hostcall_find("opendir"), 0));
	assert_true(cc_call_failed(cc_hostcall_find("posix_spawn"), 2));
	assert_false(cc_call_failed(cc_hostcall_find("getuid"), 0));
}

static void the_class_of_a_call_can_depend_on_its_arguments(void **state)
{
	uint64_t anonymous[CC_MAXARGS] = {0, 4096, 3, 0x22, (uint64_t)-1, 0};
	uint64_t file[CC_MAXARGS] = {0, 4096, 1, 0x02, 3, 0};
	uint64_t policy[CC_MAXARGS] = {239}, reboot[CC_MAXARGS] = {169}, memory[CC_MAXARGS] = {9};

	assert_int_equal(cc_call_class(cc_hostcall_find("mmap64"), anonymous, &cc_own_memory),
			 CC_LIVE);
	assert_int_equal(cc_call_class(cc_hostcall_find("mmap64"), file, &cc_own_memory), CC_HOST);
	assert_int_equal(cc_call_class(cc_hostcall_find("syscall"), policy, &cc_own_memory),
			 CC_HOST);
	assert_int_equal(cc_call_class(cc_hostcall_find("syscall"), memory, &cc_own_memory),
			 CC_LIVE);
	assert_int_equal(cc_call_class(cc_hostcall_find("syscall"), reboot, &cc_own_memory),
			 CC_HOST);
}

static void a_call_by_number_is_the_function_of_that_name(void **state)
{
	const struct cc_hostcall *by_number = cc_hostcall_find("syscall"), *call;
	uint64_t args[CC_MAXARGS] = {0, 11, 12, 13, 14, 15, 16}, meant[CC_MAXARGS];
	unsigned functions = 0;

	for (args[0] = 0; args[0] < 600; args[0]++) {
		call = cc_call_meant(by_number, args, meant);
		assert_non_null(call);
		if (call == by_number)
			continue;
		functions++;
		assert_int_equal(call->class, CC_HOST);
		assert_true(call->nargs <= 6);
		assert_false(cc_call_does(call, CC_EFFECT_FORK) ||
			     cc_call_does(call, CC_EFFECT_WIND_UP));
		assert_memory_equal(meant, args + 1, 6 * sizeof(*args));
	}
	assert_true(functions > 180);
	args[0] = 1;
	assert_ptr_equal(cc_call_meant(by_number, args, meant), cc_hostcall_find("write"));
	args[0] = 204; /* the kernel's sched_getaffinity says how many bytes there were */
	assert_ptr_equal(cc_call_meant(by_number, args, meant), by_number);
	assert_ptr_equal(cc_call_meant(cc_hostcall_find("write"), args, meant),
			 cc_hostcall_find("write"));
	assert_memory_equal(meant, args, sizeof(meant));
}

static void a_row_says_what_the_call_does(void **state)
{
	const struct cc_hostcall *writev = cc_hostcall_find("writev"),
				 *action = cc_hostcall_find("sigaction");
	uint64_t args[CC_MAXARGS] = {1, (uintptr_t) "bytes", 5};

	assert_true(cc_call_does(writev, CC_EFFECT_OUTPUT));
	assert_false(cc_call_does(writev, CC_EFFECT_INPUT));
	assert_int_equal(cc_call_effect_arg(writev, CC_EFFECT_OUTPUT, 1), 1);
	assert_int_equal(cc_call_effect_arg(writev, CC_EFFECT_OUTPUT, 2), CC_NOARG);
	assert_int_equal(cc_call_effect_arg(writev, CC_EFFECT_CLOSE, 0), CC_NOARG);
	assert_int_equal(cc_call_effect_arg(action, CC_EFFECT_HANDLER, 1), 1);
	assert_int_equal(cc_hostcall_find("pthread_join")->threads, CC_EFFECT_JOIN_THREAD);
	assert_int_equal(writev->threads, CC_NO_EFFECT);
	assert_string_equal(cc_effect_name(CC_EFFECT_REMOVE_DIRECTORY), "remove_directory");
	assert_int_equal(cc_call_output(cc_hostcall_find("write"), args, 3, NULL, NULL), 3);
	assert_int_equal(cc_call_output(cc_hostcall_find("write"), args, SIZE_MAX, NULL, NULL), 5);
	assert_int_equal(cc_call_output(cc_hostcall_find("read"), args, SIZE_MAX, NULL, NULL), 0);
}

static void a_selector_that_is_not_listed_is_unknown(void **state)
{
	static const struct {
		const char *call, *text;
		uint64_t args[CC_MAXARGS];
	} calls[] = {
		{"syscall", "number=169 (0xa9)", {169}},
		{"syscall", NULL, {239}},
		{"ioctl", "request=21601 (0x5461)", {3, 0x5461}},
		{"ioctl", NULL, {3, 0x5401}},
		{"ioctl", NULL, {3, 0x80045430}}, /* TIOCGPTN: its number is true */
		{"ioctl", "request=3222824507 (0xc018663b)", {3, 0xc018663b}},
		{"fcntl64", "cmd=999 (0x3e7)", {3, 999}},
		{"fcntl64", NULL, {3, 3}},
		{"semctl", "cmd=77 (0x4d)", {3, 0, 77}},
		{"msgctl", "cmd=77 (0x4d)", {3, 77}},
		{"shmctl", "cmd=77 (0x4d)", {3, 77}},
		{"prctl", "option=22 (0x16)", {22}},
		{"read", NULL, {3}},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		char text[128] = "";
		int unknown = cc_call_unknown(cc_hostcall_find(calls[i].call), calls[i].args,
					      &cc_own_memory, text, sizeof(text));

		assert_int_equal(unknown, calls[i].text != NULL);
		assert_string_equal(text, calls[i].text ? calls[i].text : "");
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found_by_its_name),
		cmocka_unit_test(a_selector_that_is_not_listed_is_unknown),
		cmocka_unit_test(a_symbol_is_found_by_alias_and_version),
		cmocka_unit_test(a_row_says_what_its_columns_mean),
		cmocka_unit_test(a_row_says_what_the_call_does),
		cmocka_unit_test(a_call_by_number_is_the_function_of_that_name),
		cmocka_unit_test(a_result_has_the_width_of_its_type),
		cmocka_unit_test(the_class_of_a_call_can_depend_on_its_arguments),
	};

	if (argc > 1 && !strcmp(argv[1], "--tsv"))
		return print_tsv(argc - 2, argv + 2);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
