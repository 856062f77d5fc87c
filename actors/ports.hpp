// What the engine takes from outside: network, listeners, clocks, chance, a place for warnings.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/http/transport.hpp"
#include "protocol/oauth/callback_listener.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace nexte {

/// Shared by every actor of an engine; each member may be called from any thread.
struct engine_ports {
  std::shared_ptr<transport> net;
  std::shared_ptr<oauth::callback_listeners> listeners;
  std::function<wall_time()> wall_now;
  std::function<steady_time()> steady_now;
  random_source random;
  std::function<void(std::string_view line)> log; ///< Never null.
};

} // namespace nexte
