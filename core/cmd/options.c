/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cmd/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/* What argp adds to every table. */
static const struct argp_option own_options[] = {
	{"help", '?', NULL, 0, NULL, 0},
	{"usage", -1, NULL, 0, NULL, 0},
	{"version", 'V', NULL, 0, NULL, 0},
	{0},
};

/* The rows of both tables, one after the other; NULL behind the last. */
static const struct argp_option *next(const struct argp *argp, const struct argp_option *option)
{
	option = option ? option + 1 : argp->options;
	if (option && !option->name && !option->key && !option->doc)
		option = option >= own_options && option <= own_options + 3 ? NULL : own_options;
	return option;
}

/* An alias has the argument of the row before it that is none. */
static const char *argument_of(const struct argp *argp, const struct argp_option *option)
{
	while (option->flags & OPTION_ALIAS && option > argp->options)
		option--;
	return option->flags & OPTION_ARG_OPTIONAL ? NULL : option->arg;
}

static int is_short(const struct argp_option *option)
{
	return option->key > ' ' && option->key < 127;
}

/* ---- words for completion ---- */

static void print_word(const char *kind, const char *dashes, const char *word, const char *argument)
{
	printf("%s\t%s%s", kind, dashes, word);
	if (argument)
		printf("\t%s", argument);
	putchar('\n');
}

static void print_words(const struct argp *argp, struct cc_near_names (*hooks)(void))
{
	struct cc_near_names names = {0};

	for (const struct argp_option *option = NULL; (option = next(argp, option));) {
		const char *argument = argument_of(argp, option);
		char letter[2] = {(char)option->key, '\0'};

		if (option->name)
			print_word("option", "--", option->name, argument);
		if (is_short(option))
			print_word("option", "-", letter, argument);
	}
	print_word("argument", "", argp->args_doc, NULL);
	if (hooks)
		names = hooks();
	for (size_t i = 0; i < names.count; i++)
		print_word("hook", "", names.names[i], NULL);
	cc_near_free(&names);
}

/* ---- options that there are not ---- */

/* The option that a word names, which may be a beginning of its name; NULL: none. */
static const struct argp_option *long_option(const struct argp *argp, const char *name,
					     size_t length)
{
	const struct argp_option *found = NULL;

	for (const struct argp_option *option = NULL; (option = next(argp, option));) {
		if (!option->name || strncmp(option->name, name, length))
			continue;
		if (!found || !option->name[length])
			found = option; /* of several argp says that they are several */
	}
	return found;
}

static const struct argp_option *short_option(const struct argp *argp, char letter)
{
	const struct argp_option *option = NULL;

	while ((option = next(argp, option)) && option->key != letter)
		;
	return option;
}

static void no_such_option(const struct argp *argp, const char *tool, const char *word)
{
	struct cc_near_names names = {0};
	char near[CC_NEAR_TEXT];

	for (const struct argp_option *option = NULL; (option = next(argp, option));)
		if (option->name) {
			char *name = cc_format("--%s", option->name);

			cc_near_add(&names, name);
			free(name);
		}
	cc_near_text(&names, word, near);
	fprintf(stderr, "%s: %s: there is no such option%s `%s --help` lists them\n", tool, word,
		*near ? near : ":", tool);
	exit(argp_err_exit_status);
}

/* Checks a word that begins with a dash. Does its option take the next word? 1 or 0. */
static int takes_next(const struct argp *argp, const char *tool, const char *word)
{
	const struct argp_option *option;
	size_t length = strcspn(word, "=");
	char *shown;

	if (word[1] == '-') {
		option = long_option(argp, word + 2, length - 2);
		if (option)
			return argument_of(argp, option) && !word[length];
		shown = cc_format("%.*s", (int)length, word);
		no_such_option(argp, tool, shown);
	}
	for (const char *letter = word + 1; *letter; letter++) {
		option = short_option(argp, *letter);
		if (!option) {
			shown = cc_format("-%.*s", 1, letter);
			no_such_option(argp, tool, shown);
		} else if (argument_of(argp, option)) {
			return !letter[1];
		}
	}
	return 0;
}

void cc_cmd_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
		  struct cc_near_names (*hooks)(void), void *input)
{
	const char *slash = strrchr(argv[0], '/'), *tool = slash ? slash + 1 : argv[0];

	if (argc == 2 && !strcmp(argv[1], CC_COMPLETION_OPTION)) {
		print_words(argp, hooks);
		exit(0);
	}
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (argv[i][0] == '-' && argv[i][1])
			i += takes_next(argp, tool, argv[i]);
		else if (flags & ARGP_IN_ORDER)
			break;
	argp_parse(argp, argc, argv, flags, NULL, input);
}
