// The C header over the engine: the control API without HTTP, callbacks on the host's thread.
#include "actors/c/nexte_sync.h"

#include "actors/c/event_reader.hpp"
#include "actors/c/log_desk.hpp"
#include "actors/callback_queue.hpp"
#include "actors/program/control_api.hpp"
#include "actors/program/service.hpp"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace nexte;

/// One engine of a C host. Its members end from the last to the first.
struct nexte_sync {
  std::shared_ptr<callback_queue> queue;
  std::shared_ptr<c::log_desk> log;
  program::running_engine engine;
  std::unique_ptr<program::control_api> api;
  std::shared_ptr<c::event_reader> events;
};

namespace {

static_assert(static_cast<int>(ec::unauthorized) + 1 == NEXTE_SYNC_UNAUTHORIZED
              && static_cast<int>(ec::bug) + 1 == NEXTE_SYNC_BUG);

/// Only the path and the query count: nothing is sent anywhere.
constexpr std::string_view nowhere = "http://127.0.0.1";

nexte_sync_code code_of(ec code) {
  return static_cast<nexte_sync_code>(static_cast<int>(code) + 1);
}

/// Null when the memory is used up: the code says enough.
char* copy_of(std::string_view text) noexcept {
  auto* made = static_cast<char*>(std::malloc(text.size() + 1));
  if (made) {
    std::memcpy(made, text.data(), text.size());
    made[text.size()] = '\0';
  }
  return made;
}

void hand_over(char** to, std::string_view text) noexcept {
  if (to)
    *to = copy_of(text);
}

nexte_sync_code fail(char** to, const error& failure) {
  hand_over(to, *control::problem(failure).body);
  return code_of(failure.code);
}

/// Runs `body`; what it throws ends here, as a defect.
template <class Body>
nexte_sync_code shielded(char** to, Body body) noexcept {
  std::string what = "unexpected exception";
  try {
    return body();
  } catch (const std::exception& thrown) {
    try {
      return fail(to, error{ec::bug, what + ": " + thrown.what()});
    } catch (...) {} // no memory to say it in: said below
  } catch (...) {}   // no std::exception: nothing more is known of it
  hand_over(to, R"({"title":"Internal Server Error","status":500,"code":"bug",)"
                R"("detail":"unexpected exception"})");
  return NEXTE_SYNC_BUG;
}

secret key_of(const nexte_sync_options& options) {
  return options.key ? secret{std::string(options.key, options.key + NEXTE_SYNC_KEY_BYTES)}
                     : secret{};
}

result<std::unique_ptr<nexte_sync>> start(const nexte_sync_options* options) {
  if (!options || !options->config)
    return error{ec::refused, "there are no options, or there is no config in them",
                 "set abi and config, and the rest to zero"};
  if (options->abi == 0 || options->abi > NEXTE_SYNC_ABI)
    return error{ec::refused,
                 "the host was compiled for ABI " + std::to_string(options->abi)
                     + ", and this library has " + std::to_string(NEXTE_SYNC_ABI),
                 "set abi to NEXTE_SYNC_ABI, and install a library that is not older"};
  const auto file = program::parse_config(options->config, providers(),
                                          options->folder ? options->folder : ".");
  if (!file)
    return file.failure();
  auto queue = callback_queue::make();
  if (!queue)
    return std::move(queue).failure();
  auto made = std::make_unique<nexte_sync>();
  made->queue = *std::move(queue);
  made->log = c::log_desk::make(made->queue, options->on_log, options->context);
  program::service_listeners listeners;
  listeners.on_warning = [log = made->log](std::string_view line) { log->add(line); };
  auto engine = program::start_engine(*file, providers(), listeners, key_of(*options));
  if (!engine)
    return std::move(engine).failure();
  made->engine = *std::move(engine);
  made->api = std::make_unique<program::control_api>(*made->engine.runs, providers(),
                                                     control::guard_options{});
  if (options->on_event)
    made->events
        = c::event_reader::start(*made->api, made->queue, options->on_event, options->context);
  return made;
}

/// What would need a server, or a body that never ends.
bool is_for_a_browser(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  return path == "/v1/events" || path == "/v1/login-codes" || path == program::session_path
         || !(path.starts_with("/v1/") || path == "/metrics" || path == "/healthz");
}

using answer_callback = std::function<void(nexte_sync_code, const std::string&)>;

/// `on_answer` is called once: inside the call, or later on a thread of the engine.
void call(const nexte_sync& engine, const char* method, const char* target, const char* body,
          const answer_callback& on_answer) {
  const auto refuse = [&](const error& failure) {
    on_answer(code_of(failure.code), *control::problem(failure).body);
  };
  if (!method || !target || *target != '/')
    return refuse(
        {ec::refused, "method or target is missing", R"(call it as in "GET", "/v1/integrations")"});
  if (is_for_a_browser(target))
    return refuse({ec::not_found, std::string{target} + " is for a browser",
                   "events come through on_event; the paths are those of openapi.json"});
  http_request request{method, std::string{nowhere} + target, body ? body : "", "application/json"};
  engine.api->handle_own(std::move(request), [on_answer](const http_response& response) {
    const bool good = response.status < 300;
    on_answer(good ? NEXTE_SYNC_OK : code_of(control::read_problem(response).code), *response.body);
  });
}

error no_engine() {
  return {ec::refused, "there is no engine", "pass what nexte_sync_start gave"};
}

/// A callback of a C host throws nothing; one of a C++ host that does must not end the process.
int run(nexte_sync& engine, int wait_ms) noexcept {
  try {
    return static_cast<int>(engine.queue->run(milliseconds{wait_ms}));
  } catch (...) {
    engine.log->add("a callback of the host threw: none may");
    return 0;
  }
}

} // namespace

unsigned nexte_sync_abi() {
  return NEXTE_SYNC_ABI;
}

const char* nexte_sync_code_name(nexte_sync_code code) {
  if (code == NEXTE_SYNC_OK)
    return "ok";
  if (code < NEXTE_SYNC_UNAUTHORIZED || code > NEXTE_SYNC_BUG)
    return "unknown";
  return to_string(static_cast<ec>(code - 1)).data(); // a literal: it ends in a zero byte
}

nexte_sync_code nexte_sync_start(const nexte_sync_options* options, nexte_sync** engine,
                                 char** problem) {
  if (problem)
    *problem = nullptr;
  if (engine)
    *engine = nullptr;
  return shielded(problem, [&]() -> nexte_sync_code {
    if (!engine)
      return fail(problem, {ec::refused, "there is no place for the engine", "pass its address"});
    auto made = start(options);
    if (!made)
      return fail(problem, made.failure());
    *engine = made->release();
    return NEXTE_SYNC_OK;
  });
}

nexte_sync_code nexte_sync_call(nexte_sync* engine, const char* method, const char* target,
                                const char* body, char** answer) {
  if (answer)
    *answer = nullptr;
  return shielded(answer, [&]() -> nexte_sync_code {
    if (!engine)
      return fail(answer, no_engine());
    using answered = std::pair<nexte_sync_code, std::string>;
    const auto promised = std::make_shared<std::promise<answered>>();
    call(*engine, method, target, body, [promised](nexte_sync_code code, const std::string& text) {
      promised->set_value({code, text});
    });
    const auto [code, text] = promised->get_future().get();
    hand_over(answer, text);
    return code;
  });
}

nexte_sync_code
nexte_sync_ask(nexte_sync* engine, const char* method, const char* target, const char* body,
               void (*on_answer)(void* context, nexte_sync_code code, const char* answer),
               void* context) {
  return shielded(nullptr, [&]() -> nexte_sync_code {
    if (!engine || !on_answer)
      return NEXTE_SYNC_REFUSED;
    call(*engine, method, target, body,
         engine->queue->here(answer_callback{[on_answer, context](auto code, const auto& text) {
           on_answer(context, code, text.c_str());
         }}));
    return NEXTE_SYNC_OK;
  });
}

int nexte_sync_run(nexte_sync* engine, int wait_ms) {
  return engine ? run(*engine, wait_ms) : 0;
}

void nexte_sync_wake(nexte_sync* engine) {
  if (engine)
    engine->queue->wake();
}

int nexte_sync_descriptor(const nexte_sync* engine) {
  return engine ? engine->queue->descriptor() : -1;
}

void nexte_sync_stop(nexte_sync* engine) {
  if (!engine)
    return;
  shielded(nullptr, [&] {
    engine->events.reset(); // a callback of what is already told may still run below
    engine->api.reset();
    engine->engine.runs.reset();
    return NEXTE_SYNC_OK;
  });
  run(*engine, 0); // every call that was open has its answer now
  delete engine;
}

void nexte_sync_free(char* text) {
  std::free(text);
}
