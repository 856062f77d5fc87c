#include "tests/storage/support.hpp"

#include <sys/stat.h>

#include <algorithm>

using namespace nexte;
using namespace nexte::test;

namespace {

class KeyFile : public testing::Test {
protected:
  void write(const std::string& text, mode_t mode = 0600) {
    std::ofstream{path_, std::ios::binary} << text;
    ::chmod(path_.c_str(), mode);
  }
  std::string refusal(bool create = false) {
    auto key = read_key_file(path_, create);
    EXPECT_FALSE(key);
    if (key)
      return {};
    EXPECT_EQ(key.failure().code, ec::refused);
    EXPECT_FALSE(key.failure().hint.empty());
    return key.failure().line();
  }
  static void sevens(std::span<uint8_t> out) {
    std::ranges::fill(out, uint8_t{7});
  }
  temp_dir dir_;
  std::filesystem::path path_ = dir_.path() / "key";
};

} // namespace

TEST_F(KeyFile, HoldsRawBytesOrHexDigits) {
  write(std::string(32, '\n'));
  EXPECT_EQ(read_key_file(path_, false)->reveal(), std::string(32, '\n'));
  std::string digits;
  for (int i = 0; i < 32; ++i)
    digits += "4b";
  write(digits + "\n");
  EXPECT_EQ(read_key_file(path_, false)->reveal(), std::string(32, 'K'));
  write(digits);
  EXPECT_EQ(read_key_file(path_, false)->reveal(), std::string(32, 'K'));
}

TEST_F(KeyFile, OfAnyOtherContentIsRefused) {
  for (const auto& text :
       {std::string{}, std::string(31, 'k'), std::string(33, 'k'), std::string(63, 'a'),
        std::string(64, 'z'), std::string(65, 'a'), std::string(66, 'a'), std::string(1000, 'a')}) {
    write(text);
    const auto line = refusal();
    EXPECT_NE(line.find("64 hex digits"), std::string::npos) << text.size();
    if (text.size() > 8) {
      EXPECT_EQ(line.find(text.substr(0, 8)), std::string::npos);
    }
  }
}

TEST_F(KeyFile, ThatOthersMayReadIsRefusedWithTheMend) {
  for (const mode_t mode : {0640u, 0604u, 0660u, 0601u, 0620u}) {
    write(std::string(32, 'k'), mode);
    EXPECT_NE(refusal().find("chmod 600 " + path_.string()), std::string::npos);
  }
  write(std::string(32, 'k'), 0400);
  EXPECT_TRUE(read_key_file(path_, false));
}

TEST_F(KeyFile, ThatIsMissingOrNoFileIsRefused) {
  EXPECT_NE(refusal().find("does not exist"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path_));
  ::mkdir(path_.c_str(), 0700);
  refusal();
  refusal(true);
}

TEST_F(KeyFile, IsMadeOnceAndThenStays) {
  const auto made = read_key_file(path_, true, sevens);
  ASSERT_TRUE(made) << made.failure().line();
  EXPECT_EQ(made->reveal(), std::string(32, '\x07'));
  struct stat about {};
  ASSERT_EQ(::stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  EXPECT_EQ(about.st_nlink, 1u);
  EXPECT_EQ(read_key_file(path_, true)->reveal(), made->reveal());
  EXPECT_EQ(read_key_file(path_, false)->reveal(), made->reveal());
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{dir_.path()})
    ++files;
  EXPECT_EQ(files, 1u);
}

TEST_F(KeyFile, IsNotMadeOverAWrongOne) {
  write("too short");
  refusal(true);
  EXPECT_EQ(bytes_of(path_), "too short");
}

TEST_F(KeyFile, InADirectoryThatIsNotThereIsRefused) {
  path_ = dir_.path() / "none" / "key";
  EXPECT_NE(refusal(true).find("cannot be made"), std::string::npos);
}
