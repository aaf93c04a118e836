/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that bring something in: known by their bytes, and what they brought by a record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/host/instruction.h"

static const struct {
	const char *code;
	size_t length;
	struct cc_instruction is;
} known[] = {
	{"\x0f\xa2", 2, {CC_CPUID, 2, 0, 4}},
	{"\x48\x0f\xa2", 3, {CC_CPUID, 3, 0, 8}},
	{"\x0f\x31", 2, {CC_RDTSC, 2, 0, 4}},
	{"\x0f\x01\xf9", 3, {CC_RDTSCP, 3, 0, 4}},
	{"\x0f\x01\xd0", 3, {CC_XGETBV, 3, 0, 4}},
	{"\x0f\xc7\xf1", 3, {CC_RDRAND, 3, 1, 4}},
	{"\x48\x0f\xc7\xf0", 4, {CC_RDRAND, 4, 0, 8}},
	{"\x49\x0f\xc7\xf7", 4, {CC_RDRAND, 4, 15, 8}},
	{"\x66\x0f\xc7\xf0", 4, {CC_RDRAND, 4, 0, 2}},
	{"\x66\x41\x0f\xc7\xfa", 5, {CC_RDSEED, 5, 10, 2}},
	{"\x0f\xc7\xfb", 3, {CC_RDSEED, 3, 3, 4}},
	{"\xf3\x0f\xc7\xf9", 4, {CC_RDPID, 4, 1, 8}},
	{"\xd9\xf0", 2, {CC_F2XM1, 2, 0, 0}},
	{"\xd9\xf1", 2, {CC_FYL2X, 2, 0, 0}},
	{"\xd9\xf3", 2, {CC_FPATAN, 2, 0, 0}},
	{"\xd9\xfb", 2, {CC_FSINCOS, 2, 0, 0}},
	{"\xd9\xff", 2, {CC_FCOS, 2, 0, 0}},
};

static const struct {
	const char *code;
	size_t length;
} others[] = {
	{"\x0f", 1},
	{"\x0f\x01", 2},
	{"\x0f\xc7", 2},
	{"\x66\x66", 2},
	{"\x48", 1},
	{"\x0f\x05", 2},	 /* syscall */
	{"\x0f\x01\xd1", 3},	 /* xsetbv */
	{"\x0f\x01\xf8", 3},	 /* swapgs */
	{"\x0f\xc7\x0f", 3},	 /* cmpxchg8b */
	{"\x0f\xc7\x37", 3},	 /* vmptrld: the same numbers, of memory */
	{"\xf3\x0f\xc7\xf0", 4}, /* senduipi */
	{"\x31\x0f", 2},
	{"\xd9\xfa", 2}, /* fsqrt: any processor's is the same */
	{"\xd9\xe8", 2}, /* fld1 */
	{"\xd9\x30", 2}, /* fnstenv: the same numbers, of memory */
};

static void decode_known(void **state)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct cc_instruction is;

		assert_true(cc_instruction_decode((const uint8_t *)known[i].code, known[i].length,
						  &is));
		assert_memory_equal(&is, &known[i].is, sizeof(is));
		assert_false(cc_instruction_decode((const uint8_t *)known[i].code,
						   known[i].length - 1, &is));
	}
}

static void decode_others(void **state)
{
	struct cc_instruction is;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(cc_instruction_decode((const uint8_t *)others[i].code,
						   others[i].length, &is));
}

static void registers_of_each(void **state)
{
	const struct cc_instruction cpuid = {CC_CPUID, 2, 0, 4}, random = {CC_RDRAND, 4, 15, 8};

	assert_int_equal(cc_instruction_ins(&cpuid), 1 << 0 | 1 << 1);
	assert_int_equal(cc_instruction_outs(&cpuid), 0xf);
	assert_int_equal(cc_instruction_outs(&random), 1 << 15);
	assert_int_equal(cc_instruction_floats(&(struct cc_instruction){CC_FPTAN, 2, 0, 0}), 2);
	assert_int_equal(cc_instruction_outs(&(struct cc_instruction){CC_FPTAN, 2, 0, 0}), 0);
	assert_true(cc_instruction_carries(&random));
	assert_false(cc_instruction_carries(&cpuid));
}

/* Where a leaf has no subleaves, whoever asks leaves anything in that register. */
static void only_what_matters_goes_in(void **state)
{
	const struct cc_instruction cpuid = {CC_CPUID, 2, 0, 4};
	struct cc_executed plain = {.in = {1ull << 32 | 1, 77}}, sub = {.in = {7, 1ull << 40 | 1}};

	cc_executed_trim(&cpuid, &plain);
	cc_executed_trim(&cpuid, &sub);
	assert_true(plain.in[0] == 1 && plain.in[1] == 0);
	assert_true(sub.in[0] == 7 && sub.in[1] == 1);
}

static void floats_come_back(void **state)
{
	const struct cc_instruction both = {CC_FSINCOS, 2, 0, 0};
	const struct cc_float floats[2] = {{1ull << 63, 0xbfff}, {UINT64_MAX, 0x3ffe}};
	struct cc_executed executed = {0}, got = {0}, other = {0};
	struct cc_executed_before before = {0};
	struct cc_buffer content = {0};
	struct cc_cursor cursor;
	struct cc_float back[2];

	cc_executed_floats_in(&executed, floats);
	cc_executed_floats_in(&other, (struct cc_float[]){floats[0], {UINT64_MAX, 0x3fff}});
	assert_true(executed.in[0] <= UINT32_MAX && executed.in[0] != other.in[0]);
	cc_executed_floats_out(&executed, floats);
	cc_executed_put(&content, &before, 5, &both, &executed);
	memset(&before, 0, sizeof(before));
	cursor = (struct cc_cursor){content.data, content.data + content.length, 0};
	assert_int_equal(cc_get_u(&cursor), 5);
	assert_int_equal(cc_executed_get(&cursor, &before, &both, &got), 0);
	assert_ptr_equal(cursor.at, cursor.end);
	assert_true(got.in[0] == executed.in[0]);
	cc_executed_floats(&got, back);
	for (int i = 0; i < 2; i++)
		assert_true(back[i].significand == floats[i].significand &&
			    back[i].exponent == floats[i].exponent);
	cc_buffer_free(&content);
}

static void records_come_back(void **state)
{
	static const struct cc_instruction kinds[] = {{CC_CPUID, 2, 0, 4},
						      {CC_RDTSC, 2, 0, 4},
						      {CC_RDRAND, 4, 2, 8},
						      {CC_XGETBV, 3, 0, 4}};
	struct cc_executed_before before = {0};
	struct cc_buffer content = {0};
	struct cc_cursor cursor;

	for (unsigned i = 0; i < 400; i++) {
		struct cc_executed executed = {.in = {i, i * 3},
					       .out = {i * 977, UINT32_MAX - i, 5, i}};

		if (kinds[i % 4].kind == CC_RDRAND)
			executed.out[0] = UINT64_MAX / 3 * i;
		cc_executed_put(&content, &before, i, &kinds[i % 4], &executed);
	}
	memset(&before, 0, sizeof(before));
	cursor = (struct cc_cursor){content.data, content.data + content.length, 0};
	for (unsigned i = 0; i < 400; i++) {
		struct cc_executed got = {0};

		assert_int_equal(cc_get_u(&cursor), i);
		assert_int_equal(cc_executed_get(&cursor, &before, &kinds[i % 4], &got), 0);
		assert_true(got.out[0] ==
			    (kinds[i % 4].kind == CC_RDRAND ? UINT64_MAX / 3 * i : i * 977));
		if (kinds[i % 4].kind == CC_CPUID)
			assert_true(got.in[1] == i * 3 && got.out[1] == UINT32_MAX - i &&
				    got.out[3] == i);
	}
	assert_ptr_equal(cursor.at, cursor.end);
	assert_int_equal(cc_executed_get(&cursor, &before, kinds, &(struct cc_executed){0}), -1);
	cc_buffer_free(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode_known),	     cmocka_unit_test(decode_others),
		cmocka_unit_test(registers_of_each), cmocka_unit_test(only_what_matters_goes_in),
		cmocka_unit_test(records_come_back), cmocka_unit_test(floats_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
