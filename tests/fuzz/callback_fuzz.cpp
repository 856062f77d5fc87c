// Whatever a browser brings to the callback, only our state makes it an answer, and what is shown
// of an error is short and printable.
#include "protocol/oauth/authorization.hpp"

#include <algorithm>
#include <cstdlib>

using namespace nexte;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view query{reinterpret_cast<const char*>(data), size};
  const auto unguessed = oauth::read_callback(query, "a state that no input holds: \xFF\xFE\x01");
  if (!std::holds_alternative<oauth::stray_callback>(unguessed))
    std::abort();
  const auto read = oauth::read_callback(query, "s", "");
  if (const auto* refused = std::get_if<oauth::refused_consent>(&read)) {
    const auto printable = [](char c) { return c > ' ' && c <= '~'; };
    if (refused->code.size() > 100 || !std::ranges::all_of(refused->code, printable))
      std::abort();
  }
  return 0;
}
