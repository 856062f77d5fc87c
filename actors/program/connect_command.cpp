// `login`, `connect`, `reconnect`, `disconnect`, `refresh`, `mode`.
#include "actors/program/command_support.hpp"
#include "protocol/json/writer.hpp"

namespace nexte::program {
namespace {

constexpr milliseconds look_every{500};

error failure_of(const json::value& attempt) {
  const auto* problem = attempt.find("problem");
  if (!problem)
    return {ec::bug, "the consent failed without a reason"};
  return {ec::refused, text_of(*problem, "detail"), text_of(*problem, "hint")};
}

result<void> tell_outcome(const shell& with, const std::string& id, const json::value& attempt) {
  if (attempt.string_or_empty("outcome") != "connected")
    return failure_of(attempt);
  const auto connected = text_of(attempt, "integration");
  if (with.json)
    return {};
  with.out << tinted("\xE2\x97\x8F connected", tint::green, with.screen) << "  " << connected
           << "\n";
  if (truth_of(attempt, "other_account"))
    with.out << "You signed in with another account: it is an integration of its own now, and "
             << id << " stays as it was.\n";
  return {};
}

/// Looks until the attempt has ended. The engine gives each attempt a limit, so this ends.
result<void> await_outcome(const shell& with, const std::string& id, uint64_t number) {
  const auto begun_at = with.now();
  const bool live = with.screen.columns > 0 && !with.json; // a line that is written over
  for (;;) {
    const auto text = with.engine.call("GET", integration_target(id, "/connect"));
    if (live)
      with.out << "\r\x1b[K" << std::flush;
    if (!text)
      return text.failure();
    const auto attempt = json::parse_value(*text);
    if (!attempt)
      return attempt.failure();
    if (count_of(*attempt, "attempt") != number)
      return error{ec::cancelled, "a newer attempt took the place of this one",
                   "finish that one, or run this command again"};
    if (attempt->string_or_empty("outcome") != "pending") {
      print_json(with, *text);
      return tell_outcome(with, id, *attempt);
    }
    if (live)
      with.out << "Waiting for you to allow it in the browser … "
               << duration_text(with.now() - begun_at) << std::flush;
    with.pause(look_every);
  }
}

result<void> begin_consent(const shell& with, const std::string& id, bool wait) {
  const auto begun = with.engine.call_json("POST", integration_target(id, "/connect"));
  if (!begun)
    return begun.failure();
  const auto url = text_of(*begun, "authorization_url");
  json::writer line;
  line.begin_object().key("id").value(id).key("authorization_url").value(url).end_object();
  if (!print_json(with, line.take()))
    with.out << "Open this address in your browser and allow what is asked for:\n\n  "
             << printable(url) << "\n\n"
             << std::flush;
  with.out << std::flush;
  if (!wait)
    return {};
  return await_outcome(with, id, count_of(*begun, "attempt"));
}

/// … and then shows the first sync to a person who waits.
result<void> consent(const shell& with, const std::string& id, bool wait) {
  auto done = begin_consent(with, id, wait);
  if (!done || !wait || with.json || !with.screen.cursor)
    return done;
  const auto status = with.engine.call_json("GET", integration_target(id));
  if (!status || text_of(*status, "mode") == "paused"
      || text_of(*status, "state") == "disconnected")
    return done; // another account signed in, or nothing is to come
  with.out << "It syncs now; Ctrl-C leaves it at that.\n";
  return await_sync(with, id, {});
}

result<void> command(const shell& with, std::string method, const std::string& target,
                     std::string body, std::string_view line) {
  const auto done = with.engine.call(std::move(method), target, std::move(body));
  if (!done)
    return done.failure();
  print_done(with, line);
  return {};
}

} // namespace

result<void> login(const shell& with) {
  const auto text = with.engine.call("POST", "/v1/login-codes");
  if (!text)
    return text.failure();
  const auto made = json::parse_value(*text);
  if (!made)
    return made.failure();
  if (!print_json(with, *text))
    with.out << text_of(*made, "url") << "\nOpen it in a browser on this computer within "
             << duration_text(seconds{count_of(*made, "valid_seconds")}) << "; it works once.\n";
  return {};
}

result<void> connect(const shell& with, const std::string& workspace, const std::string& provider,
                     bool wait) {
  json::writer body;
  body.begin_object().key("workspace").value(workspace).key("provider").value(provider);
  body.end_object();
  const auto added = with.engine.call_json("POST", "/v1/integrations", body.take());
  if (!added)
    return added.failure();
  return consent(with, text_of(*added, "id"), wait);
}

result<void> reconnect(const shell& with, const std::string& id, bool wait) {
  return consent(with, id, wait);
}

result<void> disconnect(const shell& with, const std::string& id) {
  return command(with, "POST", integration_target(id, "/disconnect"), {},
                 "Disconnected: the tokens are gone, the records stay.");
}

result<void> refresh(const shell& with, const std::string& id, bool wait) {
  if (!wait)
    return command(with, "POST", integration_target(id, "/refresh"), {},
                   "A complete sync has begun. Watch it with: nexte-sync status " + id);
  const auto before = with.engine.call_json("GET", integration_target(id));
  if (!before)
    return before.failure();
  if (const auto begun = with.engine.call("POST", integration_target(id, "/refresh")); !begun)
    return begun.failure();
  if (auto done = await_sync(with, id, verified_of(*before)); !done)
    return done;
  print_done(with, "Synced completely.");
  return {};
}

result<void> set_mode(const shell& with, const std::string& id, const std::string& mode) {
  json::writer body;
  body.begin_object().key("mode").value(mode).end_object();
  return command(with, "PUT", integration_target(id, "/mode"), body.take(), "Mode: " + mode);
}

} // namespace nexte::program
