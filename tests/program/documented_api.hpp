// The OpenAPI file as a judge: is this answer what it says?
#pragma once

#include "protocol/http/message.hpp"
#include "protocol/json/reader.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace nexte::program {

/// Understands what our file uses of JSON Schema; anything else in a schema is a mismatch.
class documented_api {
public:
  /// Reads protocol/control/openapi.json; throws when it cannot.
  documented_api();

  /// `GET /v1/integrations/{id}` → the names of its query parameters.
  std::map<std::string, std::set<std::string>> operations() const;
  /// Why `response` is no answer that the file knows for this request; empty: it is one.
  std::string mismatch(std::string_view method, std::string_view target,
                       const http_response& response) const;

private:
  const json::value* find_operation(std::string_view method, std::string_view path) const;
  const json::value& resolved(const json::value& node) const;
  std::string check(const json::value& schema, const json::value& given, std::string at) const;
  std::string check_object(const json::value& schema, const json::value& given,
                           const std::string& at) const;

  json::value document_;
};

} // namespace nexte::program
