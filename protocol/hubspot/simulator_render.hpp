// HubSpot's JSON: records and error envelopes (hubspot.md §2).
#pragma once

#include "protocol/http/message.hpp"
#include "protocol/hubspot/simulator_objects.hpp"
#include "protocol/json/writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation::hubspot {

/// The app's id in every answer that names it; a JSON number but in histories.
constexpr std::string_view app_id = "4711001";

/// An error before it becomes a response.
struct api_error {
  int status = 400;
  std::string_view category = "VALIDATION_ERROR"; ///< Empty: left out.
  std::string message;
  std::string extra = {}; ///< Further members, as `"name":value` text.
};

/// The envelope with its correlation id, in the body and in `x-hubspot-correlation-id`.
http_response render(const api_error& failure, const std::string& correlation_id);

/// What of a record goes into an answer.
struct projection {
  std::vector<uint16_t> properties; ///< Asked for, or the standard set; the fixed three are added.
  std::vector<uint16_t> with_history;
  bool all = false; ///< Every property that has a value, beside those asked for.
};

/// The projection of `names` (and of history); unknown names are left out, as HubSpot does.
projection project(const schema& type, const std::vector<std::string>& names,
                   const std::vector<std::string>& with_history);

/// Further members of a record in an answer.
struct record_extras {
  std::string_view write_trace_id = {};
  std::string_view is_new = {}; ///< "true" or "false" in an upsert's answer.
};

/// Writes one record. `record_base` is the address of its page but for the id.
void write_record(json::writer& out, const schema& type, const object& state,
                  const projection& shown, std::string_view record_base,
                  const record_extras& extras = {});

} // namespace nexte::simulation::hubspot
