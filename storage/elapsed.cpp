#include "storage/elapsed.hpp"

#include <algorithm>

namespace nexte {

elapsed_row advanced(elapsed_row row, wall_time now, const std::optional<uptime>& up) {
  const bool same_boot = up && row.up && up->boot == row.up->boot;
  if (same_boot && up->since_boot >= row.up->since_boot)
    row.total += up->since_boot - row.up->since_boot;
  else if (row.wall_at != wall_time{})
    row.total += std::clamp<milliseconds>(now - row.wall_at, milliseconds{0}, unmeasured_max);
  row.wall_at = now;
  row.up = up;
  return row;
}

} // namespace nexte
