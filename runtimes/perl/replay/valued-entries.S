/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What valued ops begin with, on the way to perl's own functions, so that replay.c finds the place
 * on the stack where the op returns to the run loop; a piece for each opcode. It takes no stack.
 * The interpreter is in rdi, PL_op at 8 of it, PL_top_env where replay.c has it.
 */
#define ENTERED cc_valued_entered

	.macro hidden names:vararg
	.globl \names
	.hidden \names
	.endm

	.text
	hidden cc_valued_entries, cc_valued_entered, cc_valued_originals

	.section .data.rel.ro, "aw"
	.p2align 6
cc_valued_entries:
	.text
opcode = 0
	.rept 512
	.p2align 4
1:	call note
	jmp *cc_valued_originals + 8 * opcode(%rip)
	.section .data.rel.ro, "aw"
	.quad 1b
	.text
opcode = opcode + 1
	.endr

/* Which op, where it returns, in which run loop, under which of perl's jump targets. */
note:	leaq 8(%rsp), %rax
	movq %rax, ENTERED(%rip)
	movq 8(%rdi), %rax
	movq %rax, 8 + ENTERED(%rip)
	movq cc_run_loops(%rip), %rax
	movq %rax, 16 + ENTERED(%rip)
	movq 24 + ENTERED(%rip), %rax
	movq (%rdi,%rax), %rax
	movq %rax, 32 + ENTERED(%rip)
	ret

	.bss
	.p2align 6
cc_valued_entered: .zero 64
cc_valued_originals: .zero 4096
	.section .note.GNU-stack,"",@progbits
