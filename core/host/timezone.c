/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tzset leaves in the C library's data, and whatever asks for the zone as it does: tzname,
 * timezone and daylight. Logged as an out-item, which stands behind the arguments of a call that
 * has a result, too; and set in a replay. Names of zones that are handed out (here, and as tm_zone)
 * are ours, and stay.
 */
#include "core/host/walk.h"

#include <string.h>
#include <time.h>

#define ZONES 128
#define ZONE_SIZE 64

static struct {
	char names[ZONES][ZONE_SIZE];
	unsigned used;
} zones;

const char *cc_zone_name(const uint8_t *data, size_t length)
{
	char *name;

	if (length >= ZONE_SIZE || memchr(data, 0, length))
		return NULL;
	for (unsigned i = 0; i < zones.used; i++)
		if (!memcmp(zones.names[i], data, length) && !zones.names[i][length])
			return zones.names[i];
	if (zones.used == ZONES)
		return NULL;
	name = zones.names[zones.used++];
	memcpy(name, data, length);
	return name;
}

/* Addresses of the data symbols in the process that made the call; 0 when they are not known. */
struct where {
	uint64_t names, seconds, daylight;
};

static struct where find(const struct cc_memory *memory)
{
	if (memory == &cc_own_memory)
		return (struct where){(uintptr_t)tzname, (uintptr_t)&timezone,
				      (uintptr_t)&daylight};
	if (!memory->symbol)
		return (struct where){0};
	return (struct where){
		memory->symbol(memory->context, "tzname"),
		memory->symbol(memory->context, "timezone"),
		memory->symbol(memory->context, "daylight"),
	};
}

static int encode(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	struct where where = find(walk->memory);
	uint64_t name[2];
	int64_t seconds;
	int32_t summer;

	if (!where.names || !where.seconds || !where.daylight) {
		cc_put_u(walk->out, 0);
		return 0;
	}
	if (cc_walk_read(walk, where.names, name, sizeof(name)) ||
	    cc_walk_read(walk, where.seconds, &seconds, sizeof(seconds)) ||
	    cc_walk_read(walk, where.daylight, &summer, sizeof(summer)))
		return -1;
	cc_put_u(walk->out, 1);
	cc_put_s(walk->out, seconds);
	cc_put_s(walk->out, summer);
	for (unsigned i = 0; i < 2; i++) {
		if (!name[i])
			cc_walk_put_blob(walk, "", 0);
		else if (cc_walk_put_string(walk, name[i], 1, ZONE_SIZE))
			return -1;
	}
	return 0;
}

static int serve(struct cc_walk *walk, const struct cc_item *item, uint64_t value)
{
	const char *name[2];
	int64_t seconds, summer;

	if (!cc_get_u(walk->cursor))
		return 0;
	seconds = cc_get_s(walk->cursor);
	summer = cc_get_s(walk->cursor);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *data;
		size_t length;

		if (cc_walk_get_blob(walk, &data, &length) <= 0)
			return CC_MALFORMED;
		name[i] = cc_zone_name(data, length);
		if (!name[i])
			return CC_MALFORMED;
	}
	tzname[0] = (char *)name[0];
	tzname[1] = (char *)name[1];
	timezone = seconds;
	daylight = (int)summer;
	return 0;
}

static int show(struct cc_walk *walk, const struct cc_item *item)
{
	struct cc_emit *emit = walk->emit;

	if (!cc_get_u(walk->cursor)) {
		emit->null(emit, item->name);
		return 0;
	}
	emit->open(emit, item->name, '{');
	emit->number(emit, "timezone", NULL, cc_get_s(walk->cursor), 1);
	emit->number(emit, "daylight", NULL, cc_get_s(walk->cursor), 1);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *data;
		size_t length;

		if (cc_walk_get_blob(walk, &data, &length) <= 0)
			return CC_MALFORMED;
		emit->bytes(emit, i ? "summer" : "standard", data, length);
	}
	emit->close(emit, '}');
	return 0;
}

const struct cc_shape cc_shape_timezone = {.encode = encode, .serve = serve, .show = show};
