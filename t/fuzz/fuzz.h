/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the targets of `make fuzz` share. A target takes one input, has the code that it is named
 * after read it, and says nothing: to succeed is to come back. Numbers are drawn from the front of
 * an input, so that its end can grow as it likes.
 */
#ifndef CC_FUZZ_H
#define CC_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What libFuzzer calls, and replay-corpus.c with the files of t/fuzz/corpus. Both return 0. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at, *end;
};

/* The next bytes as a number; zeros stand behind the end. */
static inline uint64_t draw(struct input *input, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes && input->at < input->end; i++)
		value |= (uint64_t)*input->at++ << 8 * i;
	return value;
}

/* A file in memory, whose content is another one with each input. */
struct file {
	int descriptor;
	char path[32]; /* "": not made yet */
};

/* Makes it hold these bytes, and gives its path. */
static inline const char *file_holds(struct file *file, const void *data, size_t size)
{
	if (!*file->path) {
		file->descriptor = memfd_create("input", MFD_CLOEXEC);
		snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->descriptor);
	}
	if (ftruncate(file->descriptor, 0) ||
	    pwrite(file->descriptor, data, size, 0) != (ssize_t)size)
		abort();
	return file->path;
}

#endif
