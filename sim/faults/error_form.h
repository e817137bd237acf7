/*
 * How an error is written: a service's own protocol, or one of the other forms in which AWS's
 * services and the gateways before them have been seen to write theirs.
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

/* The name of a form in scenarios, and back: ERROR_FORM_COUNT if there is no such form. */
enum error_form error_form_find(const char *name);

#endif
