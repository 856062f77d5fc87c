#include "actors/program/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace nexte::program {

size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the optimal string alignment table: before[j], last[j] and now[j] hold the
  // distances of a's first i-2, i-1 and i letters to b's first j.
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known) {
  const auto distance = [&](std::string_view k) { return edit_distance(word, k); };
  const auto found = std::ranges::min_element(known, {}, distance);
  if (found == known.end())
    return std::nullopt;
  const auto letters = std::max(word.size(), found->size());
  if (distance(*found) > std::max<size_t>(1, letters / 3))
    return std::nullopt;
  return *found;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> known) {
  if (const auto meant = nearest(word, known))
    return "did you mean \"" + std::string{*meant} + "\"?";
  std::string all;
  for (const auto name : known)
    all.append(all.empty() ? "use one of: " : ", ").append(name);
  return all;
}

} // namespace nexte::program
