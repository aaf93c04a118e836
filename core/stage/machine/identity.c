/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who a process of the guest is, beyond its number: followed from the first process on, by the
 * system calls that change it. A slice says it for the copies of its replay (core/replay/copy.h),
 * which answer as the run's process.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "core/stage/machine/stage.h"

enum { REAL, EFFECTIVE, SAVED };

int identity_changes(uint64_t number)
{
	switch (number) {
	case SYS_setsid:
	case SYS_setpgid:
	case SYS_umask:
	case SYS_setgroups:
	case SYS_setuid:
	case SYS_setgid:
	case SYS_setreuid:
	case SYS_setregid:
	case SYS_setresuid:
	case SYS_setresgid:
	case SYS_setrlimit:
	case SYS_prlimit64:
		return 1;
	}
	return 0;
}

/* As setresuid(2): -1 is "as it is". */
static void set(uint32_t ids[3], uint64_t real, uint64_t effective, uint64_t saved)
{
	const uint64_t wanted[] = {real, effective, saved};

	for (int i = 0; i < 3; i++)
		if ((uint32_t)wanted[i] != UINT32_MAX)
			ids[i] = (uint32_t)wanted[i];
}

static void set_one(uint32_t ids[3], uint64_t id, int privileged)
{
	set(ids, privileged ? id : UINT64_MAX, id, privileged ? id : UINT64_MAX);
}

/*
 * The saved one follows where the real one is set, or the effective one becomes another than that.
 */
static void set_two(uint32_t ids[3], uint64_t real, uint64_t effective)
{
	int follows = (uint32_t)real != UINT32_MAX ||
		      ((uint32_t)effective != UINT32_MAX && (uint32_t)effective != ids[REAL]);

	set(ids, real, effective, UINT64_MAX);
	if (follows)
		ids[SAVED] = ids[EFFECTIVE];
}

/* The kernel keeps them in order. */
static int by_value(const void *one, const void *other)
{
	uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

	return a < b ? -1 : a > b;
}

static void set_groups(struct cc_identity *identity, uint64_t count, uint64_t address)
{
	identity->group_count = count < CC_IDENTITY_GROUPS ? (unsigned)count : CC_IDENTITY_GROUPS;
	if (guest_read(address, identity->groups, identity->group_count * sizeof(uint32_t)))
		identity->group_count = 0;
	qsort(identity->groups, identity->group_count, sizeof(uint32_t), by_value);
}

static void set_limit(struct cc_identity *identity, uint64_t resource, uint64_t address)
{
	if (resource < CC_IDENTITY_LIMITS && address &&
	    !guest_read(address, identity->limits[resource], sizeof(identity->limits[0])))
		identity->limits_known |= 1u << resource;
}

void identity_changed(struct cc_task *task, uint64_t number, const uint64_t *args)
{
	struct cc_task *other =
		args[0] && number == SYS_setpgid ? task_by_pid((uint32_t)args[0]) : task;
	struct cc_identity *identity = &task->identity;
	int privileged = !identity->uids[EFFECTIVE];

	switch (number) {
	case SYS_setsid:
		identity->session = identity->group = task->pid;
		break;
	case SYS_setpgid:
		if (other)
			other->identity.group = (uint32_t)args[1] ? (uint32_t)args[1] : other->pid;
		break;
	case SYS_umask:
		identity->mask = (uint32_t)args[0] & 0777;
		break;
	case SYS_setgroups:
		set_groups(identity, args[0], args[1]);
		break;
	case SYS_setuid:
		set_one(identity->uids, args[0], privileged);
		break;
	case SYS_setgid:
		set_one(identity->gids, args[0], privileged);
		break;
	case SYS_setreuid:
		set_two(identity->uids, args[0], args[1]);
		break;
	case SYS_setregid:
		set_two(identity->gids, args[0], args[1]);
		break;
	case SYS_setresuid:
		set(identity->uids, args[0], args[1], args[2]);
		break;
	case SYS_setresgid:
		set(identity->gids, args[0], args[1], args[2]);
		break;
	case SYS_setrlimit:
		set_limit(identity, args[0], args[1]);
		break;
	case SYS_prlimit64:
		if (!args[0] || args[0] == task->pid)
			set_limit(identity, args[1], args[2]);
		break;
	}
}

static json_t *numbers(const uint32_t *from, unsigned count)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(array, json_integer(from[i]));
	return array;
}

json_t *identity_json(const struct cc_identity *identity)
{
	json_t *limits = json_array();

	for (int i = 0; i < CC_IDENTITY_LIMITS; i++)
		if (identity->limits_known >> i & 1)
			json_array_append_new(limits,
					      json_pack("[i,I,I]", i,
							(json_int_t)identity->limits[i][0],
							(json_int_t)identity->limits[i][1]));
	return json_pack("{s:i, s:i, s:i, s:o, s:o, s:o, s:o}", "group", (int)identity->group,
			 "session", (int)identity->session, "umask", (int)identity->mask, "uids",
			 numbers(identity->uids, 3), "gids", numbers(identity->gids, 3), "groups",
			 numbers(identity->groups, identity->group_count), "limits", limits);
}
