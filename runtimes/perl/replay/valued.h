/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The valued ops: those whose result is made of what a host call brought in. Their result is
 * logged, and compared in a replay. One list; a scalar on top of perl's stack is what is taken.
 */
#ifndef CC_PERL_VALUED_H
#define CC_PERL_VALUED_H

/* clang-format off */
#define CC_PERL_VALUED(X) \
	X(OP_READLINE) X(OP_RCATLINE) X(OP_GETC) X(OP_SYSREAD) X(OP_READ) X(OP_SYSWRITE) \
	X(OP_EOF) X(OP_TELL) X(OP_SEEK) X(OP_SYSSEEK) X(OP_TRUNCATE) X(OP_FCNTL) X(OP_IOCTL) \
	X(OP_FLOCK) X(OP_SEND) X(OP_RECV) X(OP_SOCKET) X(OP_BIND) X(OP_CONNECT) X(OP_LISTEN) \
	X(OP_ACCEPT) X(OP_SHUTDOWN) X(OP_GETPEERNAME) X(OP_GETSOCKNAME) X(OP_LSTAT) X(OP_STAT) \
	X(OP_FTRREAD) X(OP_FTEREAD) X(OP_FTIS) X(OP_FTSIZE) X(OP_FTMTIME) X(OP_FTFILE) X(OP_FTDIR) \
	X(OP_FTTTY) X(OP_FTTEXT) X(OP_FTBINARY) X(OP_CHDIR) X(OP_CHOWN) X(OP_UNLINK) X(OP_CHMOD) \
	X(OP_UTIME) X(OP_RENAME) X(OP_LINK) X(OP_SYMLINK) X(OP_READLINK) X(OP_MKDIR) X(OP_RMDIR) \
	X(OP_OPEN_DIR) X(OP_READDIR) X(OP_FORK) X(OP_WAIT) X(OP_WAITPID) X(OP_SYSTEM) X(OP_KILL) \
	X(OP_GETPPID) X(OP_GETPGRP) X(OP_GETPRIORITY) X(OP_TIME) X(OP_SLEEP) X(OP_ALARM) \
	X(OP_BACKTICK) X(OP_OPEN) X(OP_CLOSE) X(OP_UMASK) X(OP_SSELECT) X(OP_GETLOGIN)
/* clang-format on */

/* OP_TYPE is perl's opcode number. */
static inline int cc_perl_valued(unsigned op_type)
{
	switch (op_type) {
#define X(op) case op:
		CC_PERL_VALUED(X)
#undef X
		return 1;
	}
	return 0;
}

#endif
