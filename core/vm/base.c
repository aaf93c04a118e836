/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A base that is in the cache. Making one is build.c. */
#include "core/vm/base.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/vm/recordings.h"
#include "logs/log.h"

#define FORMAT 1
#define MANIFEST_MAX (1u << 20)

const struct cc_base_image cc_base_images[] = {{"files.cpio", 0},
					       {"state", 0},
					       {"ram", 1},
					       {NULL, 0}};

int cc_base_is_id(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* Addresses have more bits than JSON's integers: they are hexadecimal strings. */
static int take_address(const json_t *object, const char *key, uint64_t *to)
{
	const char *text = json_string_value(json_object_get(object, key));
	char *end = "?";

	*to = text ? strtoull(text, &end, 16) : 0;
	return *end ? -1 : 0;
}

static int take_offset(const json_t *object, const char *key, uint32_t *to)
{
	json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);

	*to = number;
	return json_is_integer(value) && number >= 0 && number < 1 << 20 ? 0 : -1;
}

int cc_base_parse_kernel(const json_t *object, struct cc_vm_kernel *kernel)
{
	return take_address(object, "current_task", &kernel->current_task) ||
	       take_address(object, "do_exit", &kernel->do_exit) ||
	       take_offset(object, "task_pid", &kernel->task_pid) ||
	       take_offset(object, "task_tgid", &kernel->task_tgid) ||
	       take_offset(object, "task_real_parent", &kernel->task_real_parent) ||
	       take_offset(object, "task_comm", &kernel->task_comm) ||
	       take_offset(object, "task_exit_code", &kernel->task_exit_code);
}

static int parse(struct cc_base *base)
{
	json_int_t format = 0, ram = 0, instructions = 0;

	if (json_unpack(base->manifest, "{s:I,s:I,s:I,s:s}", "format", &format, "ram-bytes", &ram,
			"instructions", &instructions, "qemu", &base->qemu) ||
	    ram <= 0 || ram % 4096 || ram > INT64_C(1) << 40)
		return CC_EFORMAT;
	if (format != FORMAT)
		return CC_EVERSION;
	base->ram_bytes = ram;
	base->instructions = instructions;
	if (cc_base_parse_kernel(json_object_get(base->manifest, "kernel"), &base->kernel))
		return CC_EFORMAT;
	return 0;
}

static void digest_of(const void *data, size_t length, char digest[65])
{
	struct cc_sha256 *sha = cc_sha256_new();

	cc_sha256_add(sha, data, length);
	cc_sha256_end(sha, digest);
}

static int read_manifest(struct cc_base *base, struct cc_error *error)
{
	char *path = cc_base_path(base, CC_BASE_MANIFEST), digest[65];
	size_t length;
	char *text = cc_read_file(path, MANIFEST_MAX, &length, error);
	int status = text ? 0 : error ? error->status : CC_EIO;

	if (text) {
		digest_of(text, length, digest);
		if (strcmp(digest, base->id))
			status = cc_fail(error, CC_EFORMAT,
					 "%s: was changed; remove %s, it is made again", path,
					 base->directory);
		else
			base->manifest = json_loadb(text, length, 0, NULL);
	}
	if (!status) {
		status = base->manifest ? parse(base) : CC_EFORMAT;
		if (status)
			cc_fail(error, status, "%s: %s", path,
				status == CC_EVERSION ? "made by another version of crosscut"
						      : "not a base's manifest");
	}
	free(text);
	free(path);
	return status;
}

/*
 * Keep cc_base_prune away for as long as the base is open. It may have been there first: then what
 * was opened is no more what stands under the name. -1: there is no such base, or no locking here.
 */
static int hold(const struct cc_base *base)
{
	char *path = cc_base_path(base, CC_BASE_MANIFEST);
	struct stat ours, theirs;
	int fd;

	while ((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0) {
		if (flock(fd, LOCK_SH) && errno == EINTR) {
			close(fd);
			continue;
		}
		if (fstat(fd, &ours) || stat(path, &theirs) || ours.st_ino == theirs.st_ino)
			break;
		close(fd);
	}
	free(path);
	return fd;
}

struct cc_base *cc_base_open(const char *id, struct cc_error *error)
{
	struct cc_base *base;
	struct cc_error why = {0};
	char *cache;

	if (!cc_base_is_id(id)) {
		cc_fail(error, CC_EFORMAT, "%.80s: not the name of a base", id);
		return NULL;
	}
	cache = cc_cache_directory(error);
	if (!cache)
		return NULL;
	base = cc_allocate_zeros(1, sizeof(*base));
	strcpy(base->id, id);
	base->directory = cc_format("%s/bases/%s", cache, id);
	base->cache = cache;
	base->lock = hold(base);
	if (!read_manifest(base, &why)) {
		utimensat(AT_FDCWD, base->directory, NULL, 0); /* when it was used last: prune.c */
		return base;
	}
	if (why.status == CC_EMISSING)
		cc_fail(error, CC_EMISSING,
			"the guest base %.12s is not in the cache (%s); on the machine that made "
			"the "
			"recording, `cc-log pack` puts it into the log",
			id, base->directory);
	else
		cc_fail(error, why.status, "%s", why.text);
	cc_base_close(base);
	return NULL;
}

void cc_base_close(struct cc_base *base)
{
	if (!base)
		return;
	cc_cpio_close(&base->files);
	if (base->lock >= 0)
		close(base->lock);
	json_decref(base->manifest);
	free(base->cache);
	free(base->directory);
	free(base->store);
	free(base);
}

char *cc_base_path(const struct cc_base *base, const char *image)
{
	return cc_format("%s/%s", base->directory, image);
}

int cc_base_files(struct cc_base *base, struct cc_error *error)
{
	if (base->files.map)
		return 0;
	free(base->store);
	base->store = cc_base_path(base, cc_base_images[0].name);
	return cc_cpio_open(&base->files, base->store, error);
}

static int verify_image(const struct cc_base *base, const struct cc_base_image *image,
			struct cc_error *error)
{
	json_t *images = json_object_get(base->manifest, "images");
	const char *wanted =
		json_string_value(json_object_get(json_object_get(images, image->name), "sha256"));
	char *path = cc_base_path(base, image->name), digest[65] = "";
	int status = image->sparse ? cc_sha256_sparse(path, digest, error)
				   : cc_sha256_file(path, digest, error);

	if (!status && (!wanted || strcmp(wanted, digest)))
		status = cc_fail(
			error, CC_EFORMAT,
			"%s: is not what it was when the base was made; remove %s: it is made "
			"again, but recordings that need it must have it packed",
			path, base->directory);
	free(path);
	return status;
}

struct verifying {
	const struct cc_base *base;
	const struct cc_base_image *image;
	pthread_t thread;
	int started, status;
	struct cc_error error;
};

static void *verify_in_thread(void *context)
{
	struct verifying *one = context;

	one->status = verify_image(one->base, one->image, &one->error);
	return NULL;
}

/* Side by side: this stands before every replay, and the images are large. */
int cc_base_verify(const struct cc_base *base, struct cc_error *error)
{
	struct verifying all[8] = {0};
	size_t count = 0;
	int status = 0;

	for (; cc_base_images[count].name; count++) {
		all[count].base = base;
		all[count].image = cc_base_images + count;
		all[count].started =
			!pthread_create(&all[count].thread, NULL, verify_in_thread, all + count);
		if (!all[count].started)
			verify_in_thread(all + count);
	}
	for (size_t i = 0; i < count; i++) {
		if (all[i].started)
			pthread_join(all[i].thread, NULL);
		if (all[i].status && !status)
			status = cc_fail(error, all[i].status, "%s", all[i].error.text);
	}
	return status;
}

int cc_base_lock(const char *cache, struct cc_error *error)
{
	char *path = cc_format("%s/lock", cache);
	int lock = cc_lock(path, NULL, error);

	free(path);
	return lock;
}

char *cc_base_new_directory(const char *cache, struct cc_error *error)
{
	char *bases = cc_format("%s/bases", cache), *path = cc_format("%s/new-XXXXXX", bases);
	int status = cc_make_directories(bases, error);

	if (!status && !mkdtemp(path))
		status = cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	free(bases);
	if (!status)
		return path;
	free(path);
	return NULL;
}

int cc_base_install(const char *directory, char id[65], struct cc_error *error)
{
	char *manifest = cc_format("%s/" CC_BASE_MANIFEST, directory), *place;
	char *cache = cc_cache_directory(error);
	int status = cache ? cc_sha256_file(manifest, id, error) : CC_EIO;

	cc_recordings_begin(directory);
	if (!status) {
		place = cc_format("%s/bases/%s", cache, id);
		if (rename(directory, place) && errno != ENOTEMPTY && errno != EEXIST)
			status = cc_fail(error, CC_EIO, "%s: %s", place, strerror(errno));
		free(place);
	}
	free(cache);
	free(manifest);
	return status;
}
