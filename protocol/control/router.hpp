// From method and path to a handler.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/http/byte_feed.hpp"
#include "protocol/http/message.hpp"
#include "protocol/http/url.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::control {

/// Answers with a head and a body that is sent as it comes.
using stream_reply = std::function<void(http_response head, std::shared_ptr<byte_feed> body)>;

/// A request on its way to its handler.
struct routed_request {
  http_request request;
  query_parameters path;  ///< What stands for each `{name}` of the template, decoded.
  query_parameters query; ///< Decoded; only names that the route knows, each once.
  stream_reply stream;    ///< In place of the reply, where the server can; else null.

  /// @pre the template holds `{name}`
  const std::string& segment(std::string_view name) const {
    return *find_parameter(path, name);
  }
  /// The query parameter of that name, or null.
  const std::string* parameter(std::string_view name) const {
    return find_parameter(query, name);
  }
};

using reply = std::function<void(http_response)>;
/// Answers through `reply`, once, now or later, from any thread.
using route_handler = std::function<void(const routed_request& request, reply send)>;

struct route {
  std::string method;
  std::string path; ///< `/v1/integrations/{id}`: a braced segment stands for any text but "".
  std::vector<std::string> query; ///< The names it takes.
  route_handler handler;
};

/// The routes of an API. A fixed segment goes before a braced one of an earlier route.
class router {
public:
  explicit router(std::vector<route> routes) : routes_(std::move(routes)) {}

  /// Hands the request to its route's handler. Answers itself: 404 for a path that no route has,
  /// 405 with Allow for a method that the path's routes have not, 400 for a broken escape or for a
  /// query parameter that the route does not take or that comes twice. HEAD goes where GET goes.
  void handle(http_request request, reply send, stream_reply stream = {}) const;

  const std::vector<route>& routes() const {
    return routes_;
  }

private:
  std::vector<route> routes_;
};

} // namespace nexte::control
