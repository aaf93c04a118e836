/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What records say: those whose fields stand in the record itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "logs/describe.h"
#include "logs/event.h"

static char told[1024];

static void tell(void *context, const struct cc_fact *fact)
{
	char *to = told + strlen(told);

	assert_ptr_equal(context, told);
	if (fact->kind == CC_FACT_BYTES || fact->kind == CC_FACT_CODE)
		sprintf(to, "%d %s=%.*s ", fact->kind == CC_FACT_CODE, fact->name,
			(int)fact->length, (const char *)fact->data);
	else
		sprintf(to, "%d %s=%lld ", (int)fact->kind, fact->name, (long long)fact->number);
}

/* What a record of these bytes says; they are all read. */
static int describe(unsigned type, const struct cc_buffer *bytes)
{
	struct cc_record record = {.type = type,
				   .cursor = {bytes->data, bytes->data + bytes->length, 0}};
	int status;

	*told = 0;
	status = cc_record_describe(NULL, &record, tell, told);
	if (!status && !record.cursor.bad)
		assert_ptr_equal(record.cursor.at, record.cursor.end);
	return status ? status : -record.cursor.bad;
}

static void each_type_has_a_name(void **state)
{
	assert_null(cc_record_name(0));
	for (unsigned type = 1; type < CC_REC_COUNT; type++)
		assert_non_null(cc_record_name(type));
	assert_null(cc_record_name(CC_REC_COUNT));
	assert_string_equal(cc_record_name(CC_REC_SWITCH), "switch");
}

static void fields_are_told_in_order(void **state)
{
	struct cc_buffer bytes = {0};

	cc_put_u(&bytes, 9);
	cc_put_u(&bytes, 4096);
	assert_int_equal(describe(CC_REC_MAP, &bytes), -1); /* it ends too early */
	cc_put_u(&bytes, 0x1000);
	assert_int_equal(describe(CC_REC_MAP, &bytes), 0);
	assert_string_equal(told, "4 syscall=9 0 length=4096 2 address=4096 ");
	cc_buffer_free(&bytes);
	assert_int_equal(describe(CC_REC_TAKE, &bytes), 0);
	assert_string_equal(told, "");
}

static void what_earlier_slices_lack_is_not_told(void **state)
{
	struct cc_buffer bytes = {0};

	cc_put_string(&bytes, "/x.so");
	cc_put_string(&bytes, "ab");
	cc_put_u(&bytes, 8);
	assert_int_equal(describe(CC_REC_MODULE, &bytes), 0);
	assert_string_equal(told, "0 path=/x.so 0 build_id=ab 2 base=8 ");
	cc_put_string(&bytes, "x 1");
	assert_int_equal(describe(CC_REC_MODULE, &bytes), 0);
	assert_string_equal(told, "0 path=/x.so 0 build_id=ab 2 base=8 0 package=x 1 ");
	cc_buffer_free(&bytes);
}

static void an_instruction_faults_or_does_something(void **state)
{
	struct cc_buffer bytes = {0};

	cc_put_string(&bytes, "");
	cc_put_u(&bytes, 1);
	cc_put_string(&bytes, "op");
	cc_put_u(&bytes, 0);
	assert_int_equal(describe(CC_REC_INSTRUCTION, &bytes), 0);
	assert_string_equal(told, "0 path= 2 address=1 0 code=op 1 does=op ");
	bytes.data[bytes.length - 1] = 1;
	assert_int_equal(describe(CC_REC_INSTRUCTION, &bytes), 0);
	assert_string_equal(told, "0 path= 2 address=1 0 code=op 0 does=fault ");
	cc_buffer_free(&bytes);
}

static void calls_and_definitions_are_not_described(void **state)
{
	static const unsigned types[] = {
		CC_REC_STRING, CC_REC_CALLDEF, CC_REC_FRAME, CC_REC_CALL, 0, CC_REC_COUNT};
	struct cc_buffer none = {0};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		assert_int_equal(describe(types[i], &none), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_has_a_name),
		cmocka_unit_test(fields_are_told_in_order),
		cmocka_unit_test(what_earlier_slices_lack_is_not_told),
		cmocka_unit_test(an_instruction_faults_or_does_something),
		cmocka_unit_test(calls_and_definitions_are_not_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
