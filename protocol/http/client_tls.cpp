#include "protocol/http/client_tls.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/x509v3.h>

#include <algorithm>

namespace nexte {
namespace {

constexpr size_t sessions_max = 16; ///< A server gives two a handshake; the newest serve.
constexpr unsigned char alpn_http_1_1[] = "\x08http/1.1";

bool is_literal(const std::string& host) {
  boost::system::error_code no;
  boost::asio::ip::make_address(host, no);
  return !no;
}

/// Where a connection finds its client_tls. Asio uses the index 0 ("app data") itself.
int owner_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// Called by OpenSSL on the connection's thread; 1 takes the session over.
int on_new_session(SSL* connection, SSL_SESSION* session) {
  auto* owner = static_cast<client_tls*>(SSL_get_ex_data(connection, owner_index()));
  if (!owner)
    return 0;
  owner->keep(session_ptr{session});
  return 1;
}

/// What a person can do about a certificate that was not accepted.
std::string mend_of(long verdict) {
  switch (verdict) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "if its authority is to be trusted, name its PEM file as ca_file; else look whether a "
             "proxy or antivirus intercepts https";
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED: return "check this computer's clock";
    default: return "check the address, and whether a proxy or antivirus intercepts https";
  }
}

} // namespace

result<tls_context> make_client_context(const std::filesystem::path& ca_file) {
  auto made = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client);
  auto* raw = made->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS); // an idle connection is small
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_alpn_protos(raw, alpn_http_1_1, sizeof alpn_http_1_1 - 1);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, &on_new_session);
  boost::system::error_code failed;
  if (ca_file.empty())
    made->set_default_verify_paths(failed);
  else
    made->load_verify_file(ca_file.string(), failed);
  if (failed)
    return error{ec::refused,
                 "CA certificates cannot be read from "
                     + (ca_file.empty() ? std::string{"the system's store"} : ca_file.string()),
                 "give a readable file of PEM certificates"};
  return made;
}

client_tls::client_tls(std::string host, tls_context context)
    : context_(std::move(context)), host_(std::move(host)), literal_(is_literal(host_)) {}

bool client_tls::prepare(SSL* connection) {
  auto* verified = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(verified, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS
                                                | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool named = literal_
                         ? X509_VERIFY_PARAM_set1_ip_asc(verified, host_.c_str()) == 1
                         : X509_VERIFY_PARAM_set1_host(verified, host_.data(), host_.size()) == 1
                               && SSL_set_tlsext_host_name(connection, host_.c_str()) == 1;
  if (!named || SSL_set_ex_data(connection, owner_index(), this) != 1)
    return false;
  const auto session = take();
  return !session || SSL_set_session(connection, session.get()) == 1;
}

error client_tls::failure(SSL* connection, std::string_view reason) const {
  if (const auto verdict = SSL_get_verify_result(connection); verdict != X509_V_OK)
    return {ec::transport,
            "the certificate of " + host_
                + " is not accepted: " + X509_verify_cert_error_string(verdict),
            mend_of(verdict)};
  return {ec::transport, "TLS with " + host_ + " failed: " + std::string{reason}};
}

void client_tls::keep(session_ptr session) {
  const std::lock_guard lock{mutex_};
  if (sessions_.size() >= sessions_max)
    sessions_.erase(sessions_.begin());
  sessions_.push_back(std::move(session));
}

/// A ticket of TLS 1.3 is used once (RFC 8446 appendix C.4); an older session again and again.
session_ptr client_tls::take() {
  const std::lock_guard lock{mutex_};
  while (!sessions_.empty()) {
    auto* newest = sessions_.back().get();
    if (SSL_SESSION_is_resumable(newest) == 1
        && SSL_SESSION_get_protocol_version(newest) < TLS1_3_VERSION) {
      SSL_SESSION_up_ref(newest);
      return session_ptr{newest};
    }
    auto taken = std::move(sessions_.back());
    sessions_.pop_back();
    if (SSL_SESSION_is_resumable(taken.get()) == 1)
      return taken;
  }
  return nullptr;
}

} // namespace nexte
