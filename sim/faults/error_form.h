/* SPDX-License-Identifier: MIT */
/*
 * error_form.h: in which form an error is written: that of the service's own protocol, or one of
 * the others that AWS's services and the gateways in front of them have been seen to use.
 */
#ifndef FAULTS_ERROR_FORM_H
#define FAULTS_ERROR_FORM_H

enum error_form {
    ERROR_FORM_OWN,        /* as the service's protocol has it */
    ERROR_FORM_TYPE,       /* {"__type": "com.amazonaws.organizations#Code", "message": ...} */
    ERROR_FORM_UPPER_CODE, /* {"Code": ..., "Message": ...} */
    ERROR_FORM_LOWER_CODE, /* {"code": ..., "message": ...} */
    ERROR_FORM_HEADER,     /* x-amzn-ErrorType: Code:http://..., {"message": ...} */
    ERROR_FORM_QUERY,      /* <ErrorResponse><Error><Type/><Code/><Message/></Error>... */
    ERROR_FORM_ERROR,      /* <Error><Code/><Message/>... */
    ERROR_FORM_RESPONSE,   /* <Response><Errors><Error>..., as EC2's */
    ERROR_FORM_ELEMENT,    /* <Code><Message/></Code>, as gateways' */
    ERROR_FORM_COUNT,
};

/* The form of this name, as scenarios write it; ERROR_FORM_COUNT if there is no such form. */
enum error_form error_form_find(const char *name);

#endif
