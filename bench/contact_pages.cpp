#include "bench/contact_pages.hpp"

#include "protocol/core/time.hpp"

#include <algorithm>

namespace nexte::bench {
namespace {

std::string contact(uint64_t id) {
  const std::string number = std::to_string(id);
  const std::string time = format_iso_time(wall_time{milliseconds{1'767'225'600'000}}
                                           + milliseconds{(id - first_contact) * 1000});
  return R"({"id":")" + number + R"(","properties":{"createdate":")" + time
         + R"(","email":"person.)" + number + R"(@customers.example","firstname":"Anneliese",)"
         + R"("hs_object_id":")" + number + R"(","lastmodifieddate":")" + time
         + R"(","lastname":"Grünwald-)" + number.substr(6) + R"(","phone":"+49 30 5550 )"
         + number.substr(8)
         + R"(","company":"Grünwald & Töchter Maschinenbau","city":"Berlin","jobtitle":)"
         + R"("Head of purchasing","lifecyclestage":"customer"},"createdAt":")" + time
         + R"(","updatedAt":")" + time + R"(","archived":false})";
}

} // namespace

std::vector<std::string> contact_pages(uint64_t contacts) {
  std::vector<std::string> pages;
  for (uint64_t begin = 0; begin < contacts; begin += contacts_per_page) {
    const uint64_t end = std::min(begin + contacts_per_page, contacts);
    std::string body = R"({"results":[)";
    for (uint64_t i = begin; i < end; ++i)
      body += (i == begin ? "" : ",") + contact(first_contact + i);
    body += "]";
    if (end < contacts)
      body += R"(,"paging":{"next":{"after":")" + std::to_string(first_contact + end - 1)
              + R"(","link":"https://api.hubapi.com/"}})";
    pages.push_back(body + "}");
  }
  return pages;
}

} // namespace nexte::bench
