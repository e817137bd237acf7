/* SPDX-License-Identifier: MIT */
/*
 * error_form.h: the forms in which an error can be written: that of the service's own protocol, and
 * others that AWS's services and the gateways in front of them have been seen to use.
 */
#ifndef FAULTS_ERROR_FORM_H
#define FAULTS_ERROR_FORM_H

enum error_form {
    ERROR_FORM_OWN,        /* the form of the service's protocol */
    ERROR_FORM_TYPE,       /* {"__type": "com.amazonaws.organizations#Code", "message": ...} */
    ERROR_FORM_UPPER_CODE, /* {"Code": ..., "Message": ...} */
    ERROR_FORM_LOWER_CODE, /* {"code": ..., "message": ...} */
    ERROR_FORM_HEADER,     /* x-amzn-ErrorType: Code:http://..., {"message": ...} */
    ERROR_FORM_QUERY,      /* <ErrorResponse><Error><Type/><Code/><Message/></Error>... */
    ERROR_FORM_ERROR,      /* <Error><Code/><Message/>... */
    ERROR_FORM_RESPONSE,   /* <Response><Errors><Error>..., like EC2's */
    ERROR_FORM_ELEMENT,    /* <Code><Message/></Code>, like that of gateways */
    ERROR_FORM_COUNT,
};

/* The form that a scenario calls 'name'; ERROR_FORM_COUNT if there is no such form. */
enum error_form error_form_find(const char *name);

#endif
