// A picture of costs against scale, as SVG text.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nexte::bench {

struct chart_line {
  std::string name;
  std::vector<std::pair<double, double>> points; ///< (size, figure), both above 0, by size.
};

/// Both axes logarithmic, with a mark at each power of ten; what is in proportion to size is a
/// straight line. Readable on light and on dark.
std::string draw_chart(const std::string& figure, const std::string& size_name,
                       const std::vector<chart_line>& lines);

} // namespace nexte::bench
