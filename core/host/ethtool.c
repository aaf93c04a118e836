/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ioctl(SIOCETHTOOL): the struct ifreq points to a command, which says what it is and, some of
 * them, how much stands behind it (<linux/ethtool.h>). What comes back is all of it.
 */
#include <linux/ethtool.h>

#include "core/host/layout.h"

#define SAME(command, struct_name)                                                                 \
	{                                                                                          \
		ETHTOOL_##command, sizeof(struct struct_name), 0, 0, 0                             \
	}
#define VALUE(command) SAME(command, ethtool_value)
/* As many elements of `each` bytes behind it as a member says. */
#define COUNTED(command, struct_name, member, each)                                                \
	{                                                                                          \
		ETHTOOL_##command, sizeof(struct struct_name),                                     \
			offsetof(struct struct_name, member),                                      \
			sizeof(((struct struct_name *)0)->member), each                            \
	}

static const struct {
	uint32_t command, size;
	uint8_t count_at, count_width;
	uint32_t each;
} commands[] = {
	SAME(GSET, ethtool_cmd),
	SAME(GDRVINFO, ethtool_drvinfo),
	SAME(GWOL, ethtool_wolinfo),
	SAME(GCOALESCE, ethtool_coalesce),
	SAME(GRINGPARAM, ethtool_ringparam),
	SAME(GPAUSEPARAM, ethtool_pauseparam),
	SAME(GCHANNELS, ethtool_channels),
	SAME(GET_TS_INFO, ethtool_ts_info),
	SAME(GMODULEINFO, ethtool_modinfo),
	SAME(GEEE, ethtool_eee),
	VALUE(GMSGLVL),
	VALUE(GLINK),
	VALUE(GRXCSUM),
	VALUE(GTXCSUM),
	VALUE(GSG),
	VALUE(GTSO),
	VALUE(GUFO),
	VALUE(GGSO),
	VALUE(GFLAGS),
	VALUE(GPFLAGS),
	VALUE(GGRO),
	COUNTED(GSTRINGS, ethtool_gstrings, len, ETH_GSTRING_LEN),
	COUNTED(GSTATS, ethtool_stats, n_stats, 8),
	COUNTED(GPERMADDR, ethtool_perm_addr, size, 1),
	COUNTED(GFEATURES, ethtool_gfeatures, size, sizeof(struct ethtool_get_features_block)),
	COUNTED(GLINKSETTINGS, ethtool_link_settings, link_mode_masks_nwords, 12),
};

#define COUNT_MAX 4096

size_t cc_ethtool_size(const struct cc_memory *memory, uint64_t address)
{
	uint32_t command, count = 0;

	if (!address || memory->read(memory->context, address, &command, sizeof(command)))
		return 0;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (commands[i].command != command)
			continue;
		if (commands[i].each &&
		    memory->read(memory->context, address + commands[i].count_at, &count,
				 commands[i].count_width))
			return 0;
		/* Below zero, it says how many there are to ask for */
		if (commands[i].count_width == 1)
			count = (int8_t)count < 0 ? 0 : count;
		return commands[i].size +
		       commands[i].each * (count < COUNT_MAX ? count : COUNT_MAX);
	}
	return 0;
}
