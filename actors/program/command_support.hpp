// What the commands share in reading the API's JSON and printing it.
#pragma once

#include "actors/program/commands.hpp"

#include <functional>
#include <map>
#include <string>

namespace nexte::program {

/// `/v1/integrations/<id><rest>`.
std::string integration_target(std::string_view id, std::string_view rest = {});
/// A path segment.
std::string segment(std::string_view text);

std::string text_of(const json::value& object, std::string_view name);
uint64_t count_of(const json::value& object, std::string_view name);
bool truth_of(const json::value& object, std::string_view name);
/// The epoch where it is null or missing.
wall_time time_of(const json::value& object, std::string_view name);
/// The members of a list; none where it is missing.
const std::vector<json::value>& list_of(const json::value& object, std::string_view name);
/// The texts of a list, comma-separated.
std::string texts_of(const json::value& object, std::string_view name);

/// Shows how far the sync of an integration is, drawn over on a terminal, until every stream that
/// is not paused was verified after `before` (by stream; missing: never). `unauthorized` when it
/// becomes disconnected.
using verified_times = std::map<std::string, std::string, std::less<>>;
result<void> await_sync(const shell& with, const std::string& id, const verified_times& before);
/// When each stream was verified last.
verified_times verified_of(const json::value& status);

/// With --json prints `text` and is done.
bool print_json(const shell& with, std::string_view text);
/// Prints one line for people; with --json nothing but `{"done":true}`.
void print_done(const shell& with, std::string_view line);

/// Asks for every page of a list: `target` without `after`, `name` the list's. Each row is handed
/// to `row`; with --json each page's answer is printed instead.
result<void> each_row(const shell& with, std::string_view target, std::string_view name,
                      const std::function<void(const json::value&)>& row);
/// The same, but with --json each row is a line of its own (JSON Lines).
result<void> each_line(const shell& with, std::string_view target, std::string_view name,
                       const std::function<void(const json::value&)>& row);

} // namespace nexte::program
