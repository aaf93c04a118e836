/* SPDX-License-Identifier: GPL-2.0-or-later */
	.text
	.globl cc_raw_begin, cc_raw_end, cc_raw, cc_raw_restorer
	.hidden cc_raw_begin, cc_raw_end, cc_raw, cc_raw_restorer
	.p2align 4
cc_raw_begin:
cc_raw:
	movq %rdi, %rax
	movq %rsi, %rdi
	movq %rdx, %rsi
	movq %rcx, %rdx
	movq %r8, %r10
	movq %r9, %r8
	movq 8(%rsp), %r9
	syscall
	ret
cc_raw_restorer:
	movl $15, %eax /* rt_sigreturn */
	syscall
	nop
cc_raw_end:
	nop
	.section .note.GNU-stack,"",@progbits
