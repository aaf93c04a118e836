/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open files, as the guest's kernel knows them (include/linux/fs.h). What the run wrote lies in a
 * tmpfs, which is nothing but the page cache: the content of such a file is read there, page by
 * page. What it brought along and did not change lies on the job's image, which is here. The
 * overlay that shows both as one tree (fs/overlayfs) keeps the file of either behind each of its
 * own.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/stage/machine/stage.h"
#include "core/vm/guestfs.h"

/* Documentation/arch/x86/x86_64/mm.rst, without KASLR */
#define MEMORY 0xffff888000000000ull	   /* all physical memory */
#define PAGE_STRUCTS 0xffffea0000000000ull /* a struct page for each page of that */
#define PAGE 4096u
#define CONTENT_MAX (CC_RECORD_MAX - 2 * PATH_MAX) /* a record of it holds its path, too */

/* ---- which file a descriptor is ---- */

/* The struct file of an open descriptor, or 0. */
static uint64_t open_file(const struct cc_task *task, uint64_t descriptor)
{
	const struct cc_kernel_types *kernel = &stage.kernel;
	uint64_t table = guest_pointer(guest_pointer(task->address + kernel->task_files) +
				       kernel->files_fdt);
	uint32_t count = 0;

	descriptor = (uint32_t)descriptor; /* as the kernel takes it */
	if (!table || guest_read(table + kernel->fdt_max_fds, &count, sizeof(count)) ||
	    descriptor >= count)
		return 0;
	return guest_pointer(guest_pointer(table + kernel->fdt_fd) + 8 * descriptor);
}

struct cc_file file_of(const struct cc_task *task, uint64_t descriptor)
{
	uint64_t open = open_file(task, descriptor);
	struct cc_file file = {0};

	if (open)
		file.inode = guest_pointer(open + stage.kernel.file_inode);
	if (file.inode)
		file.number = guest_pointer(file.inode + stage.kernel.inode_number);
	return file;
}

char *file_name(const struct cc_task *task, unsigned descriptor)
{
	const struct cc_kernel_types *kernel = &stage.kernel;
	uint64_t path = open_file(task, descriptor) + kernel->file_path;
	uint64_t dentry = guest_pointer(path + kernel->path_dentry);
	char *name = guest_string(guest_pointer(dentry + kernel->dentry_name + kernel->qstr_name),
				  NAME_MAX + 1);

	return name ? name : cc_copy("");
}

/* ---- what is in it ---- */

static int is_on(uint64_t inode, const char *filesystem)
{
	const struct cc_kernel_types *kernel = &stage.kernel;
	uint64_t type = guest_pointer(guest_pointer(inode + kernel->inode_superblock) +
				      kernel->superblock_type);
	char *name = guest_string(guest_pointer(type + kernel->filesystem_name), 32);
	int is = name && !strcmp(name, filesystem);

	free(name);
	return is;
}

static int is_regular(uint64_t inode)
{
	uint16_t mode = 0;

	return inode && !guest_read(inode + stage.kernel.inode_mode, &mode, sizeof(mode)) &&
	       S_ISREG(mode);
}

/* A page that was never written is a hole: zeros, which stand there. */
static int read_page(uint64_t mapping, uint64_t index, uint8_t *to, size_t length)
{
	const struct cc_kernel_types *kernel = &stage.kernel;
	uint64_t page = guest_tree_entry(mapping + kernel->mapping_pages, index), frame;

	if (!page)
		return 0;
	if (page < PAGE_STRUCTS) /* it was swapped out */
		return -1;
	frame = (page - PAGE_STRUCTS) / kernel->page_size + index -
		guest_pointer(page + kernel->page_index);
	return guest_read(MEMORY + frame * PAGE, to, length);
}

static int read_pages(uint64_t inode, struct cc_buffer *content, size_t length)
{
	uint64_t mapping = guest_pointer(inode + stage.kernel.inode_mapping);

	for (size_t done = 0; done < length; done += PAGE) {
		size_t piece = length - done < PAGE ? length - done : PAGE;
		uint8_t page[PAGE] = {0};

		if (read_page(mapping, done / PAGE, page, piece))
			return -1;
		cc_put_bytes(content, page, piece);
	}
	return 0;
}

/* QEMU may not look into the image: who has started it does. */
static int read_image(const char *path, struct cc_buffer *content, size_t length,
		      struct cc_error *error)
{
	int fd = cc_guestfs_ask(stage.files, path, error);
	uint8_t page[PAGE];
	ssize_t got;

	if (fd < 0)
		return -1;
	while (content->length <= length &&
	       (got = pread(fd, page, sizeof(page), (off_t)content->length)) > 0)
		cc_put_bytes(content, page, (size_t)got);
	close(fd);
	return content->length == length
		       ? 0
		       : cc_fail(error, CC_EFORMAT, "%s is another file on the job's image", path);
}

/* What holds the content of a regular file: its inode, or the one behind the overlay's. 0: none. */
static uint64_t stored(const struct cc_task *task, uint64_t descriptor)
{
	const struct cc_kernel_types *kernel = &stage.kernel;
	uint64_t open = open_file(task, descriptor);
	uint64_t inode = open ? guest_pointer(open + kernel->file_inode) : 0;

	if (!is_regular(inode))
		return 0;
	return is_on(inode, "overlay") ? guest_pointer(guest_pointer(open + kernel->file_private) +
						       kernel->file_inode)
				       : inode;
}

int file_header(const struct cc_task *task, uint64_t descriptor, uint8_t *header, size_t length)
{
	uint64_t inode = stored(task, descriptor);
	uint64_t mapping = inode ? guest_pointer(inode + stage.kernel.inode_mapping) : 0;

	return mapping && guest_tree_entry(mapping + stage.kernel.mapping_pages, 0)
		       ? read_page(mapping, 0, header, length)
		       : -1;
}

int file_content(const struct cc_task *task, uint64_t descriptor, const char *path,
		 struct cc_buffer *content, struct cc_error *error)
{
	uint64_t inode = stored(task, descriptor), length;

	if (!inode)
		return 0;
	length = guest_pointer(inode + stage.kernel.inode_size);
	if (length > CONTENT_MAX)
		return cc_fail(error, CC_EUNSUPPORTED, "it has %llu bytes, and a slice takes %u",
			       (unsigned long long)length, CONTENT_MAX);
	if (is_on(inode, "squashfs"))
		return read_image(real_path(path), content, length, error) ? -1 : 1;
	if (!is_on(inode, "tmpfs"))
		return 0;
	return read_pages(inode, content, length)
		       ? cc_fail(error, CC_EFORMAT, "the guest's memory does not hold all of it")
		       : 1;
}
