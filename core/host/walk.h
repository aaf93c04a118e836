/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core/host: one walk over the items of a call, and the shapes that items have in a log.
 *
 * A number is one varint. Everything behind a pointer begins with a varint of its own, so that a
 * NULL pointer is logged as such and a reader needs no live call:
 *   bytes, strings    0: NULL   1: a blob of the log follows   n + 2: n bytes follow
 *   structs, vectors  0: NULL   n + 1: n elements follow
 */
#ifndef CC_HOST_WALK_H
#define CC_HOST_WALK_H

#include "core/host/hostcall.h"
#include "core/host/show.h"

#define CC_IN 1
#define CC_OUT 2

#define CC_INLINE_MAX 256	 /* longer blobs go through cc_log_put_blob */
#define CC_VECTOR_MAX (1u << 20) /* elements of an argv, an iovec, a list of aliases */
#define CC_PIECE (1u << 20)	 /* of what is longer than CC_PIECES_FROM: one record each */
#define CC_PIECES_FROM (8u << 20)
/* What no length of bytes that follow in the record comes to */
#define CC_IN_PIECES (CC_RECORD_MAX + 3ul)
#define CC_DATA_MAX (1ul << 40)
#define CC_STORAGE_SIZE 65536 /* of one result that we own */

struct cc_walk {
	const struct cc_hostcall *call;
	const uint64_t *args;
	const uint32_t *before;
	int64_t ret;
	int direction; /* CC_IN or CC_OUT */
	int faulted;   /* CC_IN: at an address there may be no memory (EFAULT) */
	int failed;    /* CC_OUT: only items that a failed call has, too */
	/* encoding */
	const struct cc_memory *memory;
	struct cc_log_writer *writer;
	struct cc_log_writer *parts; /* where large pieces go at once; NULL: nowhere */
	struct cc_buffer *out;
	/* comparing, serving, showing */
	struct cc_log_reader *reader;
	struct cc_cursor *cursor;
	struct cc_emit *emit;
	int64_t selector; /* showing: the number that came last, which a CC_ITEM_BY goes by */
	int64_t numbers[CC_MAXARGS]; /* showing: the numbers that came, by argument */
	/* serving: where the pointees of a graph go */
	uint8_t *arena;
	uint8_t *arena_end;
};

enum cc_shape_id {
	CC_SHAPE_NONE,
	CC_SHAPE_NUMBER,
	CC_SHAPE_STRING,
	CC_SHAPE_BYTES,
	CC_SHAPE_STRINGS,
	CC_SHAPE_LAYOUT,
	CC_SHAPE_GRAPH,
	CC_SHAPE_POINTER,
	CC_SHAPE_IOVEC,
	CC_SHAPE_MESSAGE,
	CC_SHAPE_VARIANT,
	CC_SHAPE_TIMEZONE,
	CC_SHAPE_STREAM,
	CC_SHAPE_VARIADIC,
	CC_SHAPE_DATUM,
	CC_SHAPES,
};

/* Is the item one of this walk's? */
static inline int cc_walk_has(const struct cc_walk *walk, const struct cc_item *item)
{
	return (item->directions & walk->direction) && (!walk->failed || item->even_failed);
}

#define CC_DIFFERS (-1)
#define CC_MALFORMED (-2)

/*
 * What can be done with an item. `value` is the argument (for a result's item: the result).
 * All return 0; encode -1 when memory cannot be read; compare CC_DIFFERS or CC_MALFORMED;
 * serve and show CC_MALFORMED.
 */
struct cc_shape {
	int (*encode)(struct cc_walk *walk, const struct cc_item *item, uint64_t value);
	int (*compare)(struct cc_walk *walk, const struct cc_item *item, uint64_t value);
	int (*serve)(struct cc_walk *walk, const struct cc_item *item, uint64_t value);
	int (*show)(struct cc_walk *walk, const struct cc_item *item);
};

extern const struct cc_shape cc_shape_number, cc_shape_string, cc_shape_bytes, cc_shape_strings,
	cc_shape_layout, cc_shape_graph, cc_shape_pointer, cc_shape_iovec, cc_shape_message,
	cc_shape_variant, cc_shape_timezone, cc_shape_stream, cc_shape_variadic, cc_shape_datum;
extern const struct cc_shape *const cc_shapes[CC_SHAPES];

/* memory.c: a process's memory, blobs and counts */
int cc_walk_read(struct cc_walk *walk, uint64_t address, void *data, size_t length);
/* A pointer's worth of memory, as a number. */
int cc_walk_read_u64(struct cc_walk *walk, uint64_t address, uint64_t *value);
void cc_walk_put_blob(struct cc_walk *walk, const void *data, size_t length);
/* The bytes at `address`, or NULL, as a blob. */
int cc_walk_put_memory(struct cc_walk *walk, uint64_t address, size_t length);
/*
 * The string at `address`, without its NUL, in characters of `unit` bytes and at most `capacity`
 * bytes long.
 */
int cc_walk_put_string(struct cc_walk *walk, uint64_t address, unsigned unit, size_t capacity);
/* How many of at most `length` bytes at `data` come before a character of zeros. */
size_t cc_string_length(const uint8_t *data, size_t length, unsigned unit);
/* string.c: is the live string these very bytes? */
int cc_string_equals(uint64_t live, const uint8_t *data, size_t length, unsigned unit);
/* 1 and the blob, 0 for NULL, CC_MALFORMED. */
int cc_walk_get_blob(struct cc_walk *walk, const uint8_t **data, size_t *length);
/* Memory as a blob or, if it is large, in pieces: to be read by cc_walk_get_pieces. */
int cc_walk_put_large(struct cc_walk *walk, uint64_t address, size_t length);
/*
 * What may stand in pieces, one after the other. cc_walk_get_pieces: 0: NULL; 1: `length` bytes
 * follow in all; or CC_MALFORMED.
 */
struct cc_pieces {
	size_t length, left;
	const uint8_t *data; /* all of it, or NULL */
};
/* Begins to read such memory. */
int cc_walk_get_pieces(struct cc_walk *walk, struct cc_pieces *pieces);
/* 1: the next piece; 0: that was all; or CC_MALFORMED. */
int cc_walk_next_piece(struct cc_walk *walk, struct cc_pieces *pieces, const uint8_t **data,
		       size_t *length);
/* The count of a vector: 1 and the count, 0 for NULL, CC_MALFORMED. */
int cc_walk_get_count(struct cc_walk *walk, uint64_t *count);

/* iovec.c: for messages too. `value` and `count` are a live or a guest's struct iovec[]. */
int cc_iovec_encode_in(struct cc_walk *walk, uint64_t value, uint64_t count);
int cc_iovec_compare(struct cc_walk *walk, uint64_t value, uint64_t count);
int cc_iovec_encode_out(struct cc_walk *walk, uint64_t value, uint64_t count);
int cc_iovec_serve(struct cc_walk *walk, uint64_t value, uint64_t count);
int cc_iovec_show(struct cc_walk *walk, const char *name, int direction);

/*
 * stream.c: has the stream at this address no descriptor, but memory or functions of the program's?
 */
int cc_stream_is_own(const struct cc_memory *memory, uint64_t address);

/* length.c: lengths in bytes */
/* An argument as its item says: sign-extended, or cut to 32 bits. */
uint64_t cc_item_number(const struct cc_item *item, uint64_t value);
/* How much the caller's buffer holds (SIZE_MAX when it says nothing sensible). */
size_t cc_item_capacity(const struct cc_walk *walk, const struct cc_item *item);
/*
 * How much of the caller's buffer the call used. In a live call of a replay the AT_ARG lengths are
 * not known yet: `exact` is then 0 and *length the capacity. -1 when that is more than a record may
 * hold, or more than the buffer may hold.
 */
int cc_item_length(const struct cc_walk *walk, const struct cc_item *item, size_t *length,
		   int *exact);

/* variant.c */
const struct cc_item *cc_variant_item(const struct cc_item *item, int64_t selector,
				      struct cc_item *scratch);
int cc_variant_class(const struct cc_item *item, int64_t selector); /* -1: the row's */
/* The argument that a CC_ITEM_BY goes by: the one it names, or the one before it. */
unsigned cc_variant_selector(const struct cc_hostcall *call, const struct cc_item *item);
int cc_variant_find(const char *name);	     /* index of a set, or -1 */
uint8_t cc_variant_directions(unsigned set); /* of all variants together */
void cc_variant_init(void);

/* spec.c */
void cc_spec_parse(struct cc_hostcall *call);
/* One item's type, "int%mode" or "inout[32]%flock": for variants. */
void cc_spec_parse_type(const char *text, struct cc_item *item);

/* effects.c: the row's last column, once its spec is parsed */
void cc_effects_parse(struct cc_hostcall *call, const char *text);

/* timezone.c: a copy of a zone's abbreviation that stays, or NULL when it is too long. */
const char *cc_zone_name(const uint8_t *data, size_t length);

/* storage.c: our memory for results that are in the C library's own */
/* Memory of `size` bytes for the result, which was at `then` in the run; NULL: there is none. */
uint8_t *cc_storage(const struct cc_hostcall *call, uint64_t then, size_t size);
uint8_t *cc_storage_slot(const struct cc_hostcall *call); /* the row's own slot */
uint8_t *cc_storage_served(void);			  /* what cc_storage gave last */
/*
 * A slot's number: by name a slot that rows share, NULL: one for this row alone. Ends the program
 * when all are taken, which is a mistake of ours.
 */
unsigned cc_storage_take(const char *name);
/* Memory for a struct with pointers that is a result, and the walk's arena for its pointees. */
uint8_t *cc_graph_storage(struct cc_walk *walk, const struct cc_item *item);
/* The arena for what a graph points to; then memory from it, NULL when it is full. */
void cc_walk_arena(struct cc_walk *walk, uint64_t address, uint64_t size);
uint8_t *cc_walk_allocate(struct cc_walk *walk, size_t size, size_t alignment);

#endif
