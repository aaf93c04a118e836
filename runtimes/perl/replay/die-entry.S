/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Perl_die_unwind jumps to when it is watched (hooks.c), and its own first bytes. */
	.text
	.globl cc_die_begin, cc_die_rest, cc_perl_died
	.hidden cc_die_begin, cc_die_rest, cc_perl_died
cc_die_begin:
	pushq %rdi
	pushq %rsi
	subq $8, %rsp
	call cc_perl_died
	addq $8, %rsp
	popq %rsi
	popq %rdi
	pushq %r13
	pushq %r12
	pushq %rbp
	movq %rsi, %rbp
	pushq %rbx
	movq %rdi, %rbx
	subq $0x18, %rsp
	jmp *cc_die_rest(%rip)
	.bss
	.p2align 3
cc_die_rest: .zero 8
	.section .note.GNU-stack,"",@progbits
