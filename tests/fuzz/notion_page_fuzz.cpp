// No answer crashes the page reader, what it reads lies within the answer or is kept by the page,
// and each body is a whole JSON value.
#include "protocol/notion/checkpoint.hpp"
#include "protocol/notion/page_reader.hpp"
#include "tests/fuzz/page_rules.hpp"

using namespace nexte;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
  record_guard guard;
  if (const auto read = notion::read_page(text, guard))
    fuzz::require_page(read->list, *text);
  fuzz::require(guard.record().empty());
  if (const auto at = notion::read_checkpoint(*text))
    fuzz::require(notion::read_checkpoint(notion::write_checkpoint(*at)) == at);
  return 0;
}
