// The transport over real sockets: Boost.Beast and OpenSSL, hidden behind a pimpl.
#pragma once

#include "protocol/http/transport.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace nexte {

/// Which hosts may be called, and how they are verified.
struct allowed_origin {
  std::string host; ///< The exact name, as in the URL; with `below`: what names end in.
  uint16_t port = 443;
  std::filesystem::path ca_file;  ///< PEM roots for this origin alone; empty: the system's.
  bool insecure_loopback = false; ///< Permits plain http, to 127.0.0.0/8 and ::1 only.
  /// Not `host` but every one below it, over https: a provider that gives each account its own.
  bool below = false;
};

struct beast_client_options {
  std::vector<allowed_origin> allowed;
  unsigned threads = 1;
  unsigned connections_per_host_max = 16; ///< More calls than these wait in order.
  /// A call that takes longer holds up no others: they get connections beside the above, up to
  /// `slow_connections_per_host_max`. One account whose answers trickle must not slow the rest.
  std::chrono::milliseconds slow_after{5'000};
  unsigned slow_connections_per_host_max = 64;
  unsigned hosts_below_max = 10'000; ///< Of all that are allowed by `below`; further are refused.
  unsigned waiting_calls_max = 100'000; ///< Past that a call fails with `transport`, unsent.
  std::chrono::milliseconds connect_max{10'000}; ///< Lookup, TCP and TLS handshake, each.
  std::chrono::milliseconds write_max{30'000};
  std::chrono::milliseconds head_max{
      60'000}; ///< From the request's last byte to the answer's head.
  std::chrono::milliseconds body_max{120'000};
  std::chrono::milliseconds idle_max{60'000}; ///< A kept-alive connection is closed after this.
  size_t head_bytes_max = 64 * 1024;          ///< No more than this.
  size_t body_bytes_max = 32 * 1024 * 1024;   ///< After decompression too.
  unsigned redirects_max = 3;                 ///< Same https origin only; GET and HEAD only.
  std::string user_agent = "nexte-sync/0.1";
};

struct beast_client_counters {
  uint64_t connections_opened = 0;
  uint64_t tls_sessions_resumed = 0;
  uint64_t calls_done = 0;
};

/// HTTP/1.1 over TLS 1.2+ with a pool of kept-alive connections per origin, TLS session reuse,
/// gzip, and deadlines per step. Certificate and host name are always verified.
class beast_client final : public transport {
public:
  /// `refused` when a CA file cannot be read.
  static result<std::unique_ptr<beast_client>> make(beast_client_options options);
  /// Ends every call with `cancelled` (their callbacks run before this returns) and joins. Not from
  /// a callback. A name's lookup under way is waited for: the system cannot stop one.
  ~beast_client() override;

  void call(http_request request, done on_done) override;
  beast_client_counters counters() const;

private:
  class impl;
  explicit beast_client(std::shared_ptr<impl> body);
  std::shared_ptr<impl> impl_;
};

} // namespace nexte
