// The engine with real providers and its control API, as `serve` runs it.
#pragma once

#include "actors/engine.hpp"
#include "actors/program/config.hpp"
#include "actors/program/control_server.hpp"
#include "protocol/http/beast_client.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace nexte::program {

/// Which addresses the engine may call: those of each provider's API and token endpoints.
/// `malformed` when a provider of this build has no usable address.
result<std::vector<allowed_origin>> allowed_origins(const config& file, known_providers known);

/// Reads the key and the client secrets (files of mode 0600). `data_dir` must exist when the key
/// has its default place. Errors name the file and the mend.
/// `own_key`: used in place of the key file.
result<engine_options> read_engine_options(const config& file, secret own_key = {});

/// What a running service tells, on any thread; a listener must not block. Null: nobody hears.
struct service_listeners {
  std::function<void(std::string_view line)> on_warning;
  std::function<void(const notification_row&)> on_notification = nullptr;
  request_listener on_request = nullptr;
};

/// The engine of a configuration and what it runs on. Ends from the last member to the first.
struct running_engine {
  std::shared_ptr<transport> net;
  std::shared_ptr<oauth::callback_listeners> listeners;
  std::unique_ptr<engine> runs;
};
/// Starts the engine of a configuration: its data directory is made where there is none. `own_key`:
/// the master key from elsewhere than a file; empty: the configuration's. Errors as
/// `service::start`.
result<running_engine> start_engine(const config& file, known_providers known,
                                    const service_listeners& listeners, secret own_key = {});

/// Whether `service::start` would find all that the file names, as far as that can be told without
/// starting or making anything: addresses, roots, key, client secrets. Errors as there.
result<void> check_service(const config& file, known_providers known);

/// A running engine whose control API listens.
class service {
public:
  /// Starts everything, or says in one line what stands in the way: errors of `engine::start`,
  /// `http_server::start`, `read_engine_options`, `control::ensure_token`.
  static result<std::unique_ptr<service>> start(const config& file, known_providers known,
                                                const service_listeners& listeners);
  /// Stops listening, lets the engine end its work, and closes the store.
  virtual ~service() = default;
  /// `http://127.0.0.1:8686`
  virtual std::string origin() const = 0;
  /// As `control_server::login_link`.
  virtual std::string login_link() const = 0;
};

} // namespace nexte::program
