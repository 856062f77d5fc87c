// How Notion writes what a workspace holds (notion.md §2).
#pragma once

#include "protocol/json/writer.hpp"
#include "protocol/notion/simulator_workspace.hpp"

#include <string>
#include <string_view>

namespace nexte::simulation::notion {

/// Times are shown floored to the minute (notion.md §3.1).
wall_time shown_time(wall_time at);

/// A page's object without its end, for whoever adds a member of its own.
void begin_page(json::writer& out, const workspace& of, const page_state& page,
                std::string_view version);
void begin_data_source(json::writer& out, const workspace& of, const data_source& source,
                       std::string_view version);
void begin_database(json::writer& out, const workspace& of, std::string_view database);
/// The connection's own user.
void begin_bot(json::writer& out, const workspace& of);

} // namespace nexte::simulation::notion
