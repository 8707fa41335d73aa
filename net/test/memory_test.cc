#include "net/memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace enxame::net {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// A machine of 16 GiB whose /proc and /sys a test writes.
class MemoryTest : public testing::Test {
 protected:
  MemoryTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "memory-XXXXXX").string();
    root_ = mkdtemp(folder.data());
    write("proc/meminfo", "MemTotal:       16777216 kB\nMemFree: 1 kB\n");
  }
  ~MemoryTest() override { std::filesystem::remove_all(root_); }

  void write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  void mount_v1(const std::string& group) {
    write("proc/self/mountinfo",
          "30 25 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n"
          "31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
          "32 30 0:28 " +
              group + " /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory\n");
  }
  void mount_v2() {
    write("proc/self/mountinfo",
          "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n");
  }
  std::size_t allowed_mib() const { return memory_allowed_bytes(root_) / kMiB; }

  std::filesystem::path root_;
};

TEST_F(MemoryTest, IsTheMachinesWithoutControlGroups) { EXPECT_EQ(allowed_mib(), 16384U); }

TEST_F(MemoryTest, IsWhatACgroupOfVersion2Allows) {
  mount_v2();
  write("proc/self/cgroup", "0::/a.slice/b.scope\n");
  write("sys/fs/cgroup/a.slice/b.scope/memory.max", "536870912\n");
  EXPECT_EQ(allowed_mib(), 512U);
  write("sys/fs/cgroup/a.slice/b.scope/memory.max", "max\n");
  EXPECT_EQ(allowed_mib(), 16384U);
  write("sys/fs/cgroup/a.slice/b.scope/memory.high", "268435456\n");
  EXPECT_EQ(allowed_mib(), 256U);
}

TEST_F(MemoryTest, IsTheLeastOfAllGroupsAroundTheProcess) {
  mount_v2();
  write("proc/self/cgroup", "0::/a.slice/b.scope\n");
  write("sys/fs/cgroup/a.slice/memory.max", "1048576000\n");
  write("sys/fs/cgroup/a.slice/b.scope/memory.max", "2097152000\n");
  EXPECT_EQ(allowed_mib(), 1000U);
}

TEST_F(MemoryTest, IsAContainersWhoseGroupIsTheRootThatItSees) {
  mount_v2();
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "104857600\n");
  EXPECT_EQ(allowed_mib(), 100U);
}

TEST_F(MemoryTest, IsWhatACgroupOfVersion1Allows) {
  mount_v1("/");
  write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/user/y\n0::/z\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/user/memory.limit_in_bytes", "734003200\n");
  write("sys/fs/cgroup/memory/user/y/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(allowed_mib(), 700U);
}

TEST_F(MemoryTest, IsAContainersOfVersion1WhosePathIsTheHosts) {
  mount_v1("/docker/1f");
  write("proc/self/cgroup", "4:memory:/docker/1f\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "209715200\n");
  EXPECT_EQ(allowed_mib(), 200U);
  write("proc/self/cgroup", "4:memory:/docker/1f/inner\n");
  write("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "104857600\n");
  EXPECT_EQ(allowed_mib(), 100U);
  write("proc/self/cgroup", "4:memory:/elsewhere\n");
  EXPECT_EQ(allowed_mib(), 200U);
}

TEST_F(MemoryTest, IsNotMoreThanTheMachineHas) {
  mount_v2();
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "99999999999999\n");
  EXPECT_EQ(allowed_mib(), 16384U);
}

TEST_F(MemoryTest, IsNotMoreThanTheLimitOfAddressSpace) {
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  const rlimit less{std::size_t{12} << 30, before.rlim_max};
  // Sanitizers map more than that.
  if (setrlimit(RLIMIT_AS, &less) != 0) GTEST_SKIP() << "the limit cannot be set";
  EXPECT_EQ(allowed_mib(), 12288U);
  setrlimit(RLIMIT_AS, &before);
}

TEST(MemoryOfThisProcess, IsSomething) {
  EXPECT_GE(memory_allowed_bytes(), 64 * kMiB);
  EXPECT_LE(memory_allowed_bytes(), static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
                                        static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
}

}  // namespace
}  // namespace enxame::net
