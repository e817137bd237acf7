/*
 * session.h: who calls, and through what: credentials, endpoints, rates and the client of one run.
 */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include "api/s3.h"
#include "api/sts.h"
#include "app/config.h"
#include "app/platform.h"
#include "aws/call.h"

struct session {
    struct platform *platform; /* borrowed */
    struct aws_client *client;
    struct endpoint iam, sts_endpoint, organizations;
    struct rate sts_rate, organizations_rate;
    struct sts sts;
    struct auth_context auth;
    struct credentials_cache credentials; /* the caller's */
};

/*
 * A session of its own in place: it may not be moved. 'platform' is borrowed. Contacts nobody.
 */
void session_init(struct session *s, struct platform *platform, size_t max_connections);
/* Resolves the endpoints; -1 with ERROR_CONFIG where one can't be. */
int session_resolve(struct session *s, struct error *e);
/*
 * If 'e', of a call with the caller's credentials, says that AWS refuses them, or that they can't
 * be renewed, then '*e' says so with their source and what may be wrong, and true is returned; else
 * it is left alone.
 */
bool session_explain_refusal(const struct session *s, struct error *e);
/* Its calls must have ended. */
void session_release(struct session *s);
/* The target of calls to Organizations. */
struct aws_target session_organizations(struct session *s);
/* The config's bucket; NULL and 'e' where its endpoint can't be resolved. Freed by s3_bucket_free.
 */
struct s3_bucket *session_bucket(struct session *s, const struct config *config, struct error *e);

#endif
