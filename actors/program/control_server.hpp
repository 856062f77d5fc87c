// The control API of an engine behind a server, with the files by which commands find it.
#pragma once

#include "actors/engine.hpp"
#include "actors/program/config.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace nexte::program {

/// Hears of each request that was answered: the path without its query, which may hold what a
/// person searched for. On any thread; must not block.
using request_listener = std::function<void(std::string_view method, std::string_view path,
                                            int status, milliseconds took)>;

class control_server {
public:
  /// Makes the token in `data_dir`, listens, and writes the address beside it. `runs` outlives
  /// this. Errors as those of `control::ensure_token` and `http_server::start`.
  static result<std::unique_ptr<control_server>> start(engine& runs, known_providers known,
                                                       const std::filesystem::path& data_dir,
                                                       const listen_address& at,
                                                       request_listener on_request = nullptr);
  /// Stops listening and removes the address.
  virtual ~control_server() = default;
  /// `http://127.0.0.1:8686`
  virtual std::string origin() const = 0;
  /// The Apps page's address with a code that opens it once, within `control::login_code_life`.
  virtual std::string login_link() const = 0;
};

} // namespace nexte::program
