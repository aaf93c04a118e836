/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of ioctl(2), by the kernel's headers and the manual pages ioctl_*(2), netdevice(7),
 * random(4), rtc(4). Older numbers say nothing about the argument; newer ones do, but not always
 * truly: those are listed, too.
 */
#include <asm/termbits.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/input.h>
#include <linux/kd.h>
#include <linux/loop.h>
#include <linux/random.h>
#include <linux/rtc.h>
#include <linux/sockios.h>
#include <linux/vt.h>
#include <sys/ioctl.h>

#include "core/host/variant.h"
#include "core/host/walk.h"

/* <linux/hdreg.h>, <linux/nsfs.h>, <linux/msdos_fs.h>, <linux/perf_event.h>: each for one or two */
#define HDIO_GETGEO 0x0301
#define NSFS(number) _IO(0xb7, number)
#define PERF(number) _IO('$', number)

struct cc_variant cc_ioctl_variants[] = {
	/* terminals */
	IS(TCGETS, "out[36]"), /* the kernel's struct termios */
	IS(TCSETS, "in[36]"),
	IS(TCSETSW, "in[36]"),
	IS(TCSETSF, "in[36]"),
	IS(TCGETA, "out[18]"),
	IS(TCSETA, "in[18]"),
	IS(TCSETAW, "in[18]"),
	IS(TCSETAF, "in[18]"),
	IS(TCSBRK, "int"),
	IS(TCSBRKP, "int"),
	IS(TCXONC, "int"),
	IS(TCFLSH, "int"),
	IS(TIOCSBRK, ""),
	IS(TIOCCBRK, ""),
	IS(TIOCEXCL, ""),
	IS(TIOCNXCL, ""),
	IS(TIOCSCTTY, "int"),
	IS(TIOCNOTTY, ""),
	IS(TIOCCONS, ""),
	IS(TIOCVHANGUP, ""),
	IS(TIOCGPGRP, "out%int"),
	IS(TIOCSPGRP, "in%int"),
	IS(TIOCGSID, "out%int"),
	IS(TIOCOUTQ, "out%int"), /* SIOCOUTQ */
	IS(TIOCSTI, "in[1]"),
	IS(TIOCGWINSZ, "out%winsize"),
	IS(TIOCSWINSZ, "in%winsize"),
	IS(TIOCMGET, "out%int"),
	IS(TIOCMBIS, "in%int"),
	IS(TIOCMBIC, "in%int"),
	IS(TIOCMSET, "in%int"),
	IS(TIOCMIWAIT, "int"),
	IS(TIOCGICOUNT, "out[80]"), /* struct serial_icounter_struct */
	IS(TIOCGSOFTCAR, "out%int"),
	IS(TIOCSSOFTCAR, "in%int"),
	IS(TIOCGSERIAL, "out[72]"), /* struct serial_struct */
	IS(TIOCSSERIAL, "in[72]"),
	IS(TIOCGRS485, "out[32]"),
	IS(TIOCGLCKTRMIOS, "out[36]"),
	IS(TIOCSLCKTRMIOS, "in[36]"),
	IS(TIOCPKT, "in%int"),
	IS(TIOCGETD, "out%int"),
	IS(TIOCSETD, "in%int"),
	IS(TIOCSIG, "int"), /* though _IOW */
	IS(TIOCGPTPEER, "int%oflags"),
	IS(KDGKBTYPE, "out[1]"),
	IS(KDGETMODE, "out%int"),
	IS(KDSETMODE, "int"),
	IS(KDGKBMODE, "out%int"),
	IS(KDSKBMODE, "int"),
	IS(KDGETLED, "out[1]"),
	IS(KDSETLED, "int"),
	IS(KIOCSOUND, "int"),
	IS(KDMKTONE, "int"),
	IS(VT_OPENQRY, "out%int"),
	IS(VT_GETSTATE, "out[6]"),
	IS(VT_GETMODE, "out[8]"),
	IS(VT_SETMODE, "in[8]"),
	IS(VT_ACTIVATE, "int"),
	IS(VT_WAITACTIVE, "int"),

	/* any descriptor */
	IS(FIONREAD, "out%int"), /* SIOCINQ */
	IS(FIONBIO, "in%int"),
	IS(FIOASYNC, "in%int"),
	IS(FIOCLEX, ""),
	IS(FIONCLEX, ""),
	IS(FIOQSIZE, "out%long"),

	/* files; the numbers of flags and versions say long, and it is int */
	IS(FIBMAP, "inout%int"),
	IS(FIGETBSZ, "out%int"),
	IS(FS_IOC_GETFLAGS, "out%int"),
	IS(FS_IOC_SETFLAGS, "in%int"),
	IS(FS_IOC_GETVERSION, "out%int"),
	IS(FS_IOC_SETVERSION, "in%int"),
	IS(FS_IOC_FSGETXATTR, "out[28]"),
	IS(FS_IOC_FSSETXATTR, "in[28]"),
	IS(FS_IOC_GETFSLABEL, "strout[256]"),
	IS(FS_IOC_SETFSLABEL, "str"),
	IS(FICLONE, "int"), /* though _IOW */
	IS(FICLONERANGE, "in[32]"),
	IS(FIFREEZE, ""),
	IS(FITHAW, ""),
	IS(FITRIM, "inout[24]"),

	/* sockets: <linux/sockios.h> */
	IS(FIOSETOWN, "in%int"),
	IS(SIOCSPGRP, "in%int"),
	IS(FIOGETOWN, "out%int"),
	IS(SIOCGPGRP, "out%int"),
	IS(SIOCATMARK, "out%int"),
	IS(SIOCGSTAMP_OLD, "out%timeval"),
	IS(SIOCGSTAMPNS_OLD, "out%timespec"),
	IS(SIOCGSTAMP_NEW, "out%timeval"),
	IS(SIOCGSTAMPNS_NEW, "out%timespec"),
	IS(SIOCOUTQNSD, "out%int"),
	IS(SIOCGSKNS, ""),
	IS(SIOCADDRT, "ptr"),
	IS(SIOCDELRT, "ptr"),
	IS(SIOCGIFNAME, "inout%ifname"),
	IS(SIOCGIFCONF, "inout%ifconf"),
	IS(SIOCGIFFLAGS, "inout%ifreq"),
	IS(SIOCGIFADDR, "inout%ifreq"),
	IS(SIOCGIFDSTADDR, "inout%ifreq"),
	IS(SIOCGIFBRDADDR, "inout%ifreq"),
	IS(SIOCGIFNETMASK, "inout%ifreq"),
	IS(SIOCGIFMETRIC, "inout%ifreq"),
	IS(SIOCGIFMTU, "inout%ifreq"),
	IS(SIOCGIFHWADDR, "inout%ifreq"),
	IS(SIOCGIFSLAVE, "inout%ifreq"),
	IS(SIOCGIFINDEX, "inout%ifreq"),
	IS(SIOCGIFPFLAGS, "inout%ifreq"),
	IS(SIOCGIFTXQLEN, "inout%ifreq"),
	IS(SIOCGIFMAP, "inout%ifreq"),
	IS(SIOCSIFFLAGS, "in%ifreqflags"),
	IS(SIOCSIFPFLAGS, "in%ifreqflags"),
	IS(SIOCSIFADDR, "in%ifreqaddr"),
	IS(SIOCSIFDSTADDR, "in%ifreqaddr"),
	IS(SIOCSIFBRDADDR, "in%ifreqaddr"),
	IS(SIOCSIFNETMASK, "in%ifreqaddr"),
	IS(SIOCSIFHWADDR, "in%ifreqaddr"),
	IS(SIOCSIFHWBROADCAST, "in%ifreqaddr"),
	IS(SIOCADDMULTI, "in%ifreqaddr"),
	IS(SIOCDELMULTI, "in%ifreqaddr"),
	IS(SIOCSIFMETRIC, "in%ifreqint"),
	IS(SIOCSIFMTU, "in%ifreqint"),
	IS(SIOCSIFTXQLEN, "in%ifreqint"),
	IS(SIOCSIFNAME, "in%ifreqname"),
	IS(SIOCBRADDBR, "str"),
	IS(SIOCBRDELBR, "str"),
	IS(SIOCBRADDIF, "in%ifreqint"),
	IS(SIOCBRDELIF, "in%ifreqint"),
	IS(SIOCETHTOOL, "inout%ethtool"),
	IS(SIOCGARP, "inout%arpreq"),
	IS(SIOCSARP, "ptr"),
	IS(SIOCDARP, "ptr"),

	/* <linux/if_tun.h>: the numbers say int */
	IS(TUNSETIFF, "inout%tunreq"),
	IS(TUNSETQUEUE, "in%ifreqflags"),
	IS(TUNGETIFF, "out[40]"),
	IS(TUNSETPERSIST, "int"),
	IS(TUNSETOWNER, "int"),
	IS(TUNSETGROUP, "int"),
	IS(TUNSETLINK, "int"),
	IS(TUNSETNOCSUM, "int"),
	IS(TUNSETDEBUG, "int"),
	IS(TUNSETOFFLOAD, "int"),
	UNKNOWN(TUNSETTXFILTER),
	UNKNOWN(TUNATTACHFILTER),
	UNKNOWN(TUNDETACHFILTER),
	UNKNOWN(TUNGETFILTER),

	/* block devices: <linux/fs.h>; the numbers of BLKBSZ* say size_t, and it is int */
	IS(BLKROSET, "in%int"),
	IS(BLKROGET, "out%int"),
	IS(BLKRRPART, ""),
	IS(BLKGETSIZE, "out%long"),
	IS(BLKFLSBUF, ""),
	IS(BLKRASET, "ulong"),
	IS(BLKRAGET, "out%long"),
	IS(BLKFRASET, "ulong"),
	IS(BLKFRAGET, "out%long"),
	IS(BLKSECTGET, "out[2]"),
	IS(BLKSSZGET, "out%int"),
	IS(BLKBSZGET, "out%int"),
	IS(BLKBSZSET, "in%int"),
	IS(BLKGETSIZE64, "out%long"),
	IS(BLKDISCARD, "in[16]"),
	IS(BLKSECDISCARD, "in[16]"),
	IS(BLKZEROOUT, "in[16]"),
	IS(BLKIOMIN, "out%uint"),
	IS(BLKIOOPT, "out%uint"),
	IS(BLKALIGNOFF, "out%int"),
	IS(BLKPBSZGET, "out%uint"),
	IS(BLKDISCARDZEROES, "out%uint"),
	IS(BLKROTATIONAL, "out[2]"),
	IS(HDIO_GETGEO, "out[16]"),
	IS(LOOP_SET_FD, "int"),
	IS(LOOP_CHANGE_FD, "int"),
	IS(LOOP_CLR_FD, ""),
	IS(LOOP_SET_STATUS, "in[168]"),
	IS(LOOP_GET_STATUS, "out[168]"),
	IS(LOOP_SET_STATUS64, "in[232]"),
	IS(LOOP_GET_STATUS64, "out[232]"),
	IS(LOOP_SET_CAPACITY, ""),
	IS(LOOP_SET_DIRECT_IO, "ulong"),
	IS(LOOP_SET_BLOCK_SIZE, "ulong"),
	IS(LOOP_CONFIGURE, "in[304]"),
	IS(LOOP_CTL_ADD, "int"),
	IS(LOOP_CTL_REMOVE, "int"),
	IS(LOOP_CTL_GET_FREE, ""),

	/* other devices */
	IS(RNDADDENTROPY, "ptr"),
	IS(RNDZAPENTCNT, ""),
	IS(RNDCLEARPOOL, ""),
	IS(RNDRESEEDCRNG, ""),
	UNKNOWN(RNDGETPOOL),
	IS(RTC_AIE_ON, ""),
	IS(RTC_AIE_OFF, ""),
	IS(RTC_UIE_ON, ""),
	IS(RTC_UIE_OFF, ""),
	IS(RTC_PIE_ON, ""),
	IS(RTC_PIE_OFF, ""),
	IS(RTC_WIE_ON, ""),
	IS(RTC_WIE_OFF, ""),
	IS(RTC_IRQP_SET, "ulong"), /* though _IOW */
	IS(RTC_EPOCH_SET, "ulong"),
	IS(EVIOCGRAB, "int"), /* though _IOW */
	IS(EVIOCREVOKE, "int"),
	IS(EVIOCRMFF, "int"),
	UNKNOWN(EVIOCSFF), /* writes though _IOW */
	UNKNOWN(EVIOCGMASK),
	IS(NSFS(1), ""),
	IS(NSFS(2), ""),
	IS(NSFS(3), ""),
	IS(NSFS(4), "out%uint"),
	IS(PERF(0), "int"),
	IS(PERF(1), "int"),
	IS(PERF(2), "int"),
	IS(PERF(3), "int"),
	IS(PERF(5), "int"),
	END,
};

/*
 * Whose numbers are true, but for those above: no pointers in their structs, no lists behind them.
 */
static int is_trusted(unsigned type)
{
	switch (type) {
	case 'T':  /* terminals, tun */
	case 'E':  /* input devices */
	case 'R':  /* random */
	case 'p':  /* clocks */
	case 'j':  /* joysticks */
	case 'H':  /* HID devices */
	case 0x12: /* block devices */
		return 1;
	}
	return 0;
}

/* <asm-generic/ioctl.h> */
int cc_ioctl_item(uint32_t request, struct cc_item *item)
{
	unsigned direction = _IOC_DIR(request);

	if (!direction || !_IOC_SIZE(request) || !is_trusted(_IOC_TYPE(request)))
		return -1;
	cc_spec_parse_type(direction == (_IOC_READ | _IOC_WRITE) ? "inout[1]"
			   : direction == _IOC_READ		 ? "out[1]"
								 : "in[1]",
			   item);
	item->scale = _IOC_SIZE(request);
	return 0;
}
