/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dynamic linker calls constructors in the middle of dlopen. To be told, each new object's
 * dynamic section is changed when it has just been mapped (before its data are relocated, and
 * sealed): its lists of functions are replaced by one stub of ours. The linker says when that is,
 * as it tells debuggers: by a call of _dl_debug_state, which does nothing, and whose first bytes
 * here lead to ours.
 */
#include "core/replay/initializers.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "core/replay/heap.h"
#include "core/replay/instructions.h"
#include "core/replay/raw.h"
#include "core/replay/replay.h"
#include "core/replay/state.h"
#include "core/replay/threads.h"
#include "logs/event.h"

#define OBJECTS_MAX 2048 /* initializer-entries.S has as many stubs */
#define STUB_SIZE 16
#define PAGE 4096ul

extern const uint8_t cc_initializer_stubs[], cc_finalizer_stubs[];
void cc_initializer(unsigned index, int argc, char **argv, char **envp);
void cc_finalizer(unsigned index);

typedef void function(int argc, char **argv, char **envp);

struct object {
	uint64_t init, fini;   /* DT_INIT, DT_FINI: addresses, or 0 */
	uint64_t inits, finis; /* the arrays */
	size_t init_count, fini_count;
	uint64_t stubs[2]; /* what stands in the arrays' place */
};
static struct {
	struct object *objects;
	unsigned object_count;
	/* Objects that are not to be changed: initialized before, or ours. */
	struct link_map **others;
	size_t other_count;
	const struct link_map *last_of_the_first; /* of the objects that are there before main() */
	int logging;
} initializers CC_STATE;

/* ---- the dynamic section ---- */

static ElfW(Dyn) * entry(const struct link_map *map, ElfW(Sxword) tag)
{
	for (ElfW(Dyn) *at = map->l_ld; at->d_tag != DT_NULL; at++)
		if (at->d_tag == tag)
			return at;
	return NULL;
}

static int is_other(const struct link_map *map)
{
	for (size_t i = 0; i < initializers.other_count; i++)
		if (initializers.others[i] == map)
			return 1;
	return 0;
}

static void add_other(struct link_map *map)
{
	if (is_other(map))
		return;
	cc_heap_room(initializers.others, initializers.other_count);
	initializers.others[initializers.other_count++] = map;
}

/*
 * An object's functions are a list and one more: the one stub replaces both. The linker looks at
 * these entries where they stand.
 */
static void replace(const struct link_map *map, ElfW(Dyn) * one, ElfW(Dyn) * list, ElfW(Dyn) * size,
		    uint64_t stub, uint64_t *slot)
{
	*slot = stub;
	if (list && size) {
		list->d_un.d_ptr = (uintptr_t)slot - map->l_addr;
		size->d_un.d_val = sizeof(*slot);
		if (one) /* called first, it does nothing now */
			one->d_un.d_ptr = (uintptr_t)cc_initializer_stubs +
					  OBJECTS_MAX * STUB_SIZE - map->l_addr;
	} else if (one) {
		one->d_un.d_ptr = stub - map->l_addr;
	}
}

static void change(const struct link_map *map)
{
	ElfW(Dyn) *init = entry(map, DT_INIT), *inits = entry(map, DT_INIT_ARRAY);
	ElfW(Dyn) *fini = entry(map, DT_FINI), *finis = entry(map, DT_FINI_ARRAY);
	ElfW(Dyn) *init_size = entry(map, DT_INIT_ARRAYSZ),
		  *fini_size = entry(map, DT_FINI_ARRAYSZ);
	struct object *object = &initializers.objects[initializers.object_count];

	if (initializers.object_count == OBJECTS_MAX)
		cc_die("the program loads more than %d objects", OBJECTS_MAX);
	object->init = init ? map->l_addr + init->d_un.d_ptr : 0;
	object->fini = fini ? map->l_addr + fini->d_un.d_ptr : 0;
	object->inits = inits ? map->l_addr + inits->d_un.d_ptr : 0;
	object->finis = finis ? map->l_addr + finis->d_un.d_ptr : 0;
	object->init_count = init_size ? init_size->d_un.d_val / sizeof(uint64_t) : 0;
	object->fini_count = fini_size ? fini_size->d_un.d_val / sizeof(uint64_t) : 0;
	replace(map, init, inits, init_size,
		(uintptr_t)cc_initializer_stubs + initializers.object_count * STUB_SIZE,
		&object->stubs[0]);
	replace(map, fini, finis, fini_size,
		(uintptr_t)cc_finalizer_stubs + initializers.object_count * STUB_SIZE,
		&object->stubs[1]);
	initializers.object_count++;
}

static int is_changed(const struct link_map *map)
{
	for (unsigned i = 0; i < 2; i++) {
		const ElfW(Dyn) *at = entry(map, i ? DT_INIT : DT_INIT_ARRAY);
		uint64_t address = at ? map->l_addr + at->d_un.d_ptr : 0;

		if ((address >= (uintptr_t)initializers.objects &&
		     address < (uintptr_t)(initializers.objects + OBJECTS_MAX)) ||
		    (address >= (uintptr_t)cc_initializer_stubs &&
		     address <= (uintptr_t)cc_initializer_stubs + OBJECTS_MAX * STUB_SIZE))
			return 1;
	}
	return 0;
}

/* In place of _dl_debug_state: all objects of a dlopen are mapped, and none is relocated yet. */
static void mapped(void)
{
	if (_r_debug.r_state != RT_CONSISTENT || cc_context != CC_OURS)
		return;
	for (struct link_map *map = _r_debug.r_map; map; map = map->l_next) {
		if (is_other(map) || is_changed(map))
			continue;
		if (initializers.logging)
			change(map);
		else
			add_other(map);
	}
	cc_instructions_mapped();
}

void cc_initializers_begin(void)
{
	struct {
		uint8_t jump[6]; /* jmp *(%rip) */
		void (*to)(void);
	} __attribute__((packed)) code = {{0xff, 0x25}, mapped};
	uint64_t from = _r_debug.r_brk & ~(PAGE - 1),
		 to = (_r_debug.r_brk + sizeof(code) + PAGE - 1) & ~(PAGE - 1);

	initializers.objects = cc_heap_malloc(OBJECTS_MAX * sizeof(*initializers.objects));
	for (struct link_map *map = _r_debug.r_map; map; map = map->l_next) {
		add_other(map);
		initializers.last_of_the_first = map;
	}
	if (cc_raw(SYS_mprotect, (long)from, (long)(to - from), PROT_READ | PROT_WRITE, 0, 0, 0) <
	    0)
		cc_die("the dynamic linker's code cannot be changed");
	memcpy((void *)_r_debug.r_brk, &code, sizeof(code));
	cc_raw(SYS_mprotect, (long)from, (long)(to - from), PROT_READ | PROT_EXEC, 0, 0, 0);
}

void cc_initializers_log(int on)
{
	initializers.logging = on;
}

/* ---- running them ---- */

/* The linker called; what runs now is the program. */
static void enter(void)
{
	cc_loading(CC_LOADING_NOTHING);
	cc_replay_inside();
	initializers.logging = 0;
	cc_enter_program();
}

static void leave(void)
{
	cc_leave_program();
	initializers.logging = 1;
	cc_replay_nest(-1);
	cc_loading(CC_LOADING_MODULE);
}

void cc_initializer(unsigned index, int argc, char **argv, char **envp)
{
	const struct object *object = &initializers.objects[index];
	int ours = cc_context == CC_OURS && initializers.logging;

	if (ours)
		enter();
	if (object->init)
		((function *)object->init)(argc, argv, envp);
	for (size_t i = 0; i < object->init_count; i++)
		((function **)object->inits)[i](argc, argv, envp);
	if (ours)
		leave();
}

void cc_finalizer(unsigned index)
{
	const struct object *object = &initializers.objects[index];
	int ours = cc_context == CC_OURS && initializers.logging;

	if (ours)
		enter();
	for (size_t i = object->fini_count; i-- > 0;)
		((void (**)(void))object->finis)[i]();
	if (object->fini)
		((void (*)(void))object->fini)();
	if (ours)
		leave();
}

/* ---- the end ---- */

/*
 * No destructor of this object runs at the end: the object is not the program's. Its dynamic
 * section is sealed by now.
 */
static void silence(const struct link_map *map)
{
	ElfW(Dyn) *fini = entry(map, DT_FINI), *size = entry(map, DT_FINI_ARRAYSZ);
	uint64_t from = (uintptr_t)map->l_ld & ~(PAGE - 1), to = from + 2 * PAGE;

	if ((!fini && !size) || cc_raw(SYS_mprotect, (long)from, (long)(to - from),
				       PROT_READ | PROT_WRITE, 0, 0, 0) < 0)
		return;
	if (fini)
		fini->d_un.d_ptr =
			(uintptr_t)cc_initializer_stubs + OBJECTS_MAX * STUB_SIZE - map->l_addr;
	if (size)
		size->d_un.d_val = 0;
}

static int is_the_interpreters(const struct link_map *map)
{
	return !strstr(map->l_name, "/crosscut-") && !strstr(map->l_name, "libjansson");
}

/*
 * The interpreter's own libraries were there before us; later ones of the same namespace are
 * hooks', or what they need.
 */
static void silence_ours(void)
{
	const struct r_debug_extended *space;
	int first = 1;

	/* _r_debug is larger than the header says: the compiler is not to know. */
	__asm__("" : "=r"(space) : "0"(&_r_debug));

	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next) {
		if (first ? !is_the_interpreters(map) : is_other(map))
			silence(map);
		first &= map != initializers.last_of_the_first;
	}
	if (space->base.r_version < 2)
		return;
	for (space = space->r_next; space; space = space->r_next)
		for (const struct link_map *map = space->base.r_map; map; map = map->l_next)
			silence(map);
}

void cc_initializers_end(int status)
{
	void (*end)(int) = (void (*)(int))dlsym(RTLD_NEXT, "exit");

	silence_ours();
	cc_enter_program();
	end(status);
	__builtin_unreachable();
}
