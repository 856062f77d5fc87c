#include "protocol/simulation/mount.hpp"

#include "protocol/http/certificate.hpp"
#include "protocol/http/server.hpp"
#include "protocol/json/writer.hpp"
#include "protocol/simulation/delayed_replies.hpp"

#include <algorithm>
#include <mutex>

namespace nexte::simulation {
namespace {

constexpr std::chrono::days certificate_life{30};
constexpr std::chrono::days clock_tolerance{1};
constexpr std::string_view admin_segment = "_admin";

wall_time system_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

/// Path and query of an absolute URL.
std::string_view target_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto slash = scheme == url.npos ? url.npos : url.find('/', scheme + 3);
  return slash == url.npos ? std::string_view{"/"} : url.substr(slash);
}

/// Takes the first segment off a path.
std::string_view take_segment(std::string_view& path) {
  if (path.starts_with('/'))
    path.remove_prefix(1);
  const auto segment = path.substr(0, path.find_first_of("/?"));
  path.remove_prefix(segment.size());
  return segment;
}

http_response unknown_address() {
  return {404, "{\"error\":\"nothing is simulated at this address\"}", "application/json"};
}

} // namespace

class mounted_simulators::impl {
public:
  impl(std::function<wall_time()> clock, std::vector<std::unique_ptr<simulator>> simulators)
      : clock_(clock ? std::move(clock) : system_now), simulators_(std::move(simulators)) {}

  ~impl() {
    server_.reset(); // before what its handler uses
  }

  result<void> start(mount_options options) {
    http_server_options served;
    served.address = options.address;
    served.port = options.port;
    served.threads = options.threads;
    if (options.tls) {
      const auto now = system_now();
      auto made = make_throwaway_certificate({options.address, "localhost"}, now - clock_tolerance,
                                             now + certificate_life);
      if (!made)
        return std::move(made).failure();
      ca_pem_ = std::move(made->ca_pem);
      served.tls = std::make_unique<server_certificate>(std::move(made->server));
    }
    // The server answers from its first moment on, so it waits here until the bases are known.
    std::unique_lock mounting{mutex_};
    auto started = http_server::start(std::move(served),
                                      [this](http_request request, http_server::reply send) {
                                        serve(std::move(request), std::move(send));
                                      });
    if (!started)
      return std::move(started).failure();
    server_ = *std::move(started);
    origin_ = server_->origin();
    for (const auto& one : simulators_)
      one->mount(origin_ + "/" + std::string{one->provider()});
    return {};
  }

  void each(const std::function<void(simulator&)>& visit) {
    std::lock_guard turn{mutex_};
    for (const auto& one : simulators_)
      visit(*one);
  }
  wall_time now() const {
    return clock_();
  }
  const std::string& origin() const {
    return origin_;
  }
  const std::string& ca_pem() const {
    return ca_pem_;
  }

private:
  void serve(http_request request, http_server::reply send) {
    std::unique_lock turn{mutex_};
    auto response = answer(std::move(request));
    turn.unlock();
    const auto delay = take_delay(response);
    if (delay == milliseconds{0})
      return send(std::move(response));
    delayed_.after(delay,
                   [send = std::move(send), response = std::move(response)] { send(response); });
  }

  http_response answer(http_request request) {
    // Whatever name the client calls us by, the simulators know one base.
    request.url = origin_ + std::string{target_of(request.url)};
    std::string_view path = target_of(request.url);
    auto first = take_segment(path);
    if (first == admin_segment)
      return administer(request, path);
    auto* provider = find(first);
    if (!provider)
      return unknown_address();
    auto below = path;
    if (take_segment(below) == admin_segment)
      return administer(*provider, request, take_segment(below));
    return provider->handle(request, clock_());
  }

  http_response administer(const http_request& request, std::string_view path) {
    const auto first = take_segment(path);
    if (auto* provider = find(first))
      return administer(*provider, request, take_segment(path));
    if (!first.empty() && !simulators_.empty())
      return administer(*simulators_.front(), request, first);
    json::writer out;
    out.begin_object();
    for (const auto& one : simulators_)
      out.key(one->provider()).raw(*one->admin("", {}, clock_()).body);
    out.end_object();
    return {200, out.take(), "application/json"};
  }

  http_response administer(simulator& provider, const http_request& request,
                           std::string_view action) {
    if (request.method != (action.empty() ? "GET" : "POST"))
      return {405, "{\"error\":\"GET describes the actions, POST performs one\"}",
              "application/json"};
    return provider.admin(action, request.body, clock_());
  }

  simulator* find(std::string_view name) const {
    const auto found = std::ranges::find_if(
        simulators_, [&](const auto& one) { return one->provider() == name; });
    return found == simulators_.end() ? nullptr : found->get();
  }

  std::function<wall_time()> clock_;
  std::vector<std::unique_ptr<simulator>> simulators_;
  std::mutex mutex_; ///< One request at a time.
  std::string origin_;
  std::string ca_pem_;
  delayed_replies delayed_;
  std::unique_ptr<http_server> server_;
};

result<std::unique_ptr<mounted_simulators>>
mounted_simulators::start(mount_options options,
                          std::vector<std::unique_ptr<simulator>> simulators) {
  auto body = std::make_unique<impl>(options.clock, std::move(simulators));
  if (auto started = body->start(std::move(options)); !started)
    return std::move(started).failure();
  return std::unique_ptr<mounted_simulators>{new mounted_simulators{std::move(body)}};
}

mounted_simulators::mounted_simulators(std::unique_ptr<impl> body) : impl_(std::move(body)) {}
mounted_simulators::~mounted_simulators() = default;

const std::string& mounted_simulators::origin() const {
  return impl_->origin();
}

std::string mounted_simulators::admin_url() const {
  return impl_->origin() + "/" + std::string{admin_segment};
}

const std::string& mounted_simulators::ca_pem() const {
  return impl_->ca_pem();
}

wall_time mounted_simulators::now() const {
  return impl_->now();
}

void mounted_simulators::each(const std::function<void(simulator&)>& visit) {
  impl_->each(visit);
}

} // namespace nexte::simulation
