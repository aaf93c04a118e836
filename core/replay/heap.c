/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two heaps. The program's is the C library's own, driven by exactly the calls that the recorded
 * run made, so that memory comes at the same addresses. Ours is here (heap.h says what it
 * promises): size classes over one large reservation, simple and out of the way.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "core/replay/preload.h"
#include "core/replay/raw.h"
#include "core/replay/state.h"

#define HEAP_BASE ((char *)0x100000000000)
#define HEAP_SIZE (64ull << 30)
#define CLASSES 72 /* up to a sixteenth of a terabyte: more than there is */

struct block {
	size_t size; /* of the class's blocks, header included */
	struct block *next;
};
#define HEADER 16
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define STEP (128ul << 10) /* pages are asked for by this much (populate.c) */

static struct {
	char *top, *end, *there; /* there: pages up to here are */
	struct block *free[CLASSES];
	int is_copy; /* of the replay, in which the program's code runs in our context */
	/*
	 * Threads of an analysis end whenever they do, and the dynamic linker frees what was
	 * theirs.
	 */
	atomic_flag lock;
} heap CC_STATE = {.lock = ATOMIC_FLAG_INIT};

static void lock_heap(void)
{
	while (atomic_flag_test_and_set_explicit(&heap.lock, memory_order_acquire))
		__builtin_ia32_pause();
}

static void unlock_heap(void)
{
	atomic_flag_clear_explicit(&heap.lock, memory_order_release);
}

int cc_heap_owns(const void *memory)
{
	return (const char *)memory >= HEAP_BASE && (const char *)memory < HEAP_BASE + HEAP_SIZE;
}

/* Powers of two and the middle between them. */
static unsigned class_of(size_t size, size_t *rounded)
{
	unsigned class = 0;
	size_t step = 32;

	for (;; class += 2, step *= 2) {
		if (size <= step)
			return *rounded = step, class;
		if (size <= step + step / 2)
			return *rounded = step + step / 2, class + 1;
	}
}

/* What is reserved counts for ulimit -v: a quarter of it, and the rest is the program's. */
static size_t heap_size(void)
{
	struct rlimit limit;

	if (cc_raw(SYS_prlimit64, 0, RLIMIT_AS, 0, (long)&limit, 0, 0) ||
	    limit.rlim_cur / 4 >= HEAP_SIZE)
		return HEAP_SIZE;
	return limit.rlim_cur / 4 & -STEP;
}

static void begin_heap(void)
{
	size_t size = heap_size();
	long got = cc_raw(SYS_mmap, (long)HEAP_BASE, (long)size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (got != (long)HEAP_BASE) {
		unlock_heap();
		cc_die("the replay gets no memory of its own: raise the limit (ulimit -v)");
	}
	heap.top = HEAP_BASE;
	heap.end = heap.top + size;
	heap.there = heap.top;
}

/*
 * Larger blocks get their pages one by one, when somebody touches them; on older kernels all blocks
 * do.
 */
static void get_pages(void)
{
	size_t need;

	if (heap.top <= heap.there)
		return;
	need = ((size_t)(heap.top - heap.there) + STEP - 1) / STEP * STEP;
	cc_populate((uintptr_t)heap.there, need);
	heap.there += need;
}

void cc_heap_bound(size_t more)
{
	lock_heap();
	if ((size_t)(heap.end - heap.top) > more)
		heap.end = heap.top + more;
	unlock_heap();
}

/* A block of this class, taken under the lock; NULL: there is no memory left. */
static struct block *take_block(unsigned class, size_t rounded)
{
	struct block *block = heap.free[class];

	if (!heap.top)
		begin_heap();
	if (block) {
		heap.free[class] = block->next;
	} else if ((size_t)(heap.end - heap.top) >= rounded) {
		block = (struct block *)heap.top;
		heap.top += rounded;
		get_pages();
		block->size = rounded;
	}
	return block;
}

/* NULL, with errno: there is no such memory. */
static void *take(size_t size)
{
	struct block *block;
	size_t rounded;
	unsigned class;

	if (size > HEAP_SIZE / 4)
		return errno = ENOMEM, NULL;
	class = class_of(size + HEADER, &rounded);
	lock_heap();
	block = take_block(class, rounded);
	unlock_heap();
	if (!block)
		return errno = ENOMEM, NULL;
	return (char *)block + HEADER;
}

/* An aligned pointer stands in a larger block, with a header that points back to it. */
static void *take_aligned(size_t alignment, size_t size)
{
	char *memory, *aligned;

	if (alignment <= 16)
		return take(size);
	memory = take(size + alignment + HEADER);
	if (!memory)
		return NULL;
	aligned = (char *)(((uintptr_t)memory + HEADER + alignment - 1) & ~(alignment - 1));
	((struct block *)(aligned - HEADER))->size = 0;
	((struct block *)(aligned - HEADER))->next = (struct block *)(memory - HEADER);
	return aligned;
}

static struct block *block_of(void *memory)
{
	struct block *block = (struct block *)((char *)memory - HEADER);

	return block->size ? block : block->next;
}

void cc_heap_free(void *memory)
{
	struct block *block;
	size_t rounded;
	unsigned class;

	if (!memory)
		return;
	block = block_of(memory);
	class = class_of(block->size, &rounded);
	lock_heap();
	block->next = heap.free[class];
	heap.free[class] = block;
	unlock_heap();
}

static size_t usable(void *memory)
{
	struct block *block = block_of(memory);

	return (size_t)((char *)block + block->size - (char *)memory);
}

static void *resize(void *memory, size_t size)
{
	void *larger;
	size_t have;

	if (!memory)
		return take(size);
	have = usable(memory);
	if (size <= have)
		return memory;
	larger = take(size);
	if (larger) {
		memcpy(larger, memory, have);
		cc_heap_free(memory);
	}
	return larger;
}

/* ---- without memory ---- */

/*
 * A session's process does not stay here, as it does at other ends: the user would look at the
 * program in copies, which need memory, too. The session goes on from an earlier moment.
 */
static void __attribute__((noreturn)) run_out(size_t size)
{
	cc_agent.on = 0;
	cc_die_of_memory(size, "the replay needs for itself");
}

static void *sure(void *memory, size_t size)
{
	if (UNLIKELY(!memory))
		run_out(size);
	return memory;
}

/* What malloc gives in our context: NULL only in a throwaway copy. */
static void *given(void *memory, size_t size)
{
	return heap.is_copy ? memory : sure(memory, size);
}

void *cc_heap_malloc(size_t size)
{
	return sure(take(size), size);
}

void *cc_heap_realloc(void *memory, size_t size)
{
	return sure(resize(memory, size), size);
}

void cc_heap_in_copy(void)
{
	heap.is_copy = 1;
}

/* ---- the functions that everybody calls ---- */

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

#define EXPORT __attribute__((visibility("default")))

void (*cc_inner_alloc)(const struct cc_alloc *alloc);

static void *inner(uint8_t kind, size_t size, const void *address, void *result)
{
	if (cc_context == CC_INNER && cc_inner_alloc) {
		struct cc_alloc alloc = {.kind = kind,
					 .size = size,
					 .address = (uintptr_t)address,
					 .result = (uintptr_t)result};

		cc_inner_alloc(&alloc);
	}
	return result;
}

static void *took(void *memory)
{
	cc_thread_took_heap();
	return memory;
}

/*
 * Does the running thread take its heap for this? A block that malloc has mapped alone (malloc.c:
 * IS_MMAPPED) is freed and grown without a heap.
 */
static inline int takes_heap(const void *old)
{
	return UNLIKELY(cc_thread_heapless) && !(old && ((const size_t *)old)[-1] & 2);
}

/* In the program's context, once for each thread: the others go on when it has its heap. */
#define TAKING(old, memory) (takes_heap(old) ? (cc_thread_takes_heap(), took(memory)) : (memory))

const void *cc_heap_libc(void)
{
	return (const void *)__libc_malloc;
}

EXPORT void *malloc(size_t size)
{
	if (UNLIKELY(cc_context != CC_PROGRAM)) {
		if (cc_context == CC_OURS)
			return given(take(size), size);
		return inner(CC_ALLOC_MALLOC, size, NULL, __libc_malloc(size));
	}
	return TAKING(NULL, __libc_malloc(size));
}

EXPORT void free(void *memory)
{
	if (UNLIKELY(cc_context != CC_PROGRAM)) {
		if (cc_heap_owns(memory)) {
			cc_heap_free(memory);
			return;
		}
		if (cc_context == CC_OURS)
			return; /* the program's memory is only freed when the program does */
		inner(CC_ALLOC_FREE, 0, memory, NULL);
	}
	if (UNLIKELY(cc_heap_owns(memory))) {
		cc_heap_free(memory);
		return;
	}
	if (memory && takes_heap(memory)) {
		cc_thread_takes_heap();
		__libc_free(memory);
		cc_thread_took_heap();
		return;
	}
	__libc_free(memory);
}

EXPORT void *calloc(size_t count, size_t size)
{
	if (UNLIKELY(cc_context != CC_PROGRAM)) {
		size_t bytes;
		void *memory;

		if (cc_context != CC_OURS)
			return inner(CC_ALLOC_CALLOC, count * size, NULL,
				     __libc_calloc(count, size));
		if (__builtin_mul_overflow(count, size, &bytes))
			bytes = SIZE_MAX; /* there is no such memory */
		memory = given(take(bytes), bytes);
		return memory ? memset(memory, 0, bytes) : NULL;
	}
	return TAKING(NULL, __libc_calloc(cc_threads_hide_tls(count, size), size));
}

EXPORT void *realloc(void *memory, size_t size)
{
	if (UNLIKELY(cc_context != CC_PROGRAM)) {
		if (cc_heap_owns(memory) || (cc_context == CC_OURS && !memory))
			return given(resize(memory, size), size);
		if (cc_context == CC_OURS) {
			void *copy = given(take(size), size);
			size_t have = malloc_usable_size(memory);

			return copy ? memcpy(copy, memory, have < size ? have : size) : NULL;
		}
		return inner(CC_ALLOC_REALLOC, size, memory, __libc_realloc(memory, size));
	}
	if (UNLIKELY(cc_heap_owns(memory)))
		return given(resize(memory, size), size);
	return TAKING(memory, __libc_realloc(memory, size));
}

EXPORT void *memalign(size_t alignment, size_t size)
{
	if (cc_context == CC_OURS)
		return given(take_aligned(alignment, size), size);
	if (cc_context == CC_PROGRAM)
		return TAKING(NULL, __libc_memalign(alignment, size));
	return inner(CC_ALLOC_MEMALIGN, size, (void *)alignment, __libc_memalign(alignment, size));
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

/* libsystemd fills what it is told that a block has room for. */
EXPORT size_t malloc_usable_size(void *memory)
{
	static size_t (*real)(void *memory);

	if (cc_heap_owns(memory))
		return usable(memory);
	if (!real)
		real = (size_t(*)(void *))dlsym(RTLD_NEXT, "malloc_usable_size");
	return real(memory);
}

EXPORT int posix_memalign(void **memory, size_t alignment, size_t size)
{
	void *result = memalign(alignment, size);

	if (!result)
		return ENOMEM;
	*memory = result;
	return 0;
}

/*
 * Blocks that the C library allocated inside host calls and has not freed. Only these may be freed
 * inside a host call, and a block that the call may grow (getline's line): a log that says
 * otherwise is broken.
 */
static struct {
	uint64_t *slots; /* 0: free, 1: was used */
	size_t capacity, used;
} redone CC_STATE;

static uint64_t *redone_slot(uint64_t address)
{
	size_t i = address / 16 & (redone.capacity - 1);

	while (redone.slots[i] && redone.slots[i] != address)
		i = (i + 1) & (redone.capacity - 1);
	return &redone.slots[i];
}

static void redone_add(uint64_t address)
{
	uint64_t *slot;

	if (redone.used * 2 >= redone.capacity) {
		uint64_t *old = redone.slots;
		size_t capacity = redone.capacity;

		redone.capacity = capacity ? capacity * 2 : 1024;
		redone.slots = cc_heap_zeros(redone.capacity, sizeof(*old));
		redone.used = 0;
		for (size_t i = 0; i < capacity; i++)
			if (old[i] > 1) {
				*redone_slot(old[i]) = old[i];
				redone.used++;
			}
		cc_heap_free(old);
	}
	slot = redone_slot(address);
	if (!*slot)
		redone.used++;
	*slot = address;
}

int cc_redo_holds(uint64_t address)
{
	/* 0 and 1 are not addresses here. */
	return address > 1 && redone.capacity && *redone_slot(address) == address;
}

static void redone_take(uint64_t address)
{
	if (!cc_redo_holds(address))
		cc_die("the log frees memory at %#lx that no host call allocated",
		       (unsigned long)address);
	*redone_slot(address) = 1;
}

void cc_redo_permit(uint64_t address)
{
	if (address)
		redone_add(address);
}

/*
 * glibc, malloc/malloc.c: realloc gets the thread its heap before it finds that there can be no
 * such block.
 */
void cc_redo_heap(void)
{
	static _Alignas(16) size_t chunk[4] = {0, sizeof(chunk) | 1 /* PREV_INUSE */};
	volatile size_t impossible = (size_t)PTRDIFF_MAX + 1;
	int errno_now = errno;

	if (__libc_realloc(&chunk[2], impossible))
		abort();
	errno = errno_now;
}

uint64_t cc_redo_alloc(const struct cc_alloc *alloc)
{
	void *argument = (void *)(uintptr_t)alloc->address;
	void *result = NULL;

	switch (alloc->kind) {
	case CC_ALLOC_MALLOC:
		result = __libc_malloc(alloc->size);
		break;
	case CC_ALLOC_CALLOC:
		result = __libc_calloc(1, alloc->size);
		break;
	case CC_ALLOC_REALLOC:
		if (argument)
			redone_take(alloc->address);
		result = __libc_realloc(argument, alloc->size);
		break;
	case CC_ALLOC_MEMALIGN:
		result = __libc_memalign(alloc->address, alloc->size);
		break;
	case CC_ALLOC_FREE:
		if (argument)
			redone_take(alloc->address);
		__libc_free(argument);
		return alloc->result;
	}
	if ((uintptr_t)result != alloc->result)
		return (uintptr_t)result;
	if (result)
		redone_add(alloc->result);
	if (alloc->kept && result)
		memcpy(result, alloc->content, alloc->size);
	return alloc->result;
}
