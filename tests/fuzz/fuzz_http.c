/* SPDX-License-Identifier: MIT */
/*
 * HTTP by libcurl, from a server on loopback that answers anything. It runs in the client's own
 * loop, where a millisecond passes at each turn, so that no time-out takes long.
 *
 * One to three exchanges, one after the other, each from the next bytes of the input:
 *   byte       the method; if over a new connection; if the server answers before it has read the
 *              request; how it ends the connection; what it puts before the bytes of the answer
 *   byte       the bound of the body; if the answer is cut; how many turns pass after the
 *              exchange; when it is cancelled
 *   byte       how many bytes are sent at each turn (0: all), and how many are cut off
 *   2 bytes    the length of the answer, then its bytes
 *
 * Whatever comes: 'done' is called once or, after a cancel, never; nothing is sent twice; no more
 * of a body is delivered than the bound; what is good had a whole head and, if the server told the
 * length, that body; what is delivered was sent for this request, not before it.
 */
#include "base/buffer.h"
#include "input.h"
#include "net/http.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXCHANGES_MAX   3
#define PEERS_MAX       8
#define SENT_MAX        ((size_t)64 * 1024)
#define HEAD_MAX        2048
#define READ_TIMEOUT_MS 200
#define TIMEOUT_MS      2000
#define TURNS_MAX       100000
#define TRIES           3
#define POST_BODY       "q=1"

enum ending { STAYS, CLOSES, RESETS, SHUTS };
enum opening { RAW, STATUS, LENGTH, CHUNKED };

struct peer;

struct exchange {
    /* What the input says. */
    const char *method;
    bool fresh, early, cut;
    enum ending ending;
    enum opening opening;
    size_t max_bytes, piece;
    unsigned idle_turns, cancel_after;
    struct view content;  /* the input's bytes */
    struct buffer answer; /* with what was put before them */
    size_t answer_len;    /* of that is sent */
    /* What came of it. */
    struct http_exchange *handle;
    struct peer *peer; /* the connection that serves it, as far as the server knows */
    unsigned requests;
    bool over;
    struct buffer body;
};

/* A connection, as the server sees it. */
struct peer {
    int fd; /* -1: closed */
    char head[HEAD_MAX];
    size_t head_len;
    bool asked;               /* a request was read */
    struct exchange *answers; /* what it sends, NULL: nothing */
    size_t answered;
    struct buffer sent; /* all that it has ever sent */
    size_t fresh_from;  /* where in it begins what was sent since the last request came */
};

static struct exchange exchanges[EXCHANGES_MAX], *current;
static struct peer peers[PEERS_MAX];
static size_t peer_count, exchange_count;
static struct loop *loop;
static struct http_client *client;
static struct loop_watch ticker;
static int listener;
static char origin[64];
static int64_t now_ms;
static unsigned turns, wait_turns;
static bool waited;
static const char *suspicion;

/*
 * What depends on when the kernel delivers bytes is only believed if it happens again: a busy
 * machine may deliver them late.
 */
static void suspect(const char *what)
{
    suspicion = what;
}

static void fail(const char *what)
{
    fprintf(stderr, "fuzz_http: %s\n", what);
    abort();
}

/* ---- the input ---- */

static void make_answer(struct exchange *x)
{
    buffer_init(&x->answer, SENT_MAX);
    buffer_init(&x->body, SENT_MAX);
    if (x->opening != RAW)
        buffer_add_text(&x->answer, "HTTP/1.1 200 OK\r\n");
    if (x->opening == LENGTH)
        buffer_addf(&x->answer, "Content-Length: %zu\r\n\r\n", x->content.len);
    if (x->opening == CHUNKED)
        buffer_add_text(&x->answer, "Transfer-Encoding: chunked\r\n\r\n");
    buffer_add_view(&x->answer, x->content);
    x->answer_len = x->answer.len;
}

static void read_exchange(struct exchange *x)
{
    static const char *const methods[] = {"GET", "POST", "HEAD", "DELETE"};
    static const size_t bounds[] = {65536, 0, 1, 7, 64, 300, 1024, 4096};
    unsigned how = input_byte(), more = input_byte(), piece = input_byte();
    size_t len = input_byte() * 256U;
    len += input_byte();
    *x = (struct exchange){.method = methods[how & 3],
                           .fresh = how & 4,
                           .early = how & 8,
                           .ending = (how >> 4) & 3,
                           .opening = (how >> 6) & 3,
                           .max_bytes = bounds[more & 7],
                           .cut = more & 8,
                           .idle_turns = (more >> 4) & 1 ? 3 : 0,
                           .cancel_after = (more >> 5) & 7};
    x->content = (struct view){(const char *)input, len < input_left ? len : input_left};
    input += x->content.len;
    input_left -= x->content.len;
    make_answer(x);
    if (x->cut && x->answer.len > 0)
        x->answer_len -= 1 + piece % x->answer.len;
    x->piece = piece == 0 ? x->answer.len : piece + x->answer.len / 64;
}

/* ---- the server ---- */

static void peer_close(struct peer *p, bool reset)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};
    if (p->fd < 0)
        return;
    if (reset)
        setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    close(p->fd);
    p->fd = -1;
}

static void peer_begin(struct peer *p, struct exchange *x)
{
    if (p->answers == x) /* it has begun before the request came */
        return;
    p->answers = x;
    p->answered = 0;
}

/* The whole request at the start of what came in: its length, or 0 if it is not complete. */
static size_t request_len(const struct peer *p)
{
    const char *end = memmem(p->head, p->head_len, "\r\n\r\n", 4);
    size_t len = end ? (size_t)(end - p->head) + 4 : 0;
    if (len > 0 && memcmp(p->head, "POST", 4) == 0)
        len += strlen(POST_BODY);
    return len <= p->head_len ? len : 0;
}

static void peer_take_request(struct peer *p)
{
    size_t len = request_len(p);
    const char *path = len > 0 ? memchr(p->head, '/', len) : NULL;
    if (!path)
        return;
    struct exchange *x = &exchanges[(path[1] - '0') % EXCHANGES_MAX];
    if (++x->requests > 1)
        fail("a request was sent twice");
    p->head_len -= len;
    if (p->head_len > 0)
        fail("more was sent than the request");
    p->fresh_from = p->asked ? p->sent.len : 0;
    p->asked = true;
    x->peer = p;
    peer_begin(p, x);
}

static void peer_receive(struct peer *p)
{
    ssize_t got = recv(p->fd, p->head + p->head_len, sizeof(p->head) - p->head_len, MSG_DONTWAIT);
    if (got > 0) {
        p->head_len += (size_t)got;
        peer_take_request(p);
    } else if (got == 0 || errno != EAGAIN) {
        peer_close(p, false);
    }
}

static void peer_end(struct peer *p, enum ending ending)
{
    if (ending == SHUTS)
        shutdown(p->fd, SHUT_WR);
    else if (ending != STAYS)
        peer_close(p, ending == RESETS);
}

static void peer_send(struct peer *p)
{
    const struct exchange *x = p->answers;
    if (p->fd < 0 || !x || p->answered > x->answer_len)
        return;
    size_t len = x->answer_len - p->answered;
    if (len > x->piece)
        len = x->piece;
    ssize_t sent = len > 0 ? send(p->fd, x->answer.data + p->answered, len, MSG_NOSIGNAL) : 0;
    if (sent < 0) {
        peer_close(p, false);
        return;
    }
    buffer_add(&p->sent, x->answer.data + p->answered, (size_t)sent);
    p->answered += (size_t)sent;
    if (p->answered == x->answer_len) {
        p->answered++; /* it has ended */
        peer_end(p, x->ending);
    }
}

static void server_accept(void)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (peer_count == PEERS_MAX)
        fail("too many connections");
    struct peer *p = &peers[peer_count++];
    memset(p, 0, sizeof(*p));
    p->fd = fd;
    buffer_init(&p->sent, SENT_MAX * EXCHANGES_MAX);
    current->peer = p;
    if (current->early)
        peer_begin(p, current);
}

/* A turn of the loop. The request is looked for first: what is sent after that is sent for it. */
static void on_tick(void *arg, unsigned events)
{
    (void)arg;
    (void)events;
    if (++turns > TURNS_MAX)
        fail("it never ends");
    if (wait_turns > 0)
        wait_turns--;
    waited = wait_turns == 0;
    server_accept();
    for (size_t i = 0; i < peer_count; i++) {
        if (peers[i].fd >= 0)
            peer_receive(&peers[i]);
        peer_send(&peers[i]);
    }
}

static void server_clear(void)
{
    for (size_t i = 0; i < peer_count; i++) {
        peer_close(&peers[i], true);
        buffer_release(&peers[i].sent);
    }
    peer_count = 0;
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
        close(fd);
}

/* ---- what must hold ---- */

static struct view sent_for(const struct exchange *x)
{
    const struct peer *p = x->peer;
    if (!p || p->sent.len <= p->fresh_from)
        return VIEW_LITERAL("");
    return (struct view){p->sent.data + p->fresh_from, p->sent.len - p->fresh_from};
}

/* Chunks leave bytes out, but put none in and change no order. */
static bool is_part(struct view body, struct view sent)
{
    size_t at = 0;
    for (size_t i = 0; i < sent.len && at < body.len; i++)
        at += sent.ptr[i] == body.ptr[at];
    return at == body.len;
}

static bool has_text(struct view sent, const char *text)
{
    return memmem(sent.ptr, sent.len, text, strlen(text)) != NULL;
}

/* The length of a head with the empty line at its end; 0 if it does not end. */
static size_t head_len(struct view text)
{
    for (size_t at = 0, end; at < text.len; at = end + 1) {
        const char *line_end = memchr(text.ptr + at, '\n', text.len - at);
        if (!line_end)
            return 0;
        end = (size_t)(line_end - text.ptr);
        if (text.ptr[at] == '\n' || text.ptr[at] == '\r') /* what libcurl takes for the end */
            return end + 1;
    }
    return 0;
}

/* By what follows the first blank of a head. 101 is the last one of its connection. */
static bool is_interim(const char *blank)
{
    const char *status = blank ? blank + strspn(blank, " \t") : "";
    return status[0] == '1' && isdigit((unsigned char)status[1]) &&
           isdigit((unsigned char)status[2]) && strncmp(status, "101", 3) != 0;
}

/*
 * True if a head is complete, and it is not that of an interim answer. libcurl 7.88 loses a part of
 * a head that holds a NUL, so nothing is said of these.
 */
static bool has_head(struct view text)
{
    if (memchr(text.ptr, '\0', text.len))
        return true;
    for (size_t len; (len = head_len(text)) > 0;) {
        if (!is_interim(memchr(text.ptr, ' ', len)))
            return true;
        text = (struct view){text.ptr + len, text.len - len};
    }
    return false;
}

static void check_delivered(const struct exchange *x, int status)
{
    char digits[16];
    struct view sent = sent_for(x);
    snprintf(digits, sizeof(digits), "%03d", status);
    if (x->body.len > x->max_bytes)
        fail("more was delivered than the bound");
    if (!is_part((struct view){x->body.data, x->body.len}, sent))
        suspect("a body was delivered that was not sent for this request");
    if (!has_text(sent, digits))
        suspect("a status was delivered that was not sent for this request");
}

static void check_good(const struct exchange *x, int status)
{
    struct view body = {x->body.data ? x->body.data : "", x->body.len};
    bool has_body = strcmp(x->method, "HEAD") != 0;
    check_delivered(x, status);
    if (status == 0)
        fail("a good answer has no status");
    if (!has_head(sent_for(x)))
        suspect("a good answer has no whole head");
    if (x->opening == LENGTH && has_body && !view_equal(body, x->content))
        suspect("a good answer has another body");
}

/* An answer that is as it should be, over a connection of its own, is good. */
static void check_bad(const struct exchange *x)
{
    bool fits = x->content.len <= x->max_bytes || strcmp(x->method, "HEAD") == 0;
    if (x->opening == LENGTH && fits && !x->cut && !x->early && x->fresh && x->ending != RESETS)
        suspect("a good answer was refused");
}

static int on_data(void *arg, const struct http_response *response, struct view piece,
                   struct error *e)
{
    struct exchange *x = arg;
    (void)e;
    if (x->over || x != current)
        fail("data came after the end");
    buffer_add_view(&x->body, piece);
    check_delivered(x, http_response_status(response));
    return 0;
}

static void on_done(void *arg, const struct http_response *response, const struct error *e)
{
    static const char *const names[] = {"Content-Length", "Date", "A"};
    struct exchange *x = arg;
    int status = http_response_status(response);
    if (x->over || x != current || !x->handle)
        fail("done was called at a wrong time");
    x->over = true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (http_response_header(response, names[i]).len > SENT_MAX)
            fail("a header is longer than the answer");
    if (!e)
        check_good(x, status);
    else if (e->kind == ERROR_NONE || e->text[0] == '\0')
        fail("an error says nothing");
    else
        check_bad(x);
}

/* ---- the client ---- */

static int64_t tick_ms(void *arg)
{
    (void)arg;
    return now_ms++;
}

static const struct clock fuzz_clock = {tick_ms, tick_ms, NULL};

static void listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) != 0 ||
        listen(listener, PEERS_MAX) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        fail("no socket");
    snprintf(origin, sizeof(origin), "http://127.0.0.1:%d", ntohs(address.sin_port));
}

static void begin(void)
{
    const struct http_options options = {.user_agent = "fuzz",
                                         .max_connections = 4,
                                         .connect_timeout_ms = TURNS_MAX,
                                         .read_timeout_ms = READ_TIMEOUT_MS,
                                         .total_timeout_ms = TIMEOUT_MS};
    struct error e;
    listen_on_loopback();
    loop = loop_new(&fuzz_clock, &e);
    client = loop ? http_client_new(loop, &options, &e) : NULL;
    ticker = (struct loop_watch){on_tick, NULL, eventfd(1, EFD_CLOEXEC)};
    if (!client || loop_watch_start(loop, &ticker, EPOLLIN, &e) != 0)
        fail("no client");
}

static void run_until(const bool *done)
{
    struct error e;
    if (loop_run(loop, done, &e) != 0)
        fail(e.text);
}

static void pass_turns(unsigned count)
{
    wait_turns = count;
    waited = count == 0;
    run_until(&waited);
}

static void run_exchange(struct exchange *x)
{
    static const struct http_handler handler = {on_data, on_done};
    char url[80];
    snprintf(url, sizeof(url), "%s/%d", origin, (int)(x - exchanges));
    const struct http_request request = {
        .method = x->method,
        .url = url,
        .body = strcmp(x->method, "POST") == 0 ? VIEW_LITERAL(POST_BODY) : VIEW_NONE,
        .max_response_bytes = x->max_bytes,
        .no_proxy = true,
        .fresh = x->fresh};
    current = x;
    x->handle = http_start(client, &request, &handler, x);
    if (x->cancel_after > 0) {
        pass_turns(x->cancel_after);
        if (!x->over)
            http_cancel(x->handle);
        x->over = true;
    }
    run_until(&x->over);
    pass_turns(x->idle_turns);
}

static void run_input(const uint8_t *bytes, size_t len)
{
    input_begin(bytes, len);
    turns = 0;
    suspicion = NULL;
    memset(exchanges, 0, sizeof(exchanges));
    exchange_count = 0;
    do
        read_exchange(&exchanges[exchange_count++]);
    while (input_left > 0 && exchange_count < EXCHANGES_MAX);
    for (size_t i = 0; i < exchange_count; i++)
        run_exchange(&exchanges[i]);
    server_clear();
    http_client_drop_idle(client);
    for (size_t i = 0; i < exchange_count; i++) {
        buffer_release(&exchanges[i].answer);
        buffer_release(&exchanges[i].body);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (!loop)
        begin();
    for (int i = 0; i < TRIES; i++) {
        run_input(bytes, len);
        if (!suspicion)
            return 0;
    }
    fail(suspicion);
    return 0;
}
