/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints thunk.S: an entry for each symbol of the table that is interposed, and their list. */
#include <stdio.h>
#include <string.h>

#include "core/host/hostcall.h"

static unsigned count;
static char list[1 << 19];
static size_t list_length;

/*
 * pthread_self is answered from a variable while the program runs, unless that is 0. The call has
 * no effect, and an interpreter may make it wherever it looks for signals: at every number that
 * becomes text.
 */
static void answer_at_once(const struct cc_hostcall *call)
{
	if (cc_call_does(call, CC_EFFECT_SELF))
		printf("\tcmpb $1, cc_context(%%rip)\n\tjne 1f\n\tmovq cc_thread_self(%%rip), "
		       "%%rax\n"
		       "\ttestq %%rax, %%rax\n\tje 1f\n\tret\n1:");
}

static void thunk(const struct cc_hostcall *call, const char *name, size_t length, unsigned row)
{
	printf("\t.globl %.*s\n\t.type %.*s,@function\n\t.p2align 4\n%.*s:\n", (int)length, name,
	       (int)length, name, (int)length, name);
	answer_at_once(call);
	printf("\tmovl $%u, %%r11d\n\tjmp cc_thunk\n\t.size %.*s,.-%.*s\n", count, (int)length,
	       name, (int)length, name);
	list_length += (size_t)snprintf(list + list_length, sizeof(list) - list_length,
					"1:\t.string \"%.*s\"\n\t.section .data.rel.ro,\"aw\"\n"
					"\t.quad 1b\n\t.long %u, %u\n\t.section .rodata\n",
					(int)length, name, row, call->effect[0].effect);
	count++;
}

static void thunks(const struct cc_hostcall *call, unsigned row)
{
	const char *at = call->aliases;

	thunk(call, call->name, strlen(call->name), row);
	while (at && *(at += strspn(at, " "))) {
		size_t length = strcspn(at, " ");

		thunk(call, at, length, row);
		at += length;
	}
}

/*
 * The frame is struct cc_frame_of_call (preload.h): what came in registers, as it came, so that a
 * call which is to run here after all goes on as if we had not been there, with all that a variadic
 * function gets. An exception may pass through the frame: one of a function of the program's that
 * pthread_once runs.
 */
static void entry(void)
{
	static const char *const registers[] = {"rdi", "rsi", "rdx", "rcx", "r8", "r9"};

	puts("/* Generated from core/host/hostcalls.def by core/replay/gen_thunks.c. */\n\t.text\n"
	     "cc_thunk:\n\t.cfi_startproc\n"
	     "\tcmpb $1, cc_context(%rip)\n"
	     "\tjne 1f\n"
	     "\t.globl cc_thunk_handled\n\t.hidden cc_thunk_handled\ncc_thunk_handled:\n"
	     "\tpushq %rbp\n\tmovq %rsp, %rbp\n\t.cfi_def_cfa %rbp, 16\n\t.cfi_offset %rbp, -16\n"
	     "\tsubq $224, %rsp");
	for (int i = 0; i < 6; i++)
		printf("\tmovq %%%s, %d(%%rsp)\n", registers[i], 8 * i);
	puts("\tmovq %rax, 80(%rsp)\n\tmovq %r11, 88(%rsp)");
	for (int i = 0; i < 4; i++)
		printf("\tmovq %d(%%rbp), %%r10\n\tmovq %%r10, %d(%%rsp)\n", 16 + 8 * i,
		       48 + 8 * i);
	puts("\ttestb %al, %al\n\tje 2f");
	for (int i = 0; i < 8; i++)
		printf("\tmovaps %%xmm%d, %d(%%rsp)\n", i, 96 + 16 * i);
	puts("2:\tmovl %r11d, %edi\n\tmovq %rsp, %rsi\n"
	     "\tcall *cc_host(%rip)\n"
	     "\tcmpb $0, cc_host_passes(%rip)\n\tjne 3f\n"
	     "\t.cfi_remember_state\n\tleave\n\t.cfi_def_cfa %rsp, 8\n\tret\n\t.cfi_restore_state\n"
	     "3:\tmovb $0, cc_host_passes(%rip)\n"
	     "\tmovq 80(%rsp), %rax\n\tmovq 88(%rsp), %r11\n"
	     "\ttestb %al, %al\n\tje 4f");
	for (int i = 0; i < 8; i++)
		printf("\tmovaps %d(%%rsp), %%xmm%d\n", 96 + 16 * i, i);
	puts("4:");
	for (int i = 0; i < 6; i++)
		printf("\tmovq %d(%%rsp), %%%s\n", 8 * i, registers[i]);
	puts("\tleave\n\t.cfi_def_cfa %rsp, 8\n"
	     "1:\tleaq cc_real(%rip), %r10\n"
	     "\tmovq (%r10,%r11,8), %r10\n"
	     "\ttestq %r10, %r10\n"
	     "\tje cc_thunk_first\n"
	     "\tjmp *%r10\n\t.cfi_endproc");
}

int main(void)
{
	cc_hostcall_init();
	entry();
	for (unsigned i = 0; i < cc_hostcall_count; i++) {
		if (cc_call_does(&cc_hostcalls[i], CC_EFFECT_DIRECT))
			continue; /* what finds the C library's definitions must be its own */
		switch (cc_hostcalls[i].class) {
		case CC_HOST:
		case CC_LOAD:
		case CC_DATA:
		case CC_REFUSE:
		case CC_THREAD:
			thunks(&cc_hostcalls[i], i);
		}
	}
	printf("\t.section .data.rel.ro,\"aw\"\n\t.globl cc_symbols\n\t.hidden "
	       "cc_symbols\n\t.p2align 4\n"
	       "cc_symbols:\n\t.section .rodata\n%s"
	       "\t.globl cc_symbol_count\n\t.hidden cc_symbol_count\n\t.p2align 2\n"
	       "cc_symbol_count: .long %u\n"
	       "\t.bss\n\t.globl cc_real\n\t.hidden cc_real\n\t.p2align 4\ncc_real: .zero %u\n"
	       "\t.section .note.GNU-stack,\"\",@progbits\n",
	       list, count, count * 8);
	return 0;
}
