#include "protocol/http/certificate.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string_view>

namespace nexte {
namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* owned) const {
    Free(owned);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using number_ptr = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;

constexpr int version_3 = 2;     // RFC 5280 section 4.1.2.1: counted from zero
constexpr int serial_bits = 127; // section 4.1.2.2: positive, at most 20 bytes
constexpr size_t name_max = 253;

struct validity {
  wall_time not_before_at;
  wall_time not_after_at;
};

struct extension {
  int nid;
  std::string text; ///< As in an OpenSSL configuration file.
};

/// OpenSSL's configuration syntax is not safe for any text: only these characters pass.
bool is_name(std::string_view text) {
  constexpr std::string_view allowed
      = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.*";
  return !text.empty() && text.size() <= name_max && text.find_first_not_of(allowed) == text.npos;
}

/// `DNS:a.example,IP:::1`, or an empty text when a name is neither.
std::string alternative_names(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    boost::system::error_code not_literal;
    boost::asio::ip::make_address(name, not_literal);
    if (not_literal && !is_name(name))
      return {};
    list.append(list.empty() ? "" : ",").append(not_literal ? "DNS:" : "IP:").append(name);
  }
  return list;
}

bool set_serial(X509* certificate) {
  const number_ptr serial{BN_new()};
  return serial && BN_rand(serial.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
         && BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_time(ASN1_TIME* field, wall_time at) {
  const auto whole = std::chrono::floor<seconds>(at).time_since_epoch().count();
  return ASN1_TIME_set(field, static_cast<time_t>(whole)) != nullptr;
}

bool set_subject(X509* certificate, const char* name) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name), -1, -1, 0)
         == 1;
}

bool add(X509* certificate, X509* issuer, const extension& what) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const extension_ptr made{X509V3_EXT_conf_nid(nullptr, &context, what.nid, what.text.c_str())};
  return made && X509_add_ext(certificate, made.get(), -1) == 1;
}

/// Null when OpenSSL fails. A null `issuer` signs itself.
certificate_ptr make_certificate(EVP_PKEY* key, const char* name, const validity& valid,
                                 const std::vector<extension>& extensions, X509* issuer,
                                 EVP_PKEY* issuer_key) {
  certificate_ptr made{X509_new()};
  auto* it = made.get();
  if (!it)
    return nullptr;
  if (!issuer)
    issuer = it;
  bool good = X509_set_version(it, version_3) == 1 && set_serial(it)
              && set_time(X509_getm_notBefore(it), valid.not_before_at)
              && set_time(X509_getm_notAfter(it), valid.not_after_at) && set_subject(it, name)
              && X509_set_issuer_name(it, X509_get_subject_name(issuer)) == 1
              && X509_set_pubkey(it, key) == 1;
  for (const auto& what : extensions)
    good = good && add(it, issuer, what);
  return good && X509_sign(it, issuer_key, EVP_sha256()) > 0 ? std::move(made) : nullptr;
}

/// What `write` writes into a BIO; empty when it fails.
template <class Write>
std::string pem(Write write) {
  const bio_ptr out{BIO_new(BIO_s_mem())};
  if (!out || write(out.get()) != 1)
    return {};
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

std::string pem(X509* certificate) {
  return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string pem(EVP_PKEY* key) {
  return pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

} // namespace

result<throwaway_certificate> make_throwaway_certificate(const std::vector<std::string>& names,
                                                         wall_time not_before_at,
                                                         wall_time not_after_at) {
  const auto alternatives = alternative_names(names);
  if (alternatives.empty())
    return error{ec::refused, "a certificate cannot be made for these names",
                 "give host names or literal IP addresses"};
  const validity valid{not_before_at, not_after_at};
  const key_ptr ca_key{EVP_EC_gen("P-256")};
  const key_ptr key{EVP_EC_gen("P-256")};
  const error failed{ec::bug, "OpenSSL cannot make a certificate"};
  if (!ca_key || !key)
    return failed;
  const auto ca = make_certificate(ca_key.get(), "Nexte Sync throw-away authority", valid,
                                   {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                    {NID_key_usage, "critical,keyCertSign"},
                                    {NID_subject_key_identifier, "hash"}},
                                   nullptr, ca_key.get());
  if (!ca)
    return failed;
  const auto server = make_certificate(key.get(), "Nexte Sync throw-away server", valid,
                                       {{NID_basic_constraints, "critical,CA:FALSE"},
                                        {NID_key_usage, "critical,digitalSignature"},
                                        {NID_ext_key_usage, "serverAuth"},
                                        {NID_subject_key_identifier, "hash"},
                                        {NID_authority_key_identifier, "keyid:always"},
                                        {NID_subject_alt_name, alternatives}},
                                       ca.get(), ca_key.get());
  if (!server)
    return failed;
  throwaway_certificate made{{pem(server.get()), pem(key.get())}, pem(ca.get())};
  if (made.server.chain_pem.empty() || made.server.key_pem.empty() || made.ca_pem.empty())
    return failed;
  return made;
}

} // namespace nexte
