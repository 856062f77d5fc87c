// TLS towards one origin: what is trusted, which name is verified, which sessions can be resumed.
#pragma once

#include "protocol/core/error.hpp"

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace nexte {

struct session_free {
  void operator()(SSL_SESSION* session) const {
    SSL_SESSION_free(session);
  }
};
using session_ptr = std::unique_ptr<SSL_SESSION, session_free>;
using tls_context = std::shared_ptr<boost::asio::ssl::context>;

/// Trusts the PEM roots in `ca_file`, or the system's when it is empty. `refused` when they cannot
/// be read. One context serves many origins: roots are large.
result<tls_context> make_client_context(const std::filesystem::path& ca_file);

class client_tls {
public:
  client_tls(std::string host, tls_context context);
  client_tls(const client_tls&) = delete;
  client_tls& operator=(const client_tls&) = delete;

  boost::asio::ssl::context& context() {
    return *context_;
  }
  /// Before the handshake: the name (or literal address) to verify and announce, and a session to
  /// resume when there is one. False when OpenSSL refuses. This object must outlive `connection`.
  bool prepare(SSL* connection);
  /// Why a handshake failed, for a person; `reason` is the error's own text.
  error failure(SSL* connection, std::string_view reason) const;

  /// A session that the server offers.
  void keep(session_ptr session);

private:
  session_ptr take();

  const tls_context context_;
  const std::string host_;
  const bool literal_; ///< The host is an IP address.
  std::mutex mutex_;
  std::vector<session_ptr> sessions_; ///< Oldest first.
};

} // namespace nexte
