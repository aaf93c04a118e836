/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structs, field by field: which of their bytes mean something going in, which coming out, and
 * what is behind their pointers. Smaller in a log than raw bytes, free of padding, and printable.
 */
#ifndef CC_HOST_LAYOUT_H
#define CC_HOST_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "core/host/hostcall.h"

#define CC_FIELDS_MAX 20
#define CC_LAYOUT_MAX 512 /* bytes of a struct */

enum cc_field_type {
	CC_FIELD_U,	  /* unsigned, of `width` bytes */
	CC_FIELD_S,	  /* signed */
	CC_FIELD_DELTA,	  /* signed difference from field `base` */
	CC_FIELD_ADDR,	  /* a pointer: logged and served, not compared */
	CC_FIELD_HANDLER, /* a signal handler: SIG_DFL, SIG_IGN or some address */
	CC_FIELD_BYTES,	  /* `width` bytes as they are */
	CC_FIELD_CHARS,	  /* char[width], as far as its NUL */
	CC_FIELD_STRING,  /* char * */
	CC_FIELD_STRINGS, /* char *[], NULL-terminated */
	CC_FIELD_ADDRS,	  /* the same, of as many bytes as field `base` says */
	CC_FIELD_ZONE,	  /* char * to a time zone's name, which stays for ever */
	/* A pointer to the program's memory, of as many bytes as field `base` says */
	CC_FIELD_BUFFER,
	CC_FIELD_COMMAND, /* a pointer to a command of ethtool: its number in, all of it out */
};

struct cc_field {
	const char *name;
	uint8_t type;
	uint8_t directions; /* CC_IN: compared; CC_OUT: served */
	uint8_t brief;	    /* shown to people, not only to machines */
	uint8_t base;
	uint16_t offset;
	uint16_t width;
	const char *names; /* constants, see names.c */
};

/* A number in a struct that makes the call one of a kind that is not modelled. */
struct cc_unmodelled {
	uint16_t offset;
	int32_t value;
	const char *text;
};

struct cc_layout {
	const char *name;
	uint16_t size;
	uint8_t whole; /* the kernel writes every byte of it: padding becomes zero */
	uint8_t open;  /* its last field is longer than `size` says: struct dirent */
	const struct cc_field *fields;
	unsigned count;
	const struct cc_unmodelled *unmodelled; /* NULL: nothing */
};

/* ethtool.c: how long the command at an address is; 0: no command that is known. */
size_t cc_ethtool_size(const struct cc_memory *memory, uint64_t address);

int cc_layout_index(const char *name); /* -1: no such layout */
/* The layout of this index, which cc_layout_index gave. */
const struct cc_layout *cc_layout_at(unsigned index);

#endif
