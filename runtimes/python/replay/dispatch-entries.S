/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the dispatch table's entries lead over. No register but rax is free here; the jump that came
 * here went through it. The evaluation loop keeps its frame in rbx, the next instruction in r15,
 * its stack pointer in r13, and nothing in vector registers: it calls functions in every op.
 */
	.macro hidden names:vararg
	.globl \names
	.hidden \names
	.endm

	.text
	hidden cc_dispatch_counting, cc_dispatch_tracing, cc_dispatch_count
	hidden cc_dispatch_targets, cc_dispatch_pass

/* While dispatches are counted: one piece for each opcode. */
	.section .data.rel.ro, "aw"
	.p2align 6
cc_dispatch_counting:
	.text
opcode = 0
	.rept 256
	.p2align 4
1:	movl $opcode, %eax
	incq cc_dispatch_count(%rip)
	je 2f
	jmp *cc_dispatch_targets + 8 * opcode(%rip)
2:	call cc_dispatch_stop
	jmp *%rax
	.section .data.rel.ro, "aw"
	.quad 1b
	.text
opcode = opcode + 1
	.endr

/*
 * While events are told (events.c): most ops are none. In the one frame that cc_dispatch_pass is
 * about, a map by code units says which. Its members: the frame, its code, the map less half the
 * code's address, the last op that passed and its number.
 */
#define FRAME cc_dispatch_pass(%rip)
#define CODE cc_dispatch_pass + 8(%rip)
#define MAP cc_dispatch_pass + 16(%rip)
#define LAST cc_dispatch_pass + 24(%rip)
#define LAST_OP cc_dispatch_pass + 32(%rip)
#define MASKS cc_dispatch_pass + 36
#define F_CODE 32 /* in struct _PyInterpreterFrame */
	.section .data.rel.ro, "aw"
	.p2align 6
cc_dispatch_tracing:
	.text
opcode = 0
	.rept 256
	.p2align 4
1:	cmpq %rbx, FRAME
	jne 2f
	movq F_CODE(%rbx), %rax
	cmpq %rax, CODE
	jne 2f
	movq %r15, %rax
	shrq %rax
	addq MAP, %rax
	movb (%rax), %al
	testb %al, MASKS + opcode(%rip)
	jne 2f
	incq cc_dispatch_count(%rip)
	je 3f
	movq %r15, LAST
	movl $opcode, LAST_OP
	jmp *cc_dispatch_targets + 8 * opcode(%rip)
2:	incq cc_dispatch_count(%rip)
3:	movl $opcode, %eax
	call cc_dispatch_stop
	jmp *%rax
	.section .data.rel.ro, "aw"
	.quad 1b
	.text
opcode = opcode + 1
	.endr
	.p2align 5

/* The opcode in rax; the address to go on at. */
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
	movl %eax, %eax
	leaq cc_dispatch_targets(%rip), %rcx
	movq (%rcx,%rax,8), %rax
	leaq -72(%rbp), %rsp
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rcx
	leaq 8(%rsp), %rsp /* rax */
	popq %rbp
	ret

	.bss
	.p2align 6
cc_dispatch_count: .zero 64
cc_dispatch_pass: .zero 320
	.p2align 6
cc_dispatch_targets: .zero 2048
	.section .note.GNU-stack,"",@progbits
