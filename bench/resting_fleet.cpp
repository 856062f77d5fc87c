#include "bench/resting_fleet.hpp"

#include "protocol/hubspot/checkpoint.hpp"

#include <charconv>
#include <stdexcept>

namespace fs = std::filesystem;

namespace nexte::bench {
namespace {

constexpr const char* base = "https://hubspot.bench";
constexpr std::string_view token_head = "access-token-of-a-usual-length-";
constexpr std::string_view bearer = "Bearer ";
constexpr size_t rows_per_commit = 2'000;

std::string access_token_of(unsigned number) {
  return std::string{token_head} + std::to_string(number);
}

workspace_id workspace_of(unsigned number) {
  return must(workspace_id::parse("workspace-" + std::to_string(number)));
}

/// The rows of one integration. Its stream has seen everything up to `synced_at`.
void add_rows(std::vector<store_write>& writes, const resting_fleet& fleet, unsigned number,
              wall_time synced_at) {
  integration_row row;
  row.id = id_of(number);
  row.workspace = workspace_of(number);
  row.provider = "hubspot";
  row.account = {std::to_string(number), "Account " + std::to_string(number)};
  row.granted_scopes = {"oauth", "crm.objects.contacts.read"};
  row.mode = fleet.mode;
  row.created_at = synced_at;
  row.history.push_back({synced_at, "connected", "connected", "Signed in."});
  token_set tokens;
  tokens.access_token = secret{access_token_of(number)};
  tokens.refresh_token = secret{"refresh-token-of-a-usual-length-" + std::to_string(number)};
  tokens.expires_at = synced_at + std::chrono::hours{24};
  hubspot::checkpoint at;
  at.at = hubspot::phase::changes;
  at.since = synced_at;
  put_page page{row.id, fleet_stream, 0, {}, {}};
  page.records.enumeration = sweep::whole;
  page.records.next_checkpoint = hubspot::write_checkpoint(at);
  writes.emplace_back(put_integration{std::move(row)});
  writes.emplace_back(put_tokens{page.id, std::move(tokens)});
  if (!fleet.synced)
    return;
  writes.emplace_back(page);
  writes.emplace_back(end_run{page.id, fleet_stream, 1, true});
}

void write_rows(const fs::path& folder, const resting_fleet& fleet) {
  const auto settings = engine_over(folder, fleet);
  store_options where;
  where.directory = settings.data_dir;
  const auto data = must(store::open(std::move(where), settings.master_key));
  const auto synced_at = clock_now();
  std::vector<store_write> writes;
  for (unsigned number = 0; number < fleet.integrations; ++number) {
    add_rows(writes, fleet, number, synced_at);
    if (writes.size() < rows_per_commit && number + 1 < fleet.integrations)
      continue;
    for (const auto& done : must(data->commit(writes, synced_at)))
      must(done);
    writes.clear();
  }
}

} // namespace

wall_time clock_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

integration_id id_of(unsigned number) {
  return integration_id{uint64_t{number} + 1};
}

unsigned number_of(std::string_view authorization) {
  const auto head = std::string{bearer} + std::string{token_head};
  unsigned number = 0;
  if (!authorization.starts_with(head)
      || std::from_chars(authorization.data() + head.size(),
                         authorization.data() + authorization.size(), number)
                 .ec
             != std::errc{})
    throw std::runtime_error("a request carries no token of the fleet");
  return number;
}

fleet_on_disk::fleet_on_disk(const fs::path& folder, const resting_fleet& fleet)
    : folder_(folder.parent_path(), "fleet") {
  in_process_of_its_own([&] {
    write_rows(folder_.path(), fleet);
    return figures{};
  });
}

engine_options engine_over(const std::filesystem::path& folder, const resting_fleet& fleet) {
  provider_settings hubspot;
  hubspot.name = "hubspot";
  hubspot.client_id = "bench";
  hubspot.client_secret = secret{"bench"};
  hubspot.api_base = base;
  hubspot.token_url = std::string{base} + "/oauth/token";
  hubspot.streams = {fleet_stream};
  hubspot.poll_every = fleet.poll_every;
  hubspot.quota = {{"NONE", 1'000'000'000, seconds{10}, counter_scope::account, "*"}};
  engine_options made;
  made.data_dir = folder / "data";
  made.master_key = secret{std::string(32, 'k')};
  made.providers = {std::move(hubspot)};
  return made;
}

void quiet_provider::call(http_request request, done on_done) {
  ++calls_;
  if (on_call_)
    on_call_(number_of(request.headers.get("Authorization")));
  const bool search = request.method == "POST";
  on_done({http_response{200, search ? R"({"total":0,"results":[]})" : R"({"results":[]})",
                         "application/json"}});
}

} // namespace nexte::bench
