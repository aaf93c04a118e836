/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "core/replay/agent.h"
#include "core/replay/heap.h"
#include "logs/text.h"
#include "runtimes/perl/debug/lasting.h"
#include "runtimes/perl/debug/plain.h"
#include "runtimes/perl/debug/watches.h"

static struct {
	struct cc_perl_watch *at;
	size_t count;
} watches;

/* ---- one ---- */

struct cc_perl_watch cc_perl_watch_new(const json_t *expression, const json_t *value)
{
	char *text = cc_json_copy(expression, NULL);

	return (struct cc_perl_watch){text, cc_json_copy(value, NULL),
				      text ? cc_perl_plain_watch(text) : NULL};
}

void cc_perl_watch_free(struct cc_perl_watch *watch)
{
	free(watch->expression);
	free(watch->value);
	cc_plain_free(watch->plain);
	*watch = (struct cc_perl_watch){NULL, NULL, NULL};
}

/* Read from memory; NULL: it cannot be, or it might look otherwise in a copy's answer. */
static char *plain_value(const struct cc_perl_watch *watch)
{
	struct cc_plain_text text = {0};
	char *value = NULL;

	if (!watch->plain)
		return NULL;
	if (!cc_plain_put(&text, "'", 1, 0) && !cc_perl_plain_watched(watch->plain, &text) &&
	    !cc_plain_put(&text, "'", 1, 0) && (!text.high || text.wide) &&
	    !memchr(text.data, 0, text.length))
		value = cc_heap_copy_bytes(text.data, text.length);
	free(text.data);
	return value;
}

char *cc_perl_watch_value(const struct cc_perl_watch *watch)
{
	char *copy = plain_value(watch);
	const char *value;
	json_t *with, *answer;

	if (copy)
		return copy;
	with = json_pack("{s:s?}", "expression", watch->expression);
	answer = cc_agent_copy("watched", with, 1);
	json_decref(with);
	value = json_string_value(json_object_get(answer, "value"));
	copy = value ? cc_heap_copy(value) : NULL;
	json_decref(answer);
	return copy;
}

char *cc_perl_watch_lasting(const struct cc_perl_watch *watch, struct cc_perl_lasting *lasting,
			    int in_call)
{
	char *value;

	cc_perl_lasting_use(lasting, in_call);
	value = plain_value(watch);
	cc_perl_lasting_use(NULL, 0);
	return value || !cc_perl_lasting_misses(lasting) ? value : cc_heap_copy("''");
}

/* ---- those of a rule ---- */

void cc_perl_watches_read(const json_t *list)
{
	const json_t *watch;
	size_t i;

	watches.at = cc_heap_zeros(json_array_size(list) + 1, sizeof(*watches.at));
	json_array_foreach(list, i, watch) watches.at[watches.count++] =
		cc_perl_watch_new(json_array_get(watch, 0), json_array_get(watch, 1));
}

void cc_perl_watches_forget(void)
{
	for (size_t i = 0; i < watches.count; i++)
		cc_perl_watch_free(&watches.at[i]);
	free(watches.at);
	memset(&watches, 0, sizeof(watches));
}

int cc_perl_watches_any(void)
{
	return watches.count != 0;
}

static json_t *values_before(void)
{
	json_t *values = json_array();

	for (size_t i = 0; i < watches.count; i++)
		json_array_append_new(values, cc_json_text(watches.at[i].value));
	return values;
}

int cc_perl_watches_step(json_t **before)
{
	char **values;
	int changed = 0;

	if (!watches.count) /* mostly, and this is done at each event */
		return 0;
	values = cc_heap_zeros(watches.count, sizeof(*values));
	for (size_t i = 0; i < watches.count; i++) {
		values[i] = cc_perl_watch_value(&watches.at[i]);
		changed |= values[i] && watches.at[i].value &&
			   strcmp(values[i], watches.at[i].value) != 0;
	}
	if (changed && before)
		*before = values_before();
	for (size_t i = 0; i < watches.count; i++)
		if (values[i]) {
			free(watches.at[i].value);
			watches.at[i].value = values[i];
		}
	cc_heap_free(values);
	return changed;
}

int cc_perl_watches_change(void)
{
	for (size_t i = 0; i < watches.count; i++) {
		char *value = cc_perl_watch_value(&watches.at[i]);
		int same = value && watches.at[i].value && !strcmp(value, watches.at[i].value);

		free(value);
		if (!same)
			return 1;
	}
	return 0;
}
