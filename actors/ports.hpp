// What the engine takes from outside: network, listeners, clocks, chance, a place for warnings.
#pragma once

#include "actors/change_relay.hpp"
#include "actors/meters.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/http/transport.hpp"
#include "protocol/oauth/callback_listener.hpp"
#include "storage/elapsed.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace nexte {

/// Shared by every actor of an engine; each member may be called from any thread.
struct engine_ports {
  std::shared_ptr<transport> net;
  std::shared_ptr<oauth::callback_listeners> listeners;
  std::function<wall_time()> wall_now;
  std::function<steady_time()> steady_now;
  /// Measures the age of what is kept for some days. Null: the wall clock alone tells of it.
  std::function<std::optional<uptime>()> uptime_now;
  random_source random;
  std::function<void(std::string_view line)> log; ///< Never null.
  /// Told whenever what can be asked of an integration may have changed.
  std::shared_ptr<change_relay> changes = std::make_shared<change_relay>();
  std::shared_ptr<engine_meters> meters = std::make_shared<engine_meters>();
};

} // namespace nexte
