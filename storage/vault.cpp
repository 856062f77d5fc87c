#include "storage/vault.hpp"

#include "storage/codec.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <new>

namespace nexte {
namespace {

constexpr size_t nonce_bytes = 12;
constexpr size_t tag_bytes = 16;
constexpr size_t data_key_bytes = 32;
constexpr size_t key_id_bytes = 8;

struct cipher_deleter {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};
using cipher = std::unique_ptr<EVP_CIPHER_CTX, cipher_deleter>;

const uint8_t* in(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

uint8_t* out(std::string& bytes, size_t offset = 0) {
  return reinterpret_cast<uint8_t*>(bytes.data()) + offset;
}

int length(std::string_view bytes) {
  return static_cast<int>(bytes.size());
}

/// AES on given memory fails only for want of memory.
void must(int done) {
  if (done != 1)
    throw std::bad_alloc{};
}

/// nonce, ciphertext, tag.
std::string seal_text(std::string_view key, std::string_view bound_to, std::string_view clear,
                      const random_source& random) {
  std::string sealed(nonce_bytes + clear.size() + tag_bytes, '\0');
  random({out(sealed), nonce_bytes});
  const cipher c{EVP_CIPHER_CTX_new()};
  int done = 0;
  must(c != nullptr);
  must(EVP_EncryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, in(key), out(sealed)));
  must(EVP_EncryptUpdate(c.get(), nullptr, &done, in(bound_to), length(bound_to)));
  must(EVP_EncryptUpdate(c.get(), out(sealed, nonce_bytes), &done, in(clear), length(clear)));
  must(EVP_EncryptFinal_ex(c.get(), out(sealed, nonce_bytes + clear.size()), &done));
  must(EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes,
                           out(sealed, nonce_bytes + clear.size())));
  return sealed;
}

std::optional<secret> open_text(std::string_view key, std::string_view bound_to,
                                std::string_view sealed) {
  if (sealed.size() < nonce_bytes + tag_bytes)
    return std::nullopt;
  const auto text = sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
  std::string tag{sealed.substr(sealed.size() - tag_bytes)};
  std::string clear(text.size(), '\0');
  const cipher c{EVP_CIPHER_CTX_new()};
  int done = 0;
  must(c != nullptr);
  must(EVP_DecryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, in(key), in(sealed)));
  must(EVP_DecryptUpdate(c.get(), nullptr, &done, in(bound_to), length(bound_to)));
  must(EVP_DecryptUpdate(c.get(), out(clear), &done, in(text), length(text)));
  must(EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, out(tag)));
  std::array<uint8_t, tag_bytes> none{};
  const bool holds = EVP_DecryptFinal_ex(c.get(), none.data(), &done) == 1;
  secret opened{clear};
  wipe(clear);
  if (!holds)
    return std::nullopt;
  return opened;
}

/// The first bytes of SHA-256 over a label and the key.
std::string id_of(const secret& key) {
  std::string labelled = "nexte-sync master key id:";
  labelled.append(key.reveal());
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  must(EVP_Digest(labelled.data(), labelled.size(), digest.data(), nullptr, EVP_sha256(), nullptr));
  wipe(labelled);
  return {digest.begin(), digest.begin() + key_id_bytes};
}

} // namespace

vault::vault(secret master_key, random_source random)
    : master_key_(std::move(master_key)), key_id_(id_of(master_key_)), random_(std::move(random)) {}

std::string vault::bound(std::string_view field, const vault_owner& owner) const {
  std::string text;
  field_writer to{text};
  to.text(field);
  to.text(key_id_);
  to.text(owner.workspace);
  to.u64(owner.integration.value());
  return text;
}

std::optional<secret> vault::data_key(const vault_owner& owner, std::string_view sealed) const {
  return open_text(master_key_.reveal(), bound("data_key", owner), sealed);
}

// row := data key (text, sealed) access (text, sealed) refresh (text, sealed) expires scopes
//        [api base (text, sealed)]      absent in rows of before tokens had one

std::string vault::seal(const vault_owner& owner, const token_set& tokens,
                        std::optional<std::string_view> stored) const {
  std::string sealed_key;
  std::optional<secret> key;
  if (stored) {
    sealed_key = field_reader{*stored}.text();
    key = data_key(owner, sealed_key);
  }
  if (!key) {
    std::string fresh(data_key_bytes, '\0');
    random_({out(fresh), fresh.size()});
    key.emplace(fresh);
    wipe(fresh);
    sealed_key = seal_text(master_key_.reveal(), bound("data_key", owner), key->reveal(), random_);
  }
  std::string row;
  field_writer to{row};
  to.text(sealed_key);
  to.text(seal_text(key->reveal(), bound("access", owner), tokens.access_token.reveal(), random_));
  to.text(
      seal_text(key->reveal(), bound("refresh", owner), tokens.refresh_token.reveal(), random_));
  to.time(tokens.expires_at);
  to.texts(tokens.scopes);
  to.text(seal_text(key->reveal(), bound("api_base", owner), tokens.api_base, random_));
  return row;
}

std::optional<token_set> vault::open(const vault_owner& owner, std::string_view stored) const {
  field_reader from{stored};
  const auto key = data_key(owner, from.text());
  if (!key)
    return std::nullopt;
  auto access = open_text(key->reveal(), bound("access", owner), from.text());
  auto refresh = open_text(key->reveal(), bound("refresh", owner), from.text());
  token_set tokens;
  tokens.expires_at = from.time();
  tokens.scopes = from.texts();
  if (!from.rest().empty()) {
    const auto api_base = open_text(key->reveal(), bound("api_base", owner), from.text());
    if (!api_base)
      return std::nullopt;
    tokens.api_base = api_base->reveal();
  }
  if (!access || !refresh || !from.ok())
    return std::nullopt;
  tokens.access_token = *std::move(access);
  tokens.refresh_token = *std::move(refresh);
  return tokens;
}

std::string vault::key_check() const {
  return seal_text(master_key_.reveal(), bound("key_check", {}), "fits", random_);
}

bool vault::fits(std::string_view check) const {
  return open_text(master_key_.reveal(), bound("key_check", {}), check).has_value();
}

} // namespace nexte
