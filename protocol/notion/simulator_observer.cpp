// Notion's simulator as tests see it, without the wire.
#include "protocol/notion/simulator.hpp"
#include "protocol/notion/simulator_render.hpp"

namespace nexte::simulation {

using namespace notion;

namespace {

held_record seen(const page_state& page) {
  return {format_iso_time(shown_time(page.edited_at)),
          !page.shared || page.in_trash() || page.archived};
}

} // namespace

std::map<std::string, held_record> notion_simulator::holdings(std::string_view, size_t account) {
  std::map<std::string, held_record> held;
  workspaces_[account].each(wall_time::max(),
                            [&](const page_state& page) { held[page.id] = seen(page); });
  return held;
}

} // namespace nexte::simulation
