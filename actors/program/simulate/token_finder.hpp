// Looks for any of many tokens in a text.
#pragma once

#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nexte::program {

/// One pass over a text, however many tokens there are: what is looked up at each place is the
/// beginning of a token. Thousands of them are sought in millions of sentences.
class token_finder {
public:
  void add(const std::string& token) {
    if (token.empty())
      return;
    const auto [known, is_new] = all_.insert(token);
    if (is_new && token.size() >= head_bytes)
      by_head_[head(token.data())].push_back(&*known);
    else if (is_new)
      short_.push_back(&*known);
  }
  bool is_in(std::string_view text) const {
    const auto within = [&](const std::string* token) { return text.find(*token) != text.npos; };
    for (const auto* token : short_)
      if (within(token))
        return true;
    for (size_t at = 0; at + head_bytes <= text.size(); ++at)
      if (const auto found = by_head_.find(head(text.data() + at)); found != by_head_.end())
        for (const auto* token : found->second)
          if (text.substr(at).starts_with(*token))
            return true;
    return false;
  }
  const std::set<std::string>& all() const {
    return all_;
  }

private:
  static constexpr size_t head_bytes = sizeof(uint64_t);
  static uint64_t head(const char* bytes) {
    uint64_t number = 0;
    std::memcpy(&number, bytes, head_bytes);
    return number;
  }

  std::set<std::string> all_;
  std::unordered_map<uint64_t, std::vector<const std::string*>> by_head_;
  std::vector<const std::string*> short_;
};

} // namespace nexte::program
