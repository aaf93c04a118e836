/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/python/analysis/storage.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define EXPORT __attribute__((visibility("default")))
#define STACK_SIZE (8ul << 20)

struct cc_storage cc_storage;

EXPORT struct cc_storage *cc_storage_get(void)
{
	dlerror(); /* looked up later, it would forget what it is to tell */
	return &cc_storage;
}

/* storage-entries.S: the C library's functions. */
extern void *cc_storage_real[];
extern const char *const cc_storage_names[];

void cc_storage_find(unsigned number);
void cc_storage_find(unsigned number)
{
	static void *(*find)(void *, const char *);

	if (!find) /* dlsym has an entry, too */
		find = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
	cc_storage_real[number] = find(RTLD_NEXT, cc_storage_names[number]);
}

/* How many objects of this namespace have any? The C library is one. */
static unsigned with_storage(void)
{
	struct link_map *map;
	Dl_info info;
	unsigned count = 0;
	size_t id;

	if (!dladdr1(&cc_storage, &info, (void **)&map, RTLD_DL_LINKMAP))
		return 0;
	while (map->l_prev)
		map = map->l_prev;
	for (; map; map = map->l_next)
		count += !dlinfo(map, RTLD_DI_TLS_MODID, &id) && id;
	return count;
}

EXPORT void *dlopen(const char *file, int mode)
{
	static void *(*real)(const char *, int);
	void *object;

	if (!real)
		real = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
	object = real(file, mode);
	cc_storage.always |= with_storage() > 1;
	return object;
}

/*
 * The dynamic linker keeps stacks for later threads, and it is the program's too: so those of the
 * analysis are not its business.
 */
EXPORT int pthread_create(pthread_t *id, const pthread_attr_t *given, void *(*start)(void *),
			  void *argument)
{
	static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	pthread_attr_t attributes;
	int detached = 0;

	if (!real)
		real = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
				void *))dlsym(RTLD_NEXT, "pthread_create");
	if (stack == MAP_FAILED)
		return EAGAIN;
	if (given)
		pthread_attr_getdetachstate(given, &detached);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, detached);
	pthread_attr_setstack(&attributes, stack, STACK_SIZE);
	return real(id, &attributes, start, argument);
}
