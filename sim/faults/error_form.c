/* SPDX-License-Identifier: MIT */
#include "faults/error_form.h"

#include <string.h>

enum error_form error_form_find(const char *name)
{
    static const char *const names[ERROR_FORM_COUNT] = {
        [ERROR_FORM_OWN] = "own",
        [ERROR_FORM_TYPE] = "__type",
        [ERROR_FORM_UPPER_CODE] = "Code",
        [ERROR_FORM_LOWER_CODE] = "code",
        [ERROR_FORM_HEADER] = "x-amzn-ErrorType",
        [ERROR_FORM_QUERY] = "ErrorResponse",
        [ERROR_FORM_ERROR] = "Error",
        [ERROR_FORM_RESPONSE] = "Response",
        [ERROR_FORM_ELEMENT] = "element",
    };
    int form = 0;
    while (form < ERROR_FORM_COUNT && strcmp(names[form], name) != 0)
        form++;
    return (enum error_form)form;
}
