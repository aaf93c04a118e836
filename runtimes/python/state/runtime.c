/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPython as the stages see it. This file is compiled against the headers of the Python whose runs
 * it understands (layout.h), and that version is in the table.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <opcode.h>

#include "runtimes/python/state/runtime.h"
#include "core/base/text.h"
#include "runtimes/python/analysis/text.h"
#include "runtimes/python/replay/hooks.h"
#include "runtimes/python/replay/valued.h"
#include "runtimes/python/state/layout.h"
#include "runtimes/python/state/opnames.h"
#include "runtimes/python/state/symbols.h"

static const char *const symbols[] = {
	[AT_RUNTIME] = "_PyRuntime", [AT_EVAL] = "_PyEval_EvalFrameDefault",
	[AT_LONG] = "PyLong_Type",   [AT_BOOL] = "PyBool_Type",
	[AT_FLOAT] = "PyFloat_Type", [AT_UNICODE] = "PyUnicode_Type",
	[AT_BYTES] = "PyBytes_Type", [AT_NONE] = "_Py_NoneStruct",
	[AT_COUNT] = NULL,
};

/* Reads of the interpreter's memory: into a variable of the header's own type. */
#define READ(memory, address, object)                                                              \
	((memory)->read((memory)->context, (uint64_t)(uintptr_t)(address), &(object),              \
			sizeof(object)))
/* Reads what stands `offset` bytes behind the address. */
#define READ_AT(memory, address, offset, object)                                                   \
	READ(memory, (uint64_t)(uintptr_t)(address) + (offset), object)
#define THREADS_MAX 4096

/* ---- which thread, which frame ---- */

static int is_thread(const struct cc_memory *memory, const PyThreadState *thread, uint64_t pointer)
{
	unsigned long id;

	return thread && !READ_AT(memory, thread, CC_PYTHON_THREAD_ID, id) && id == pointer;
}

/*
 * The state of the thread that runs: it holds the GIL, or it is found by its thread pointer, which
 * is what pthread_self gives. A state that is new has its maker's until its thread runs: the oldest
 * one that fits is right, and comes last.
 */
static PyThreadState *current_thread(const struct cc_memory *memory, const uint64_t *at)
{
	uint64_t pointer = memory->reg ? memory->reg(memory->context, CC_REG_FS_BASE) : 0;
	PyThreadState *holder, *thread, *found = NULL;
	PyInterpreterState *interpreter;

	if (READ_AT(memory, at[AT_RUNTIME], CC_PYTHON_GIL_HOLDER, holder))
		return NULL;
	if (holder && (!pointer || is_thread(memory, holder, pointer)))
		return holder;
	if (READ_AT(memory, at[AT_RUNTIME], CC_PYTHON_INTERPRETERS, interpreter))
		return NULL;
	for (int i = 0; interpreter && i < THREADS_MAX; i++) {
		if (READ_AT(memory, interpreter, CC_PYTHON_THREADS, thread))
			return found;
		for (int j = 0; thread && j < THREADS_MAX; j++) {
			if (!pointer || is_thread(memory, thread, pointer))
				found = thread;
			if (READ_AT(memory, thread, CC_PYTHON_NEXT_THREAD, thread))
				return found;
		}
		if (READ_AT(memory, interpreter, CC_PYTHON_NEXT_INTERPRETER, interpreter))
			return found;
	}
	return found;
}

/* A frame, and a copy of the part of it that stands before its variables. */
struct python_frame {
	_PyInterpreterFrame *address, head;
};

static int current_frame(const struct cc_memory *memory, const uint64_t *at,
			 struct python_frame *frame)
{
	PyThreadState *thread = current_thread(memory, at);
	uint64_t loop; /* what the evaluation loop in C keeps for frames */

	if (!thread || READ_AT(memory, thread, CC_PYTHON_CFRAME, loop) || !loop ||
	    READ_AT(memory, loop, CC_PYTHON_CURRENT_FRAME, frame->address) || !frame->address ||
	    READ(memory, frame->address, frame->head) || !cc_python_code(&frame->head))
		return -1;
	return 0;
}

_PyInterpreterFrame *cc_python_current_frame(const struct cc_memory *memory, const uint64_t *at)
{
	struct python_frame frame;

	return current_frame(memory, at, &frame) ? NULL : frame.address;
}

/* ---- text ---- */

static size_t put_character(char *to, uint32_t c)
{
	if (c >= 0xdc80 && c <= 0xdcff) /* surrogateescape: a byte that was no UTF-8 */
		return to[0] = (char)(c - 0xdc00), 1;
	return cc_put_utf8(to, c);
}

static ssize_t read_ascii(const struct cc_memory *memory, uint64_t data, char *text, size_t length)
{
	int status = memory->read(memory->context, data, text, length);

	text[status ? 0 : length] = '\0';
	return status ? -1 : (ssize_t)length;
}

ssize_t cc_python_text(const struct cc_memory *memory, const void *object, char *text, size_t size)
{
	uint8_t piece[256] __attribute__((aligned(4)));
	struct cc_python_text_head copy;
	const PyObject *head = (const PyObject *)&copy;
	uint64_t data;
	size_t to = 0, unit, count;

	text[0] = '\0';
	if (!object || READ(memory, object, copy) || !cc_python_is_compact(head) ||
	    !cc_python_kind(head))
		return -1;
	data = (uint64_t)(uintptr_t)object + cc_python_characters_at(head);
	unit = cc_python_kind(head);
	count = cc_python_length(head) < 0 ? 0 : (size_t)cc_python_length(head);
	if (cc_python_is_compact_ascii(head))
		return read_ascii(memory, data, text, count + 5 < size ? count : size - 5);
	for (size_t at = 0; at < count && to + 5 < size;) {
		size_t now = sizeof(piece) / unit < count - at ? sizeof(piece) / unit : count - at;

		if (memory->read(memory->context, data + at * unit, piece, now * unit))
			return -1;
		for (size_t i = 0; i < now && to + 5 < size; i++)
			to += put_character(text + to, unit == 1   ? piece[i]
						       : unit == 2 ? ((uint16_t *)piece)[i]
								   : ((uint32_t *)piece)[i]);
		at += now;
	}
	text[to] = '\0';
	return (ssize_t)to;
}

/* ---- the line ---- */

struct table {
	struct cc_python_lines lines;
	const struct cc_memory *memory;
	uint64_t address, left;
	uint8_t bytes[128];
};

static int read_more(struct cc_python_bytes *bytes)
{
	struct table *table = (struct table *)bytes; /* lines.bytes stands first */
	size_t length = table->left < sizeof(table->bytes) ? table->left : sizeof(table->bytes);

	if (!length ||
	    table->memory->read(table->memory->context, table->address, table->bytes, length)) {
		table->left = 0;
		return 0;
	}
	table->address += length;
	table->left -= length;
	bytes->at = table->bytes;
	bytes->end = table->bytes + length;
	return 1;
}

static uint32_t line_of(const struct cc_memory *memory, const PyCodeObject *code, int unit)
{
	const PyObject *object = cc_python_line_table(code);
	struct table table = {.lines = {.bytes.more = read_more, .line = code->co_firstlineno},
			      .memory = memory};
	PyVarObject head;
	int line, count, at = 0;

	if (READ(memory, object, head) || head.ob_size <= 0)
		return 0;
	table.address = (uint64_t)(uintptr_t)((const PyBytesObject *)object)->ob_sval;
	table.left = (uint64_t)head.ob_size;
	while ((count = cc_python_next_lines(&table.lines, &line))) {
		at += count;
		if (at > unit)
			return line < 0 ? 0 : (uint32_t)line;
	}
	return 0;
}

/* ---- frames ---- */

static int is_valued(unsigned opcode)
{
	switch (cc_python_base_op(opcode)) {
#define X(op) case op:
		CC_PYTHON_VALUED(X)
#undef X
		return 1;
	}
	return 0;
}

static uint64_t identity(const struct python_frame *frame)
{
	return (uint64_t)(uintptr_t)cc_python_instruction(&frame->head) ^
	       (uint64_t)(uintptr_t)frame->address << 20;
}

static int python_frame(const struct cc_memory *memory, const uint64_t *at,
			struct cc_frame_text *text)
{
	struct python_frame frame;
	struct PyCodeObject code;
	uint16_t instruction;
	int unit;

	text->frame = (struct cc_frame){text->op, text->file, 0, text->sub};
	text->file[0] = text->sub[0] = text->op[0] = '\0';
	text->op_address = 0;
	text->valued = text->ended = 0;
	if (current_frame(memory, at, &frame) || READ(memory, cc_python_code(&frame.head), code))
		return -1;
	unit = cc_python_unit(&frame.head);
	if (unit >= 0 && unit < cc_python_unit_count(&code) &&
	    !READ(memory, cc_python_instruction(&frame.head), instruction)) {
		text->frame.op = cc_python_opname(cc_python_opcode(instruction));
		text->op_address = identity(&frame);
		text->valued = is_valued(cc_python_opcode(instruction));
	}
	text->frame.line = line_of(memory, &code, unit < 0 ? 0 : unit);
	cc_python_text(memory, code.co_filename, text->file, sizeof(text->file));
	cc_python_text(memory, code.co_qualname, text->sub, sizeof(text->sub));
	return 0;
}

static uint64_t python_op(const struct cc_memory *memory, const uint64_t *at)
{
	struct python_frame frame;

	return current_frame(memory, at, &frame) ? 0 : identity(&frame);
}

/* ---- results ---- */

static void value_long(const struct cc_memory *memory, const void *object, struct cc_value *value)
{
	PyVarObject copy;
	const PyObject *head = (const PyObject *)&copy;
	uint32_t digits[2];
	Py_ssize_t count;

	if (READ(memory, object, copy))
		return;
	count = cc_python_digit_count(head);
	if (count > 2)
		return;
	if (count && memory->read(memory->context, (uint64_t)(uintptr_t)object + CC_PYTHON_DIGITS,
				  digits, (size_t)count * sizeof(*digits)))
		return;
	value->kind = CC_VALUE_INT;
	value->i = (int64_t)cc_python_join_digits(digits, count);
	if (cc_python_is_negative(head))
		value->i = -value->i;
}

static void value_bytes(const struct cc_memory *memory, const void *object, struct cc_value *value,
			char *text, size_t size)
{
	PyVarObject head;
	size_t length;

	if (READ(memory, object, head) || head.ob_size < 0)
		return;
	length = (size_t)head.ob_size < size ? (size_t)head.ob_size : size;
	if (memory->read(memory->context,
			 (uint64_t)(uintptr_t)((const PyBytesObject *)object)->ob_sval, text,
			 length))
		return;
	value->kind = CC_VALUE_STRING;
	value->data = text;
	value->length = length;
}

static void value_text(const struct cc_memory *memory, const void *object, struct cc_value *value,
		       char *text, size_t size)
{
	ssize_t length = cc_python_text(memory, object, text, size);

	if (length < 0)
		return;
	value->kind = CC_VALUE_STRING;
	value->data = text;
	value->length = (size_t)length;
}

static void value_float(const struct cc_memory *memory, const void *object, struct cc_value *value)
{
	PyFloatObject number;

	if (READ(memory, object, number))
		return;
	value->kind = CC_VALUE_DOUBLE;
	value->d = number.ob_fval;
}

/*
 * What is on top of the value stack of the frame that runs; the loop keeps the stack's pointer in
 * r13. NULL where the stack is empty (an iteration of a module's that is over, say), or the object
 * itself (pushed below a function).
 */
static PyObject *top_of_stack(const struct cc_memory *memory, const uint64_t *at)
{
	uint64_t top = memory->reg ? memory->reg(memory->context, CC_REG_R13) : 0, bottom;
	struct python_frame frame;
	PyObject *object;
	int variables;

	if (!top || current_frame(memory, at, &frame) ||
	    READ_AT(memory, cc_python_code(&frame.head), CC_PYTHON_VARIABLE_COUNT, variables))
		return NULL;
	bottom = cc_python_stack_bottom(frame.address, variables);
	return top <= bottom || READ(memory, top - sizeof(object), object) ? NULL : object;
}

static void python_value(const struct cc_memory *memory, const uint64_t *at, struct cc_value *value,
			 char *text, size_t size)
{
	PyObject *object = top_of_stack(memory, at), head;
	uint64_t type;

	memset(value, 0, sizeof(*value));
	value->kind = CC_VALUE_OTHER;
	if (!object || READ(memory, object, head))
		return;
	type = (uint64_t)(uintptr_t)head.ob_type;
	if ((uint64_t)(uintptr_t)object == at[AT_NONE])
		value->kind = CC_VALUE_UNDEF;
	else if (type == at[AT_LONG] || type == at[AT_BOOL])
		value_long(memory, object, value);
	else if (type == at[AT_UNICODE])
		value_text(memory, object, value, text, size);
	else if (type == at[AT_BYTES])
		value_bytes(memory, object, value, text, size);
	else if (type == at[AT_FLOAT])
		value_float(memory, object, value);
}

/*
 * signal_handler calls __errno_location, then trip_signal, which begins with the store of 1 to
 * Handlers[signal].tripped (Modules/signalmodule.c): movl $1, Handlers(%rax), at 16 bytes each.
 */
static int python_signal_waits(const struct cc_memory *memory, uint64_t handler, unsigned signal)
{
	uint8_t code[64];
	int32_t distance, handlers;
	unsigned calls = 0;
	int tripped;

	if (memory->read(memory->context, handler, code, sizeof(code)))
		return 1;
	for (size_t i = 0; i + 5 <= sizeof(code); i++) {
		if (code[i] != 0xe8 || ++calls < 2)
			continue;
		memcpy(&distance, code + i + 1, 4);
		if (memory->read(memory->context, handler + i + 5 + (uint64_t)(int64_t)distance,
				 code, sizeof(code)))
			return 1;
		for (size_t j = 0; j + 10 <= sizeof(code); j++) {
			static const uint8_t one[] = {1, 0, 0, 0};

			if (code[j] != 0xc7 || code[j + 1] != 0x80 || memcmp(code + j + 6, one, 4))
				continue;
			memcpy(&handlers, code + j + 2, 4);
			return READ(memory, (uint64_t)handlers + 16ul * signal, tripped) || tripped;
		}
		return 1;
	}
	return 1;
}

static const struct cc_lock gil = {
	.symbol = AT_RUNTIME,
	.mutex = CC_PYTHON_GIL_MUTEX,
	.taken = CC_PYTHON_GIL_TAKEN,
	.holder = CC_PYTHON_GIL_HOLDER,
	.begin = CC_PYTHON_GIL,
	.end = CC_PYTHON_GIL_END,
};

/*
 * Structs change from one minor version to the next; CPython 3.11 was the first to say which it is.
 */
static const struct cc_mark marks[] = {
	{"Py_Version", 4, 0xffff0000, PY_VERSION_HEX},
	{"_PyRuntime", 0, UINT64_MAX, CC_PYTHON_RUNTIME_SIZE},
	{NULL, 0, 0, 0},
};

static void name_version(const uint64_t values[CC_MARKS_MAX], char *text, size_t size)
{
	unsigned hex = (unsigned)values[0];

	snprintf(text, size, hex ? "%u.%u.%u" : "before 3.11", hex >> 24, hex >> 16 & 255,
		 hex >> 8 & 255);
}

const struct cc_runtime cc_python_runtime = {
	.name = "python",
	.version = PY_VERSION,
	.kind = "pylog",
	.symbols = symbols,
	.frame = python_frame,
	.op = python_op,
	.value = python_value,
	.signal_waits = python_signal_waits,
	.same_op = cc_python_same_op,
	.lock = &gil,
	.marks = marks,
	.name_version = name_version,
};
