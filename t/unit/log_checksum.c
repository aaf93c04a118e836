/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checksum is XXH64: zstd puts its low half at the end of every frame, and published sums
 * agree. The hash of blobs is SipHash: libcrypto says the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <zstd.h>

#include "logs/checksum.h"
#include "logs/siphash.h"

static void published_sums(void **state)
{
	assert_int_equal(cc_checksum("", 0), 0xEF46DB3751D8E999u);
	assert_int_equal(cc_checksum("a", 1), 0xD24EC4F1A98C6E5Bu);
	assert_int_equal(cc_checksum("abc", 3), 0x44BC2CF5AD770999u);
}

static uint32_t sum_by_zstd(ZSTD_CCtx *zstd, const void *data, size_t length)
{
	static uint8_t frame[4096];
	size_t size;
	uint32_t sum;

	ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	size = ZSTD_compress2(zstd, frame, sizeof(frame), data, length);
	assert_false(ZSTD_isError(size));
	memcpy(&sum, frame + size - sizeof(sum), sizeof(sum));
	return sum;
}

static void every_length_to_300(void **state)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	uint8_t data[300];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 151 + 7);
	for (size_t length = 0; length <= sizeof(data); length++)
		assert_int_equal((uint32_t)cc_checksum(data, length),
				 sum_by_zstd(zstd, data, length));
	ZSTD_freeCCtx(zstd);
}

static void siphash_by_libcrypto(const uint8_t key[16], const uint8_t *data, size_t length,
				 uint8_t hash[16])
{
	size_t size = 16;
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t("size", &size), OSSL_PARAM_END};

	assert_int_equal(EVP_MAC_init(context, key, 16, params), 1);
	assert_int_equal(EVP_MAC_update(context, data, length), 1);
	assert_int_equal(EVP_MAC_final(context, hash, &size, 16), 1);
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
}

static void siphash_of_every_length_to_100(void **state)
{
	uint8_t key_bytes[16], data[100], expected[16];
	struct cc_siphash_key key;

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 11);
	for (unsigned i = 0; i < sizeof(key_bytes); i++)
		key_bytes[i] = (uint8_t)(i * 29 + 3);
	memcpy(&key, key_bytes, sizeof(key));
	for (size_t length = 0; length <= sizeof(data); length++) {
		struct cc_siphash hash = cc_siphash(&key, data, length);

		siphash_by_libcrypto(key_bytes, data, length, expected);
		assert_memory_equal(&hash, expected, sizeof(expected));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_sums),
		cmocka_unit_test(every_length_to_300),
		cmocka_unit_test(siphash_of_every_length_to_100),
	};

	return cmocka_run_group_tests_name("the log's checksum and hash", tests, NULL, NULL);
}
