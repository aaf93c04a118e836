/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The structs that host calls hand over, from the C library's own headers. A field that is not
 * listed is not logged: padding, and what the call does not look at.
 */
#include <dirent.h>
#include <fstab.h>
#include <grp.h>
#include <mntent.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netdb.h>
#include <rpc/netdb.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <shadow.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <utmp.h>
#include <fcntl.h>

#include "core/host/layout.h"
#include "core/host/walk.h"

#define BOTH (CC_IN | CC_OUT)
#define BRIEF 1
#define PLAIN 0

#define FIELD(kind, label, object, member, way, person, from, constants)                           \
	{                                                                                          \
		.name = label, .type = CC_FIELD_##kind, .directions = way, .brief = person,        \
		.base = from, .offset = offsetof(object, member),                                  \
		.width = sizeof(((object *)0)->member), .names = constants                         \
	}
#define U(label, object, member, way, person) FIELD(U, label, object, member, way, person, 0, NULL)
#define S(label, object, member, way, person) FIELD(S, label, object, member, way, person, 0, NULL)
/* A number with names; the difference from an earlier field; a pointer to be followed. */
#define NAMED(label, object, member, way, constants)                                               \
	FIELD(S, label, object, member, way, BRIEF, 0, constants)
#define DELTA(label, object, member, from)                                                         \
	FIELD(DELTA, label, object, member, CC_OUT, PLAIN, from, NULL)
#define FOLLOW(kind, label, object, member, person)                                                \
	FIELD(kind, label, object, member, CC_OUT, person, 0, NULL)

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define LAYOUT(label, object)                                                                      \
	{                                                                                          \
		.name = #label, .size = sizeof(object), .fields = label##_fields,                  \
		.count = COUNT(label##_fields)                                                     \
	}
#define WHOLE(label, object)                                                                       \
	{                                                                                          \
		.name = #label, .size = sizeof(object), .whole = 1, .fields = label##_fields,      \
		.count = COUNT(label##_fields)                                                     \
	}

/* ---- files ---- */

/* The access and change times are mostly the modification time: they cost two bytes then. */
static const struct cc_field stat_fields[] = {
	U("dev", struct stat, st_dev, CC_OUT, PLAIN),
	U("ino", struct stat, st_ino, CC_OUT, PLAIN),
	U("nlink", struct stat, st_nlink, CC_OUT, PLAIN),
	FIELD(U, "mode", struct stat, st_mode, CC_OUT, BRIEF, 0, "mode"),
	U("uid", struct stat, st_uid, CC_OUT, PLAIN),
	U("gid", struct stat, st_gid, CC_OUT, PLAIN),
	U("rdev", struct stat, st_rdev, CC_OUT, PLAIN),
	S("size", struct stat, st_size, CC_OUT, BRIEF),
	S("blksize", struct stat, st_blksize, CC_OUT, PLAIN),
	S("blocks", struct stat, st_blocks, CC_OUT, PLAIN),
	S("mtime", struct stat, st_mtim.tv_sec, CC_OUT, BRIEF),
	S("mtime_nsec", struct stat, st_mtim.tv_nsec, CC_OUT, PLAIN),
	DELTA("ctime", struct stat, st_ctim.tv_sec, 10),
	DELTA("ctime_nsec", struct stat, st_ctim.tv_nsec, 11),
	DELTA("atime", struct stat, st_atim.tv_sec, 10),
	DELTA("atime_nsec", struct stat, st_atim.tv_nsec, 11),
};

static const struct cc_field statvfs_fields[] = {
	U("bsize", struct statvfs, f_bsize, CC_OUT, BRIEF),
	U("frsize", struct statvfs, f_frsize, CC_OUT, PLAIN),
	U("blocks", struct statvfs, f_blocks, CC_OUT, BRIEF),
	U("bfree", struct statvfs, f_bfree, CC_OUT, BRIEF),
	U("bavail", struct statvfs, f_bavail, CC_OUT, BRIEF),
	U("files", struct statvfs, f_files, CC_OUT, PLAIN),
	U("ffree", struct statvfs, f_ffree, CC_OUT, PLAIN),
	U("favail", struct statvfs, f_favail, CC_OUT, PLAIN),
	U("fsid", struct statvfs, f_fsid, CC_OUT, PLAIN),
	U("flag", struct statvfs, f_flag, CC_OUT, PLAIN),
	U("namemax", struct statvfs, f_namemax, CC_OUT, PLAIN),
};

static const struct cc_field flock_fields[] = {
	NAMED("type", struct flock, l_type, BOTH, "lock"),
	NAMED("whence", struct flock, l_whence, BOTH, "whence"),
	S("start", struct flock, l_start, BOTH, BRIEF),
	S("len", struct flock, l_len, BOTH, BRIEF),
	S("pid", struct flock, l_pid, CC_OUT, BRIEF),
};

/* The name goes on behind the struct's head, as far as it is long. */
#define dirent_size offsetof(struct dirent64, d_name)
static const struct cc_field dirent_fields[] = {
	U("ino", struct dirent64, d_ino, CC_OUT, PLAIN),
	S("off", struct dirent64, d_off, CC_OUT, PLAIN),
	U("reclen", struct dirent64, d_reclen, CC_OUT, PLAIN),
	FIELD(U, "type", struct dirent64, d_type, CC_OUT, BRIEF, 0, "dtype"),
	FOLLOW(CHARS, "name", struct dirent64, d_name, BRIEF),
};

/* revents may be anything going in. */
static const struct cc_field pollfd_fields[] = {
	S("fd", struct pollfd, fd, BOTH, BRIEF),
	NAMED("events", struct pollfd, events, BOTH, "poll"),
	NAMED("revents", struct pollfd, revents, CC_OUT, "poll"),
};

static const struct cc_field epoll_fields[] = {
	FIELD(U, "events", struct epoll_event, events, BOTH, BRIEF, 0, "poll"),
	/* Programs that set data.fd leave the upper half as it was on their stack. */
	U("", struct epoll_event, data.u32, CC_IN, PLAIN),
	U("data", struct epoll_event, data, CC_OUT, BRIEF),
};

/* ---- numbers behind pointers: with one field, no braces are shown ---- */

struct number_int {
	int32_t value;
};
struct number_long {
	int64_t value;
};

static const struct cc_field int_fields[] = {S("", struct number_int, value, BOTH, BRIEF)};
static const struct cc_field long_fields[] = {S("", struct number_long, value, BOTH, BRIEF)};
static const struct cc_field uint_fields[] = {U("", struct number_int, value, BOTH, BRIEF)};
static const struct cc_field wait_fields[] = {
	NAMED("", struct number_int, value, CC_OUT, "wait"),
};

/* ---- time ---- */

static const struct cc_field timespec_fields[] = {
	S("sec", struct timespec, tv_sec, BOTH, BRIEF),
	S("nsec", struct timespec, tv_nsec, BOTH, BRIEF),
};

static const struct cc_field timeval_fields[] = {
	S("sec", struct timeval, tv_sec, BOTH, BRIEF),
	S("usec", struct timeval, tv_usec, BOTH, BRIEF),
};

static const struct cc_field itimerval_fields[] = {
	S("interval_sec", struct itimerval, it_interval.tv_sec, BOTH, BRIEF),
	S("interval_usec", struct itimerval, it_interval.tv_usec, BOTH, BRIEF),
	S("sec", struct itimerval, it_value.tv_sec, BOTH, BRIEF),
	S("usec", struct itimerval, it_value.tv_usec, BOTH, BRIEF),
};

static const struct cc_field tms_fields[] = {
	S("utime", struct tms, tms_utime, CC_OUT, BRIEF),
	S("stime", struct tms, tms_stime, CC_OUT, BRIEF),
	S("cutime", struct tms, tms_cutime, CC_OUT, BRIEF),
	S("cstime", struct tms, tms_cstime, CC_OUT, BRIEF),
};

/* mktime does not look at the day of the week and of the year, nor at the offset and the zone. */
#define TM_DATE(way)                                                                               \
	S("sec", struct tm, tm_sec, way, BRIEF), S("min", struct tm, tm_min, way, BRIEF),          \
		S("hour", struct tm, tm_hour, way, BRIEF),                                         \
		S("mday", struct tm, tm_mday, way, BRIEF),                                         \
		S("mon", struct tm, tm_mon, way, BRIEF), S("year", struct tm, tm_year, way, BRIEF)

static const struct cc_field tm_fields[] = {
	TM_DATE(BOTH),
	S("wday", struct tm, tm_wday, CC_OUT, PLAIN),
	S("yday", struct tm, tm_yday, CC_OUT, PLAIN),
	S("isdst", struct tm, tm_isdst, BOTH, BRIEF),
	S("gmtoff", struct tm, tm_gmtoff, CC_OUT, BRIEF),
	FOLLOW(ZONE, "zone", struct tm, tm_zone, BRIEF),
};

/* What strftime formats. */
static const struct cc_field tmin_fields[] = {
	TM_DATE(CC_IN),
	S("wday", struct tm, tm_wday, CC_IN, PLAIN),
	S("yday", struct tm, tm_yday, CC_IN, PLAIN),
	S("isdst", struct tm, tm_isdst, CC_IN, PLAIN),
};

/* ---- users, hosts ---- */

static const struct cc_field passwd_fields[] = {
	FOLLOW(STRING, "name", struct passwd, pw_name, BRIEF),
	FOLLOW(STRING, "passwd", struct passwd, pw_passwd, PLAIN),
	U("uid", struct passwd, pw_uid, CC_OUT, BRIEF),
	U("gid", struct passwd, pw_gid, CC_OUT, BRIEF),
	FOLLOW(STRING, "gecos", struct passwd, pw_gecos, PLAIN),
	FOLLOW(STRING, "dir", struct passwd, pw_dir, BRIEF),
	FOLLOW(STRING, "shell", struct passwd, pw_shell, PLAIN),
};

static const struct cc_field group_fields[] = {
	FOLLOW(STRING, "name", struct group, gr_name, BRIEF),
	FOLLOW(STRING, "passwd", struct group, gr_passwd, PLAIN),
	U("gid", struct group, gr_gid, CC_OUT, BRIEF),
	FOLLOW(STRINGS, "mem", struct group, gr_mem, BRIEF),
};

static const struct cc_field spwd_fields[] = {
	FOLLOW(STRING, "name", struct spwd, sp_namp, BRIEF),
	FOLLOW(STRING, "passwd", struct spwd, sp_pwdp, PLAIN),
	S("lstchg", struct spwd, sp_lstchg, CC_OUT, PLAIN),
	S("min", struct spwd, sp_min, CC_OUT, PLAIN),
	S("max", struct spwd, sp_max, CC_OUT, PLAIN),
	S("warn", struct spwd, sp_warn, CC_OUT, PLAIN),
	S("inact", struct spwd, sp_inact, CC_OUT, PLAIN),
	S("expire", struct spwd, sp_expire, CC_OUT, PLAIN),
	U("flag", struct spwd, sp_flag, CC_OUT, PLAIN),
};

static const struct cc_field hostent_fields[] = {
	FOLLOW(STRING, "name", struct hostent, h_name, BRIEF),
	FOLLOW(STRINGS, "aliases", struct hostent, h_aliases, BRIEF),
	NAMED("addrtype", struct hostent, h_addrtype, CC_OUT, "family"),
	U("length", struct hostent, h_length, CC_OUT, PLAIN),
	FIELD(ADDRS, "addrs", struct hostent, h_addr_list, CC_OUT, BRIEF, 3, NULL),
};

static const struct cc_field netent_fields[] = {
	FOLLOW(STRING, "name", struct netent, n_name, BRIEF),
	FOLLOW(STRINGS, "aliases", struct netent, n_aliases, BRIEF),
	NAMED("addrtype", struct netent, n_addrtype, CC_OUT, "family"),
	U("net", struct netent, n_net, CC_OUT, BRIEF),
};

static const struct cc_field protoent_fields[] = {
	FOLLOW(STRING, "name", struct protoent, p_name, BRIEF),
	FOLLOW(STRINGS, "aliases", struct protoent, p_aliases, BRIEF),
	S("proto", struct protoent, p_proto, CC_OUT, BRIEF),
};

static const struct cc_field servent_fields[] = {
	FOLLOW(STRING, "name", struct servent, s_name, BRIEF),
	FOLLOW(STRINGS, "aliases", struct servent, s_aliases, BRIEF),
	S("port", struct servent, s_port, CC_OUT, BRIEF), /* network byte order */
	FOLLOW(STRING, "proto", struct servent, s_proto, BRIEF),
};

static const struct cc_field addrinfo_fields[] = {
	NAMED("flags", struct addrinfo, ai_flags, CC_IN, "aiflags"),
	NAMED("family", struct addrinfo, ai_family, CC_IN, "family"),
	NAMED("socktype", struct addrinfo, ai_socktype, CC_IN, "socktype"),
	S("protocol", struct addrinfo, ai_protocol, CC_IN, BRIEF),
};

static const struct cc_field mntent_fields[] = {
	FOLLOW(STRING, "fsname", struct mntent, mnt_fsname, BRIEF),
	FOLLOW(STRING, "dir", struct mntent, mnt_dir, BRIEF),
	FOLLOW(STRING, "type", struct mntent, mnt_type, BRIEF),
	FOLLOW(STRING, "opts", struct mntent, mnt_opts, PLAIN),
	S("freq", struct mntent, mnt_freq, CC_OUT, PLAIN),
	S("passno", struct mntent, mnt_passno, CC_OUT, PLAIN),
};

/* Nothing in it is a pointer. */
static const struct cc_field utmp_fields[] = {
	{.name = "",
	 .type = CC_FIELD_BYTES,
	 .directions = CC_OUT,
	 .offset = 0,
	 .width = sizeof(struct utmp)},
};

/* ---- signals, processes, the machine ---- */

/* Only as many signals of the mask as the kernel knows: 64. */
static const struct cc_field sigaction_fields[] = {
	FIELD(HANDLER, "handler", struct sigaction, sa_handler, BOTH, BRIEF, 0, "handler"),
	{.name = "mask",
	 .type = CC_FIELD_U,
	 .directions = BOTH,
	 .brief = BRIEF,
	 .offset = offsetof(struct sigaction, sa_mask),
	 .width = 8,
	 .names = "sigset"},
	FIELD(S, "flags", struct sigaction, sa_flags, BOTH, BRIEF, 0, "saflags"),
};

struct signal_set {
	uint64_t signals;
};
static const struct cc_field sigset_fields[] = {
	FIELD(U, "", struct signal_set, signals, BOTH, BRIEF, 0, "sigset"),
};

static const struct cc_field siginfo_fields[] = {
	NAMED("signo", siginfo_t, si_signo, CC_OUT, "signal"),
	S("errno", siginfo_t, si_errno, CC_OUT, PLAIN),
	S("code", siginfo_t, si_code, CC_OUT, BRIEF),
	/* pid and uid, or a timer, or an address: as the kernel gave it. waitid leaves the rest as
	   it was. */
	{.name = "rest", .type = CC_FIELD_BYTES, .directions = CC_OUT, .offset = 12, .width = 116},
};

static const struct cc_field rusage_fields[] = {
	S("utime_sec", struct rusage, ru_utime.tv_sec, CC_OUT, BRIEF),
	S("utime_usec", struct rusage, ru_utime.tv_usec, CC_OUT, BRIEF),
	S("stime_sec", struct rusage, ru_stime.tv_sec, CC_OUT, BRIEF),
	S("stime_usec", struct rusage, ru_stime.tv_usec, CC_OUT, BRIEF),
	S("maxrss", struct rusage, ru_maxrss, CC_OUT, BRIEF),
	S("ixrss", struct rusage, ru_ixrss, CC_OUT, PLAIN),
	S("idrss", struct rusage, ru_idrss, CC_OUT, PLAIN),
	S("isrss", struct rusage, ru_isrss, CC_OUT, PLAIN),
	S("minflt", struct rusage, ru_minflt, CC_OUT, PLAIN),
	S("majflt", struct rusage, ru_majflt, CC_OUT, PLAIN),
	S("nswap", struct rusage, ru_nswap, CC_OUT, PLAIN),
	S("inblock", struct rusage, ru_inblock, CC_OUT, PLAIN),
	S("oublock", struct rusage, ru_oublock, CC_OUT, PLAIN),
	S("msgsnd", struct rusage, ru_msgsnd, CC_OUT, PLAIN),
	S("msgrcv", struct rusage, ru_msgrcv, CC_OUT, PLAIN),
	S("nsignals", struct rusage, ru_nsignals, CC_OUT, PLAIN),
	S("nvcsw", struct rusage, ru_nvcsw, CC_OUT, PLAIN),
	S("nivcsw", struct rusage, ru_nivcsw, CC_OUT, PLAIN),
};

static const struct cc_field rlimit_fields[] = {
	U("cur", struct rlimit, rlim_cur, BOTH, BRIEF),
	U("max", struct rlimit, rlim_max, BOTH, BRIEF),
};

static const struct cc_field utsname_fields[] = {
	FOLLOW(CHARS, "sysname", struct utsname, sysname, BRIEF),
	FOLLOW(CHARS, "nodename", struct utsname, nodename, BRIEF),
	FOLLOW(CHARS, "release", struct utsname, release, BRIEF),
	FOLLOW(CHARS, "version", struct utsname, version, PLAIN),
	FOLLOW(CHARS, "machine", struct utsname, machine, BRIEF),
	FOLLOW(CHARS, "domainname", struct utsname, domainname, PLAIN),
};

static const struct cc_field sembuf_fields[] = {
	U("num", struct sembuf, sem_num, CC_IN, BRIEF),
	S("op", struct sembuf, sem_op, CC_IN, BRIEF),
	S("flg", struct sembuf, sem_flg, CC_IN, BRIEF),
};

/* ---- terminals ---- */

static const struct cc_field termios_fields[] = {
	U("iflag", struct termios, c_iflag, BOTH, BRIEF),
	U("oflag", struct termios, c_oflag, BOTH, BRIEF),
	U("cflag", struct termios, c_cflag, BOTH, BRIEF),
	U("lflag", struct termios, c_lflag, BOTH, BRIEF),
	U("line", struct termios, c_line, BOTH, PLAIN),
	FIELD(BYTES, "cc", struct termios, c_cc, BOTH, PLAIN, 0, NULL),
	U("ispeed", struct termios, c_ispeed, BOTH, PLAIN),
	U("ospeed", struct termios, c_ospeed, BOTH, PLAIN),
};

static const struct cc_field winsize_fields[] = {
	U("row", struct winsize, ws_row, BOTH, BRIEF),
	U("col", struct winsize, ws_col, BOTH, BRIEF),
	U("xpixel", struct winsize, ws_xpixel, BOTH, PLAIN),
	U("ypixel", struct winsize, ws_ypixel, BOTH, PLAIN),
};

static const struct cc_field stack_fields[] = {
	FIELD(ADDR, "sp", stack_t, ss_sp, BOTH, BRIEF, 0, NULL),
	S("flags", stack_t, ss_flags, BOTH, BRIEF),
	U("size", stack_t, ss_size, BOTH, BRIEF),
};

/* ---- network interfaces: netdevice(7) ---- */

/* What comes out is a union. What goes in, where anything does, is a name. */
static const struct cc_field ifreq_fields[] = {
	FIELD(CHARS, "name", struct ifreq, ifr_name, CC_IN, BRIEF, 0, NULL),
	/* The kernel ends the name */
	FIELD(BYTES, "end", struct ifreq, ifr_name, CC_OUT, PLAIN, 0, NULL),
	FIELD(BYTES, "value", struct ifreq, ifr_ifru, CC_OUT, BRIEF, 0, NULL),
};
static const struct cc_field ifname_fields[] = {
	FIELD(BYTES, "name", struct ifreq, ifr_name, CC_OUT, BRIEF, 0, NULL),
	S("index", struct ifreq, ifr_ifindex, CC_IN, BRIEF),
};
/* Of an ioctl that sets something of an interface: by what it sets. */
static const struct cc_field ifreqflags_fields[] = {
	FIELD(CHARS, "name", struct ifreq, ifr_name, CC_IN, BRIEF, 0, NULL),
	S("flags", struct ifreq, ifr_flags, CC_IN, BRIEF),
};
static const struct cc_field ifreqint_fields[] = {
	FIELD(CHARS, "name", struct ifreq, ifr_name, CC_IN, BRIEF, 0, NULL),
	S("value", struct ifreq, ifr_ifindex, CC_IN, BRIEF),
};
static const struct cc_field ifreqaddr_fields[] = {
	FIELD(CHARS, "name", struct ifreq, ifr_name, CC_IN, BRIEF, 0, NULL),
	{.name = "addr",
	 .type = CC_FIELD_BYTES,
	 .directions = CC_IN,
	 .brief = BRIEF,
	 .offset = offsetof(struct ifreq, ifr_addr),
	 .width = 8}, /* family, port, address */
};
static const struct cc_field ifreqname_fields[] = {
	FIELD(CHARS, "name", struct ifreq, ifr_name, CC_IN, BRIEF, 0, NULL),
	FIELD(CHARS, "newname", struct ifreq, ifr_newname, CC_IN, BRIEF, 0, NULL),
};
/* The device's name comes back: the pattern that went in ("tap%d") with a number. */
static const struct cc_field tunreq_fields[] = {
	FIELD(CHARS, "name", struct ifreq, ifr_name, CC_IN, BRIEF, 0, NULL),
	S("flags", struct ifreq, ifr_flags, CC_IN, BRIEF),
	FIELD(BYTES, "name", struct ifreq, ifr_name, CC_OUT, BRIEF, 0, NULL),
	FIELD(BYTES, "value", struct ifreq, ifr_ifru, CC_OUT, BRIEF, 0, NULL),
};
static const struct cc_field ethtool_fields[] = {
	FIELD(CHARS, "name", struct ifreq, ifr_name, CC_IN, BRIEF, 0, NULL),
	FIELD(COMMAND, "command", struct ifreq, ifr_data, BOTH, BRIEF, 0, NULL),
};
/* Asked by the protocol's address and the device. */
static const struct cc_field arpreq_fields[] = {
	{.name = "pa", .type = CC_FIELD_BYTES, .directions = CC_IN, .offset = 0, .width = 8},
	FIELD(CHARS, "dev", struct arpreq, arp_dev, CC_IN, BRIEF, 0, NULL),
	{.name = "all",
	 .type = CC_FIELD_BYTES,
	 .directions = CC_OUT,
	 .offset = 0,
	 .width = sizeof(struct arpreq)},
};

/* The buffer comes first: as long as `len` says, which before the call is its room. */
static const struct cc_field ifconf_fields[] = {
	FIELD(BUFFER, "buf", struct ifconf, ifc_ifcu, CC_OUT, BRIEF, 1, NULL),
	S("len", struct ifconf, ifc_len, BOTH, BRIEF),
};

/* As one goes in. */
static const struct cc_field mntentry_fields[] = {
	FIELD(STRING, "fsname", struct mntent, mnt_fsname, CC_IN, BRIEF, 0, NULL),
	FIELD(STRING, "dir", struct mntent, mnt_dir, CC_IN, BRIEF, 0, NULL),
	FIELD(STRING, "type", struct mntent, mnt_type, CC_IN, BRIEF, 0, NULL),
	FIELD(STRING, "opts", struct mntent, mnt_opts, CC_IN, BRIEF, 0, NULL),
	S("freq", struct mntent, mnt_freq, CC_IN, PLAIN),
	S("passno", struct mntent, mnt_passno, CC_IN, PLAIN),
};

static const struct cc_field fstab_fields[] = {
	FOLLOW(STRING, "spec", struct fstab, fs_spec, BRIEF),
	FOLLOW(STRING, "file", struct fstab, fs_file, BRIEF),
	FOLLOW(STRING, "vfstype", struct fstab, fs_vfstype, BRIEF),
	FOLLOW(STRING, "mntops", struct fstab, fs_mntops, BRIEF),
	FOLLOW(STRING, "type", struct fstab, fs_type, BRIEF),
	S("freq", struct fstab, fs_freq, CC_OUT, PLAIN),
	S("passno", struct fstab, fs_passno, CC_OUT, PLAIN),
};

static const struct cc_field rpcent_fields[] = {
	FOLLOW(STRING, "name", struct rpcent, r_name, BRIEF),
	FOLLOW(STRINGS, "aliases", struct rpcent, r_aliases, PLAIN),
	S("number", struct rpcent, r_number, CC_OUT, BRIEF),
};

/* What is set is what `modes` says; all of it comes back. */
static const struct cc_field timex_fields[] = {
	U("modes", struct timex, modes, CC_IN, BRIEF),
	{.name = "all",
	 .type = CC_FIELD_BYTES,
	 .directions = CC_OUT,
	 .offset = 0,
	 .width = sizeof(struct timex)},
};

static const struct cc_field sigevent_fields[] = {
	NAMED("notify", struct sigevent, sigev_notify, CC_IN, "sigev"),
	FIELD(ADDR, "value", struct sigevent, sigev_value, CC_IN, PLAIN, 0, NULL),
};
static const struct cc_unmodelled sigevent_thread = {
	offsetof(struct sigevent, sigev_notify), SIGEV_THREAD,
	"SIGEV_THREAD, which starts threads of the C library's own,"};

/* ---- the list ---- */

static const struct cc_layout layouts[] = {
	WHOLE(stat, struct stat),
	LAYOUT(statvfs, struct statvfs),
	LAYOUT(flock, struct flock),
	{.name = "dirent",
	 .size = dirent_size,
	 .open = 1,
	 .fields = dirent_fields,
	 .count = COUNT(dirent_fields)},
	LAYOUT(pollfd, struct pollfd),
	LAYOUT(epoll, struct epoll_event),
	LAYOUT(int, struct number_int),
	LAYOUT(uint, struct number_int),
	LAYOUT(long, struct number_long),
	LAYOUT(wait, struct number_int),
	LAYOUT(timespec, struct timespec),
	LAYOUT(timeval, struct timeval),
	LAYOUT(itimerval, struct itimerval),
	LAYOUT(tms, struct tms),
	LAYOUT(tm, struct tm),
	LAYOUT(tmin, struct tm),
	LAYOUT(passwd, struct passwd),
	LAYOUT(group, struct group),
	LAYOUT(spwd, struct spwd),
	LAYOUT(hostent, struct hostent),
	LAYOUT(netent, struct netent),
	LAYOUT(protoent, struct protoent),
	LAYOUT(servent, struct servent),
	LAYOUT(addrinfo, struct addrinfo),
	LAYOUT(mntent, struct mntent),
	LAYOUT(utmp, struct utmp),
	LAYOUT(sigaction, struct sigaction),
	LAYOUT(sigset, struct signal_set),
	LAYOUT(siginfo, siginfo_t),
	LAYOUT(rusage, struct rusage),
	LAYOUT(rlimit, struct rlimit),
	WHOLE(utsname, struct utsname),
	LAYOUT(sembuf, struct sembuf),
	LAYOUT(termios, struct termios),
	LAYOUT(winsize, struct winsize),
	LAYOUT(stack, stack_t),
	LAYOUT(ifreq, struct ifreq),
	LAYOUT(ifname, struct ifreq),
	LAYOUT(ifreqflags, struct ifreq),
	LAYOUT(ifreqint, struct ifreq),
	LAYOUT(ifreqaddr, struct ifreq),
	LAYOUT(ifreqname, struct ifreq),
	LAYOUT(tunreq, struct ifreq),
	LAYOUT(arpreq, struct arpreq),
	LAYOUT(ethtool, struct ifreq),
	LAYOUT(ifconf, struct ifconf),
	LAYOUT(mntentry, struct mntent),
	LAYOUT(fstab, struct fstab),
	LAYOUT(timex, struct timex),
	LAYOUT(rpcent, struct rpcent),
	{.name = "sigevent",
	 .size = sizeof(struct sigevent),
	 .fields = sigevent_fields,
	 .count = COUNT(sigevent_fields),
	 .unmodelled = &sigevent_thread},
};

int cc_layout_index(const char *name)
{
	for (unsigned i = 0; i < COUNT(layouts); i++)
		if (!strcmp(layouts[i].name, name))
			return (int)i;
	return -1;
}

const struct cc_layout *cc_layout_at(unsigned index)
{
	return &layouts[index];
}
