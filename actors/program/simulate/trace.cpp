#include "actors/program/simulate/trace.hpp"

#include <algorithm>
#include <cstdio>

namespace nexte::program {

namespace {

/// Writes `digits` decimal digits of `value`, then `end`.
void append_number(std::string& text, int64_t value, size_t digits, char end) {
  const auto number = std::to_string(value);
  text.append(digits - std::min(digits, number.size()), '0').append(number).push_back(end);
}

} // namespace

void trace::add(milliseconds at, std::string_view line) {
  constexpr int64_t hour = 3'600'000;
  const auto ms = at.count();
  std::string entry;
  entry.reserve(sizeof "000:00:00.000 " + line.size());
  append_number(entry, ms / hour, 3, ':');
  append_number(entry, ms / 60'000 % 60, 2, ':');
  append_number(entry, ms / 1000 % 60, 2, '.');
  append_number(entry, ms % 1000, 3, ' ');
  entry += line;
  for (const char byte : entry)
    hash_ = (hash_ ^ static_cast<uint8_t>(byte)) * 0x100000001B3u;
  if (keep_ > 0) {
    if (ring_.size() < keep_)
      ring_.push_back(std::move(entry));
    else
      ring_[events_ % keep_] = std::move(entry);
  }
  ++events_;
}

std::string trace::digest() const {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash_));
  return text;
}

std::vector<std::string> trace::lines() const {
  std::vector<std::string> ordered;
  const auto first = keep_ == 0 || ring_.size() < keep_ ? 0 : events_ % keep_;
  for (size_t i = 0; i < ring_.size(); ++i)
    ordered.push_back(ring_[(first + i) % ring_.size()]);
  return ordered;
}

} // namespace nexte::program
