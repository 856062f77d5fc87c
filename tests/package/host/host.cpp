// What a host writes against the installed package: no header of CAF, Boost, RapidJSON or LMDB.
#include "actors/engine.hpp"

#include <cstdio>
#include <filesystem>

#if __has_include("actors/connection.hpp") || __has_include("storage/lmdb.hpp")
#  error "the package installs a header that is not public"
#endif

int main() {
  const std::filesystem::path folder{"host-data"}; // in the folder it runs in
  std::filesystem::remove_all(folder);
  nexte::store_options options;
  options.directory = folder;
  const auto opened = nexte::store::open(options, nexte::secret{std::string(32, 'k')});
  if (!opened) {
    std::fprintf(stderr, "host: %s\n", opened.failure().line().c_str());
    return 1;
  }
  const auto integrations = (*opened)->integrations();
  return integrations && integrations->empty() ? 0 : 1;
}
