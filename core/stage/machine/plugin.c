/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/stage/machine/qemu.h"
#include "core/base/text.h"
#include "core/stage/choice.h"
#include "core/stage/machine/stage.h"
#include "logs/text.h"

__attribute__((visibility("default"))) int qemu_plugin_version = QEMU_PLUGIN_VERSION;

struct stage_options stage = {.languages = cc_stage_languages};
static struct qemu_plugin_scoreboard *scoreboard;

void stage_warn(const char *format, ...)
{
	char text[CC_ERROR_TEXT];
	va_list list;

	va_start(list, format);
	cc_text_format(text, sizeof(text), format, list);
	va_end(list);
	fprintf(stderr, "cc-stage: %s\n", text);
}

static qemu_plugin_u64 entry(enum cc_score score)
{
	return (qemu_plugin_u64){scoreboard, score * sizeof(uint64_t)};
}

uint64_t score_get(enum cc_score score)
{
	return qemu_plugin_u64_get(entry(score), 0);
}

void score_set(enum cc_score score, uint64_t value)
{
	qemu_plugin_u64_set(entry(score), 0, value);
}

/* ---- which processes ---- */

static int in_serials(const json_t *serials, const struct cc_task *task)
{
	size_t i;
	json_t *value;

	json_array_foreach(serials, i,
			   value) if (json_integer_value(value) == task->serial) return 1;
	return 0;
}

int stage_wanted(const struct cc_task *task, int forked)
{
	const json_t *serials = json_object_get(stage.request, "serials");

	if (serials)
		return in_serials(serials, task);
	/* A forked copy has its parent's arguments. */
	return (!forked || stage_wants_forks()) &&
	       cc_choice_fits(task->executable, task->argv, task->argc, stage.exe, stage.match);
}

int stage_wants_forks(void)
{
	return json_is_true(json_object_get(stage.request, "all")) ||
	       json_is_true(json_object_get(stage.request, "forks"));
}

int stage_shares(void)
{
	return json_is_true(json_object_get(stage.request, "all"));
}

int stage_keeps(void)
{
	return !json_is_true(json_object_get(stage.request, "list"));
}

/* ---- translation ---- */

#define KERNEL (1ull << 63)

static void loader_entered(unsigned vcpu, void *data)
{
	task_exec(task_current());
}

static void do_exit_entered(unsigned vcpu, void *data)
{
	task_exit(task_current(), (int)guest_register(R_RDI));
}

static const uint8_t by_number[] = {R_RAX, R_RCX, R_RDX, R_RBX, R_RSP, R_RBP, R_RSI, R_RDI,
				    R_R8,  R_R9,  R_R10, R_R11, R_R12, R_R13, R_R14, R_R15};

/* mov %reg, %cr3: the register's number is in `data`. */
static void cr3_loaded(unsigned vcpu, void *data)
{
	uint64_t cr3 = guest_register(by_number[(uintptr_t)data]) & 0xffffffffff000ull;

	image_leave(cr3);
	memory_switch(cr3);
	image_switch(cr3);
}

/* wrfsbase %reg, likewise: the kernel changes to another thread. */
static void fs_loaded(unsigned vcpu, void *data)
{
	image_switch_thread(guest_register(by_number[(uintptr_t)data]));
}

/* wrmsr of MSR_FS_BASE, where the processor has no wrfsbase. */
static void msr_written(unsigned vcpu, void *data)
{
	if ((uint32_t)guest_register(R_RCX) == 0xc0000100)
		image_switch_thread(guest_register(R_RDX) << 32 | (uint32_t)guest_register(R_RAX));
}

static void translate_kernel(struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);

	if (qemu_plugin_tb_vaddr(tb) == blocks_fault_handler())
		qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, blocks_faulted, QEMU_PLUGIN_CB_R_REGS,
							  QEMU_PLUGIN_COND_EQ, entry(SCORE_BLOCKS),
							  1, NULL);
	if (qemu_plugin_tb_vaddr(tb) == stage.do_exit)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, do_exit_entered, QEMU_PLUGIN_CB_R_REGS,
						     NULL);
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint8_t code[5] = {0};
		const uint8_t *at = code;
		uintptr_t high = 0;

		if (qemu_plugin_insn_size(insn) > 5)
			continue;
		qemu_plugin_insn_data(insn, code, sizeof(code));
		if (at[0] == 0xf3 && (at[1] & 0xfe) == 0x48 && at[2] == 0x0f && at[3] == 0xae &&
		    (at[4] & 0xf8) == 0xd0)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, fs_loaded,
							       QEMU_PLUGIN_CB_R_REGS,
							       (void *)((at[1] & 1) * 8ul +
									(at[4] & 7)));
		if (at[0] == 0x0f && at[1] == 0x30)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, msr_written,
							       QEMU_PLUGIN_CB_R_REGS, NULL);
		if (at[0] == 0x48 && at[1] == 0xcf) /* iretq */
			qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, mappings_look,
								  QEMU_PLUGIN_CB_R_REGS,
								  QEMU_PLUGIN_COND_EQ,
								  entry(SCORE_MAPPED), 1, NULL);
		if ((*at & 0xf0) == 0x40)
			high = (*at++ & 1) * 8;
		if (at[0] == 0x0f && at[1] == 0x22 && (at[2] & 0xf8) == 0xd8)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, cr3_loaded,
							       QEMU_PLUGIN_CB_R_REGS,
							       (void *)(high + (at[2] & 7)));
	}
}

/* Intel SDM vol. 2, CALL: E8 rel32, FF /2. */
int ends_with_call(const uint8_t *end)
{
	if (end[-5] == 0xe8)
		return 1;
	for (int length = 2; length <= 7; length++)
		if (end[-length] == 0xff && (end[1 - length] >> 3 & 7) == 2)
			return 1;
	return 0;
}

#define BEFORE CALL_BYTES

static void *page_offset(uint64_t address)
{
	return (void *)(uintptr_t)(address & 0xfff);
}

/*
 * Instructions that bring something in get a callback before each and behind it, which may be where
 * other code begins (`end`: of the code before).
 */
static void translate_instructions(struct qemu_plugin_tb *tb, const uint8_t *end)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	struct cc_instruction instruction;
	int over = 0;

	for (size_t length = 2; length <= BEFORE && !over; length++)
		over = cc_instruction_decode(end - length, length, &instruction) &&
		       instruction.length == length;
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		size_t length = qemu_plugin_insn_size(insn);
		uint8_t code[CALL_BYTES];

		if (over)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, instruction_over,
							       QEMU_PLUGIN_CB_R_REGS,
							       page_offset(qemu_plugin_insn_vaddr(
								       insn)));
		over = length > 1 && length <= sizeof(code) &&
		       qemu_plugin_insn_data(insn, code, length) &&
		       cc_instruction_decode(code, length, &instruction);
		if (over)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, instruction_begins,
							       QEMU_PLUGIN_CB_R_REGS,
							       page_offset(qemu_plugin_insn_vaddr(
								       insn)));
	}
}

/* The page before may not be there. */
static void read_before(uint64_t address, uint8_t *end)
{
	size_t length = address & 0xfff;

	if (!guest_read(address - BEFORE, end - BEFORE, BEFORE))
		return;
	memset(end - BEFORE, 0, BEFORE);
	if (length < BEFORE)
		guest_read(address - length, end - length, length);
}

#define ALWAYS (-1)
/* What is called where the first instruction of a block may be a place. */
static const struct {
	unsigned bit; /* of objects_mask */
	qemu_plugin_exec_cb *callback;
	int score; /* only while this is 1 */
} places[] = {
	{1u << PLACE_STUB, boundary_stub, ALWAYS},
	{1u << PLACE_ENTRY, boundary_entry, ALWAYS},
	{1u << PLACE_LOADER, loader_entered, ALWAYS},
	{1u << PLACE_INITIALIZER, boundary_initializer, ALWAYS},
	{1u << (8 + CC_WATCH_HANDLER), boundary_handler, ALWAYS},
	{1u << (8 + CC_WATCH_IMMEDIATE), boundary_immediate, ALWAYS},
	{1u << (8 + CC_WATCH_DISPATCH), boundary_dispatch, ALWAYS},
	{1u << (8 + CC_WATCH_END), boundary_end, ALWAYS},
	{1u << (8 + CC_WATCH_FOREIGN), boundary_foreign, ALWAYS},
	{1u << (8 + CC_WATCH_CALLBACK), boundary_callback, ALWAYS},
	{1u << PLACE_ALLOC, boundary_alloc, SCORE_INNER},
	{1u << PLACE_THREAD, boundary_thread, SCORE_LOCKS},
	{1u << PLACE_THREAD_ENTRY, boundary_thread_entry, SCORE_LOCKS},
};

static void call_while(struct qemu_plugin_tb *tb, qemu_plugin_exec_cb *callback, int score,
		       uint64_t is, void *data)
{
	qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, callback, QEMU_PLUGIN_CB_R_REGS,
						  QEMU_PLUGIN_COND_EQ, entry(score), is, data);
}

static void translate_places(struct qemu_plugin_tb *tb, unsigned mask)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (!(mask & places[i].bit))
			continue;
		if (places[i].score == ALWAYS)
			qemu_plugin_register_vcpu_tb_exec_cb(tb, places[i].callback,
							     QEMU_PLUGIN_CB_R_REGS, NULL);
		else
			call_while(tb, places[i].callback, places[i].score, 1, NULL);
	}
}

/* Ops, and run loops within the one that runs, are counted inline. */
static void translate_ops(struct qemu_plugin_tb *tb, unsigned mask)
{
	if (mask & 1u << (8 + CC_WATCH_OP_DONE)) {
		qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64,
								  entry(SCORE_OPS), 1);
		qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_STORE_U64,
								  entry(SCORE_LOOPS), 0);
		call_while(tb, boundary_op_done, SCORE_VALUE, 1, NULL);
	}
	if (mask & 1u << (8 + CC_WATCH_LOOP))
		qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64,
								  entry(SCORE_LOOPS), 1);
}

static int is_syscall(const uint8_t code[2])
{
	return code[0] == 0x0f && code[1] == 0x05;
}

static void translate_user(struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, qemu_plugin_tb_n_insns(tb) - 1);
	uint8_t code[BEFORE + PLACE_BYTES] = {0}, *here = code + BEFORE;
	size_t length = 4096 - (address & 0xfff);
	unsigned mask;

	guest_read(address, here, length < PLACE_BYTES ? length : PLACE_BYTES);
	mask = objects_mask(address, here);
	read_before(address, here);
	translate_instructions(tb, here);
	if (is_syscall(here - 2))
		call_while(tb, syscall_return, SCORE_AWAITED, 1, NULL);
	else if (ends_with_call(here))
		call_while(tb, boundary_return, SCORE_ARMED, address & 0xfff, NULL);
	/*
	 * Behind the return of a call, from which it is counted; before the entry of another, which
	 * a replay sees then, too.
	 */
	call_while(tb, blocks_ran, SCORE_BLOCKS, 1,
		   (void *)(uintptr_t)(qemu_plugin_insn_vaddr(last) - address));
	translate_places(tb, mask);
	translate_ops(tb, mask);
	qemu_plugin_insn_data(last, code, 2);
	if (qemu_plugin_insn_size(last) == 2 && is_syscall(code))
		qemu_plugin_register_vcpu_insn_exec_cb(last, syscall_enter, QEMU_PLUGIN_CB_R_REGS,
						       NULL);
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	if (qemu_plugin_tb_vaddr(tb) & KERNEL)
		translate_kernel(tb);
	else
		translate_user(tb);
}

/* ---- beginning and end ---- */

static void vcpu_started(qemu_plugin_id_t id, unsigned vcpu)
{
	if (vcpu)
		return;
	guest_init_registers();
	image_arm(NULL);
}

/* The interpreters that would have been understood, for messages. */
static json_t *runtimes_report(void)
{
	json_t *list = json_array();

	for (size_t i = 0; stage.languages[i]; i++) {
		const struct cc_runtime *runtime = stage.languages[i]->runtime;

		json_array_append_new(list, json_sprintf("%s %s", runtime->name, runtime->version));
	}
	return list;
}

static void write_report(qemu_plugin_id_t id, void *data)
{
	json_t *images = images_report();
	json_t *report = cc_json_pack("{s:o, s:o, s:o}", "images", images, "processes",
				      task_report(), "runtimes", runtimes_report());
	char *path = cc_format("%s/report.json", stage.out);

	if (json_dump_file(report, path, 0))
		stage_warn("%s: %s", path, strerror(errno));
	free(path);
	json_decref(report);
}

static const char *option(char **argv, int argc, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], name, length) && argv[i][length] == '=')
			return argv[i] + length + 1;
	return NULL;
}

static uint64_t number(json_t *kernel, const char *name)
{
	const json_t *value = json_object_get(kernel, name);

	if (!json_is_integer(value))
		stage_warn("the request lacks kernel.%s", name);
	return (uint64_t)json_integer_value(value);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id,
							       const qemu_info_t *info, int argc,
							       char **argv)
{
	const char *request = option(argv, argc, "request");
	struct cc_error error;
	json_error_t json_error;
	json_t *kernel;

	if (!request || !(stage.request = json_load_file(request, 0, &json_error))) {
		stage_warn("no request: %s", request ? json_error.text : "request=FILE is needed");
		return -1;
	}
	stage.out = cc_json_copy(json_object_get(stage.request, "out"), NULL);
	stage.objects = cc_json_copy(json_object_get(stage.request, "objects"), NULL);
	stage.exe = cc_json_copy(json_object_get(stage.request, "exe"), NULL);
	stage.match = cc_json_copy(json_object_get(stage.request, "match"), NULL);
	if (!stage.out || !stage.objects) {
		stage_warn("the request lacks out or objects");
		return -1;
	}
	kernel = json_object_get(stage.request, "kernel");
	stage.current_task = number(kernel, "current_task");
	stage.do_exit = number(kernel, "do_exit");
	stage.task_pid = (uint32_t)number(kernel, "task_pid");
	stage.task_tgid = (uint32_t)number(kernel, "task_tgid");
	stage.task_real_parent = (uint32_t)number(kernel, "task_real_parent");
#define CC_KERNEL_TYPE(name, type, member) stage.kernel.name = (uint32_t)number(kernel, #name);
	CC_KERNEL_TYPES(CC_KERNEL_TYPE)
#undef CC_KERNEL_TYPE
	stage.files = (int)json_integer_value(json_object_get(stage.request, "files"));
	stage.recorded[CC_STREAM_OUT] =
		cc_copy(json_string_value(json_object_get(stage.request, "stdout")));
	stage.recorded[CC_STREAM_ERR] =
		cc_copy(json_string_value(json_object_get(stage.request, "stderr")));
	if (objects_load(stage.objects, &error) < 0) {
		stage_warn("%s", error.text);
		return -1;
	}
	scoreboard = qemu_plugin_scoreboard_new(SCORE_COUNT * sizeof(uint64_t));
	qemu_plugin_register_vcpu_init_cb(id, vcpu_started);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, write_report, NULL);
	return 0;
}
