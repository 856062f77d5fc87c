// No written time crashes a parser; what the parsers accept reads back as the same instant.
#include "protocol/core/time.hpp"

#include <cstdint>
#include <cstdlib>

using namespace nexte;

namespace {

void require(bool fact) {
  if (!fact)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
  const wall_time year_1{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};
  const wall_time year_9999{std::chrono::sys_days{std::chrono::year{9999} / 1 / 1}};
  // An offset can push an instant out of the years that four digits can write.
  const auto writable = [&](wall_time at) { return at >= year_1 && at < year_9999; };
  if (const auto at = parse_iso_time(text); at && writable(*at))
    require(parse_iso_time(format_iso_time(*at)) == at);
  if (const auto at = parse_http_date(text, now); at && writable(*at))
    require(parse_http_date(format_http_date(*at), now) == at);
  if (const auto wait = parse_retry_after(text, text, now))
    require(wait->count() >= 0);
  return 0;
}
