// Where the engine calls its host: what the host throws ends here. No CAF.
#pragma once

#include "actors/engine.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace nexte {

using log_function = std::function<void(std::string_view)>;

/// Calls `host`, and logs the first time that it throws: an actor must not die of its host. May be
/// called from any thread; null stays null.
template <class... Args>
std::function<void(Args...)> guarded(std::function<void(Args...)> host, std::string_view name,
                                     log_function log) {
  if (!host)
    return host;
  return [host = std::move(host), log = std::move(log), name = std::string{name},
          told = std::make_shared<std::atomic<bool>>(false)](Args... args) {
    std::string what = "an unknown exception";
    try {
      return host(std::move(args)...);
    } catch (const std::exception& thrown) {
      what = thrown.what();
    } catch (...) {}
    if (log && !told->exchange(true))
      log("the host's " + name + " threw: " + what);
  };
}

} // namespace nexte
