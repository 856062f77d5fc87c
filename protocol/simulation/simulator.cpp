#include "protocol/simulation/simulator.hpp"

#include <charconv>

namespace nexte::simulation {

bool is_under(std::string_view url, std::string_view base) {
  if (!url.starts_with(base))
    return false;
  const auto rest = url.substr(base.size());
  return rest.empty() || rest.front() == '/' || rest.front() == '?';
}

milliseconds take_delay(http_response& response) {
  if (!response.headers.has(delay_field))
    return milliseconds{0};
  int64_t delay = 0;
  const auto text = response.headers.get(delay_field);
  std::from_chars(text.data(), text.data() + text.size(), delay);
  http_headers kept;
  for (const auto& [name, value] : response.headers)
    if (name != delay_field)
      kept.add(name, value);
  response.headers = std::move(kept);
  return milliseconds{delay};
}

} // namespace nexte::simulation
