/* SPDX-License-Identifier: MIT */
/* A loop on epoll over curl_multi_socket_action, with easy handles that are used again. */
#include "bare.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 64

struct slot {
    CURL *easy;
    struct bare_request *request;
    size_t len;
    char body[STS_ANSWER_SIZE];
};

struct run {
    struct bare_loop *loop;
    CURLM *multi;
    int epoll;
    long long due_ms; /* of libcurl's timer; -1: none */
    struct bare_request *next, *end;
    size_t under_way;
};

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int on_timer(CURLM *multi, long delay_ms, void *arg)
{
    struct run *run = arg;
    (void)multi;
    run->due_ms = delay_ms < 0 ? -1 : now_ms() + delay_ms;
    return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct run *run = arg;
    struct epoll_event event = {.data.fd = fd};
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(run->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? (unsigned)EPOLLIN : 0) |
                   (what & CURL_POLL_OUT ? (unsigned)EPOLLOUT : 0);
    epoll_ctl(run->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    if (!known)
        curl_multi_assign(run->multi, fd, run);
    return 0;
}

static size_t on_ignored(char *bytes, size_t one, size_t len, void *arg)
{
    (void)bytes;
    (void)arg;
    return one * len;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *arg)
{
    struct slot *slot = arg;
    if (slot->len + len >= sizeof(slot->body))
        return 0;
    memcpy(slot->body + slot->len, bytes, len);
    slot->len += len;
    return one * len;
}

static struct slot *slot_new(const struct bare_loop *loop)
{
    struct slot *slot = calloc(1, sizeof(*slot));
    if (!slot || !(slot->easy = curl_easy_init()))
        die("out of memory");
    curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(slot->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(slot->easy, CURLOPT_URL, loop->url);
    if (getenv("AWS_CA_BUNDLE")) {
        curl_easy_setopt(slot->easy, CURLOPT_CAINFO, getenv("AWS_CA_BUNDLE"));
        curl_easy_setopt(slot->easy, CURLOPT_CAPATH,
                         NULL); /* else it is parsed for each connection */
        curl_easy_setopt(slot->easy, CURLOPT_SHARE, loop->sessions);
    }
    curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, loop->answer ? on_body : on_ignored);
    curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, slot);
    return slot;
}

static void start(struct run *run, struct slot *slot)
{
    struct bare_request *request = run->next++;
    if (!request->headers)
        run->loop->sign(request);
    slot->request = request;
    slot->len = 0;
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, request->headers);
    curl_multi_add_handle(run->multi, slot->easy);
    run->under_way++;
}

static void finish(struct run *run, struct slot *slot)
{
    long status = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    run->loop->failed += status != 200 && status != 404;
    curl_multi_remove_handle(run->multi, slot->easy);
    run->under_way--;
    slot->body[slot->len] = '\0';
    if (run->loop->answer)
        run->loop->answer(slot->request, slot->body);
    curl_slist_free_all(slot->request->headers);
    slot->request->headers = NULL;
    if (run->next < run->end)
        start(run, slot);
}

static void reap(struct run *run)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(run->multi, &left)) != NULL) {
        struct slot *slot;
        if (message->msg != CURLMSG_DONE)
            continue;
        if (message->data.result != CURLE_OK)
            die(curl_easy_strerror(message->data.result));
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
        finish(run, slot);
    }
}

static void turn(struct run *run)
{
    struct epoll_event events[EVENTS_MAX];
    int running;
    long long wait_ms = run->due_ms < 0 ? 1000 : run->due_ms - now_ms();
    int count = epoll_wait(run->epoll, events, EVENTS_MAX, wait_ms < 0 ? 0 : (int)wait_ms);
    for (int i = 0; i < count; i++) {
        int what = (events[i].events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & EPOLLERR ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(run->multi, events[i].data.fd, what, &running);
    }
    if (run->due_ms >= 0 && run->due_ms <= now_ms()) {
        run->due_ms = -1;
        curl_multi_socket_action(run->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    reap(run);
}

void loop_send(struct bare_loop *loop, struct bare_request *requests, size_t count)
{
    struct run run = {.loop = loop, .due_ms = -1, .next = requests, .end = requests + count};
    struct slot *slots[IN_FLIGHT_MAX];
    run.multi = curl_multi_init();
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!run.multi || run.epoll < 0)
        die("can't start the loop");
    curl_multi_setopt(run.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(run.multi, CURLMOPT_SOCKETDATA, &run);
    curl_multi_setopt(run.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(run.multi, CURLMOPT_TIMERDATA, &run);
    curl_multi_setopt(run.multi, CURLMOPT_MAXCONNECTS, (long)loop->in_flight + 8);
    loop->sessions = curl_share_init();
    curl_share_setopt(loop->sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    for (size_t i = 0; i < loop->in_flight; i++)
        slots[i] = slot_new(loop);
    for (size_t i = 0; i < loop->in_flight && run.next < run.end; i++)
        start(&run, slots[i]);
    while (run.under_way > 0)
        turn(&run);
    for (size_t i = 0; i < loop->in_flight; i++) {
        curl_easy_cleanup(slots[i]->easy);
        free(slots[i]);
    }
    curl_multi_cleanup(run.multi);
    curl_share_cleanup(loop->sessions);
    close(run.epoll);
}
