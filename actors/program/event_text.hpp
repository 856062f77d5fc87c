// Server-Sent Events as their reader takes them apart. No I/O.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace nexte::program {

struct server_event {
  std::string id;
  std::string name; ///< The `event` field.
  std::string data;
};

/// Takes the complete events off the front of a growing text and hands them on; comments and
/// fields without data are passed over. What is left is the begin of an event.
template <class OnEvent>
void take_events(std::string& text, OnEvent on_event) {
  constexpr std::string_view gap = "\n\n";
  size_t at = 0;
  for (size_t end = text.find(gap); end != std::string::npos; end = text.find(gap, at)) {
    server_event event;
    for (std::string_view block{text.data() + at, end - at}; !block.empty();) {
      const auto line = block.substr(0, block.find('\n'));
      block.remove_prefix(std::min(block.size(), line.size() + 1));
      const auto colon = line.find(": ");
      if (colon == std::string_view::npos)
        continue;
      const auto field = line.substr(0, colon);
      if (field == "id")
        event.id = line.substr(colon + 2);
      else if (field == "event")
        event.name = line.substr(colon + 2);
      else if (field == "data")
        event.data = line.substr(colon + 2);
    }
    at = end + gap.size();
    if (!event.data.empty())
      on_event(std::move(event));
  }
  text.erase(0, at);
}

} // namespace nexte::program
