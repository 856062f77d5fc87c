#include "actors/program/control_client.hpp"

#include "protocol/control/problem.hpp"
#include "protocol/control/token_file.hpp"
#include "protocol/core/private_file.hpp"
#include "protocol/http/stream_client.hpp"
#include "protocol/http/url.hpp"

#include <future>

namespace nexte::program {
namespace {

constexpr size_t address_bytes_max = 200;
constexpr milliseconds silence_max{40'000}; // the engine says something every 15 s

std::string origin_of(const listen_address& at) {
  url_parts url;
  url.scheme = "http";
  url.host = at.address;
  url.port = at.port;
  return url.origin();
}

/// What the engine wrote when it started; after a crash it may be out of date.
result<listen_address> running_address(const std::filesystem::path& data_dir) {
  auto text = read_private_file(address_path(data_dir), address_bytes_max);
  if (!text)
    return std::move(text).failure();
  while (text->ends_with('\n'))
    text->pop_back();
  return parse_listen(*text);
}

error none_runs(const std::filesystem::path& data_dir) {
  return {ec::not_found, "no engine runs on " + data_dir.string(),
          "start one with: nexte-sync serve --config FILE"};
}

error no_answer(const engine_door& door, const error& why) {
  return {ec::transport, "no engine answers at " + door.origin + ": " + why.what,
          "start one with: nexte-sync serve --config FILE"};
}

} // namespace

std::filesystem::path address_path(const std::filesystem::path& data_dir) {
  return data_dir / "control.address";
}

result<engine_door> find_engine(const engine_choice& choice, known_providers known) {
  auto data_dir = choice.data_dir;
  std::optional<listen_address> at;
  if (!choice.config_file.empty()) {
    const auto file = load_config(choice.config_file, known);
    if (!file)
      return file.failure();
    at = file->control;
    if (data_dir.empty())
      data_dir = file->data_dir;
  }
  if (const auto running = running_address(data_dir))
    at = *running;
  if (!choice.address.empty()) {
    const auto given = parse_listen(choice.address);
    if (!given)
      return given.failure();
    at = *given;
  }
  if (!at || at->port == 0)
    return none_runs(data_dir);
  if (!is_loopback_host(at->address)) // the token would cross the network in clear
    return error{ec::refused, at->address + " is not on loopback",
                 "run this command on the engine's machine"};
  auto token = control::read_token(data_dir);
  if (!token)
    return token.failure().code == ec::not_found ? none_runs(data_dir) : token.failure();
  return engine_door{origin_of(*at), *std::move(token)};
}

result<void> follow_events(const engine_door& door,
                           const std::function<bool(const std::vector<server_event>&)>& listener) {
  http_request request{"GET", door.origin + "/v1/events"};
  request.headers.add("Authorization", "Bearer " + std::string{door.token.reveal()});
  std::string text;
  bool enough = false;
  const auto ended = read_stream(request, silence_max, [&](std::string_view part) {
    text += part;
    std::vector<server_event> events;
    take_events(text, [&](server_event event) { events.push_back(std::move(event)); });
    enough = !listener(events);
    return !enough;
  });
  if (!ended)
    return no_answer(door, ended.failure());
  if (ended->status != 200)
    return control::read_problem(*ended);
  if (enough)
    return {};
  return error{ec::transport, "the engine has stopped",
               "run this again once it runs: nexte-sync serve --config FILE"};
}

result<std::string> control_client::call(std::string method, std::string_view target,
                                         std::string body) {
  http_request request{std::move(method), door_.origin + std::string{target}, std::move(body),
                       "application/json"};
  request.headers.add("Authorization", "Bearer " + std::string{door_.token.reveal()});
  const auto answered = std::make_shared<std::promise<http_answer>>();
  net_->call(std::move(request), [answered](http_answer a) { answered->set_value(std::move(a)); });
  const auto answer = answered->get_future().get();
  if (!answer.response)
    return no_answer(door_, answer.response.failure());
  if (answer.response->status == 405) // the hint would speak of the API's methods
    return error{ec::refused, "the running engine does not know this command",
                 "it is of another version: start it again with this program"};
  if (answer.response->status >= 300)
    return control::read_problem(*answer.response);
  return *answer.response->body;
}

result<json::value> control_client::call_json(std::string method, std::string_view target,
                                              std::string body) {
  const auto text = call(std::move(method), target, std::move(body));
  if (!text)
    return text.failure();
  if (text->empty())
    return json::value{};
  return json::parse_value(*text);
}

} // namespace nexte::program
