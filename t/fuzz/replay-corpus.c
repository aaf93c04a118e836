/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In place of libFuzzer: TARGET FILE... runs the target with what each file holds, once, in memory
 * that ends where the file does. `make check` does that with all of t/fuzz/corpus.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/files.h"
#include "t/fuzz/fuzz.h"

#define INPUT_MAX (1u << 20)
#define SECONDS 30 /* none takes one; what takes so many does not end */

/* What libraries keep for ever is not ours. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=1:strict_memcmp=1:detect_stack_use_after_return=1";
}

int main(int argc, char **argv)
{
	struct cc_error error = {0};

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		size_t size;
		char *data = cc_read_file(argv[i], INPUT_MAX, &size, &error);
		uint8_t *exact;

		if (!data) {
			fprintf(stderr, "%s\n", error.text);
			return 2;
		}
		exact = malloc(size ? size : 1);
		memcpy(exact, data, size);
		free(data);
		fprintf(stderr, "%s\n", argv[i]);
		alarm(SECONDS);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
	}
	return 0;
}
