/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of a recorded guest: the archive of a base that a packed recording brings, and the
 * listing of its job's image, as unsquashfs prints it. An input is one of them, behind a byte: 'c'
 * the archive, any other the listing.
 */
#include "core/vm/guestfs.c" /* for what it reads out of another program's words */

#include "core/vm/cpio.h"
#include "t/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

static void read_archive(const uint8_t *data, size_t size)
{
	static volatile char seen;
	static struct file file;
	struct cc_error error = {0};
	struct cc_cpio cpio;

	if (cc_cpio_open(&cpio, file_holds(&file, data, size), &error))
		return;
	for (size_t i = 0; i < cpio.count; i++) {
		const struct cc_cpio_entry *entry = cc_cpio_find(&cpio, cpio.entries[i].name);

		if (!entry)
			abort();
		if (entry->size)
			seen = entry->data[entry->size - 1];
	}
	(void)seen;
	cc_cpio_find(&cpio, "none");
	cc_cpio_close(&cpio);
}

static void read_listing(const uint8_t *data, size_t size)
{
	struct cc_guestfs files = {0};
	char *text = cc_allocate(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	parse_listing(&files, text);
	free(text);
	for (size_t i = 0; i < files.count; i++)
		if (!cc_guestfs_find(&files, files.entries[i].path))
			abort();
	cc_guestfs_find(&files, "/none");
	cc_guestfs_free(&files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && *data == 'c')
		read_archive(data + 1, size - 1);
	else if (size)
		read_listing(data + 1, size - 1);
	return 0;
}
