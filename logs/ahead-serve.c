/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logs/ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RAW_MIN (4u << 20) /* a shorter log is read before it is of use */

struct cc_ahead_server {
	struct cc_log_reader *reader;
	struct cc_ahead_shared *shared;
	int descriptor;
	struct cc_ahead_pages pages;
	atomic_int over;
	pthread_t thread;
};

static void decode(struct cc_ahead_server *server, uint32_t number)
{
	const struct cc_entry *entry = &server->reader->entries[number];
	struct cc_log_reader *reader = cc_reader_holder(server->reader, entry);
	struct cc_ahead_shared *shared = server->shared;
	unsigned slot = number % CC_AHEAD_SLOTS;
	struct cc_log_frame frame;

	cc_ahead_populate(&server->pages, shared, slot, entry->raw_length, MADV_POPULATE_WRITE);
	shared->slot[slot].length = entry->raw_length;
	shared->slot[slot].whole =
		entry->raw_length <= CC_AHEAD_SLOT_SIZE &&
		!cc_reader_header(reader, entry->offset, &frame, NULL) &&
		cc_reader_is(&frame, entry) &&
		!cc_reader_payload(reader, entry->offset, &frame, shared->data[slot], NULL);
}

/* Once, not again for each frame that is longer than those before. */
static void get_room(struct cc_log_reader *reader)
{
	size_t most = 0;

	for (size_t i = 0; i < reader->count; i++)
		if (reader->entries[i].length > most &&
		    reader->entries[i].raw_length <= CC_AHEAD_SLOT_SIZE)
			most = reader->entries[i].length;
	cc_reader_room(reader, &reader->packed, &reader->packed_capacity, most, NULL);
}

static void *serve(void *argument)
{
	struct cc_ahead_server *server = argument;
	struct cc_ahead_shared *shared = server->shared;

	get_room(server->reader);

	for (uint32_t number = 0; number < server->reader->count; number++) {
		uint32_t taken;

		while ((taken = atomic_load(&shared->taken)) + CC_AHEAD_SLOTS <= number &&
		       !atomic_load(&server->over))
			cc_ahead_wait(&shared->taken, taken);
		if (atomic_load(&server->over))
			break;
		decode(server, number);
		atomic_store(&shared->made, number + 1);
		cc_ahead_wake(&shared->made);
	}
	return NULL;
}

static int worth_it(const struct cc_log_reader *reader)
{
	const struct cc_entry *last = reader->count ? &reader->entries[reader->count - 1] : NULL;

	return last && last->raw_offset + last->raw_length >= RAW_MIN &&
	       reader->count < UINT32_MAX / 2;
}

static int share(struct cc_ahead_server *server)
{
	struct cc_ahead_shared *shared;
	struct stat info;

	server->descriptor = memfd_create("crosscut-ahead", 0);
	if (server->descriptor < 0 || ftruncate(server->descriptor, sizeof(*shared)) ||
	    fstat(server->reader->fd, &info))
		return -1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, server->descriptor,
		      0);
	if (shared == MAP_FAILED)
		return -1;
	shared->server = getpid();
	shared->device = info.st_dev;
	shared->inode = info.st_ino;
	server->shared = shared;
	return 0;
}

static void server_free(struct cc_ahead_server *server)
{
	if (server->shared)
		munmap(server->shared, sizeof(*server->shared));
	if (server->descriptor >= 0)
		close(server->descriptor);
	free(server);
}

/* Signals are for the thread that waits for the replay. */
static int start(struct cc_ahead_server *server)
{
	sigset_t all, before;
	int status;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&server->thread, NULL, serve, server);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

struct cc_ahead_server *cc_ahead_serve(struct cc_log_reader *reader)
{
	struct cc_ahead_server *server = worth_it(reader) ? calloc(1, sizeof(*server)) : NULL;

	if (!server)
		return NULL;
	server->reader = reader;
	if (!share(server) && !start(server))
		return server;
	server_free(server);
	return NULL;
}

int cc_ahead_descriptor(const struct cc_ahead_server *server)
{
	return server->descriptor;
}

void cc_ahead_serve_end(struct cc_ahead_server *server)
{
	if (!server)
		return;
	atomic_store(&server->over, 1);
	cc_ahead_wake(&server->shared->taken);
	pthread_join(server->thread, NULL);
	server_free(server);
}
