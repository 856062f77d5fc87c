#include "protocol/hubspot/streams.hpp"

#include "protocol/answers.hpp"
#include "protocol/http/url.hpp"
#include "protocol/hubspot/change_search.hpp"
#include "protocol/hubspot/checkpoint.hpp"
#include "protocol/hubspot/errors.hpp"
#include "protocol/hubspot/look_up.hpp"
#include "protocol/hubspot/page_reader.hpp"
#include "protocol/hubspot/property_values.hpp"
#include "protocol/hubspot/writer.hpp"

#include <algorithm>

namespace nexte::hubspot {
namespace {

constexpr unsigned list_limit = 100; // objects a page, hubspot.md §2

// Properties of hubspot.md §2; those HubSpot always sends are asked for all the same, so that the
// list and the search answer alike.
constexpr std::string_view contact_properties[]
    = {"createdate", "lastmodifieddate", "hs_object_id",   "email",
       "firstname",  "lastname",         "phone",          "mobilephone",
       "jobtitle",   "company",          "lifecyclestage", "hubspot_owner_id"};
constexpr std::string_view company_properties[] = {"createdate",
                                                   "hs_lastmodifieddate",
                                                   "hs_object_id",
                                                   "name",
                                                   "domain",
                                                   "industry",
                                                   "city",
                                                   "country",
                                                   "phone",
                                                   "website",
                                                   "numberofemployees"};
constexpr std::string_view deal_properties[]
    = {"createdate",       "hs_lastmodifieddate", "hs_object_id", "dealname",
       "amount",           "dealstage",           "pipeline",     "closedate",
       "hubspot_owner_id", "deal_currency_code"};

constexpr object_type contacts{"contacts", "lastmodifieddate", contact_properties};
constexpr object_type companies{"companies", "hs_lastmodifieddate", company_properties};
constexpr object_type deals{"deals", "hs_lastmodifieddate", deal_properties};

/// What the steps of one pull share.
struct pull_run {
  stream_io& io;
  const object_type& type;
  std::string objects_url;
  checkpoint at;
};

/// Hands a page over, with the checkpoint that follows it.
completion_awaiter<done_t> emit(pull_run& run, page objects, sweep enumeration) {
  objects.enumeration = enumeration;
  objects.next_checkpoint = write_checkpoint(run.at);
  return run.io.emit(std::move(objects));
}

wall_time server_now(const pull_run& run, const http_response& answer) {
  return read_server_time(answer, run.io.now());
}

http_request list_request(const pull_run& run, const std::string& after, bool archived) {
  std::string properties;
  for (const auto property : run.type.properties)
    properties.append(properties.empty() ? "" : ",").append(property);
  query_parameters parameters{{"limit", std::to_string(list_limit)}};
  parameters.emplace_back("properties", std::move(properties));
  if (archived)
    parameters.emplace_back("archived", "true");
  if (!after.empty())
    parameters.emplace_back("after", after);
  return http_request{"GET", with_query(run.objects_url, parameters)};
}

http_request search_request(const pull_run& run, const change_search& search) {
  http_request request{"POST", run.objects_url + "/search", search.request_body(run.type),
                       "application/json"};
  request.quota.endpoint = search_endpoint;
  return request;
}

/// The objects of an answer, or why there are none.
result<object_page> read_answer(const pull_run& run, const http_response& answer) {
  if (answer.status < 200 || answer.status >= 300)
    return list_refused("HubSpot", run.type.name, classify(answer, run.io.now()).code);
  return read_object_page(answer.body, run.io.guard());
}

/// Step 1. @pre the checkpoint's phase is `list`
task<done_t> enumerate(pull_run& run) {
  bool begun_anew = false;
  while (run.at.at == phase::list) {
    const bool first = run.at.list_after.empty();
    auto request = list_request(run, run.at.list_after, false);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!first && !begun_anew && refuses_cursor(*answer)) {
      begun_anew = true;
      run.at = checkpoint{};
      continue;
    }
    auto read = read_answer(run, *answer);
    if (!read)
      co_return std::move(read).failure();
    if (first) {
      run.at.since = std::max(server_now(run, *answer) - index_lag_max, search_since_min);
      run.at.archived_since = run.at.since;
    }
    if (read->after && *read->after == run.at.list_after)
      co_return cursor_stands_still("HubSpot");
    run.at.list_after = read->after.value_or("");
    if (!read->after)
      run.at.at = phase::closing;
    auto emitted = co_await emit(run, std::move(read->objects), first ? sweep::first : sweep::more);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return done_t{};
}

/// Step 2. @pre the checkpoint's phase is another
task<done_t> search_changes(pull_run& run) {
  change_search search{run.at.since, run.at.since_id};
  while (!search.done()) {
    auto request = search_request(run, search);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    auto read = read_answer(run, *answer);
    if (!read)
      co_return std::move(read).failure();
    auto advanced = search.advance(*read, server_now(run, *answer));
    if (!advanced)
      co_return std::move(advanced).failure();
    const bool closing = run.at.at == phase::closing;
    const auto before = run.at;
    run.at.since = search.known();
    run.at.since_id = search.known_id();
    if (search.done())
      run.at.at = phase::changes;
    if (read->objects.records.empty() && read->objects.unread.empty() && run.at == before)
      continue;
    read->objects.lagging = true;
    const auto part = !closing ? sweep::none : search.done() ? sweep::last : sweep::more;
    auto emitted = co_await emit(run, std::move(read->objects), part);
    if (!emitted)
      co_return std::move(emitted).failure();
  }
  co_return done_t{};
}

/// Leaves what was archived since the round before this one began.
void drop_known(std::vector<record_view>& archived, wall_time since) {
  std::erase_if(archived, [since](const record_view& object) {
    return object.modified_at != wall_time{} && object.modified_at < since;
  });
}

/// Step 3.
task<done_t> read_archived(pull_run& run) {
  for (unsigned pages = 0; pages < archived_pages_max; ++pages) {
    const auto after = run.at.archived_after;
    auto request = list_request(run, after, true);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!after.empty() && refuses_cursor(*answer)) {
      run.at.archived_after.clear(); // the round begins again
      continue;
    }
    auto read = read_answer(run, *answer);
    if (!read)
      co_return std::move(read).failure();
    if (read->after && *read->after == after)
      co_return cursor_stands_still("HubSpot");
    if (after.empty())
      run.at.archived_began = server_now(run, *answer);
    drop_known(read->objects.records, run.at.archived_since);
    const bool quiet = after.empty() && !read->after && read->objects.records.empty()
                       && read->objects.unread.empty();
    if (quiet) // the old `archived_since` stays good: it only lets more through
      break;
    run.at.archived_after = read->after.value_or("");
    if (!read->after)
      run.at.archived_since
          = std::max(run.at.archived_since, run.at.archived_began - index_lag_max);
    auto emitted = co_await emit(run, std::move(read->objects), sweep::none);
    if (!emitted)
      co_return std::move(emitted).failure();
    if (run.at.archived_after.empty())
      break;
  }
  co_return done_t{};
}

constexpr task<done_t> (*steps[])(pull_run&) = {enumerate, search_changes, read_archived};

task<bool> pull(stream_io& io, const object_type& type, pull_request request) {
  pull_run run{io, type, request.api_base + "/crm/v3/objects/" + std::string{type.name}, {}};
  const auto known = request.checkpoint ? read_checkpoint(*request.checkpoint) : std::nullopt;
  if (known && !request.full)
    run.at = *known;
  for (const auto step : steps) {
    auto done = co_await step(run);
    if (!done)
      co_return std::move(done).failure().with_context("hubspot." + std::string{type.name});
  }
  co_return true;
}

task<bool> pull_contacts(stream_io& io, pull_request request) {
  return pull(io, contacts, std::move(request));
}
task<bool> pull_companies(stream_io& io, pull_request request) {
  return pull(io, companies, std::move(request));
}
task<bool> pull_deals(stream_io& io, pull_request request) {
  return pull(io, deals, std::move(request));
}

task<sighting> look_up_contact(stream_io& io, look_up_request request) {
  return look_up(io, contacts.name, std::move(request));
}
task<sighting> look_up_company(stream_io& io, look_up_request request) {
  return look_up(io, companies.name, std::move(request));
}
task<sighting> look_up_deal(stream_io& io, look_up_request request) {
  return look_up(io, deals.name, std::move(request));
}

task<std::vector<push_outcome>> push_contacts(stream_io& io, push_request request) {
  return push(io, contacts, std::move(request));
}
task<std::vector<push_outcome>> push_companies(stream_io& io, push_request request) {
  return push(io, companies, std::move(request));
}
task<std::vector<push_outcome>> push_deals(stream_io& io, push_request request) {
  return push(io, deals, std::move(request));
}

result<std::string> prepare_contact(std::string_view fields) {
  return prepared(fields, contact_properties);
}
result<std::string> prepare_company(std::string_view fields) {
  return prepared(fields, company_properties);
}
result<std::string> prepare_deal(std::string_view fields) {
  return prepared(fields, deal_properties);
}

/// Every value is a text; what HubSpot works out by itself begins with `hs_`.
field_shape shape() {
  field_shape fields;
  fields.container = "properties";
  for (const auto name : computed_properties())
    fields.computed.emplace_back(name);
  fields.computed.emplace_back("hs_*");
  fields.text_values = true;
  return fields;
}

/// Reading needs the read scope alone; writing does not imply it (hubspot.md §1.5). The schema's
/// is for the property that tells our new records apart.
stream_description describe(const object_type& type, std::string title,
                            task<bool> (*pull_it)(stream_io&, pull_request),
                            task<std::vector<push_outcome>> (*push_it)(stream_io&, push_request),
                            result<std::string> (*prepare_it)(std::string_view)) {
  const auto scopes = "crm.objects." + std::string{type.name};
  stream_description stream;
  stream.name = type.name;
  stream.title = std::move(title);
  stream.scopes = {scopes + ".read"};
  stream.write_scopes = {scopes + ".write", "crm.schemas." + std::string{type.name} + ".write"};
  stream.pull = pull_it;
  stream.push = push_it;
  stream.fields = shape();
  stream.prepare = prepare_it;
  return stream;
}

} // namespace

std::vector<stream_description> streams() {
  std::vector<stream_description> all
      = {describe(contacts, "Contacts", pull_contacts, push_contacts, prepare_contact),
         describe(companies, "Companies", pull_companies, push_companies, prepare_company),
         describe(deals, "Deals", pull_deals, push_deals, prepare_deal)};
  all[0].look_up = look_up_contact;
  all[1].look_up = look_up_company;
  all[2].look_up = look_up_deal;
  return all;
}

} // namespace nexte::hubspot
