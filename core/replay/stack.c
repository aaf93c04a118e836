/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/replay/stack.h"

#include <link.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "core/replay/raw.h"
#include "core/replay/state.h"

#define PAGE 4096ul
#define MOVE_MAX (1u << 20) /* a few variables make no longer way */

extern void *__libc_stack_end; /* the dynamic linker's: where argc stands */

static int64_t way CC_STATE; /* of main()'s frame */

/*
 * What stands above the stack, argc first, and its copy. This struct is on our own stack: the
 * search for pointers is not to find it.
 */
struct head {
	uint64_t from, to, wanted;
	uint8_t *copy;
};

/* ---- whoever knows of it ---- */

static int is_inside(const struct head *head, uint64_t value)
{
	return value >= head->from && value < head->to;
}

static void redirect(const struct head *head, uint64_t from, uint64_t to)
{
	for (uint64_t *word = (uint64_t *)((from + 7) & ~7ul); (uint64_t)(word + 1) <= to; word++)
		if (word == (uint64_t *)&__libc_stack_end)
			*word = head->wanted;
		else if (is_inside(head, *word))
			*word = (uintptr_t)head->copy + (*word - head->from);
}

static int is_concerned(const struct head *head, uint64_t from, uint64_t to)
{
	for (uint64_t at = (from + 7) & ~7ul; at + 8 <= to; at += 8)
		if (is_inside(head, *(uint64_t *)at))
			return 1;
	return 0;
}

/* Redirects pointers in data that the linker has made read-only, in whole pages. */
static int redirect_sealed(const struct head *head, uint64_t from, uint64_t to)
{
	uint64_t page = from & ~(PAGE - 1);

	to &= ~(PAGE - 1);
	if (from >= to || !is_concerned(head, from, to))
		return 0;
	if (cc_raw(SYS_mprotect, (long)page, (long)(to - page), PROT_READ | PROT_WRITE, 0, 0, 0) <
	    0)
		return -1;
	redirect(head, from, to);
	cc_raw(SYS_mprotect, (long)page, (long)(to - page), PROT_READ, 0, 0, 0);
	return 0;
}

/*
 * Redirects pointers in the libraries' data: not in that of the program, which has not run yet, nor
 * in ours, which is large, and keeps no pointer to the environment.
 */
static int redirect_library(struct dl_phdr_info *info, size_t size, void *context)
{
	const struct head *head = context;
	uint64_t sealed = 0, unsealed = 0;

	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO) {
			sealed = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			unsealed = (sealed + info->dlpi_phdr[i].p_memsz) & ~(PAGE - 1);
		}
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uint64_t at = info->dlpi_addr + segment->p_vaddr, end = at + segment->p_memsz;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W))
			continue;
		if (!*info->dlpi_name || ((uintptr_t)&way >= at && (uintptr_t)&way < end))
			return 0;
		redirect(head, sealed >= at && sealed < end && unsealed > at ? unsealed : at, end);
	}
	return redirect_sealed(head, sealed, unsealed);
}

/* ---- arguments and environment ---- */

static size_t texts_of(char *const *texts, size_t *count)
{
	size_t length = 0;

	for (*count = 0; texts[*count]; (*count)++)
		length += strlen(texts[*count]) + 1;
	return length;
}

/* Writes an array, and its strings in one piece to *at. Returns where the next array begins. */
static char **put(char **array, char *const *texts, char **at)
{
	for (; *texts; texts++) {
		*array++ = *at;
		*at = stpcpy(*at, *texts) + 1;
	}
	*array++ = NULL;
	return array;
}

/*
 * Puts arguments and environment as the kernel does: arrays upwards from argc, and at the top the
 * strings, the arguments' first.
 */
static void put_all(uint64_t wanted, char *top, char ***argv, char ***envp)
{
	char *const *arguments = *argv, *const *variables = *envp;

	*argv = (char **)(wanted + 8);
	*envp = put(*argv, arguments, &top);
	put(*envp, variables, &top);
}

void cc_stack_move(uint64_t wanted, char ***argv, char ***envp)
{
	char *path = (char *)getauxval(AT_EXECFN); /* the last string of all */
	size_t arguments, variables,
		length = texts_of(*argv, &arguments) + texts_of(*envp, &variables);
	struct head head = {.from = (uintptr_t)*argv - 8, .wanted = wanted};

	if (!wanted || wanted % 16 || !path || wanted + MOVE_MAX < head.from ||
	    head.from + MOVE_MAX < wanted ||
	    wanted + (arguments + variables + 3) * 8 + length > (uintptr_t)path)
		return;
	way = (int64_t)(wanted - head.from);
	if (way <= 0) /* the program's frames are below all that */
		return;
	head.to = (uintptr_t)path + strlen(path) + 1;
	head.copy = cc_heap_malloc(head.to - head.from);
	memcpy(head.copy, (void *)head.from, head.to - head.from);
	redirect(&head, (uintptr_t)head.copy, (uintptr_t)head.copy + (head.to - head.from));
	if (dl_iterate_phdr(redirect_library, &head))
		cc_die("the program's stack cannot be put where it was: mprotect failed");
	*argv = (char **)(head.copy + 8);
	*envp = *argv + arguments + 1;
	*(uint64_t *)wanted = arguments;
	put_all(wanted, path - length, argv, envp);
}

void cc_stack_run(int (*program)(int, char **, char **), int argc, char **argv, char **envp,
		  void *frame)
{
	cc_stack_switch(program, argc, argv, envp, (uint8_t *)frame + way);
}
