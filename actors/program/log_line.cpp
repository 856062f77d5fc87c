#include "actors/program/log_line.hpp"

#include "actors/program/render.hpp"

namespace nexte::program {
namespace {

std::string value_of(std::string_view text) {
  const auto shown = printable(text);
  if (!shown.empty() && shown.find_first_of(" =\"\\") == std::string::npos)
    return shown;
  std::string quoted{'"'};
  for (const char c : shown) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

} // namespace

std::string log_line(std::string_view message, log_fields fields) {
  auto line = "msg=" + value_of(message);
  for (const auto& [name, value] : fields)
    if (!value.empty())
      line.append(" ").append(name).append("=").append(value_of(value));
  return line;
}

std::string log_line(const notification_row& told) {
  const auto number = [](uint64_t id) { return id == 0 ? std::string{} : std::to_string(id); };
  const auto integration = told.integration.str();
  const auto incident = number(told.incident);
  const auto stage = number(told.stage);
  return log_line(told.sentence, {{"kind", told.kind},
                                  {"integration", integration},
                                  {"incident", incident},
                                  {"stage", stage},
                                  {"next", told.next_step}});
}

} // namespace nexte::program
