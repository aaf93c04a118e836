/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zstd FILE: how many bytes `zstd -3` makes of it, as one frame. */
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

static size_t compressed(FILE *file)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	ZSTD_inBuffer in = {malloc(ZSTD_CStreamInSize()), 0, 0};
	ZSTD_outBuffer out = {malloc(ZSTD_CStreamOutSize()), ZSTD_CStreamOutSize(), 0};
	size_t total = 0, left;

	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 3);
	do {
		in.size = fread((void *)in.src, 1, ZSTD_CStreamInSize(), file);
		in.pos = 0;
		do {
			out.pos = 0;
			left = ZSTD_compressStream2(context, &out, &in,
						    in.size ? ZSTD_e_continue : ZSTD_e_end);
			if (ZSTD_isError(left))
				abort();
			total += out.pos;
		} while (in.size ? in.pos < in.size : left != 0);
	} while (in.size);
	ZSTD_freeCCtx(context);
	free((void *)in.src);
	free(out.dst);
	return total;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;

	if (!file) {
		fprintf(stderr, "zstd: usage: zstd FILE (that can be read)\n");
		return 125;
	}
	printf("%zu\n", compressed(file));
	fclose(file);
	return 0;
}
