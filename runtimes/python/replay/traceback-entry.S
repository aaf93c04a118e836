/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What PyTraceBack_Here jumps to when it is watched (traceback.h), and its own first bytes. */
	.text
	.globl cc_traceback_begin, cc_traceback_rest, cc_traceback_here
	.hidden cc_traceback_begin, cc_traceback_rest, cc_traceback_here
cc_traceback_begin:
	pushq %rdi
	call cc_traceback_here
	popq %rdi
	pushq %r15
	pxor %xmm0, %xmm0
	pushq %r14
	pushq %r13
	pushq %r12
	pushq %rbp
	movq %rdi, %rbp
	jmp *cc_traceback_rest(%rip)
	.bss
	.p2align 3
cc_traceback_rest: .zero 8
	.section .note.GNU-stack,"",@progbits
