/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stubs of initializers.c, 16 bytes each, which know their numbers. Behind the stubs of
 * constructors stands one that does nothing.
 */
	.text
	.globl cc_initializer_stubs, cc_finalizer_stubs
	.hidden cc_initializer_stubs, cc_finalizer_stubs, cc_initializer, cc_finalizer

	.p2align 4
cc_initializer_stubs:
	.set number, 0
	.rept 2048
	movl $number, %eax
	jmp initialize
	.p2align 4
	.set number, number + 1
	.endr
	ret

	.p2align 4
cc_finalizer_stubs:
	.set number, 0
	.rept 2048
	movl $number, %edi
	jmp cc_finalizer
	.p2align 4
	.set number, number + 1
	.endr

initialize: /* argc, argv and envp move on */
	movq %rdx, %rcx
	movq %rsi, %rdx
	movl %edi, %esi
	movl %eax, %edi
	jmp cc_initializer
	.section .note.GNU-stack,"",@progbits
