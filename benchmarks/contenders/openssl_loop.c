/* The limit: ready-made bytes over OpenSSL, with nothing of Python's. One connection for each call
   at once; with several, epoll says which has a reply. task.py says what it is told and tells. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#define REPLY_MAX (64 * 1024)
#define LENGTH "Content-Length: "

static char *request;
static int request_size;

static void fail(const char *what) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static void must(int holds, const char *what) {
    if (!holds) fail(what);
}

static const char *in_folder(const char *folder, const char *name) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void read_request(const char *path) {
    FILE *file = fopen(path, "rb");
    must(file != NULL, path);
    request = malloc(REPLY_MAX);
    must(request != NULL, "malloc");
    request_size = (int)fread(request, 1, REPLY_MAX, file);
    fclose(file);
}

static SSL_CTX *context_of(const char *folder) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    must(context != NULL, "SSL_CTX_new");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    must(SSL_CTX_load_verify_locations(context, in_folder(folder, "ca.pem"), NULL) == 1, "ca.pem");
    must(SSL_CTX_use_certificate_chain_file(context, in_folder(folder, "cert.pem")) == 1, "cert.pem");
    must(SSL_CTX_use_PrivateKey_file(context, in_folder(folder, "key.pem"), SSL_FILETYPE_PEM) == 1,
         "key.pem");
    return context;
}

static SSL *opened(SSL_CTX *context, const char *host, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int one = 1, plain = socket(AF_INET, SOCK_STREAM, 0);
    must(plain >= 0 && inet_pton(AF_INET, host, &address.sin_addr) == 1, "address");
    must(connect(plain, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    setsockopt(plain, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    SSL *connection = SSL_new(context);
    must(connection != NULL, "SSL_new");
    must(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host) == 1, "host");
    must(SSL_set_fd(connection, plain) == 1 && SSL_connect(connection) == 1, "handshake");
    return connection;
}

static void ask(SSL *connection) {
    must(SSL_write(connection, request, request_size) == request_size, "SSL_write");
}

/* Blocks until the reply is whole. */
static void take(SSL *connection) {
    static char reply[REPLY_MAX];
    int received = 0, whole = 0;
    do {
        int count = SSL_read(connection, reply + received, REPLY_MAX - 1 - received);
        must(count > 0, "SSL_read");
        received += count;
        reply[received] = 0;
        char *end = strstr(reply, "\r\n\r\n"), *length = strstr(reply, LENGTH);
        if (end != NULL) {
            must(length != NULL && length < end, LENGTH);
            whole = (int)(end - reply) + 4 + atoi(length + strlen(LENGTH));
        }
    } while (whole == 0 || received < whole);
}

static void make(int calls, SSL **connections, int at_once, int waiting) {
    struct epoll_event ready[64];
    if (at_once == 1) {
        for (int made = 0; made < calls; made++) {
            ask(connections[0]);
            take(connections[0]);
        }
        return;
    }
    int asked = 0, answered = 0;
    for (; asked < at_once && asked < calls; asked++) ask(connections[asked]);
    while (answered < calls) {
        int count = epoll_wait(waiting, ready, 64, -1);
        for (int number = 0; number < count; number++) {
            SSL *connection = ready[number].data.ptr;
            take(connection);
            answered++;
            if (asked < calls) {
                ask(connection);
                asked++;
            }
        }
    }
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int count, char **said) {
    must(count == 7, "HOST PORT FOLDER WARM_UP CALLS AT_ONCE");
    const char *host = said[1], *folder = said[3];
    int port = atoi(said[2]), warm_up = atoi(said[4]), calls = atoi(said[5]), at_once = atoi(said[6]);
    read_request(in_folder(folder, "request.bin"));
    SSL_CTX *context = context_of(folder);
    SSL **connections = calloc((size_t)at_once, sizeof *connections);
    int waiting = epoll_create1(0);
    must(connections != NULL && waiting >= 0, "epoll");
    for (int number = 0; number < at_once; number++) {
        connections[number] = opened(context, host, port);
        struct epoll_event readable = {.events = EPOLLIN, .data.ptr = connections[number]};
        must(epoll_ctl(waiting, EPOLL_CTL_ADD, SSL_get_fd(connections[number]), &readable) == 0,
             "epoll_ctl");
    }
    make(warm_up, connections, at_once, waiting);
    double started = clock_seconds(), cpu = cpu_seconds();
    make(calls, connections, at_once, waiting);
    cpu = cpu_seconds() - cpu;
    printf("{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"versions\": {\"OpenSSL of C\": \"%s\"}}\n",
           clock_seconds() - started, cpu, OpenSSL_version(OPENSSL_VERSION_STRING));
    return 0;
}
