/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments whose meaning depends on the one before them: fcntl's and ioctl's third, the mode of
 * open. What is not listed was not passed, or is not known: an int in a register that nobody set
 * must be neither logged nor compared. In the log, the out-part carries the selector again, so that
 * it can be read alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/quota.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <ulimit.h>

#include "core/host/layout.h"
#include "core/host/variant.h"
#include "core/host/walk.h"

/* open(2): only a call that may create a file has a mode. */
static struct cc_variant open_variants[] = {
	BITS(O_CREAT, "int%mode"),
	BITS(O_TMPFILE, "int%mode"),
	END,
};

/* fcntl(2) */
static struct cc_variant fcntl_variants[] = {
	IS(F_DUPFD, "int"),
	IS(F_DUPFD_CLOEXEC, "int"),
	IS(F_SETFD, "int%fdflags"),
	IS(F_SETFL, "int%oflags"),
	IS(F_GETLK, "inout%flock"),
	IS(F_SETLK, "in%flock"),
	IS(F_SETLKW, "in%flock"),
	IS(F_OFD_GETLK, "inout%flock"),
	IS(F_OFD_SETLK, "in%flock"),
	IS(F_OFD_SETLKW, "in%flock"),
	IS(F_SETOWN, "int"),
	IS(F_SETSIG, "int%signal"),
	IS(F_SETLEASE, "int%lock"),
	IS(F_NOTIFY, "int"),
	IS(F_SETPIPE_SZ, "int"),
	IS(F_ADD_SEALS, "int"),
	IS(F_GETOWN_EX, "out[8]"),
	IS(F_SETOWN_EX, "in[8]"),
	IS(F_GET_RW_HINT, "out%long"),
	IS(F_SET_RW_HINT, "in%long"),
	IS(F_GET_FILE_RW_HINT, "out%long"),
	IS(F_SET_FILE_RW_HINT, "in%long"),
	IS(F_GETFD, ""),
	IS(F_GETFL, ""),
	IS(F_GETOWN, ""),
	IS(F_GETSIG, ""),
	IS(F_GETLEASE, ""),
	IS(F_GETPIPE_SZ, ""),
	IS(F_GET_SEALS, ""),
	OTHERS_UNKNOWN,
	END,
};

/* prctl(2) */
static struct cc_variant prctl_variants[] = {
	IS(PR_SET_NAME, "str"),
	IS(PR_GET_NAME, "strout[16]"),
	IS(PR_GET_PDEATHSIG, "out%int"),
	IS(PR_GET_CHILD_SUBREAPER, "out%int"),
	IS(PR_SET_PDEATHSIG, "ulong"),
	IS(PR_SET_DUMPABLE, "ulong"),
	IS(PR_SET_KEEPCAPS, "ulong"),
	IS(PR_SET_NO_NEW_PRIVS, "ulong"),
	IS(PR_SET_CHILD_SUBREAPER, "ulong"),
	IS(PR_SET_TIMERSLACK, "ulong"),
	IS(PR_GET_DUMPABLE, ""),
	IS(PR_GET_KEEPCAPS, ""),
	IS(PR_GET_NO_NEW_PRIVS, ""),
	IS(PR_GET_TIMERSLACK, ""),
	IS(PR_GET_TIMING, ""),
	IS(PR_SET_TIMING, "ulong"),
	IS(PR_GET_SECCOMP, ""),
	IS(PR_CAPBSET_READ, "ulong"),
	IS(PR_CAPBSET_DROP, "ulong"),
	IS(PR_CAP_AMBIENT, "ulong"),
	IS(PR_GET_TSC, "out%int"),
	IS(PR_GET_SECUREBITS, ""),
	IS(PR_SET_SECUREBITS, "ulong"),
	IS(PR_GET_THP_DISABLE, ""),
	IS(PR_SET_THP_DISABLE, "ulong"),
	IS(PR_GET_SPECULATION_CTRL, "ulong"),
	IS(PR_SET_SPECULATION_CTRL, "ulong"),
	IS(PR_GET_IO_FLUSHER, ""),
	IS(PR_SET_IO_FLUSHER, "ulong"),
	IS(PR_MCE_KILL, "ulong"),
	IS(PR_MCE_KILL_GET, ""),
	IS(PR_SET_PTRACER, "ulong"),
	IS(PR_TASK_PERF_EVENTS_DISABLE, ""),
	IS(PR_TASK_PERF_EVENTS_ENABLE, ""),
	IS(PR_SET_VMA, "ulong"),
	IS(PR_SET_MM, "ulong"),
	OTHERS_UNKNOWN,
	END,
};

/* semctl(2) */
static struct cc_variant semctl_variants[] = {
	IS(IPC_STAT, "out[104]"), /* struct semid_ds */
	IS(IPC_SET, "in[104]"),
	IS(IPC_RMID, ""),
	IS(GETPID, ""),
	IS(GETVAL, ""),
	IS(GETNCNT, ""),
	IS(GETZCNT, ""),
	IS(SETVAL, "int"),
	IS(GETALL, "out[sems:0*2]"),
	IS(SETALL, "in[sems:0*2]"),
	IS(SEM_STAT, "out[104]"),
	IS(SEM_STAT_ANY, "out[104]"),
	IS(SEM_INFO, "out[40]"), /* struct seminfo */
	IS(IPC_INFO, "out[40]"),
	OTHERS_UNKNOWN,
	END,
};

/* msgctl(2), shmctl(2) */
static struct cc_variant msgctl_variants[] = {
	IS(IPC_STAT, "out[120]"), /* struct msqid_ds */
	IS(IPC_SET, "in[120]"),	      IS(IPC_RMID, ""),	       IS(MSG_STAT, "out[120]"),
	IS(MSG_STAT_ANY, "out[120]"), IS(MSG_INFO, "out[32]"), /* struct msginfo */
	IS(IPC_INFO, "out[32]"),      OTHERS_UNKNOWN,	       END,
};

static struct cc_variant shmctl_variants[] = {
	IS(IPC_STAT, "out[112]"), /* struct shmid_ds */
	IS(IPC_SET, "in[112]"),	  IS(IPC_RMID, ""),
	IS(SHM_STAT, "out[112]"), IS(SHM_STAT_ANY, "out[112]"),
	IS(SHM_INFO, "out[48]"), /* struct shm_info */
	IS(IPC_INFO, "out[72]"), /* struct shminfo */
	IS(SHM_LOCK, ""),	  IS(SHM_UNLOCK, ""),
	OTHERS_UNKNOWN,		  END,
};

/*
 * mmap(2): memory alone is the heap's. Of a file, and of what processes share, the content has
 * records of its own.
 */
static struct cc_variant mmap_variants[] = {
	VARIANT(MAP_ANONYMOUS | MAP_TYPE, MAP_ANONYMOUS | MAP_PRIVATE, "", CC_LIVE),
	OTHERS("int"),
	END,
};

/* mremap(2) */
static struct cc_variant mremap_variants[] = {
	IS(0, ""),
	IS(MREMAP_MAYMOVE, ""),
	IS(MREMAP_MAYMOVE | MREMAP_FIXED, "addr"),
	OTHERS_UNKNOWN,
	END,
};

/*
 * syscall(2): numbers that no function of the C library stands for (by-number.c), argument by
 * argument. Of memory there is the program's own, alone.
 */
static struct cc_variant number_variants[] = {
	IS(SYS_getcwd, "out[ret,2]"),
	IS(SYS_sched_getaffinity, "int"),
	IS(SYS_sched_getattr, "int"),
	IS(SYS_sched_setattr, "int"),
	IS(SYS_get_mempolicy, "out%int"),
	IS(SYS_set_mempolicy, "int"),
	IS(SYS_mbind, "ptr"),
	IS(SYS_perf_event_open, "ptr"),
	IS(SYS_rt_sigprocmask, "int%sigmask"),
	IS(SYS_signalfd4, "int"),
	IS(SYS_fadvise64, "int"),
	IS(SYS_tkill, "int"),
	IS(SYS_ioprio_get, "int"),
	IS(SYS_ioprio_set, "int"),
	IS(SYS_kcmp, "int"),
	IS(SYS_openat2, "int%dirfd"),
	IS(SYS_landlock_create_ruleset, "ptr"),
	IS(SYS_landlock_add_rule, "int"),
	IS(SYS_landlock_restrict_self, "int"),
	IS(SYS_futex, "ptr"),
	CLASS(SYS_mmap, CC_LIVE),
	CLASS(SYS_munmap, CC_LIVE),
	CLASS(SYS_madvise, CC_LIVE),
	OTHERS_UNKNOWN,
	END,
};

static struct cc_variant number_second_variants[] = {
	IS(SYS_getcwd, "ulong"),
	IS(SYS_futex, "int"),
	IS(SYS_sched_getaffinity, "ulong"),
	IS(SYS_sched_getattr, "out[0+3]"),
	IS(SYS_sched_setattr, "in[48]"), /* struct sched_attr, as it first was */
	IS(SYS_get_mempolicy, "out[fdset:3]"),
	IS(SYS_mbind, "ulong"),
	IS(SYS_perf_event_open, "int"),
	IS(SYS_rt_sigprocmask, "in%sigset"),
	IS(SYS_signalfd4, "in[8]"),
	IS(SYS_fadvise64, "long"),
	IS(SYS_tkill, "int%signal"),
	IS(SYS_ioprio_get, "int"),
	IS(SYS_ioprio_set, "int"),
	IS(SYS_kcmp, "int"),
	IS(SYS_openat2, "str"),
	IS(SYS_landlock_create_ruleset, "ulong"),
	IS(SYS_landlock_add_rule, "int"),
	IS(SYS_landlock_restrict_self, "uint"),
	END,
};

static struct cc_variant number_third_variants[] = {
	IS(SYS_futex, "uint"),
	IS(SYS_sched_getaffinity, "out[ret,2]"),
	IS(SYS_sched_getattr, "uint"),
	IS(SYS_sched_setattr, "uint"),
	IS(SYS_get_mempolicy, "ulong"),
	IS(SYS_set_mempolicy, "ulong"),
	IS(SYS_mbind, "int"),
	IS(SYS_perf_event_open, "int"),
	IS(SYS_rt_sigprocmask, "out%sigset"),
	IS(SYS_fadvise64, "long"),
	IS(SYS_ioprio_set, "int"),
	IS(SYS_kcmp, "int"),
	IS(SYS_openat2, "in[24]"), /* struct open_how */
	IS(SYS_landlock_create_ruleset, "uint"),
	END,
};

/*
 * Semaphores that other processes may use are those of sem_open. Others are the program's own
 * memory.
 */
static struct cc_variant semaphore_variants[] = {
	VARIANT(CC_SHARED_SEMAPHORE_MASK, CC_SHARED_SEMAPHORE, "", CC_HOST),
	OTHERS_CLASS(CC_LIVE),
	END,
};

static struct cc_variant posted_variants[] = {
	VARIANT(CC_SHARED_SEMAPHORE_MASK, CC_SHARED_SEMAPHORE, "", CC_HOST),
	OTHERS_CLASS(CC_THREAD),
	END,
};

/* epoll_ctl(2): what stands in the event when one is deleted, nobody reads. */
static struct cc_variant epoll_variants[] = {
	IS(EPOLL_CTL_ADD, "in%epoll"),
	IS(EPOLL_CTL_MOD, "in%epoll"),
	END,
};

/* mincore(2): a byte for each page. Who asks whether memory is there asks for one. */
static struct cc_variant mincore_variants[] = {
	IS(1, "out[1]"),
	IS(4096, "out[1]"),
	OTHERS_UNKNOWN,
	END,
};

/*
 * glob(3) calls the program for what cannot be read, and with GLOB_ALTDIRFUNC for all that it asks.
 * Then it runs. Each of the two arguments goes by the other one, so that either says so.
 */
static struct cc_variant glob_flags_variants[] = {
	VARIANT(UINT64_MAX, 0, "int", NONE),
	VARIANT(0, 0, "int", CC_PURE),
	END,
};

static struct cc_variant glob_error_variants[] = {
	VARIANT(GLOB_ALTDIRFUNC, GLOB_ALTDIRFUNC, "ptr", CC_PURE),
	OTHERS("ptr"),
	END,
};

/* ulimit(3) */
static struct cc_variant ulimit_variants[] = {
	IS(UL_SETFSIZE, "long"),
	OTHERS(""),
	END,
};

/* quotactl(2): the lower byte is the kind of quota. */
#define QUOTA(command, text) VARIANT(0xffffff00, (uint32_t)(command) << 8, text, NONE)
static struct cc_variant quotactl_variants[] = {
	QUOTA(Q_SYNC, ""),
	QUOTA(Q_QUOTAON, "str"),
	QUOTA(Q_QUOTAOFF, ""),
	QUOTA(Q_GETFMT, "out%int"),
	QUOTA(Q_GETINFO, "out[24]"),
	QUOTA(Q_SETINFO, "in[24]"),
	QUOTA(Q_GETQUOTA, "out[72]"),
	QUOTA(Q_SETQUOTA, "in[72]"),
	OTHERS_UNKNOWN,
	END,
};

/* ptrace(2); those that read a word give it as the result. */
static struct cc_variant ptrace_variants[] = {
	IS(PTRACE_TRACEME, ""),
	IS(PTRACE_PEEKTEXT, ""),
	IS(PTRACE_PEEKDATA, ""),
	IS(PTRACE_PEEKUSER, ""),
	IS(PTRACE_POKETEXT, "long"),
	IS(PTRACE_POKEDATA, "long"),
	IS(PTRACE_POKEUSER, "long"),
	IS(PTRACE_CONT, "long"),
	IS(PTRACE_KILL, ""),
	IS(PTRACE_SINGLESTEP, "long"),
	IS(PTRACE_GETREGS, "out[216]"), /* struct user_regs_struct */
	IS(PTRACE_SETREGS, "in[216]"),
	IS(PTRACE_GETFPREGS, "out[512]"),
	IS(PTRACE_SETFPREGS, "in[512]"),
	IS(PTRACE_ATTACH, ""),
	IS(PTRACE_DETACH, "long"),
	IS(PTRACE_SYSCALL, "long"),
	IS(PTRACE_SETOPTIONS, "long"),
	IS(PTRACE_GETEVENTMSG, "out%long"),
	IS(PTRACE_GETSIGINFO, "out%siginfo"),
	IS(PTRACE_SEIZE, "long"),
	IS(PTRACE_INTERRUPT, ""),
	IS(PTRACE_LISTEN, ""),
	OTHERS_UNKNOWN,
	END,
};

static const struct {
	const char *name;
	struct cc_variant *variants;
} sets[] = {
	{"open", open_variants},
	{"fcntl", fcntl_variants},
	{"ioctl", cc_ioctl_variants},
	{"prctl", prctl_variants},
	{"semctl", semctl_variants},
	{"msgctl", msgctl_variants},
	{"shmctl", shmctl_variants},
	{"mmap", mmap_variants},
	{"mremap", mremap_variants},
	{"number", number_variants},
	{"number_second", number_second_variants},
	{"number_third", number_third_variants},
	{"epoll_event", epoll_variants},
	{"semaphore", semaphore_variants},
	{"posted", posted_variants},
	{"mincore", mincore_variants},
	{"glob_flags", glob_flags_variants},
	{"glob_error", glob_error_variants},
	{"ptrace", ptrace_variants},
	{"ulimit", ulimit_variants},
	{"quotactl", quotactl_variants},
};

#define SETS (sizeof(sets) / sizeof(*sets))

int cc_variant_find(const char *name)
{
	for (unsigned i = 0; i < SETS; i++)
		if (!strcmp(sets[i].name, name))
			return (int)i;
	return -1;
}

void cc_variant_init(void)
{
	for (unsigned i = 0; i < SETS; i++)
		for (struct cc_variant *variant = sets[i].variants; variant->type; variant++)
			if (*variant->type)
				cc_spec_parse_type(variant->type, &variant->item);
}

uint8_t cc_variant_directions(unsigned set)
{
	uint8_t directions = sets[set].variants == cc_ioctl_variants ? CC_IN | CC_OUT : 0;

	for (const struct cc_variant *variant = sets[set].variants; variant->type; variant++)
		directions |= variant->item.directions;
	return directions;
}

static const struct cc_variant *variant_of(const struct cc_item *item, int64_t selector)
{
	const struct cc_variant *variant = sets[item->decode - 1u].variants;

	while (variant->type && ((uint64_t)selector & variant->mask) != variant->value)
		variant++;
	return variant->type ? variant : NULL;
}

int cc_variant_class(const struct cc_item *item, int64_t selector)
{
	const struct cc_variant *variant = variant_of(item, selector);

	return variant ? variant->class : -1;
}

const struct cc_item *cc_variant_item(const struct cc_item *item, int64_t selector,
				      struct cc_item *scratch)
{
	const struct cc_variant *variant = variant_of(item, selector);

	memset(scratch, 0, sizeof(*scratch));
	if (variant)
		*scratch = variant->item;
	else if (sets[item->decode - 1u].variants == cc_ioctl_variants)
		cc_ioctl_item((uint32_t)selector, scratch);
	memcpy(scratch->name, item->name, sizeof(scratch->name));
	return scratch;
}

static int is_unknown(const struct cc_item *item, int64_t selector)
{
	const struct cc_variant *variant = variant_of(item, selector);
	struct cc_item scratch;

	if (variant)
		return variant->unknown;
	return sets[item->decode - 1u].variants == cc_ioctl_variants &&
	       cc_ioctl_item((uint32_t)selector, &scratch);
}

/* A command that is not known, where the struct points to one. */
static int commands_unknown(const struct cc_item *item, uint64_t value,
			    const struct cc_memory *memory, char *text, size_t size)
{
	const struct cc_layout *layout =
		item->shape == CC_SHAPE_LAYOUT ? cc_layout_at(item->decode - 1u) : NULL;
	uint64_t command = 0;
	uint32_t number = 0;

	for (unsigned i = 0; layout && value && i < layout->count; i++) {
		if (layout->fields[i].type != CC_FIELD_COMMAND)
			continue;
		memory->read(memory->context, value + layout->fields[i].offset, &command,
			     sizeof(command));
		if (!command || cc_ethtool_size(memory, command))
			continue;
		memory->read(memory->context, command, &number, sizeof(number));
		snprintf(text, size, "command=%u (%#x)", number, number);
		return 1;
	}
	return 0;
}

/* Does a number in the struct make the call one that is not modelled? 1, with what it is. */
static int is_unmodelled(const struct cc_item *item, uint64_t value, const struct cc_memory *memory,
			 char *text, size_t size)
{
	const struct cc_unmodelled *unmodelled =
		item->shape == CC_SHAPE_LAYOUT ? cc_layout_at(item->decode - 1u)->unmodelled : NULL;
	int32_t number;

	if (!unmodelled || !value ||
	    memory->read(memory->context, value + unmodelled->offset, &number, sizeof(number)) ||
	    number != unmodelled->value)
		return 0;
	snprintf(text, size, "%s", unmodelled->text);
	return 1;
}

int cc_call_unknown(const struct cc_hostcall *call, const uint64_t args[CC_MAXARGS],
		    const struct cc_memory *memory, char *text, size_t size)
{
	for (unsigned i = 1; i < call->nargs; i++) {
		const struct cc_item *item = &call->arg[i], *by;
		const struct cc_names *names;
		struct cc_item scratch;
		int64_t selector;
		char name[64];

		if (is_unmodelled(item, args[i], memory, text, size))
			return 1;
		if (item->kind != CC_ITEM_BY)
			continue;
		by = &call->arg[cc_variant_selector(call, item)];
		selector = (int64_t)cc_item_number(by, args[by - call->arg]);
		if (commands_unknown(cc_variant_item(item, selector, &scratch), args[i], memory,
				     text, size))
			return 1;
		if (!is_unknown(item, selector))
			continue;
		names = by->decode ? cc_names_at(by->decode - 1u) : NULL;
		if (names && cc_names_format(names, selector, name, sizeof(name)))
			snprintf(text, size, "%s=%s", by->name, name);
		else
			snprintf(text, size, "%s=%lld (%#llx)", by->name, (long long)selector,
				 (unsigned long long)selector);
		return 1;
	}
	return 0;
}

/* ---- as an item ---- */

unsigned cc_variant_selector(const struct cc_hostcall *call, const struct cc_item *item)
{
	return item->length_arg == CC_NOARG ? (unsigned)(item - call->arg) - 1 : item->length_arg;
}

static int64_t selector_of(const struct cc_walk *walk, const struct cc_item *item)
{
	unsigned at = cc_variant_selector(walk->call, item);

	return (int64_t)cc_item_number(&walk->call->arg[at], walk->args[at]);
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	int64_t selector = selector_of(walk, item);
	struct cc_item scratch;

	item = cc_variant_item(item, selector, &scratch);
	if (!(item->directions & walk->direction))
		return 0;
	if (walk->direction == CC_OUT)
		cc_put_s(walk->out, selector);
	return cc_shapes[item->shape]->encode(walk, item, value);
}

static int compare(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	struct cc_item scratch;

	item = cc_variant_item(item, selector_of(walk, item), &scratch);
	return item->directions & CC_IN ? cc_shapes[item->shape]->compare(walk, item, value) : 0;
}

static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	int64_t selector = selector_of(walk, item);
	struct cc_item scratch;

	item = cc_variant_item(item, selector, &scratch);
	if (!(item->directions & CC_OUT))
		return 0;
	if (cc_get_s(walk->cursor) != selector)
		return CC_MALFORMED;
	return cc_shapes[item->shape]->serve(walk, item, value);
}

/* Nothing at all is logged where the variant brings nothing. */
static int show(struct cc_walk *walk, const struct cc_item *item)
{
	struct cc_cursor before = *walk->cursor;
	struct cc_item scratch;

	if (walk->direction == CC_OUT) {
		if (walk->cursor->at == walk->cursor->end)
			return 0;
		walk->selector = cc_get_s(walk->cursor);
	} else if (item->length_arg != CC_NOARG) {
		walk->selector = walk->numbers[item->length_arg];
	}
	item = cc_variant_item(item, walk->selector, &scratch);
	if (!(item->directions & walk->direction)) {
		/* The selector stands before a later argument's part. */
		*walk->cursor = before;
		return 0;
	}
	return cc_shapes[item->shape]->show(walk, item);
}

const struct cc_shape cc_shape_variant = {
	.encode = encode,
	.compare = compare,
	.serve = serve,
	.show = show,
};
