/* SPDX-License-Identifier: GPL-2.0-or-later */
	.text
	.globl cc_context_switch, cc_context_enter, cc_stack_switch
	.hidden cc_context_switch, cc_context_enter, cc_stack_switch
	.type cc_context_switch,@function
/* void cc_context_switch(void **from, void *to) */
cc_context_switch:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	subq $8, %rsp
	stmxcsr (%rsp)
	fnstcw 4(%rsp)
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	cmpl $0, (%rsp) /* a new thread has no control words of its own */
	je 1f
	ldmxcsr (%rsp)
	fldcw 4(%rsp)
1:	addq $8, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret

/* A new thread leaves clone: rbx has its registers, a gregset_t (sys/ucontext.h). */
cc_context_enter:
	subq $8, %rsp
	call cc_context_entered
	movq %rbx, %r11
	movq 0(%r11), %r8
	movq 8(%r11), %r9
	movq 16(%r11), %r10
	movq 32(%r11), %r12
	movq 40(%r11), %r13
	movq 48(%r11), %r14
	movq 56(%r11), %r15
	movq 64(%r11), %rdi
	movq 72(%r11), %rsi
	movq 80(%r11), %rbp
	movq 88(%r11), %rbx
	movq 96(%r11), %rdx
	movq 104(%r11), %rax
	movq 128(%r11), %rcx
	movq 120(%r11), %rsp
	jmp *%rcx

/*
 * void cc_stack_switch(program, argc, argv, envp, frame): its return address stands at `frame`
 * (stack.h)
 */
	.type cc_stack_switch,@function
cc_stack_switch:
	leaq 8(%r8), %rsp
	movq %rdi, %rax
	movl %esi, %edi
	movq %rdx, %rsi
	movq %rcx, %rdx
	call *%rax
	movl %eax, %edi
	call cc_stack_returned
	ud2
	.section .note.GNU-stack,"",@progbits
