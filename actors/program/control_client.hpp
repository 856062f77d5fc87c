// The shell's side of the control API.
#pragma once

#include "actors/program/config.hpp"
#include "actors/program/event_text.hpp"
#include "protocol/core/secret.hpp"
#include "protocol/http/transport.hpp"
#include "protocol/json/reader.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::program {

/// `DATA_DIR/control.address`: where a running engine listens, which the configuration does not
/// say when its port is 0.
std::filesystem::path address_path(const std::filesystem::path& data_dir);

/// How the person said which engine is meant.
struct engine_choice {
  std::filesystem::path config_file; ///< Empty: `data_dir` is given.
  std::filesystem::path data_dir;    ///< Wins over the configuration's.
  std::string address;               ///< ADDR:PORT; wins over all else.
};

/// Where an engine is and what opens it.
struct engine_door {
  std::string origin; ///< `http://127.0.0.1:8686`
  secret token;
};

/// Finds the running engine's address and token. `not_found` when none runs there, `refused`
/// when the address is not on loopback, else as `load_config` and `read_token`.
result<engine_door> find_engine(const engine_choice& choice, known_providers known);

/// Reads GET /v1/events on this thread until the events end or `listener` has enough. `transport`
/// when no engine answers, or it stops; else the problem that it answered with.
result<void> follow_events(const engine_door& door,
                           const std::function<bool(const std::vector<server_event>&)>& listener);

/// Calls a running engine; blocks until the answer came. Errors: the problem that the engine
/// answered with; `transport` when none answered, saying how to start one.
class control_client {
public:
  control_client(std::shared_ptr<transport> net, engine_door door)
      : net_(std::move(net)), door_(std::move(door)) {}

  /// `target` is path and query. Yields the answer's text.
  result<std::string> call(std::string method, std::string_view target, std::string body = {});
  /// The answer as JSON; null for an empty one.
  result<json::value> call_json(std::string method, std::string_view target, std::string body = {});

private:
  std::shared_ptr<transport> net_;
  engine_door door_;
};

} // namespace nexte::program
