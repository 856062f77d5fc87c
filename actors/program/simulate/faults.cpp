#include "actors/program/simulate/faults.hpp"

#include <algorithm>

namespace nexte::program {
namespace {

constexpr std::array<site_description, fault_site_count> sites = {{
    {"refused", "the connection cannot be made", 60},
    {"reset_before", "the connection breaks before the request is read", 60},
    {"reset_after", "the provider acts, and the connection breaks before its answer", 60},
    {"cut_body", "the answer ends in the middle", 80},
    {"slow", "the answer takes up to 20 s", 40},
    {"stalled", "no byte comes until the client gives up after 30 s", 150},
    {"delivered_twice", "the request reaches the provider twice", 150},
    {"server_error", "500, 502 or 504", 50},
    {"unavailable", "503 with Retry-After", 80},
    {"limited_seconds", "429 with Retry-After in seconds", 40},
    {"limited_date", "429 with Retry-After as a date", 60},
    {"limited_bare", "429 without a word about when", 60},
    {"limited_garbage", "429 with a Retry-After that means nothing", 120},
    {"login_page", "a web page with status 200", 100},
    {"wrong_type", "the answer calls itself text", 150},
    {"broken_json", "JSON that is none", 100},
    {"oversized", "an answer past the client's limits", 150},
    {"redirected", "a redirect to a foreign host", 150},
    {"rotation_lost", "the answer to a refresh of tokens is lost", 12},
    {"outage", "every answer of a provider is 500, for up to 15 minutes", 60},
    {"revoked", "a person takes the app's permission away", 100},
    {"scope_withdrawn", "an administrator takes one of the app's scopes away", 100},
    {"expired", "access tokens expire before their time", 60},
    {"clock_skewed", "the provider's clock is up to 10 minutes off", 1},
    {"killed", "the process dies and starts again from what was durable", 40},
    {"disk_full", "the disk is full for up to 10 minutes", 60},
    {"wall_jumped", "the wall clock is set, by -1 to +31 days", 100},
    {"suspended", "the machine sleeps for 8 hours", 150},
    {"connector_throws", "a defect of ours: an exception where the network is called", 400},
    {"never_answered", "a defect of ours: a call that nobody ever answers", 1500},
}};

constexpr std::string_view all_of_them = "mixed";
constexpr std::string_view none_of_them = "none";

} // namespace

std::span<const site_description, fault_site_count> fault_sites() {
  return sites;
}

result<fault_mix> fault_mix::parse(std::string_view text) {
  fault_mix mix;
  if (text == none_of_them)
    return mix;
  if (text == all_of_them) {
    mix.sites_.fill(true);
    return mix;
  }
  mix.each_armed_ = true;
  while (!text.empty()) {
    const auto name = text.substr(0, text.find(','));
    const auto found = std::ranges::find(sites, name, &site_description::name);
    if (found == sites.end()) {
      std::string known{"none, mixed"};
      for (const auto& site : sites)
        known.append(", ").append(site.name);
      return error{ec::refused, "there is no fault \"" + std::string{name} + "\"",
                   "name one or more of " + known};
    }
    mix.sites_[static_cast<size_t>(found - sites.begin())] = true;
    text.remove_prefix(std::min(name.size() + 1, text.size()));
  }
  return mix;
}

fault_mix fault_mix::pinned(uint64_t seed) const {
  fault_mix mix;
  mix.each_armed_ = true;
  const fault_draw drawn{seed, *this};
  for (size_t at = 0; at < sites.size(); ++at)
    mix.sites_[at] = drawn.armed(static_cast<fault_site>(at));
  return mix;
}

std::string fault_mix::text() const {
  if (!each_armed_ && std::ranges::all_of(sites_, [](bool on) { return on; }))
    return std::string{all_of_them};
  std::string names;
  for (size_t at = 0; at < sites.size(); ++at)
    if (sites_[at])
      names.append(names.empty() ? "" : ",").append(sites[at].name);
  return names.empty() ? std::string{none_of_them} : names;
}

fault_draw::fault_draw(uint64_t seed, const fault_mix& mix) {
  for (size_t at = 0; at < sites.size(); ++at) {
    auto& chance
        = chance_.emplace_back(simulation::seeded_random::mix(seed) + (at + 1) * 0x51ED2701u);
    // In a run where everything goes wrong at once little gets far enough to go wrong later.
    const bool drawn = chance.one_in(3);
    armed_[at] = mix.sites_[at] && (drawn || mix.each_armed_);
  }
}

bool fault_draw::strikes(fault_site site) {
  const auto at = static_cast<size_t>(site);
  const bool drawn = chance_[at].one_in(sites[at].one_in) && armed_[at];
  struck_[at] += drawn ? 1 : 0;
  return drawn;
}

} // namespace nexte::program
