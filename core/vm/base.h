/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest base: a booted machine with the host's own packages in it, made once and kept in the
 * cache. A base is named by the SHA-256 of its manifest, which names its images by theirs.
 *
 *   CACHE/bases/ID/manifest.json
 *                  files.cpio     what the guest's file system holds
 *                  ram, state     the snapshot (core/vm/snapshot.c)
 *                  recordings     that need it (core/vm/recordings.h)
 *   CACHE/bases/new-…            one in the making (or a crash's; the next maker removes it)
 *   CACHE/keys/KEY                the ID of the base that was made from such packages
 */
#ifndef CC_VM_BASE_H
#define CC_VM_BASE_H

#include <jansson.h>

#include "core/base/sha256.h"
#include "core/debian/packages.h"
#include "core/vm/cpio.h"
#include "core/vm/vm.h"

#define CC_BASE_MANIFEST "manifest.json"

/* The images, in the order in which a pack carries them. */
struct cc_base_image {
	const char *name;
	int sparse; /* the manifest's digest of it is cc_sha256_sparse's */
};
extern const struct cc_base_image cc_base_images[]; /* ends with name NULL */

struct cc_base {
	char id[65];
	char *cache, *directory;
	int lock; /* shared while the base is open, so that cc_base_prune leaves it alone */
	json_t *manifest;
	uint64_t ram_bytes;
	uint64_t instructions; /* at which runs from the base begin to count */
	struct cc_vm_kernel kernel;
	const char *qemu;     /* the version that made the snapshot */
	struct cc_cpio files; /* after cc_base_files */
	char *store;	      /* the path of files.cpio */
};

/* The base with this id, from the cache. CC_EMISSING with what to do; CC_EFORMAT. */
struct cc_base *cc_base_open(const char *id, struct cc_error *error);
void cc_base_close(struct cc_base *base);

/* Does this text look like a base's id (64 hex digits in lower case)? 1 or 0. */
int cc_base_is_id(const char *text);

char *cc_base_path(const struct cc_base *base, const char *image); /* malloc'ed */

/* The "kernel" object of a manifest. Nonzero when something is missing. */
int cc_base_parse_kernel(const json_t *object, struct cc_vm_kernel *kernel);

/* Map and index files.cpio. Once is enough. */
int cc_base_files(struct cc_base *base, struct cc_error *error);

/* Each image against the manifest's digest, and the manifest against the id. */
int cc_base_verify(const struct cc_base *base, struct cc_error *error);

/* The base for the host's packages as they are now; NULL on failure. Built when there is none. */
struct cc_language;
struct cc_base_builder {
	const struct cc_language *const *languages; /* whose files a base holds; NULL-terminated */
	/* "what is being done", NULL at the end; `seconds`: about how long all of it takes */
	void (*progress)(const char *text, unsigned seconds);
	/* Tries a new base out; a base that fails is not kept. */
	int (*validate)(const struct cc_language *const *languages, struct cc_base *base,
			struct cc_error *error);
};
/* The base for this machine's present packages, built when the cache has none. NULL with *error. */
struct cc_base *cc_base_current(const struct cc_base_builder *builder,
				const struct cc_packages *packages, struct cc_error *error);

/* The id of the base for the present packages when it is in the cache, else "". */
int cc_base_current_id(const struct cc_language *const *languages,
		       const struct cc_packages *packages, char id[65], struct cc_error *error);

/*
 * A fresh directory for cc_base_install, on the cache's disk; malloc'ed, NULL on failure. Its maker
 * holds the cache's lock (cc_base_lock), and so may remove what others have left.
 */
char *cc_base_new_directory(const char *cache, struct cc_error *error);
/* Waits for others that hold the cache's lock. The descriptor to close, or -1 with *error. */
int cc_base_lock(const char *cache, struct cc_error *error);
void cc_base_remove_scraps(const char *cache);

/*
 * Give a directory that holds all files of a base its place in the cache; it may be gone then.
 * For building and for importing.
 */
int cc_base_install(const char *directory, char id[65], struct cc_error *error);

/*
 * Remove the bases that nobody has open, that are not cc_base_current's, and that no recording
 * needs.
 */
struct cc_prune_options {
	const struct cc_language *const *languages; /* as in struct cc_base_builder */
	int force;				    /* those that recordings need, too */
	/* called for each base that stays for its recordings: their paths, NULL-terminated */
	void (*needed)(const char *id, uint64_t bytes, char *const *recordings);
};
struct cc_prune_result {
	unsigned removed, busy; /* bases removed; left because a machine runs from them */
	unsigned needed;	/* bases left because recordings need them */
	int present;		/* is there a base of this machine's present packages? */
	uint64_t bytes;		/* that were freed */
};
/* Removes bases from the cache as the options say. 0 with *result, or a CC_E…. */
int cc_base_prune(const struct cc_packages *packages, const struct cc_prune_options *options,
		  struct cc_prune_result *result, struct cc_error *error);

/*
 * When the bases together take more than $CROSSCUT_CACHE_GB (8): remove those that nothing was
 * recorded from, but `present`, and what was used lately; each is told of.
 */
void cc_base_make_room(const struct cc_base *present, void (*notice)(const char *text));

#endif
