#include "actors/program/scratch_folder.hpp"

#include <cstdlib>
#include <system_error>

namespace nexte::program {

namespace fs = std::filesystem;

result<scratch_folder> scratch_folder::make(fs::path parent) {
  std::error_code failed;
  if (parent.empty())
    parent = fs::temp_directory_path(failed);
  auto name = (parent / "nexte-sync-XXXXXX").string();
  if (failed || !::mkdtemp(name.data()))
    return error{ec::storage, "no temporary folder can be made",
                 "let TMPDIR name a folder that can be written"};
  scratch_folder made;
  made.path_ = name;
  return made;
}

result<scratch_folder> scratch_folder::make_in_memory() {
  std::error_code none_there;
  return make(fs::is_directory("/dev/shm", none_there) ? "/dev/shm" : "");
}

scratch_folder::~scratch_folder() {
  std::error_code ignored; // the system's temporary folder is swept anyway
  if (!path_.empty())
    fs::remove_all(path_, ignored);
}

} // namespace nexte::program
