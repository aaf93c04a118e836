/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clang-format off */
/*
 * The records of a slice. Record 0 is a START. Numbers are varints (logs/buffer.h), `blob` fields
 * go through cc_log_put_blob. Ids count from 0 in order of definition.
 *
 *   STRING      blob
 *                       defines the next string id
 *   START       see struct cc_start
 *   CALLDEF     name blob, spec blob
 *                       defines the next call id (core/host)
 *   FRAME       op string-id, file string-id, line u, sub string-id
 *                       defines the next op frame id
 *   CALL        call-id u, frame-id u, depth u, flags u, then the in-items of the call's spec, and
 *               unless CC_CALL_NORETURN: ret s, errno delta, allocations, the out-items
 *   VALUE       kind u, value: result of the valued op whose call came last (struct cc_value)
 *   SIGNAL      signal u, ops u, depth u, in-op u, info blob, context blob, loops u
 *                       its handler was entered: depth 0: by the interpreter, so many ops after the
 *                       last call, in-op: in the next op (0: where a run loop ended; 2: in the
 *                       system call that the SYSCALL before this is, by which the program sent it
 *                       to itself); else inside the host call at depth - 1, whose record follows.
 *                       The blobs are those of struct cc_signal_details without the zeros at their
 *                       end, and empty for a handler without SA_SIGINFO. loops: run loops that the
 *                       op had entered by then, of which none had completed an op; left out where
 *                       it is 0
 *   MAP         syscall u, length u, address u
 *                       memory that the C library took for itself; or that the kernel refused: then
 *                       `address` is its error, and `length`, but of mmap and mremap, an address
 *   FILE        path blob, content blob
 *                       a file that libc itself reads (locales)
 *   MODULE      path blob, build-id blob, base u, package blob
 *                       an object that the run mapped; the package that holds it, with its version,
 *                       or "" (earlier slices end before it)
 *   FORKED      pid u
 *                       what follows is the child's own
 *   OUTPUT      stream u, blob
 *                       what was written inside a call that does not bring it itself, to the
 *                       command's stdout (1) or stderr (2), or the process's own (enum cc_stream)
 *   THREAD      id u
 *                       what follows is that thread's; the first is 0, and others count in order of
 *                       creation
 *   DROP        ops u
 *                       the thread gave the interpreter's lock up, so many ops after its last
 *                       record
 *   TAKE
 *                       the thread took that lock; once there is a second thread
 *   CREATE      pointer u
 *                       the thread makes another one, which finds itself by this pointer: in the
 *                       stack of a thread that is over, or in new memory
 *   BEGIN
 *                       the thread's first step, before it takes memory from a heap
 *   SWITCH      place u, calls u, ops u, address u, times u
 *                       the run went on with another thread here, where no other record of this
 *                       thread stands (enum cc_switch_place; what follows the place is left out
 *                       where the place does not need it). calls: how many calls of locks and the
 *                       like were over, since the thread's last SWITCH with such a number
 *   HEAP        arena u
 *                       the thread takes memory from a heap for the first time: a new heap
 *                       (CC_HEAP_NEW), or that of a thread whose LEAVE came before: the arena's
 *                       address, left out where it is not known
 *   LEAVE
 *                       the thread is over: its heap may be another's next, and then its stack
 *   MEMORY      address u, content blob
 *                       what stands at the address, in a mapping of a file, as far as the run
 *                       touched it
 *   ALIAS       address u, other u
 *                       the page at `address` is that at `other`, which the run had touched: what
 *                       is stored at one of them is to be read at both. Both are whole pages of
 *                       mappings
 *   CALLBACK    address u
 *                       inside the host call whose record follows, the C library called this
 *                       function of the program; its calls come first
 *   CHANGED     ops u, address u, content blob
 *                       as MEMORY, of what another process wrote, so many ops after the last record
 *   INSIDE      count u, allocations
 *                       what the C library allocated inside a dlopen or dlclose, before
 *                       constructors or destructors of objects run: their records follow, and then
 *                       the call's, with the rest of its allocations; or as a thread ended by
 *                       pthread_exit, before its LEAVE
 *   SYSCALL     number u, result s, content blob
 *                       a system call of the C library's own, outside of any call, and what it
 *                       wrote to its one out-argument
 *   INSTRUCTION path blob, address u, code blob, faults u
 *                       defines the next instruction id: one of core/host/instruction.h, or faults
 *                       (1): one that the processor does not know, so that it faults. path: of the
 *                       object in which it stands, at this address as linked; or "": in memory
 *                       that no object is mapped to
 *   EXECUTED    count u, content blob
 *                       the thread executed so many such instructions before its next record: what
 *                       these brought
 *   PART        content blob
 *                       a piece of what is too much for a later record, which refers to the piece
 *   END         status s (0..255, or -signal), ops u, running u
 *                       the process is over, ops after the last call; running (1): only the
 *                       recording is. The calls that the process's threads were in then stand
 *                       before this record, each with CC_CALL_NORETURN, and the status is what
 *                       cc-record gave
 */
/* clang-format on */
#ifndef CC_EVENT_H
#define CC_EVENT_H

enum cc_record_type {
	CC_REC_STRING = 1,
	CC_REC_START,
	CC_REC_CALLDEF,
	CC_REC_FRAME,
	CC_REC_CALL,
	CC_REC_VALUE,
	CC_REC_SIGNAL,
	CC_REC_MAP,
	CC_REC_FILE,
	CC_REC_MODULE,
	CC_REC_FORKED,
	CC_REC_END,
	CC_REC_OUTPUT,
	CC_REC_THREAD,
	CC_REC_DROP,
	CC_REC_TAKE,
	CC_REC_LEAVE,
	CC_REC_MEMORY,
	CC_REC_CREATE,
	CC_REC_BEGIN,
	CC_REC_SYSCALL,
	CC_REC_CHANGED,
	CC_REC_CALLBACK,
	CC_REC_HEAP,
	CC_REC_SWITCH,
	CC_REC_INSIDE,
	CC_REC_PART,
	CC_REC_INSTRUCTION,
	CC_REC_EXECUTED,
	CC_REC_ALIAS,
	CC_REC_COUNT,
};

#define CC_HEAP_NEW 1

/* Where a thread was when the run went on with another one. */
enum cc_switch_place {
	/* In the host call that is its next record, or waiting for the interpreter's lock */
	CC_PLACE_IN,
	CC_PLACE_AT,	 /* in a lock, join or the like that it waits for, behind `calls` others */
	CC_PLACE_BEHIND, /* behind so many calls, and so many ops since its last record */
	/* The same, and then at `address`, where it has been `times` times since then */
	CC_PLACE_AMIDST,
};

#endif
