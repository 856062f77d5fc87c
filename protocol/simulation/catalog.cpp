#include "protocol/simulation/catalog.hpp"

#include "protocol/google/simulator.hpp"
#include "protocol/hubspot/simulator.hpp"
#include "protocol/microsoft/simulator.hpp"
#include "protocol/notion/simulator.hpp"
#include "protocol/pipedrive/simulator.hpp"

#include <algorithm>

namespace nexte::simulation {
namespace {

struct maker {
  std::string_view provider;
  std::unique_ptr<simulator> (*make)(const simulator_options& options);
  bool keeps_rules = false; ///< See `takes_part`.
};

template <class Simulator>
std::unique_ptr<simulator> make(const simulator_options& options) {
  return std::make_unique<Simulator>(options);
}

constexpr maker makers[] = {
    {"google", make<google_simulator>},       {"hubspot", make<hubspot_simulator>, true},
    {"microsoft", make<microsoft_simulator>}, {"notion", make<notion_simulator>},
    {"pipedrive", make<pipedrive_simulator>},
};

std::string known_names() {
  std::string names;
  for (const auto& known : makers)
    names.append(names.empty() ? "" : ", ").append(known.provider);
  return names;
}

} // namespace

bool takes_part(std::string_view provider) {
  return std::ranges::any_of(
      makers, [&](const maker& one) { return one.provider == provider && one.keeps_rules; });
}

result<std::vector<std::unique_ptr<simulator>>>
make_simulators(const std::vector<std::string>& providers, const simulator_options& options) {
  std::vector<std::unique_ptr<simulator>> made;
  if (providers.empty())
    for (const auto& known : makers)
      made.push_back(known.make(options));
  for (const auto& name : providers) {
    const auto* found = std::ranges::find(makers, std::string_view{name}, &maker::provider);
    if (found == std::end(makers))
      return error{ec::refused, "no provider \"" + name + "\" can be simulated",
                   "use " + known_names()};
    if (std::ranges::count(providers, name) > 1)
      return error{ec::refused, "provider \"" + name + "\" is given twice", "name it once"};
    made.push_back(found->make(options));
  }
  return made;
}

result<void> arm_faults(std::string_view plan,
                        const std::vector<std::unique_ptr<simulator>>& simulators, wall_time now) {
  auto read = json::parse_value_with_comments(plan);
  if (!read)
    return std::move(read).failure().with_context("fault plan");
  if (!read->is_array())
    return error{ec::refused, "the fault plan is not a JSON list",
                 "write [{\"kind\": \"answer\", \"status\": 503, \"count\": 3}]"};
  std::vector<std::pair<simulator*, fault>> faults;
  for (auto& item : read->items) {
    const std::string name{item.string_or_empty("provider")};
    const auto found = std::ranges::find_if(
        simulators, [&](const auto& one) { return name.empty() || one->provider() == name; });
    if (found == simulators.end())
      return error{ec::refused, "the fault plan names the provider \"" + name + "\"",
                   "only what is simulated can fail: use " + known_names()};
    std::erase_if(item.members, [](const auto& member) { return member.first == "provider"; });
    auto one = read_fault(item, now);
    if (!one)
      return std::move(one).failure().with_context("fault plan");
    faults.emplace_back(found->get(), *std::move(one));
  }
  for (auto& [provider, one] : faults)
    provider->faults().arm(std::move(one));
  return {};
}

} // namespace nexte::simulation
