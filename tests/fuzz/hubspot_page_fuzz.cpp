// No answer crashes the page reader, what it reads lies within the answer or is kept by the page,
// and each body is a whole JSON value.
#include "protocol/hubspot/checkpoint.hpp"
#include "protocol/hubspot/page_reader.hpp"
#include "protocol/json/reader.hpp"

#include <cstdlib>

using namespace nexte;

namespace {

void require(bool fact) {
  if (!fact)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
  record_guard guard;
  if (const auto read = hubspot::read_object_page(text, guard)) {
    require(!read->after || (!read->after->empty() && read->after->size() <= 1024));
    for (const auto& object : read->objects.records) {
      require(!object.id.empty() && object.id.size() <= 200);
      require(!object.version.empty());
      require(object.body.data() >= text->data()
              && object.body.data() + object.body.size() <= text->data() + text->size());
      require(object.body.front() == '{' && object.body.back() == '}');
      json::limits deep;
      deep.depth_max = 64;
      const auto tree = json::parse_value(object.body, deep);
      require(bool(tree) || tree.failure().what.find("twice") != std::string::npos);
    }
  }
  require(guard.record().empty());
  if (const auto at = hubspot::read_checkpoint(*text))
    require(hubspot::read_checkpoint(hubspot::write_checkpoint(*at)) == at);
  return 0;
}
