// The registry: the one list that a new provider is added to.
#include "protocol/hubspot/provider.hpp"
#include "protocol/provider.hpp"

#include <algorithm>
#include <array>

namespace nexte {

std::span<const provider_description* const> providers() {
  static const std::array all{&hubspot::provider()};
  return all;
}

const provider_description* find_provider(std::string_view name) {
  const auto found = std::ranges::find(
      providers(), name, [](const provider_description* p) -> std::string_view { return p->name; });
  return found == providers().end() ? nullptr : *found;
}

} // namespace nexte
