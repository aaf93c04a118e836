/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "runtimes/perl/debug/value.h"

/* Text that came as bytes is bytes again. */
static SV *from_string(pTHX_ const json_t *json)
{
	SV *text = newSVpvn(json_string_value(json), json_string_length(json));

	SvUTF8_on(text);
	sv_utf8_downgrade(text, TRUE);
	return text;
}

static SV *from_array(pTHX_ const json_t *json)
{
	AV *array = newAV();
	const json_t *item;
	size_t i;

	json_array_foreach(json, i, item) av_push(array, cc_perl_from_json(aTHX_ item));
	return newRV_noinc((SV *)array);
}

static SV *from_object(pTHX_ const json_t *json)
{
	HV *hash = newHV();
	const char *key;
	json_t *item;

	json_object_foreach((json_t *)json, key, item)(void)
		hv_store(hash, key, -(I32)strlen(key), cc_perl_from_json(aTHX_ item), 0);
	return newRV_noinc((SV *)hash);
}

SV *cc_perl_from_json(pTHX_ const json_t *json)
{
	switch (json ? json_typeof(json) : JSON_NULL) {
	case JSON_OBJECT:
		return from_object(aTHX_ json);
	case JSON_ARRAY:
		return from_array(aTHX_ json);
	case JSON_STRING:
		return from_string(aTHX_ json);
	case JSON_INTEGER:
		return newSViv(json_integer_value(json));
	case JSON_REAL:
		return newSVnv(json_real_value(json));
	case JSON_TRUE:
		return newSViv(1);
	case JSON_FALSE:
		return newSViv(0);
	case JSON_NULL:
		break;
	}
	return newSV(0);
}

static json_t *to_array(pTHX_ AV *array)
{
	json_t *json = json_array();

	for (SSize_t i = 0; i <= av_top_index(array); i++) {
		SV **item = av_fetch(array, i, 0);

		json_array_append_new(json, item ? cc_perl_to_json(aTHX_ * item) : json_null());
	}
	return json;
}

static json_t *to_object(pTHX_ HV *hash)
{
	json_t *json = json_object();
	HE *entry;

	hv_iterinit(hash);
	while ((entry = hv_iternext(hash))) {
		SV *key = sv_mortalcopy(hv_iterkeysv(entry));

		json_object_set_new(json, SvPVutf8_nolen(key), cc_perl_to_json(aTHX_ HeVAL(entry)));
	}
	return json;
}

json_t *cc_perl_to_json(pTHX_ SV *value)
{
	const char *text;
	json_t *json;
	STRLEN length;

	SvGETMAGIC(value);
	if (SvROK(value) && SvTYPE(SvRV(value)) == SVt_PVAV)
		return to_array(aTHX_(AV *) SvRV(value));
	if (SvROK(value) && SvTYPE(SvRV(value)) == SVt_PVHV)
		return to_object(aTHX_(HV *) SvRV(value));
	if (!SvOK(value))
		return json_null();
	if (SvIOK(value) && !SvPOK(value) && !SvIsUV(value))
		return json_integer(SvIVX(value));
	text = SvPVutf8(sv_mortalcopy(value), length);
	json = json_stringn(text, length);
	return json ? json : json_string("");
}
