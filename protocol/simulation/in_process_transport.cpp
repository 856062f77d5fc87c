#include "protocol/simulation/in_process_transport.hpp"

#include <algorithm>

namespace nexte::simulation {
namespace {

std::string path_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto slash = scheme == url.npos ? url.npos : url.find('/', scheme + 3);
  return slash == url.npos ? "/" : std::string{url.substr(slash, url.find('?') - slash)};
}

} // namespace

in_process_transport::~in_process_transport() {
  for (auto& call : std::exchange(held_, {}))
    call.on_done({error{ec::cancelled, "the simulated network is gone"}});
}

void in_process_transport::add(std::string base, simulator* provider) {
  provider->mount(base);
  mounted_.push_back({std::move(base), provider});
}

void in_process_transport::call(http_request request, done on_done) {
  std::unique_lock lock{mutex_};
  auto [answer, delay] = perform(request);
  const int status = answer.response ? answer.response->status : no_answer;
  log_.push_back({request.method, path_of(request.url), clock_(), status});
  if (delay > milliseconds{0} && later) {
    lock.unlock();
    later(delay, [answer = std::move(answer), on_done = std::move(on_done)]() mutable {
      on_done(std::move(answer));
    });
  } else if (hold || delay > milliseconds{0}) {
    held_.push_back({std::move(answer), std::move(on_done)});
  } else {
    lock.unlock();
    on_done(std::move(answer));
  }
}

void in_process_transport::release() {
  std::unique_lock lock{mutex_};
  auto due = std::exchange(held_, {});
  lock.unlock();
  for (auto& call : due)
    call.on_done(std::move(call.answer));
}

size_t in_process_transport::held() const {
  std::lock_guard lock{mutex_};
  return held_.size();
}

std::vector<logged_call> in_process_transport::log() const {
  std::lock_guard lock{mutex_};
  return log_;
}

void in_process_transport::clear_log() {
  std::lock_guard lock{mutex_};
  log_.clear();
}

std::pair<http_answer, milliseconds> in_process_transport::perform(const http_request& request) {
  if (intercept)
    if (auto answer = intercept(request))
      return {*std::move(answer), milliseconds{0}};
  const auto serves = [&](const mounted& m) { return is_under(request.url, m.base); };
  const auto found = std::ranges::find_if(mounted_, serves);
  if (found == mounted_.end())
    return {{error{ec::refused, "no simulated provider is mounted at this address"}, false}, {}};
  auto response = found->provider->handle(request, clock_());
  if (response.status == no_answer)
    return {{error{ec::transport, "the connection broke before an answer"}}, {}};
  const auto delay = take_delay(response);
  response.headers.set("Date", format_http_date(clock_()));
  return {{std::move(response)}, delay};
}

} // namespace nexte::simulation
