/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a base, when the cache has none for the host's packages as they are. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/sha256.h"
#include "core/runtime/guest.h"
#include "core/runtime/language.h"
#include "core/vm/base.h"
#include "core/vm/closure.h"
#include "core/vm/contents.h"
#include "core/vm/init-image.h"
#include "core/vm/kernel.h"
#include "core/vm/machine.h"
#include "core/vm/snapshot.h"
#include "logs/log.h"

/* Changes when a base made by an older version no longer serves. */
#define BASE_FORMAT 1

#define MODULE_MAX (64u << 20)
#define RAM_LEAST (UINT64_C(2) << 30)
#define RAM_STEP (UINT64_C(256) << 20)

struct build {
	const struct cc_base_builder *builder;
	const struct cc_language *const *languages;
	char *cache, *qemu, *package; /* the kernel's */
	char *key_path;
	struct cc_fileset *set;
	char *directory; /* where the base comes to be */
};

/* ---- the key ---- */

struct key {
	struct cc_sha256 *sha;
	const struct cc_language *const *languages;
};

static int is_cache(const struct key *key, const char *path)
{
	for (size_t i = 0; key->languages[i]; i++) {
		const char *cache = key->languages[i]->guest->cache;

		if (cache && !fnmatch(cache, path, 0))
			return 1;
	}
	return 0;
}

/* A base depends on its files only by what stat says of them: reading them all takes too long. */
static int add_to_key(void *context, const struct cc_fileset_entry *entry)
{
	const struct stat *status = &entry->status;
	const struct key *key = context;
	char line[256] = "";

	if (is_cache(key, entry->path))
		return 0;
	cc_sha256_add(key->sha, entry->path, strlen(entry->path) + 1);
	if (entry->link)
		cc_sha256_add(key->sha, entry->link, strlen(entry->link) + 1);
	if (entry->data)
		cc_sha256_add(key->sha, entry->data, status->st_size);
	else if (!S_ISDIR(status->st_mode)) /* whose times change with any file in it */
		snprintf(line, sizeof(line), "%lld %lld.%09ld", (long long)status->st_size,
			 (long long)status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
	cc_sha256_add(key->sha, line, strlen(line) + 1);
	snprintf(line, sizeof(line), "%o %u %u", status->st_mode, status->st_uid, status->st_gid);
	cc_sha256_add(key->sha, line, strlen(line) + 1);
	return 0;
}

static void add_program_to_key(struct key *key, const char *path)
{
	struct cc_fileset_entry entry = {.path = path};

	if (!stat(path, &entry.status))
		add_to_key(key, &entry);
}

static void make_key(struct build *build, char text[65])
{
	struct key key = {cc_sha256_new(), build->languages};
	const uint32_t format = BASE_FORMAT;

	cc_sha256_add(key.sha, &format, sizeof(format));
	cc_sha256_add(key.sha, cc_init_image, cc_init_image_end - cc_init_image);
	add_program_to_key(&key, build->package);
	add_program_to_key(&key, build->qemu);
	cc_fileset_each(build->set, add_to_key, &key);
	cc_sha256_end(key.sha, text);
}

static struct cc_base *open_by_key(const struct build *build)
{
	char *id = cc_read_file(build->key_path, 65, NULL, NULL);
	struct cc_base *base;

	if (id)
		id[strcspn(id, "\n")] = 0;
	base = id ? cc_base_open(id, NULL) : NULL;
	free(id);
	return base;
}

/* ---- the files ---- */

static FILE *create(const char *directory, const char *name, struct cc_error *error)
{
	char *path = cc_format("%s/%s", directory, name);
	FILE *file = fopen(path, "we");

	if (!file)
		cc_fail(error, CC_EIO, "%s: %s", path, strerror(errno));
	free(path);
	return file;
}

/* The file is to be closed, and everything that was written to be on it. */
static int finish(FILE *file, const char *name, int status, struct cc_error *error)
{
	int failed = ferror(file);

	if ((fclose(file) || failed) && !status)
		return cc_fail(error, CC_EIO, "%s: %s", name, strerror(errno));
	return status;
}

static int write_files(struct build *build, struct cc_error *error)
{
	FILE *to = create(build->directory, cc_base_images[0].name, error);
	int status;

	if (!to)
		return CC_EIO;
	cc_add_libraries(build->set);
	cc_add_alternatives(build->set);
	status = cc_cpio_put_set(to, build->set, error);
	cc_cpio_end(to);
	return finish(to, cc_base_images[0].name, status, error);
}

static int put_module(FILE *to, const char *directory, const char *name, struct cc_error *error)
{
	const struct stat plain = {.st_mode = S_IFREG | 0644};
	char *path = cc_format("%s/%s", directory, name), *data, *inside;
	size_t length;

	data = cc_read_file(path, MODULE_MAX, &length, NULL);
	inside = cc_format("modules/%s", name);
	if (data)
		cc_cpio_put(to, inside, &plain, data, length);
	else
		cc_fail(error, CC_EMISSING, "the guest's kernel package has no module %s", name);
	free(inside);
	unlink(path);
	free(path);
	free(data);
	return data ? 0 : CC_EMISSING;
}

static int write_initramfs(struct build *build, struct cc_error *error)
{
	const struct stat program = {.st_mode = S_IFREG | 0755};
	const struct stat directory = {.st_mode = S_IFDIR | 0755};
	FILE *to = create(build->directory, "init.cpio", error);
	int status = 0;

	if (!to)
		return CC_EIO;
	cc_cpio_put(to, "init", &program, cc_init_image, cc_init_image_end - cc_init_image);
	cc_cpio_put(to, "modules", &directory, "", 0);
	for (size_t i = 0; !status && cc_kernel_modules[i]; i++)
		status = put_module(to, build->directory, cc_kernel_modules[i], error);
	cc_cpio_end(to);
	return finish(to, "init.cpio", status, error);
}

/* ---- the snapshot and the manifest ---- */

/* Memory for the files of the base, and at least 1.5 GB for the run. */
static uint64_t ram_for(uint64_t files)
{
	uint64_t wanted = files + (UINT64_C(1536) << 20);

	wanted = (wanted + RAM_STEP - 1) / RAM_STEP * RAM_STEP;
	return wanted > RAM_LEAST ? wanted : RAM_LEAST;
}

static json_t *describe_kernel(const struct build *build, const struct cc_vm_kernel *kernel)
{
	const char *name = strrchr(build->package, '/') + 1;

	return json_pack("{s:s%,s:o,s:o,s:i,s:i,s:i,s:i,s:i}", "package", name,
			 (int)(strlen(name) - strlen(".deb")), "current_task",
			 json_sprintf("%llx", (unsigned long long)kernel->current_task), "do_exit",
			 json_sprintf("%llx", (unsigned long long)kernel->do_exit), "task_pid",
			 kernel->task_pid, "task_tgid", kernel->task_tgid, "task_real_parent",
			 kernel->task_real_parent, "task_comm", kernel->task_comm, "task_exit_code",
			 kernel->task_exit_code);
}

static json_t *describe_images(const char *directory, struct cc_error *error)
{
	json_t *images = json_object();

	for (size_t i = 0; cc_base_images[i].name; i++) {
		char *path = cc_format("%s/%s", directory, cc_base_images[i].name), digest[65];
		struct stat status = {0};
		int failed = cc_base_images[i].sparse ? cc_sha256_sparse(path, digest, error)
						      : cc_sha256_file(path, digest, error);

		stat(path, &status);
		free(path);
		if (failed) {
			json_decref(images);
			return NULL;
		}
		json_object_set_new(images, cc_base_images[i].name,
				    json_pack("{s:s,s:I}", "sha256", digest, "bytes",
					      (json_int_t)status.st_size));
	}
	return images;
}

static int write_manifest(struct build *build, const struct cc_snapshot *snapshot,
			  const struct cc_vm_kernel *kernel, struct cc_error *error)
{
	json_t *images = describe_images(build->directory, error), *manifest;
	char *path, *text;
	int status;

	if (!images)
		return CC_EIO;
	manifest = json_pack("{s:i,s:s,s:I,s:I,s:s,s:o,s:o}", "format", 1, "made-by",
			     "crosscut " CC_VERSION, "ram-bytes", (json_int_t)snapshot->ram_bytes,
			     "instructions", (json_int_t)0, "qemu", snapshot->qemu, "kernel",
			     describe_kernel(build, kernel), "images", images);
	text = manifest ? json_dumps(manifest, JSON_INDENT(1)) : NULL;
	if (!text)
		abort();
	path = cc_format("%s/" CC_BASE_MANIFEST, build->directory);
	status = cc_write_file(path, text, strlen(text), error);
	free(path);
	free(text);
	json_decref(manifest);
	return status;
}

static int boot(struct build *build, struct cc_error *error)
{
	char *files = cc_format("%s/%s", build->directory, cc_base_images[0].name);
	char *state = cc_format("%s/%s", build->directory, cc_base_images[1].name);
	char *ram = cc_format("%s/%s", build->directory, cc_base_images[2].name);
	struct cc_snapshot snapshot = {
		.directory = build->directory,
		.files = files,
		.ram = ram,
		.state = state,
		.ram_bytes = ram_for(cc_fileset_bytes(build->set)),
	};
	struct cc_vm_kernel kernel = {0};
	char *vmlinux = cc_format("%s/vmlinux", build->directory);
	int status = cc_kernel_offsets(vmlinux, &kernel, error);

	if (!status)
		status = cc_snapshot_make(&snapshot, &kernel, error);
	if (!status)
		status = write_manifest(build, &snapshot, &kernel, error);
	free(vmlinux);
	free(files);
	free(state);
	free(ram);
	return status;
}

/* ---- all of it ---- */

/* Only the images and the manifest stay. */
static void remove_scraps(const char *directory)
{
	static const char *const scraps[] = {"vmlinux", "init.cpio", "control", "console",
					     "stdout",	"stderr",    "pull",	"qemu.err"};

	for (size_t i = 0; i < sizeof(scraps) / sizeof(*scraps); i++) {
		char *path = cc_format("%s/%s", directory, scraps[i]);

		unlink(path);
		free(path);
	}
}

/*
 * Measured: 13 s for a bare system's 290 MB of files, 28 s for 840 MB, when nothing else runs. Most
 * of it goes by what there is to unpack.
 */
static unsigned seconds_for(uint64_t bytes)
{
	return ((unsigned)(bytes / 35000000) + 6 + 4) / 5 * 5;
}

static void progress(const struct build *build, const char *text)
{
	if (build->builder->progress)
		build->builder->progress(text, seconds_for(cc_fileset_bytes(build->set)));
}

static struct cc_base *try_out(struct build *build, const char *id, struct cc_error *error)
{
	struct cc_base *base = cc_base_open(id, error);

	progress(build, "recording and replaying a first run");
	if (base && build->builder->validate &&
	    build->builder->validate(build->languages, base, error)) {
		cc_remove_tree(base->directory);
		cc_base_close(base);
		return NULL;
	}
	return base;
}

static struct cc_base *make(struct build *build, struct cc_error *error)
{
	struct cc_base *base = NULL;
	char id[65], line[66];
	int status;

	cc_base_remove_scraps(build->cache);
	build->directory = cc_base_new_directory(build->cache, error);
	if (!build->directory)
		return NULL;
	progress(build, "unpacking the kernel");
	status = cc_kernel_unpack(build->package, build->directory, error);
	if (!status)
		progress(build, "collecting files");
	if (!status)
		status = write_initramfs(build, error);
	if (!status)
		status = write_files(build, error);
	if (!status)
		progress(build, "booting");
	if (!status)
		status = boot(build, error);
	remove_scraps(build->directory);
	if (!status)
		status = cc_base_install(build->directory, id, error);
	if (!status)
		base = try_out(build, id, error);
	if (base) {
		snprintf(line, sizeof(line), "%s\n", id);
		if (cc_write_file(build->key_path, line, strlen(line), error)) {
			cc_base_close(base);
			base = NULL;
		}
	}
	cc_remove_tree(build->directory);
	free(build->directory);
	return base;
}

/* Two at a time would boot the same machine twice: the second waits, and finds it. */
static struct cc_base *make_locked(struct build *build, struct cc_error *error)
{
	struct cc_base *base = NULL;
	int lock;

	progress(build, "waiting for another build to end");
	lock = cc_base_lock(build->cache, error);
	if (lock >= 0) {
		base = open_by_key(build);
		if (!base)
			base = make(build, error);
		close(lock);
	}
	progress(build, NULL);
	return base;
}

/* Where the cache says which base was made of the packages as they are. */
static int find_key(struct build *build, const struct cc_packages *packages, struct cc_error *error)
{
	char key[65], *keys;
	int status;

	build->cache = cc_cache_directory(error);
	if (!build->cache || cc_machine_program(&build->qemu, error))
		return CC_EMISSING;
	build->package = cc_kernel_package(build->cache, error);
	if (!build->package || cc_base_contents(build->set, build->languages, packages, error))
		return CC_EMISSING;
	make_key(build, key);
	keys = cc_format("%s/keys", build->cache);
	build->key_path = cc_format("%s/%s", keys, key);
	status = cc_make_directories(keys, error);
	free(keys);
	return status;
}

static void end(struct build *build)
{
	cc_fileset_free(build->set);
	free(build->key_path);
	free(build->package);
	free(build->qemu);
	free(build->cache);
}

struct cc_base *cc_base_current(const struct cc_base_builder *builder,
				const struct cc_packages *packages, struct cc_error *error)
{
	struct build build = {.builder = builder,
			      .languages = builder->languages,
			      .set = cc_fileset_new()};
	struct cc_base *base = NULL;

	if (!find_key(&build, packages, error)) {
		base = open_by_key(&build);
		if (!base)
			base = make_locked(&build, error);
	}
	end(&build);
	return base;
}

int cc_base_current_id(const struct cc_language *const *languages,
		       const struct cc_packages *packages, char id[65], struct cc_error *error)
{
	struct build build = {.languages = languages, .set = cc_fileset_new()};
	int status = find_key(&build, packages, error);
	struct cc_base *base = status ? NULL : open_by_key(&build);

	strcpy(id, base ? base->id : "");
	cc_base_close(base);
	end(&build);
	return status;
}
