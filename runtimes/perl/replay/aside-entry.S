/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OP *cc_perl_aside(PerlInterpreter *my_perl, Perl_ppaddr_t function, uint64_t *returns): calls
 * perl's function for an op from one of ours that stands around it, on the stack that it would have
 * had without us: *returns is where ours returns to. What we have there is kept elsewhere meanwhile
 * (aside.c). Functions keep rbx, rbp, r12 to r15 themselves.
 */
	.text
	.globl cc_perl_aside
	.hidden cc_perl_aside, cc_perl_keep_aside, cc_perl_kept_aside
	.p2align 4
	.type cc_perl_aside,@function
cc_perl_aside:
	pushq %rdi
	pushq %rsi
	pushq %rdx
	leaq 24(%rsp), %rdi
	movq %rdx, %rsi
	call cc_perl_keep_aside
	popq %rdx
	popq %rsi
	popq %rdi
	movq %rdx, %rsp
	leaq 1f(%rip), %rax
	movq %rax, (%rsp)
	jmp *%rsi
	/* It has returned: rsp is behind *returns. */
1:	pushq %rax
	movq %rsp, %rdi
	subq $8, %rsp
	call cc_perl_kept_aside
	movq 8(%rsp), %rdx
	movq (%rax), %rdi
	movq 8(%rax), %rcx
	leaq 16(%rax), %rsi
	movq %rdi, %rsp
	rep movsb
	movq %rdx, %rax
	ret
	.size cc_perl_aside,.-cc_perl_aside
	.section .note.GNU-stack,"",@progbits
