/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPython as the stages see it. The offsets are those of CPython's own headers: this file is
 * compiled against the Python whose runs it understands, and that version is in the table.
 */
#define Py_BUILD_CORE
#include <Python.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>
#include <opcode.h>

#include "runtimes/python/state/runtime.h"
#include "core/base/text.h"
#include "runtimes/python/analysis/text.h"
#include "runtimes/python/replay/hooks.h"
#include "runtimes/python/replay/valued.h"
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
#define MEMBER(base, type, field) ((uint64_t)(uintptr_t)(base) + offsetof(type, field))
#define THREADS_MAX 4096

/* ---- which thread, which frame ---- */

static int is_thread(const struct cc_memory *memory, const PyThreadState *thread, uint64_t pointer)
{
	unsigned long id;

	return thread && !READ(memory, MEMBER(thread, PyThreadState, thread_id), id) &&
	       id == pointer;
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

	if (READ(memory, MEMBER(at[AT_RUNTIME], _PyRuntimeState, gilstate.tstate_current), holder))
		return NULL;
	if (holder && (!pointer || is_thread(memory, holder, pointer)))
		return holder;
	if (READ(memory, MEMBER(at[AT_RUNTIME], _PyRuntimeState, interpreters.head), interpreter))
		return NULL;
	for (int i = 0; interpreter && i < THREADS_MAX; i++) {
		if (READ(memory, MEMBER(interpreter, PyInterpreterState, threads.head), thread))
			return found;
		for (int j = 0; thread && j < THREADS_MAX; j++) {
			if (!pointer || is_thread(memory, thread, pointer))
				found = thread;
			if (READ(memory, MEMBER(thread, PyThreadState, next), thread))
				return found;
		}
		if (READ(memory, MEMBER(interpreter, PyInterpreterState, next), interpreter))
			return found;
	}
	return found;
}

/* The part of a frame that stands before its locals. */
struct python_frame {
	_PyInterpreterFrame *address, head;
};

static int current_frame(const struct cc_memory *memory, const uint64_t *at,
			 struct python_frame *frame)
{
	PyThreadState *thread = current_thread(memory, at);
	_PyCFrame *cframe;

	if (!thread || READ(memory, MEMBER(thread, PyThreadState, cframe), cframe) || !cframe ||
	    READ(memory, MEMBER(cframe, _PyCFrame, current_frame), frame->address) ||
	    !frame->address || READ(memory, frame->address, frame->head) || !frame->head.f_code)
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
	PyASCIIObject head;
	uint64_t data;
	size_t to = 0, unit, count;

	text[0] = '\0';
	if (!object || READ(memory, object, head) || !head.state.compact || !head.state.kind)
		return -1;
	data = (uint64_t)(uintptr_t)object +
	       (head.state.ascii ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject));
	unit = head.state.kind;
	count = head.length < 0 ? 0 : (size_t)head.length;
	if (head.state.ascii)
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

/* ---- the line (Objects/locations.md: entries of a first byte, with the top bit, and operands)
 * ---- */

struct table {
	const struct cc_memory *memory;
	uint64_t address, left;
	uint8_t bytes[128];
	unsigned at, have;
};

static int table_byte(struct table *table)
{
	if (table->at == table->have) {
		table->have = table->left < sizeof(table->bytes) ? (unsigned)table->left
								 : sizeof(table->bytes);
		table->at = 0;
		if (!table->have || table->memory->read(table->memory->context, table->address,
							table->bytes, table->have)) {
			table->have = 0;
			table->left = 0;
			return -1;
		}
		table->address += table->have;
		table->left -= table->have;
	}
	return table->bytes[table->at++];
}

/* Six bits a byte, low ones first; bit 6 says that more follow. Its sign is in bit 0. */
static int table_signed(struct table *table)
{
	unsigned value = 0, shift = 0;
	int byte;

	do {
		byte = table_byte(table);
		if (byte < 0)
			return 0;
		value |= (unsigned)(byte & 63) << shift;
		shift += 6;
	} while (byte & 64 && shift < 30);
	return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

enum { LOCATION_ONE_LINE = 10, LOCATION_NO_COLUMN = 13, LOCATION_LONG = 14, LOCATION_NONE = 15 };

static uint32_t line_of(const struct cc_memory *memory, const PyCodeObject *code, ptrdiff_t units)
{
	struct table table = {.memory = memory};
	PyVarObject bytes;
	int line = code->co_firstlineno, byte, here;
	ptrdiff_t at = 0;

	if (READ(memory, code->co_linetable, bytes) || bytes.ob_size <= 0)
		return 0;
	table.address = MEMBER(code->co_linetable, PyBytesObject, ob_sval);
	table.left = (uint64_t)bytes.ob_size;
	byte = table_byte(&table);
	while (byte >= 0) {
		unsigned kind = (unsigned)byte >> 3 & 15;

		at += (byte & 7) + 1;
		if (kind == LOCATION_LONG || kind == LOCATION_NO_COLUMN)
			line += table_signed(&table);
		else if (kind >= LOCATION_ONE_LINE && kind < LOCATION_NO_COLUMN)
			line += (int)kind - LOCATION_ONE_LINE;
		here = kind == LOCATION_NONE ? 0 : line;
		if (at > units)
			return here < 0 ? 0 : (uint32_t)here;
		do
			byte = table_byte(&table);
		while (byte >= 0 && byte < 128);
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
	return (uint64_t)(uintptr_t)frame->head.prev_instr ^ (uint64_t)(uintptr_t)frame->address
								     << 20;
}

static int python_frame(const struct cc_memory *memory, const uint64_t *at,
			struct cc_frame_text *text)
{
	struct python_frame frame;
	struct PyCodeObject code;
	_Py_CODEUNIT unit;
	ptrdiff_t units;

	text->frame = (struct cc_frame){text->op, text->file, 0, text->sub};
	text->file[0] = text->sub[0] = text->op[0] = '\0';
	text->op_address = 0;
	text->valued = 0;
	if (current_frame(memory, at, &frame) || READ(memory, frame.head.f_code, code))
		return -1;
	units = frame.head.prev_instr -
		(_Py_CODEUNIT *)MEMBER(frame.head.f_code, PyCodeObject, co_code_adaptive);
	if (units >= 0 && units < Py_SIZE(&code) && !READ(memory, frame.head.prev_instr, unit)) {
		text->frame.op = cc_python_opname(_Py_OPCODE(unit));
		text->op_address = identity(&frame);
		text->valued = is_valued(_Py_OPCODE(unit));
	}
	text->frame.line = line_of(memory, &code, units < 0 ? 0 : units);
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
	PyVarObject head;
	digit digits[3] = {0};
	Py_ssize_t count;

	if (READ(memory, object, head))
		return;
	count = head.ob_size < 0 ? -head.ob_size : head.ob_size;
	if (count > 2)
		return;
	if (count && memory->read(memory->context, MEMBER(object, struct _longobject, ob_digit),
				  digits, (size_t)count * sizeof(digit)))
		return;
	value->kind = CC_VALUE_INT;
	value->i = (int64_t)digits[0] | (int64_t)digits[1] << PyLong_SHIFT;
	if (head.ob_size < 0)
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
	if (memory->read(memory->context, MEMBER(object, PyBytesObject, ob_sval), text, length))
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
	int locals;

	if (!top || current_frame(memory, at, &frame) ||
	    READ(memory, MEMBER(frame.head.f_code, PyCodeObject, co_nlocalsplus), locals))
		return NULL;
	bottom = MEMBER(frame.address, _PyInterpreterFrame, localsplus) +
		 (uint64_t)locals * sizeof(object);
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

/* The GIL (Python/ceval_gil.h): take_gil signals under switch_mutex that it has it. */
static const struct cc_lock gil = {
	.symbol = AT_RUNTIME,
	.mutex = offsetof(_PyRuntimeState, ceval.gil.mutex),
	.taken = offsetof(_PyRuntimeState, ceval.gil.switch_mutex),
	.holder = offsetof(_PyRuntimeState, gilstate.tstate_current),
	.begin = offsetof(_PyRuntimeState, ceval.gil),
	.end = offsetof(_PyRuntimeState, ceval.gil) + sizeof(struct _gil_runtime_state),
};

/*
 * Structs change from one minor version to the next; CPython 3.11 was the first to say which it is.
 */
static const struct cc_mark marks[] = {
	{"Py_Version", 4, 0xffff0000, PY_VERSION_HEX},
	{"_PyRuntime", 0, UINT64_MAX, sizeof(_PyRuntimeState)},
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
