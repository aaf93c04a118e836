/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Perl_runops_standard, with ops counted; on as much stack as that takes, so that what ops call has
 * its local variables where the run had them. PL_op is at 8 of the interpreter, op_ppaddr at 16 of
 * an op (replay.c).
 *
 * On the way to an event each op is counted. An op takes a few nanoseconds, and even a look at a
 * flag would show: so the loop has a five-byte nop there, over which replay.c writes a jump. It is
 * aligned, for one store to change it. An event that waits for the op to enter a loop looks at one
 * flag in each.
 *
 * The result of a valued op is taken where the op is over, behind the loop's call: replay.c has
 * that one op return to cc_run_value instead.
 */
	.macro hidden names:vararg
	.globl \names
	.hidden \names
	.endm

	/* The op is in rax; around the part that begins at 1. */
	.macro begin_loop
	pushq %rbx
	movq %rdi, %rbx
	incq cc_run_loops(%rip)
	cmpb $0, cc_op_late(%rip)
	je 1f
	call cc_ops_loop_entered
1:	movq 8(%rbx), %rax
	.endm
	.macro end_loop
	movq %rax, 8(%rbx)
	testq %rax, %rax
	jne 1b
	movq %rbx, %rdi
	popq %rbx
	jmp cc_perl_run_over
	.endm

	.text
	hidden cc_perl_run_plain, cc_perl_run_reporting
	hidden cc_run_site, cc_run_jump, cc_run_watched, cc_run_loops
	hidden cc_run_back, cc_run_value

	.p2align 4
cc_perl_run_plain:
	begin_loop
	.p2align 4
1:	movq %rbx, %rdi
	call *16(%rax)
back_plain:
	.p2align 3
cc_run_site:
	.byte 0x0f, 0x1f, 0x44, 0x00, 0x00
2:	end_loop
3:	call completed
	jmp 2b
value_plain:
	call valued
	jmp back_plain
	.section .rodata
	.p2align 2
cc_run_jump: .long 3b - (cc_run_site + 5)
	.text

/* A hook wants to be told of each op. */
	.p2align 4
cc_perl_run_reporting:
	begin_loop
1:	movq %rbx, %rdi
	movq %rax, %rsi
	call cc_perl_report_op
	movq %rbx, %rdi
	call *16(%rax)
back_told:
	cmpl $0, cc_run_watched(%rip)
	je 2f
	call completed
2:	end_loop
value_told:
	call valued
	jmp back_told

/* PL_op is still that one; the next is in rax, and stays there. */
completed:
	pushq %rax
	xorl %edi, %edi
	testq %rax, %rax
	sete %dil
	call cc_perl_completed
	popq %rax
	ret
valued:
	pushq %rax
	call cc_perl_valued_completed
	popq %rax
	ret

/* Where the ops of either loop return to, and where instead. */
	.section .data.rel.ro, "aw"
	.p2align 3
cc_run_back: .quad back_plain, back_told
cc_run_value: .quad value_plain, value_told

	.bss
	.p2align 3
cc_run_loops: .zero 8 /* entered so far */
cc_run_watched: .zero 4
	.section .note.GNU-stack,"",@progbits
