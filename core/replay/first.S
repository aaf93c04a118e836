/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a thunk goes when we call one of the C library's functions for the first time: its number
 * is in r11, and its arguments are in their places.
 */
	.text
	.globl cc_thunk_first
	.hidden cc_thunk_first
cc_thunk_first:
	pushq %rbp
	movq %rsp, %rbp
	pushq %rax /* how many vector registers a variadic function gets */
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %r8
	pushq %r9
	subq $136, %rsp
	andq $-16, %rsp
	movaps %xmm0, (%rsp)
	movaps %xmm1, 16(%rsp)
	movaps %xmm2, 32(%rsp)
	movaps %xmm3, 48(%rsp)
	movaps %xmm4, 64(%rsp)
	movaps %xmm5, 80(%rsp)
	movaps %xmm6, 96(%rsp)
	movaps %xmm7, 112(%rsp)
	movl %r11d, %edi
	call cc_real_function
	movq %rax, %r11
	movaps (%rsp), %xmm0
	movaps 16(%rsp), %xmm1
	movaps 32(%rsp), %xmm2
	movaps 48(%rsp), %xmm3
	movaps 64(%rsp), %xmm4
	movaps 80(%rsp), %xmm5
	movaps 96(%rsp), %xmm6
	movaps 112(%rsp), %xmm7
	leaq -56(%rbp), %rsp
	popq %r9
	popq %r8
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	popq %rax
	popq %rbp
	jmp *%r11
	.section .note.GNU-stack,"",@progbits
