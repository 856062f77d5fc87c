/*
 * Nexte Sync for hosts in C and in every language that can call C. C99.
 *
 * The engine runs inside the host's process; no port is opened. What can be asked of it is the
 * control API, called without HTTP: the same paths, the same JSON, described by openapi.json, which
 * is installed beside this file. A binding therefore needs no more than the functions below.
 *
 *   nexte_sync_call(engine, "GET", "/v1/integrations", NULL, &answer);
 *   nexte_sync_call(engine, "POST", "/v1/integrations",
 *                   "{\"workspace\":\"acme\",\"provider\":\"hubspot\"}", &answer);
 *   nexte_sync_call(engine, "POST", "/v1/integrations/ID/refresh", NULL, &answer);
 *
 * Not there are the page, its login, and GET /v1/events: events come through on_event.
 *
 * Texts are UTF-8 and end in a zero byte. What is passed in is read during the call only. A text
 * that comes back through a `char**` is the host's: it is given back by nexte_sync_free. A text
 * that a callback is handed lives until the callback returns.
 *
 * Threads: every function may be called from any thread, also from several at once, but
 * nexte_sync_run (from one at a time) and nexte_sync_stop (from one, when no other call is under
 * way). Callbacks run inside nexte_sync_run and nexte_sync_stop, on the thread that calls these,
 * and nowhere else; they may call anything but these two.
 *
 * No exception leaves these functions, and none may leave a callback.
 */
#ifndef NEXTE_SYNC_H
#define NEXTE_SYNC_H

#include <stddef.h>

/* Grows when something is added here; what is there stays as it is. */
#define NEXTE_SYNC_ABI 1
#define NEXTE_SYNC_KEY_BYTES 32

#ifdef __cplusplus
extern "C" {
#endif

/* NOLINTBEGIN(readability-identifier-naming): C has no namespaces. */
/* What the caller may do next. Numbers are never given anew. */
typedef enum nexte_sync_code {
  NEXTE_SYNC_OK = 0,
  NEXTE_SYNC_UNAUTHORIZED = 1, /* The provider wants the person to reconnect. */
  NEXTE_SYNC_LIMITED = 2,      /* The same call may succeed later. */
  NEXTE_SYNC_REFUSED = 3,      /* Do not repeat it as it is. */
  NEXTE_SYNC_TRANSPORT = 4,    /* The answer never came whole: may be repeated. */
  NEXTE_SYNC_MALFORMED = 5,    /* What was sent is not what the API takes. */
  NEXTE_SYNC_CONFLICT = 6,     /* Somebody else was there first. */
  NEXTE_SYNC_NOT_FOUND = 7,    /* What was named does not exist. */
  NEXTE_SYNC_STORAGE = 8,      /* Disk or database. */
  NEXTE_SYNC_CANCELLED = 9,    /* The engine stops. */
  NEXTE_SYNC_BUG = 10          /* A defect of this library. */
} nexte_sync_code;
/* NOLINTEND(readability-identifier-naming) */

typedef struct nexte_sync nexte_sync;

/* How an engine is started. Set all that is not needed to zero. */
typedef struct nexte_sync_options {
  unsigned abi;       /* NEXTE_SYNC_ABI, as the host was compiled. */
  const char* config; /* The JSON text of a configuration file; "control" in it has no effect. */
  const char* folder; /* Where relative paths in it begin; NULL: the current folder. */
  /* NEXTE_SYNC_KEY_BYTES bytes that seal the tokens, e.g. from a keyring; NULL: the key file of the
     configuration. Copied; the host may wipe it after the call. */
  const unsigned char* key;
  void* context; /* Handed to the callbacks below. */
  /* Server-Sent Events of GET /v1/events: `name` ("status", "incident", "notification", ...) and
     its JSON. Begins with "snapshot". NULL: nobody listens. Notifications also stay in
     GET /v1/notifications until they are acknowledged. */
  void (*on_event)(void* context, const char* name, const char* json);
  /* A warning: one line, no secret. At most 1,000 wait; then the oldest are dropped, and counted.
     NULL: nowhere. */
  void (*on_log)(void* context, const char* line);
} nexte_sync_options;

/* NEXTE_SYNC_ABI of the library. */
unsigned nexte_sync_abi(void);
/* "not_found" for NEXTE_SYNC_NOT_FOUND, ...; "unknown" for what is no code. Not to be freed. */
const char* nexte_sync_code_name(nexte_sync_code code);

/*
 * Opens the store of the configuration and starts every integration in it. On NEXTE_SYNC_OK
 * `*engine` is the caller's until nexte_sync_stop, and `*problem` is NULL. Else it is the other way
 * round: `*problem` says why, as problem+json {"title", "status", "detail", "hint", "code"}, where
 * `hint` says how to mend it. `problem` may be NULL. NEXTE_SYNC_CONFLICT: another process runs on
 * that data directory.
 */
nexte_sync_code nexte_sync_start(const nexte_sync_options* options, nexte_sync** engine,
                                 char** problem);

/*
 * Calls the control API and waits for its answer, which takes milliseconds but where a provider is
 * asked (explain: seconds). `target` is path and query, percent-encoded where it must be; `body`
 * may be NULL. `*answer` is the answer's body ("" where there is none), and the problem+json where
 * the code is not NEXTE_SYNC_OK. `answer` may be NULL.
 */
nexte_sync_code nexte_sync_call(nexte_sync* engine, const char* method, const char* target,
                                const char* body, char** answer);

/*
 * The same without waiting. On NEXTE_SYNC_OK `on_answer` runs exactly once, in nexte_sync_run, or
 * in nexte_sync_stop; on any other code it never does. What the engine did not come to is answered
 * with NEXTE_SYNC_CANCELLED.
 */
nexte_sync_code
nexte_sync_ask(nexte_sync* engine, const char* method, const char* target, const char* body,
               void (*on_answer)(void* context, nexte_sync_code code, const char* answer),
               void* context);

/*
 * Runs the callbacks that wait, on this thread; where none waits, first waits for one for up to
 * `wait_ms` milliseconds (negative: for ever). Yields how many ran.
 */
int nexte_sync_run(nexte_sync* engine, int wait_ms);
/* Lets a nexte_sync_run that waits on another thread return. */
void nexte_sync_wake(nexte_sync* engine);
/* A descriptor that is readable while callbacks wait, for an event loop; the engine closes it. */
int nexte_sync_descriptor(const nexte_sync* engine);

/* Stops the engine, within seconds; what is durable goes on at the next start. NULL: nothing. */
void nexte_sync_stop(nexte_sync* engine);

/* Gives a text back. NULL: nothing. */
void nexte_sync_free(char* text);

#ifdef __cplusplus
}
#endif

#endif
