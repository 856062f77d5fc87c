// What the head of each patch says of its defect, and the table that lists them all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace nexte::program {

/// A head is prose and lines "Breaks: invariant", "Faults: a,b", "Workspaces: 2", "Hours: 3" and
/// "Records: 30", of which only the first must be there. Its first line is the title.
struct planted_defect {
  std::string name; ///< The patch's, without ".patch".
  std::string title;
  std::string breaks; ///< The invariant.
  std::string faults = "none";
  unsigned workspaces = 3;
  unsigned hours = 3;
  uint64_t records = 30;
};
// NOLINTNEXTLINE(readability-identifier-naming)
void PrintTo(const planted_defect& one, std::ostream* out);

/// The defects of all patches in `folder`, by name.
std::vector<planted_defect> planted_defects(const std::filesystem::path& folder);

/// The table's lines for `defects`; `seeds` tells which seed found each.
std::string table_of(const std::vector<planted_defect>& defects,
                     const std::map<std::string, uint64_t>& seeds);
/// What `table_of` was given as seeds, read back from a text around the table.
std::map<std::string, uint64_t> seeds_in(const std::string& text);

} // namespace nexte::program
