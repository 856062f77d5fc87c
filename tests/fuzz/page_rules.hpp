// What holds of every page that a reader takes out of an answer.
#pragma once

#include "protocol/json/reader.hpp"
#include "protocol/listing_reader.hpp"

#include <cstdlib>
#include <string>

namespace nexte::fuzz {

inline void require(bool fact) {
  if (!fact)
    std::abort();
}

inline void require_page(const listed_page& read, const std::string& text) {
  require(!read.after || (!read.after->empty() && read.after->size() <= cursor_bytes_max));
  for (const auto& object : read.objects.records) {
    require(!object.id.empty() && object.id.size() <= 200);
    require(!object.version.empty());
    require(object.body.data() >= text.data()
            && object.body.data() + object.body.size() <= text.data() + text.size());
    require(object.body.front() == '{' && object.body.back() == '}');
    json::limits deep;
    deep.depth_max = 64;
    const auto tree = json::parse_value(object.body, deep);
    require(bool(tree) || tree.failure().what.find("twice") != std::string::npos);
  }
}

} // namespace nexte::fuzz
