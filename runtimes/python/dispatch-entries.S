/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the dispatch table's entries lead over while dispatches are counted: one piece of 32 bytes for
 * each opcode. No register but rax is free here; the jump that came here went through it. The
 * evaluation loop keeps its frame in rbx, the next instruction in r15, its stack pointer in r13, and
 * nothing in vector registers: it calls functions in every op.
 */
	.text
	.globl cc_dispatch_entries, cc_dispatch_count, cc_dispatch_targets
	.hidden cc_dispatch_entries, cc_dispatch_count, cc_dispatch_targets
	.p2align 5
cc_dispatch_entries:
opcode = 0
	.rept 256
	.p2align 5
	movl $opcode, %eax
	incq cc_dispatch_count(%rip)
	je cc_dispatch_stop
	jmp *cc_dispatch_targets + 8 * opcode(%rip)
opcode = opcode + 1
	.endr
	.p2align 5

cc_dispatch_stop:
	pushq %rbp
	movq %rsp, %rbp
	pushq %rax
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	movq %rbx, %rdi
	movq %r15, %rsi
	movl %eax, %edx
	movq %r13, %rcx
	andq $-16, %rsp
	call cc_dispatch_event
	movl %eax, -8(%rbp) /* into the rax that is popped */
	leaq -72(%rbp), %rsp
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rcx
	popq %rax
	popq %rbp
	pushq %rbx
	leaq cc_dispatch_targets(%rip), %rbx
	movq (%rbx,%rax,8), %rax
	popq %rbx
	jmp *%rax

	.bss
	.p2align 6
cc_dispatch_count: .zero 64
cc_dispatch_targets: .zero 2048
	.section .note.GNU-stack,"",@progbits
