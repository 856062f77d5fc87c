#include "protocol/core/secret.hpp"

#include <openssl/crypto.h>

namespace nexte {

void wipe(std::string& text) noexcept {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

} // namespace nexte
