#include "actors/program/config.hpp"

#include "actors/program/nearest.hpp"
#include "protocol/http/url.hpp"
#include "protocol/json/reader.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>

namespace nexte::program {
namespace {

namespace fs = std::filesystem;

constexpr size_t file_bytes_max = 1024 * 1024;
constexpr int64_t poll_seconds_max = 3600;
constexpr int64_t worker_threads_max = 64;

std::string in_quotes(std::string_view text) {
  return "\"" + std::string{text} + "\"";
}

std::string described(const json::value& v) {
  switch (v.type) {
    case json::value::kind::null: return "null";
    case json::value::kind::boolean: return v.truth ? "true" : "false";
    case json::value::kind::number: return v.text;
    case json::value::kind::string: return "a text";
    case json::value::kind::array: return "a list";
    case json::value::kind::object: return "an object";
  }
  return {};
}

/// Reads the members of one object. The first error is kept and told by the root reader; what is
/// read after it is of no consequence.
class section {
public:
  section(const json::value& object, std::string path, std::optional<error>& failure)
      : object_(object), path_(std::move(path)), failure_(failure) {
    if (!object_.is_object())
      fail("is " + described(object_) + ", not an object", "write { … }");
  }

  std::string path_of(std::string_view key) const {
    return path_.empty() ? std::string{key} : path_ + "." + std::string{key};
  }
  void fail(std::string_view what, std::string hint) {
    fail_at(path_.empty() ? "the configuration" : path_, what, std::move(hint));
  }
  void fail(std::string_view key, std::string_view what, std::string hint) {
    fail_at(path_of(key), what, std::move(hint));
  }

  void allow_only(std::span<const std::string_view> known, std::string_view noun) {
    for (const auto& [key, ignored] : object_.members)
      if (!std::ranges::count(known, key))
        fail(key, "is no known " + std::string{noun}, suggestion(key, known));
  }
  const json::value* find(std::string_view key) const {
    return object_.find(key);
  }
  void read(std::string_view key, std::string& to) {
    const auto* v = find(key);
    if (v && !v->is_string())
      fail(key, "is " + described(*v) + ", not a text", "put it in quotes");
    else if (v && v->text.empty())
      fail(key, "is empty", "give it a value, or leave it out for the default");
    else if (v)
      to = v->text;
  }
  void read(std::string_view key, const fs::path& folder, fs::path& to) {
    std::string text;
    read(key, text);
    if (!text.empty())
      to = (folder / text).lexically_normal();
  }
  void read(std::string_view key, bool& to) {
    const auto* v = find(key);
    if (v && v->type != json::value::kind::boolean)
      fail(key, "is " + described(*v) + ", not true or false", "write true or false, unquoted");
    else if (v)
      to = v->truth;
  }
  void read(std::string_view key, int64_t least, int64_t most, int64_t& to) {
    const auto* v = find(key);
    if (!v)
      return;
    const bool unquoted = v->type == json::value::kind::number;
    const int64_t number = unquoted ? v->as_int().value_or(least - 1) : least - 1;
    const auto range = std::to_string(least) + " to " + std::to_string(most);
    if (number < least || number > most)
      return fail(key, "is " + described(*v), "write a whole number from " + range + ", unquoted");
    to = number;
  }

private:
  void fail_at(const std::string& where, std::string_view what, std::string hint) {
    if (!failure_)
      failure_.emplace(ec::refused, where + " " + std::string{what}, std::move(hint));
  }

  const json::value& object_;
  std::string path_;
  std::optional<error>& failure_;
};

std::vector<std::string_view> names_of(const provider_description& provider) {
  std::vector<std::string_view> names;
  for (const auto& stream : provider.streams)
    names.emplace_back(stream.name);
  return names;
}

void read_streams(section& from, const provider_description& provider,
                  std::vector<std::string>& to) {
  constexpr std::string_view key = "streams";
  const auto* list = from.find(key);
  if (!list)
    return;
  if (!list->is_array() || list->items.empty())
    return from.fail(key, "is not a list of streams",
                     "write e.g. [" + in_quotes(provider.streams.front().name)
                         + "], or leave it out for all of them");
  const auto known = names_of(provider);
  for (const auto& item : list->items) {
    if (!item.is_string() || !std::ranges::count(known, item.text))
      return from.fail(key,
                       "holds " + (item.is_string() ? in_quotes(item.text) : described(item))
                           + ", which is no stream of " + provider.name,
                       suggestion(item.text, known));
    if (std::ranges::count(to, item.text))
      return from.fail(key, "holds " + in_quotes(item.text) + " twice", "name it once");
    to.push_back(item.text);
  }
}

/// Plain http only where the file permits it, and then to loopback only.
void read_url(section& from, std::string_view key, bool insecure_loopback, std::string& to) {
  from.read(key, to);
  if (to.empty())
    return;
  const auto url = parse_url(to);
  if (!url)
    return from.fail(key, "is no absolute address", "write https://host/path");
  if (url->scheme == "https" || (insecure_loopback && is_loopback_host(url->host)))
    return;
  from.fail(key, "is plain http",
            is_loopback_host(url->host)
                ? "use https, or set allow_insecure_loopback to true for tests on this machine"
                : "use https");
}

provider_config read_provider(section from, const provider_description& provider,
                              const fs::path& folder) {
  constexpr std::string_view known[] = {"client_id",
                                        "client_secret_file",
                                        "api_base",
                                        "authorize_url",
                                        "token_url",
                                        "revoke_url",
                                        "redirect",
                                        "ca_file",
                                        "streams",
                                        "poll_seconds",
                                        "allow_insecure_loopback"};
  from.allow_only(known, "key");
  provider_config to;
  to.name = provider.name;
  from.read("client_id", to.client_id);
  if (to.client_id.empty())
    from.fail("client_id", "is missing", "put in the client id of your app at " + provider.title);
  from.read("client_secret_file", folder, to.client_secret_file);
  from.read("ca_file", folder, to.ca_file);
  from.read("allow_insecure_loopback", to.allow_insecure_loopback);
  read_url(from, "api_base", to.allow_insecure_loopback, to.api_base);
  while (to.api_base.ends_with('/'))
    to.api_base.pop_back();
  read_url(from, "authorize_url", to.allow_insecure_loopback, to.authorize_url);
  read_url(from, "token_url", to.allow_insecure_loopback, to.token_url);
  read_url(from, "revoke_url", to.allow_insecure_loopback, to.revoke_url);
  if (const auto* redirect = from.find("redirect"); redirect && redirect->text != "loopback")
    read_url(from, "redirect", to.allow_insecure_loopback, to.redirect);
  int64_t poll_seconds = to.poll_every.count();
  from.read("poll_seconds", 1, poll_seconds_max, poll_seconds);
  to.poll_every = seconds{poll_seconds};
  read_streams(from, provider, to.streams);
  return to;
}

std::vector<provider_config> read_providers(const json::value& object, known_providers known,
                                            const fs::path& folder, std::optional<error>& failure) {
  section from{object, "providers", failure};
  std::vector<std::string_view> names;
  for (const auto* provider : known)
    names.emplace_back(provider->name);
  from.allow_only(names, "provider");
  std::vector<provider_config> read;
  for (const auto& [name, member] : object.members) {
    const auto found = std::ranges::find(known, name, &provider_description::name);
    if (found != known.end())
      read.push_back(read_provider({member, from.path_of(name), failure}, **found, folder));
  }
  return read;
}

void read_control(const json::value& object, std::optional<error>& failure, listen_address& to) {
  section from{object, "control", failure};
  constexpr std::string_view known[] = {"listen"};
  from.allow_only(known, "key");
  std::string text;
  from.read("listen", text);
  if (text.empty())
    return;
  const auto read = parse_listen(text);
  if (!read)
    return from.fail("listen", "is no address with a port", read.failure().hint);
  if (!is_loopback_host(read->address))
    return from.fail("listen", "is not on loopback",
                     "use 127.0.0.1: the control API is for this machine alone");
  to = *read;
}

} // namespace

result<listen_address> parse_listen(std::string_view text) {
  const error bad{ec::refused, in_quotes(text) + " is no address with a port",
                  "write e.g. 127.0.0.1:8686 or [::1]:8686"};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return bad;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  listen_address read;
  const auto [end, failed] = std::from_chars(digits.begin(), digits.end(), read.port);
  if (failed != std::errc{} || end != digits.end() || host.empty())
    return bad;
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos))
    return bad;
  read.address = host == "localhost" ? "127.0.0.1" : std::string{host};
  return read;
}

result<config> parse_config(std::string_view text, known_providers known, const fs::path& folder) {
  json::limits caps;
  caps.document_bytes_max = file_bytes_max;
  const auto root = json::parse_value_with_comments(text, caps);
  if (!root)
    return error{root.failure().code, root.failure().what,
                 "the file is JSON, with comments as in C; see its example in README.md"};
  std::optional<error> failure;
  section from{*root, "", failure};
  constexpr std::string_view keys[]
      = {"data_dir", "key_file", "former_key_file", "control", "providers", "worker_threads"};
  from.allow_only(keys, "key");
  config read;
  from.read("data_dir", folder, read.data_dir);
  from.read("key_file", folder, read.key_file);
  from.read("former_key_file", folder, read.former_key_file);
  int64_t threads = read.worker_threads;
  from.read("worker_threads", 1, worker_threads_max, threads);
  read.worker_threads = static_cast<unsigned>(threads);
  if (const auto* control = from.find("control"))
    read_control(*control, failure, read.control);
  if (const auto* providers = from.find("providers"))
    read.providers = read_providers(*providers, known, folder, failure);
  if (failure)
    return *std::move(failure);
  return read;
}

result<config> load_config(const fs::path& path, known_providers known) {
  std::ifstream file{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file)
    return error{ec::not_found, "cannot read the configuration " + path.string(),
                 "check --config and the file's permissions"};
  auto read = parse_config(text, known, fs::absolute(path).parent_path());
  if (!read)
    return std::move(read).failure().with_context(path.string());
  return read;
}

} // namespace nexte::program
