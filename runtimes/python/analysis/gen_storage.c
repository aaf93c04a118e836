/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints storage-entries.S: an entry for each function of the C library that may use thread-local
 * storage (of any but these the table of host calls knows nothing), which sees to it that it is the
 * analysis's own (storage.h).
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "core/host/hostcall.h"

/* They compute with memory alone; the first are called all the time. */
static const char *const without[] = {
	"memchr",	  "memcmp",	    "memcpy",  "memmove",  "mempcpy", "memrchr",
	"rawmemchr",	  "memset",	    "bcmp",    "strcat",   "strchr",  "strchrnul",
	"strcmp",	  "strncmp",	    "strcpy",  "strncpy",  "strcspn", "strspn",
	"strpbrk",	  "strlen",	    "strnlen", "strrchr",  "strstr",  "wcschr",
	"wcscmp",	  "wcscpy",	    "wcsncpy", "wcslen",   "wcsncmp", "wcsrchr",
	"wmemchr",	  "wmemcmp",	    "wmemcpy", "wmemmove", "wmemset", "__libc_start_main",
	"__cxa_finalize", "pthread_create", "dlopen",  "dlvsym",
};

static unsigned count;
static char list[1 << 18];
static size_t list_length;

static int is_entry(const char *name)
{
	Dl_info info;
	void *function = dlsym(RTLD_DEFAULT, name);

	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		if (!strcmp(without[i], name))
			return 0;
	return function && dladdr(function, &info) && strstr(info.dli_fname, "libc.so");
}

static void entry(const char *name)
{
	if (!is_entry(name))
		return;
	printf("\t.globl %s\n\t.type %s,@function\n\t.p2align 5\n%s:\n"
	       "\tmovq %%fs:0, %%r11\n\tcmpq %%r11, cc_storage(%%rip)\n\tje 1f\n"
	       "\tjmp *cc_storage_real + %u(%%rip)\n1:\tmovl $%u, %%r11d\n\tjmp cc_storage_switch\n"
	       "2:\tmovl $%u, %%r11d\n\tjmp cc_storage_first\n\t.size %s,.-%s\n"
	       "\t.data\n\t.quad 2b\n\t.text\n",
	       name, name, name, 8 * count, count, count, name, name);
	list_length +=
		(size_t)snprintf(list + list_length, sizeof(list) - list_length,
				 "1:\t.string \"%s\"\n\t.section .data.rel.ro,\"aw\"\n\t.quad 1b\n"
				 "\t.section .rodata\n",
				 name);
	count++;
}

static void entries(const struct cc_hostcall *call)
{
	char names[1024], *rest = names, *name;

	snprintf(names, sizeof(names), "%s %s", call->name, call->aliases ? call->aliases : "");
	while ((name = strsep(&rest, " ")))
		if (*name)
			entry(name);
}

int main(void)
{
	cc_hostcall_init();
	puts("/* Generated from core/host/hostcalls.def by runtimes/python/analysis/gen_storage.c. "
	     "*/\n"
	     "\t.data\n\t.globl cc_storage_real\n\t.hidden cc_storage_real\n\t.p2align "
	     "4\ncc_storage_real:\n"
	     "\t.section .data.rel.ro,\"aw\"\n\t.globl cc_storage_names\n\t.hidden "
	     "cc_storage_names\n"
	     "\t.p2align 4\ncc_storage_names:\n\t.text");
	for (unsigned i = 0; i < cc_hostcall_count; i++)
		entries(&cc_hostcalls[i]);
	printf("\t.section .rodata\n%s\t.section .note.GNU-stack,\"\",@progbits\n", list);
	return 0;
}
