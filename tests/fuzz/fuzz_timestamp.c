/* SPDX-License-Identifier: MIT */
/* Any bytes as a time: what is read and written again is the same moment. */
#include "base/timestamp.h"

#include <stdlib.h>

/* The years 1 to 9999; an offset, or the second 60, may lead out of them. */
#define FIRST_S INT64_C(-62135596800)
#define LAST_S  INT64_C(253402300799)

static void assert_same_again(int64_t seconds)
{
    char text[TIMESTAMP_TEXT_SIZE];
    int64_t again;
    timestamp_format(seconds, text);
    if (seconds < FIRST_S || seconds > LAST_S)
        return;
    if (timestamp_parse(view_of(text), &again) != 0 || again != seconds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char text[TIMESTAMP_TEXT_SIZE];
    int64_t seconds;
    const struct view v = {(const char *)bytes, len};
    if (timestamp_parse(v, &seconds) == 0) {
        assert_same_again(seconds);
        timestamp_format_compact(seconds, text);
        timestamp_format_file(seconds, text);
        timestamp_age_days(seconds, 1706702400);
    }
    if (timestamp_parse_http(v, &seconds) == 0)
        assert_same_again(seconds);
    return 0;
}
