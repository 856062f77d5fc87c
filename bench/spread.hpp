// Several runs of one thing in three numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace nexte::bench {

struct spread {
  double min = 0;
  double median = 0;
  double max = 0;
};

/// @pre `values` is not empty
inline spread spread_of(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  const double median
      = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {values.front(), median, values.back()};
}

/// The value that this part of them (0 to 1) does not exceed; reorders them. @pre not empty
inline double percentile(std::vector<double>& values, double part) {
  const auto at
      = std::min(values.size() - 1, static_cast<size_t>(part * static_cast<double>(values.size())));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

} // namespace nexte::bench
