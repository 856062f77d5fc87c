#include "protocol/control/token_file.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

using namespace nexte;
using namespace nexte::control;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, std::string_view text) {
  std::ofstream{path, std::ios::binary} << text;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

} // namespace

TEST(TokenFile, IsMadeForItsOwnerAloneAndLeavesNoDraft) {
  const temporary_directory dir;
  const auto token = ensure_token(dir.path());
  ASSERT_TRUE(token);
  EXPECT_EQ(token->reveal().size(), 43u);
  EXPECT_EQ(fs::status(token_path(dir.path())).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator{dir.path()}, {}), 1);
}

TEST(TokenFile, KeepsTheTokenItHas) {
  const temporary_directory dir;
  const auto made = ensure_token(dir.path());
  ASSERT_TRUE(made);
  EXPECT_TRUE(*ensure_token(dir.path()) == *made);
  EXPECT_TRUE(*read_token(dir.path()) == *made);
}

TEST(TokenFile, IsNotThereBeforeItIsMade) {
  const temporary_directory dir;
  EXPECT_EQ(read_token(dir.path()).failure().code, ec::not_found);
}

TEST(TokenFile, RefusesOneThatOthersMayRead) {
  const temporary_directory dir;
  ASSERT_TRUE(ensure_token(dir.path()));
  fs::permissions(token_path(dir.path()), fs::perms::group_read, fs::perm_options::add);
  const auto read = ensure_token(dir.path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.failure().code, ec::refused);
  EXPECT_EQ(read.failure().hint, "run: chmod 600 " + token_path(dir.path()).string());
}

TEST(TokenFile, RefusesALinkAPipeAndForeignText) {
  const temporary_directory dir;
  write(dir.path() / "other", std::string(43, 'a') + "\n");
  fs::create_symlink(dir.path() / "other", token_path(dir.path()));
  EXPECT_EQ(read_token(dir.path()).failure().code, ec::refused);
  fs::remove(token_path(dir.path()));
  fs::create_directory(token_path(dir.path()));
  EXPECT_EQ(read_token(dir.path()).failure().code, ec::refused);
  fs::remove(token_path(dir.path()));
  for (const auto& text :
       {std::string{}, std::string(42, 'a'), std::string(44, 'a'), std::string(42, 'a') + ":"}) {
    write(token_path(dir.path()), text);
    EXPECT_EQ(read_token(dir.path()).failure().code, ec::malformed) << text;
  }
  write(token_path(dir.path()), std::string(100'000, 'a'));
  EXPECT_EQ(read_token(dir.path()).failure().code, ec::refused);
}

TEST(TokenFile, SaysWhereItCouldNotWrite) {
  const temporary_directory dir;
  const auto made = ensure_token(dir.path() / "missing");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.failure().code, ec::storage);
  EXPECT_NE(made.failure().what.find("missing"), std::string::npos);
}
