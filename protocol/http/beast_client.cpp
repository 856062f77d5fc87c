#include "protocol/http/beast_client.hpp"

#include "protocol/http/client_connection.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace nexte {
namespace {

struct client_totals {
  std::atomic<uint64_t> connections_opened = 0;
  std::atomic<uint64_t> tls_sessions_resumed = 0;
  std::atomic<uint64_t> calls_done = 0;
};

/// What all pools of a client share.
struct client_core {
  explicit client_core(beast_client_options chosen)
      : options(std::move(chosen)), io(static_cast<int>(std::max(1u, options.threads))) {}
  const beast_client_options options;
  asio::io_context io;
  client_totals totals;
  std::atomic<size_t> waiting = 0;
};

/// The connections to one origin. Idle ones are taken newest first, so that the others can go.
class origin_pool final : public connection_pool {
public:
  origin_pool(client_core& core, const allowed_origin& origin, std::unique_ptr<client_tls> tls)
      : core_(core), origin_(origin), tls_(std::move(tls)), relief_(core.io) {}

  bool serves(const url_parts& url) const {
    const bool secure = url.scheme == "https";
    return equal_ignoring_case(origin_.host, url.host) && origin_.port == url.port
           && secure == (tls_ != nullptr);
  }
  /// Begins the call now or when a connection is free; false when too many wait or the pool stops.
  result<void> take(const std::shared_ptr<exchange>& call);
  /// Ends every call. Those under way end on the client's threads.
  void stop();

  const beast_client_options& options() const override {
    return core_.options;
  }
  client_tls* tls() override {
    return tls_.get();
  }
  std::shared_ptr<exchange> next(client_connection& free, bool alive) override;
  bool retire(client_connection& idle) override;
  void connected(bool resumed) override {
    ++core_.totals.connections_opened;
    core_.totals.tls_sessions_resumed += resumed ? 1 : 0;
  }
  void call_done() override {
    ++core_.totals.calls_done;
  }

private:
  using connection_ptr = std::shared_ptr<client_connection>;
  using clock = std::chrono::steady_clock;

  // All under the mutex.
  bool may_open() const;
  void open_for(const std::shared_ptr<exchange>& call);
  void await_relief();
  void relieve();

  client_core& core_;
  const allowed_origin& origin_;
  const std::unique_ptr<client_tls> tls_;
  std::mutex mutex_;
  bool stopping_ = false;
  /// When a call becomes slow, by the connection that carries it; never for a resting one.
  std::unordered_map<connection_ptr, clock::time_point> connections_;
  std::vector<connection_ptr> idle_; ///< Used last at the end.
  std::deque<std::shared_ptr<exchange>> waiting_;
  asio::steady_timer relief_; ///< Rings when the next call under way becomes slow.
  bool relief_awaited_ = false;
};

result<void> origin_pool::take(const std::shared_ptr<exchange>& call) {
  const std::lock_guard lock{mutex_};
  if (stopping_)
    return error{ec::cancelled, "the client is stopping"};
  if (!idle_.empty()) {
    const auto free = std::move(idle_.back());
    idle_.pop_back();
    connections_[free] = clock::now() + core_.options.slow_after;
    asio::post(free->get_executor(), [free, call] { free->begin(call); });
  } else if (may_open()) {
    open_for(call);
  } else if (++core_.waiting > core_.options.waiting_calls_max) {
    --core_.waiting;
    return error{ec::transport, "too many calls wait for a connection to " + origin_.host};
  } else {
    waiting_.push_back(call);
    await_relief();
  }
  return {};
}

bool origin_pool::may_open() const {
  const size_t most = std::max(1u, core_.options.connections_per_host_max);
  if (connections_.size() < most)
    return true;
  const auto now = clock::now();
  const auto slow = static_cast<size_t>(
      std::ranges::count_if(connections_, [now](const auto& one) { return one.second <= now; }));
  return connections_.size() - slow < most
         && connections_.size() < most + core_.options.slow_connections_per_host_max;
}

void origin_pool::open_for(const std::shared_ptr<exchange>& call) {
  const auto made = std::make_shared<client_connection>(asio::make_strand(core_.io), *this);
  connections_.emplace(made, clock::now() + core_.options.slow_after);
  asio::post(made->get_executor(), [made, call] { made->begin(call); });
}

/// With calls waiting, the next one under way that becomes slow makes room.
void origin_pool::await_relief() {
  if (relief_awaited_ || waiting_.empty())
    return;
  const auto now = clock::now();
  auto due = clock::time_point::max();
  for (const auto& [connection, slow_due] : connections_)
    if (slow_due > now)
      due = std::min(due, slow_due);
  if (due == clock::time_point::max())
    return; // all of them are slow already: one must end
  relief_awaited_ = true;
  relief_.expires_at(due);
  relief_.async_wait([this](const boost::system::error_code& stopped) {
    if (!stopped)
      relieve();
  });
}

void origin_pool::relieve() {
  const std::lock_guard lock{mutex_};
  relief_awaited_ = false;
  while (!waiting_.empty() && may_open()) {
    open_for(waiting_.front());
    waiting_.pop_front();
    --core_.waiting;
  }
  await_relief();
}

std::shared_ptr<exchange> origin_pool::next(client_connection& free, bool alive) {
  const auto connection = free.shared_from_this();
  const std::lock_guard lock{mutex_};
  if (!waiting_.empty()) { // never while stopping
    auto call = std::move(waiting_.front());
    waiting_.pop_front();
    --core_.waiting;
    connections_[connection] = clock::now() + core_.options.slow_after;
    await_relief();
    return call;
  }
  if (alive && !stopping_) {
    idle_.push_back(connection);
    connections_[connection] = clock::time_point::max();
  } else {
    connections_.erase(connection);
  }
  return nullptr;
}

bool origin_pool::retire(client_connection& idle) {
  const auto connection = idle.shared_from_this();
  const std::lock_guard lock{mutex_};
  if (std::erase(idle_, connection) == 0)
    return false;
  connections_.erase(connection);
  return true;
}

void origin_pool::stop() {
  std::deque<std::shared_ptr<exchange>> unsent;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    unsent.swap(waiting_);
    core_.waiting -= unsent.size();
    idle_.clear();
    relief_.cancel();
    for (const auto& one : connections_)
      asio::post(one.first->get_executor(), [connection = one.first] { connection->cancel(); });
  }
  for (const auto& call : unsent)
    call->on_done({error{ec::cancelled, "the client is stopping"}, false});
}

} // namespace

class beast_client::impl {
public:
  explicit impl(beast_client_options options) : core_(std::move(options)) {}

  result<void> open();
  void call(http_request request, done on_done);
  void stop();
  beast_client_counters counters() const;

private:
  /// Hosts of one domain are known only once they are called.
  struct domain {
    const allowed_origin& allowed;
    tls_context context;
  };
  struct host_below {
    allowed_origin origin;
    std::unique_ptr<origin_pool> pool;
  };
  origin_pool* find(const url_parts& url);
  origin_pool* find_below(const url_parts& url);

  client_core core_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{core_.io.get_executor()};
  std::vector<std::unique_ptr<origin_pool>> pools_;
  std::vector<domain> domains_;
  std::mutex below_mutex_;
  std::map<std::string, host_below> below_; ///< By origin.
  std::vector<std::thread> threads_;
};

result<void> beast_client::impl::open() {
  std::map<std::filesystem::path, tls_context> contexts;
  for (const auto& origin : core_.options.allowed) {
    auto& context = contexts[origin.ca_file];
    if (!context) {
      auto made = make_client_context(origin.ca_file);
      if (!made)
        return std::move(made).failure().with_context(origin.host);
      context = *std::move(made);
    }
    if (origin.below) {
      domains_.push_back({origin, context});
      continue;
    }
    pools_.push_back(std::make_unique<origin_pool>(
        core_, origin, std::make_unique<client_tls>(origin.host, context)));
    if (origin.insecure_loopback && is_loopback_host(origin.host))
      pools_.push_back(std::make_unique<origin_pool>(core_, origin, nullptr));
  }
  for (unsigned i = 0; i < std::max(1u, core_.options.threads); ++i)
    threads_.emplace_back([this] { core_.io.run(); });
  return {};
}

origin_pool* beast_client::impl::find(const url_parts& url) {
  const auto pool = std::ranges::find_if(pools_, [&](const auto& p) { return p->serves(url); });
  return pool == pools_.end() ? find_below(url) : pool->get();
}

origin_pool* beast_client::impl::find_below(const url_parts& url) {
  const auto of = std::ranges::find_if(domains_, [&](const domain& d) {
    return url.scheme == "https" && url.port == d.allowed.port
           && url.host.ends_with("." + d.allowed.host);
  });
  if (of == domains_.end())
    return nullptr;
  const std::lock_guard lock{below_mutex_};
  const auto known = below_.find(url.origin());
  if (known != below_.end())
    return known->second.pool.get();
  if (below_.size() >= core_.options.hosts_below_max)
    return nullptr;
  auto& made = below_[url.origin()];
  made.origin = of->allowed;
  made.origin.host = url.host;
  made.pool = std::make_unique<origin_pool>(core_, made.origin,
                                            std::make_unique<client_tls>(url.host, of->context));
  return made.pool.get();
}

void beast_client::impl::call(http_request request, done on_done) {
  auto url = check(request);
  if (!url)
    return on_done({std::move(url).failure(), false});
  auto* const pool = find(*url);
  if (!pool)
    return on_done({error{ec::refused, url->origin() + " is not among the allowed addresses",
                          "plain http is for loopback only; check the provider's base address"},
                    false});
  auto call = std::make_shared<exchange>();
  call->request = std::move(request);
  call->url = *std::move(url);
  call->on_done = std::move(on_done);
  if (auto taken = pool->take(call); !taken)
    call->on_done({std::move(taken).failure(), false});
}

/// The threads leave when nothing is pending any more.
void beast_client::impl::stop() {
  for (const auto& pool : pools_)
    pool->stop();
  for (const auto& [origin, host] : below_) // nobody calls any more
    host.pool->stop();
  work_.reset();
  for (auto& thread : threads_)
    thread.join();
}

beast_client_counters beast_client::impl::counters() const {
  const auto& totals = core_.totals;
  return {totals.connections_opened, totals.tls_sessions_resumed, totals.calls_done};
}

result<std::unique_ptr<beast_client>> beast_client::make(beast_client_options options) {
  auto body = std::make_shared<impl>(std::move(options));
  if (auto opened = body->open(); !opened)
    return std::move(opened).failure();
  return std::unique_ptr<beast_client>{new beast_client{std::move(body)}};
}

beast_client::beast_client(std::shared_ptr<impl> body) : impl_(std::move(body)) {}

beast_client::~beast_client() {
  impl_->stop();
}

void beast_client::call(http_request request, done on_done) {
  impl_->call(std::move(request), std::move(on_done));
}

beast_client_counters beast_client::counters() const {
  return impl_->counters();
}

} // namespace nexte
