/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the entries of storage-entries.S go: when they find the program's storage, and when a
 * function is called for the first time. Its number is in r11, and its arguments are in their
 * places.
 */
	.macro save
	pushq %rax /* how many vector registers a variadic function gets */
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	.endm
	.macro restore
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	popq %rax
	.endm

	.text
	.globl cc_storage_switch, cc_storage_first
	.hidden cc_storage_switch, cc_storage_first
cc_storage_switch:
	save
	movl $158, %eax /* arch_prctl(ARCH_SET_FS, cc_storage.own) */
	movl $0x1002, %edi
	movq cc_storage + 8(%rip), %rsi
	syscall
	movq $0, cc_storage(%rip)
	restore
	jmp go

cc_storage_first:
	save
	pushq %rbp
	movq %rsp, %rbp
	subq $128, %rsp
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
	call cc_storage_find
	movaps (%rsp), %xmm0
	movaps 16(%rsp), %xmm1
	movaps 32(%rsp), %xmm2
	movaps 48(%rsp), %xmm3
	movaps 64(%rsp), %xmm4
	movaps 80(%rsp), %xmm5
	movaps 96(%rsp), %xmm6
	movaps 112(%rsp), %xmm7
	movq %rbp, %rsp
	popq %rbp
	restore
go:	leaq cc_storage_real(%rip), %r10
	jmp *(%r10,%r11,8)
	.section .note.GNU-stack,"",@progbits
