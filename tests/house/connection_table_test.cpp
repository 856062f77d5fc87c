// The connection table in the room's README is the one in the code.
#include "actors/connection.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace nexte { // POSIX has a `signal` of its own
namespace {

constexpr std::string_view begin_mark = "<!-- connection.hpp begins -->\n";
constexpr std::string_view end_mark = "<!-- connection.hpp ends -->\n";

struct words {
  signal on;
  std::string_view meaning;
};

constexpr words signal_words[] = {
    {signal::consent_begun, "a person was sent to the consent screen"},
    {signal::consent_failed, "… and came back without consent, or not at all"},
    {signal::tokens_adopted, "… and came back with it: new tokens are durable"},
    {signal::call_limited, "the provider refused a request for quota"},
    {signal::call_failed, "provider or network fail again and again"},
    {signal::recovered, "a request succeeded and no other one waits out a failure"},
    {signal::token_refused, "the provider takes neither access nor refresh token"},
    {signal::stopped_by_person, "a person chose Disconnect"},
    {signal::defect, "a defect of ours: the actor was started again"},
};
static_assert(std::size(signal_words) == signal_count);

constexpr std::string_view meaning(effect then) {
  switch (then) {
    case effect::none: break;
    case effect::start_sync: return "; every stream starts from its checkpoint";
    case effect::stop_sync: return "; every run and call ends";
  }
  return {};
}

std::string cell(phase from, signal on) {
  const auto row = step(from, on);
  if (!row)
    return "–";
  auto to = row->to == from ? std::string{"stays"} : "→ `" + std::string{to_string(row->to)} + "`";
  return to.append(meaning(row->then));
}

/// One line per signal, one column per phase.
std::string printed_table() {
  std::string head = "| signal |";
  std::string rule = "|---|";
  for (int p = 0; p < phase_count; ++p) {
    const auto at = static_cast<phase>(p);
    head.append(" in `").append(to_string(at)).append("` (").append(badge_of(at)).append(") |");
    rule += "---|";
  }
  std::string table = head + "\n" + rule + "\n";
  for (const auto& [on, means] : signal_words) {
    table.append("| `").append(to_string(on)).append("`: ").append(means).append(" |");
    for (int p = 0; p < phase_count; ++p)
      table.append(" ").append(cell(static_cast<phase>(p), on)).append(" |");
    table += "\n";
  }
  return table;
}

} // namespace

TEST(ConnectionTable, StandsInTheReadmeAsInTheCode) {
  const std::string path = NEXTE_SOURCE_DIR "/actors/README.md";
  std::ifstream in{path, std::ios::binary};
  std::string readme{std::istreambuf_iterator<char>{in}, {}};
  const auto begin = readme.find(begin_mark);
  const auto end = readme.find(end_mark);
  ASSERT_TRUE(begin != readme.npos && end != readme.npos && begin < end) << path;
  const auto from = begin + begin_mark.size();
  const auto printed = printed_table();
  if (std::getenv("NEXTE_SYNC_RENEW")) {
    readme.replace(from, end - from, printed);
    std::ofstream{path, std::ios::binary} << readme;
    return;
  }
  EXPECT_EQ(readme.substr(from, end - from), printed)
      << "renew it: NEXTE_SYNC_RENEW=1 build/dev/bin/house_tests --gtest_filter=ConnectionTable.*";
}

} // namespace nexte
