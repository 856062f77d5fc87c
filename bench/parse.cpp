// How fast does a page of contacts become records?
//
// All ways read the same 47 KB over and over, from memory that is warm. The reader cuts each record
// out as a slice, checks ids, times and limits, and hands over what follows the page. The numbers
// lie where pages come cold from the network, and where records hold more escapes than these.
#include "bench/contact_pages.hpp"
#include "bench/suite.hpp"
#include "protocol/hubspot/page_reader.hpp"
#include "protocol/json/reader.hpp"

#include <chrono>
#include <rapidjson/reader.h>
#include <stdexcept>

#ifdef NEXTE_SYNC_SIMDJSON
#  include <simdjson.h>
#endif

using namespace nexte;
using namespace nexte::bench;

namespace {

/// MB/s of `read`, called for about as long as `repeats` pages take.
figures rate(const std::string& page, unsigned repeats, const std::function<size_t()>& read) {
  const auto begun = std::chrono::steady_clock::now();
  size_t seen = 0;
  for (unsigned i = 0; i < repeats; ++i)
    seen += read();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (seen == 0)
    throw std::runtime_error("nothing was read");
  return {{"MB/s", static_cast<double>(page.size()) * repeats / 1e6 / took.count()}};
}

struct counting_handler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, counting_handler> {
  size_t values = 0;
  bool Default() { // NOLINT(readability-identifier-naming): RapidJSON's name
    ++values;
    return true;
  }
};

size_t read_by_rapidjson(const std::string& page) {
  counting_handler seen;
  rapidjson::Reader reader;
  rapidjson::StringStream in{page.c_str()};
  if (!reader.Parse(in, seen))
    throw std::runtime_error("RapidJSON refuses the page");
  return seen.values;
}

size_t read_to_records(const std::shared_ptr<const std::string>& page) {
  record_guard guard;
  auto read = hubspot::read_object_page(page, guard);
  if (!read)
    throw std::runtime_error(read.failure().line());
  return read->objects.records.size();
}

#ifdef NEXTE_SYNC_SIMDJSON
/// Ids and times, as the records' reader needs them; each record is stepped over whole.
size_t read_by_simdjson(simdjson::ondemand::parser& parser, const simdjson::padded_string& page) {
  size_t seen = 0;
  auto document = parser.iterate(page);
  for (auto contact : document["results"]) {
    seen += std::string_view{contact["id"]}.size();
    seen += std::string_view{contact["updatedAt"]}.size();
  }
  return seen;
}
#endif

benchmark make(bool quick) {
  const auto page = std::make_shared<const std::string>(contact_pages(2 * contacts_per_page)[0]);
  const unsigned repeats = quick ? 200 : 20'000;
  benchmark made;
  made.name = "parse";
  made.question = "How fast does a page of contacts become records?";
  made.settings = {{"page", readable(static_cast<double>(page->size())) + " bytes, "
                                + std::to_string(contacts_per_page) + " contacts"}};
  made.ways = {
      {"rapidjson", "RapidJSON's SAX reader with a handler that counts",
       [=](const auto&) { return rate(*page, repeats, [&] { return read_by_rapidjson(*page); }); }},
      {"records", "the reader of HubSpot's pages, as connectors use it",
       [=](const auto&) { return rate(*page, repeats, [&] { return read_to_records(page); }); }},
  };
  made.comparisons = {{"MB/s", "records", "rapidjson", aim_bound::at_least, 0.8}};
#ifdef NEXTE_SYNC_SIMDJSON
  made.ways.push_back(
      {"simdjson", "simdjson on demand: id and time of each contact", [=](const auto&) {
         simdjson::ondemand::parser parser;
         const simdjson::padded_string padded{*page};
         return rate(*page, repeats, [&] { return read_by_simdjson(parser, padded); });
       }});
  made.comparisons.push_back({"MB/s", "records", "simdjson"});
#endif
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
