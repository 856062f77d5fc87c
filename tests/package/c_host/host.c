/* What a host in C writes: starts an engine, connects an account, hears what happens. */
#include <nexte_sync.h>
#include <stdio.h>
#include <string.h>

static const char config[] = "{\"data_dir\": \"c-host-data\", // in the folder it runs in\n"
                             " \"providers\": {\"hubspot\": {\"client_id\": \"my-registration\"}}}";

static void on_event(void* heard, const char* name, const char* json) {
  printf("event %s: %.60s\n", name, json);
  if (strcmp(name, "snapshot") == 0)
    *(int*)heard = 1;
}

static void on_connect(void* told, nexte_sync_code code, const char* answer) {
  printf("connect: %s %s\n", nexte_sync_code_name(code), answer);
  if (code == NEXTE_SYNC_OK && strstr(answer, "\"authorization_url\":\"https://app.hubspot.com/"))
    *(int*)told = 1;
}

int main(void) {
  static const unsigned char key[NEXTE_SYNC_KEY_BYTES] = {1, 2, 3}; /* a real one: from a keyring */
  nexte_sync_options options = {0};
  nexte_sync* engine;
  char* text;
  char target[100];
  const char* id;
  int heard = 0;
  int told = 0;
  int tries;

  options.abi = NEXTE_SYNC_ABI;
  options.config = config;
  options.key = key;
  options.context = &heard;
  options.on_event = on_event;
  if (nexte_sync_start(&options, &engine, &text) != NEXTE_SYNC_OK) {
    fprintf(stderr, "c_host: %s\n", text);
    nexte_sync_free(text);
    return 1;
  }
  if (nexte_sync_call(engine, "POST", "/v1/integrations",
                      "{\"workspace\": \"acme\", \"provider\": \"hubspot\"}", &text)
          != NEXTE_SYNC_OK
      || !(id = strstr(text, "\"id\":\"")))
    return 1;
  snprintf(target, sizeof target, "/v1/integrations/%.13s/connect", id + 6);
  nexte_sync_free(text);
  if (nexte_sync_ask(engine, "POST", target, NULL, on_connect, &told) != NEXTE_SYNC_OK)
    return 1;
  for (tries = 0; tries < 50 && !(told && heard); ++tries)
    nexte_sync_run(engine, 100); /* callbacks run here, on this thread */
  nexte_sync_stop(engine);
  return told && heard ? 0 : 1;
}
