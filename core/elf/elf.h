/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the stages need to know of an ELF object: identity, symbols, PLT stubs (libelf). */
#ifndef CC_ELF_H
#define CC_ELF_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

struct cc_elf;

/* x86-64 ELF objects only. Errors: CC_EIO, CC_EFORMAT. */
struct cc_elf *cc_elf_open(const char *path, struct cc_error *error);
/* The same of an object that stands within a file; size 0: to its end. */
struct cc_elf *cc_elf_open_part(const char *path, uint64_t offset, uint64_t size,
				struct cc_error *error);
void cc_elf_close(struct cc_elf *elf);

/* Give back the pages of the file that were looked at; they come again when needed. */
void cc_elf_rest(const struct cc_elf *elf);

/* NT_GNU_BUILD_ID in hex, or "". */
const char *cc_elf_build_id(const struct cc_elf *elf);

/* Address (as linked) and size of a defined symbol: .dynsym, then .symtab. 0, or -1. */
int cc_elf_symbol(const struct cc_elf *elf, const char *name, uint64_t *address, uint64_t *size);

/*
 * Each name that the object defines for others (.dynsym); the address of a function's code, or 0.
 */
typedef void cc_symbol_function(void *context, const char *name, uint64_t function);
void cc_elf_each_symbol(const struct cc_elf *elf, cc_symbol_function *function, void *context);

/* Is it a program that a dynamic linker loads (PT_INTERP)? 1 or 0. */
int cc_elf_has_linker(const struct cc_elf *elf);

/* The entry point, as linked (e_entry). */
uint64_t cc_elf_entry(const struct cc_elf *elf);

/* The section .text: 0, or -1. */
int cc_elf_code(const struct cc_elf *elf, uint64_t *address, uint64_t *size);

/* `length` bytes of the file that will be loaded at `address`, or NULL. The object's memory. */
const uint8_t *cc_elf_bytes(const struct cc_elf *elf, uint64_t address, size_t length);

/*
 * TLS symbol `name`, defined here: its thread-pointer offset will be what the dynamic linker puts
 * at `address` (some R_X86_64_TPOFF64 of the object's own block) plus `delta`. 0, or -1.
 */
int cc_elf_tpoff_slot(const struct cc_elf *elf, const char *name, uint64_t *address,
		      int64_t *delta);

/* Each PLT stub (.plt, .plt.sec, .plt.got) with the name of the function that it jumps to. */
typedef void cc_plt_function(void *context, uint64_t address, const char *symbol);
void cc_elf_each_plt(const struct cc_elf *elf, cc_plt_function *function, void *context);

/*
 * Each function that the dynamic linker calls by itself: DT_INIT, DT_FINI, and what stands in
 * .init_array and .fini_array.
 */
typedef void cc_address_function(void *context, uint64_t address);
void cc_elf_each_initializer(const struct cc_elf *elf, cc_address_function *function,
			     void *context);

#endif
