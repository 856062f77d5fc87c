// Text that must not be seen: tokens, client secrets, keys. Never printable by accident.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace nexte {

/// Overwrites `text` before its memory is given back, and empties it.
void wipe(std::string& text) noexcept;

/// Owns a secret text and overwrites it when it goes. There is no `operator<<` and no implicit
/// conversion: whoever needs the text says `reveal()`, so that a review can find each use.
class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_(std::move(text)) {}
  secret(const secret&) = default;
  // A copy, since a moved small string would leave its bytes behind.
  secret(secret&& other) noexcept : text_(other.text_) { // NOLINT(*-move-constructor-init)
    wipe(other.text_);
  }
  secret& operator=(secret other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~secret() {
    wipe(text_);
  }
  std::string_view reveal() const {
    return text_;
  }
  bool empty() const {
    return text_.empty();
  }
  friend bool operator==(const secret& a, const secret& b) {
    return a.text_ == b.text_;
  }

private:
  std::string text_;
};

} // namespace nexte
