// What every benchmark needs: repeated runs, their spread, a table for people and JSON beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace nexte::bench {

/// What one run took.
struct sample {
  double wall_seconds = 0;
  double cpu_seconds = 0; ///< User and system time of this process, all threads.
};

/// Times `work` once.
sample timed(const std::function<void()>& work);

struct spread {
  double min = 0;
  double median = 0;
  double max = 0;
};

/// @pre `values` is not empty
spread spread_of(std::vector<double> values);

/// The runs of one way to do the work.
struct series {
  std::string name;
  std::string what;   ///< One line for people.
  uint64_t items = 0; ///< Of each run.
  std::vector<sample> runs;

  spread items_per_second() const;
  spread cpu_per_100k() const; ///< CPU seconds per 100,000 items.
};

using parameters = std::vector<std::pair<std::string, std::string>>;

/// Prints the parameters and, per series, min/median/max of both figures and the ratio of the
/// median rate to the first series'.
void print_table(const parameters& settings, const std::vector<series>& all);

/// Writes the same with every single run. Throws std::runtime_error naming the file on failure.
void write_json(const std::filesystem::path& file, const std::string& benchmark,
                const parameters& settings, const std::vector<series>& all);

} // namespace nexte::bench
