// Goal: a cluster's id is told from every other one, in code and in messages.

#include "engine/base/cluster_id.h"

#include <sstream>

#include "gtest/gtest.h"

namespace trimaran {
namespace {

TEST(ClusterIdTest, PrintsAllDigitsSoThatIdsCanBeComparedByEye) {
  std::ostringstream out;
  out << ClusterId{0x1, 0xabcdef};
  EXPECT_EQ(out.str(), "00000000000000010000000000abcdef");
}

TEST(ClusterIdTest, BothHalvesCount) {
  const ClusterId id{1, 2};
  EXPECT_EQ(id, (ClusterId{1, 2}));
  EXPECT_NE(id, (ClusterId{1, 3}));
  EXPECT_NE(id, (ClusterId{3, 2}));
}

TEST(ClusterIdTest, ZeroIsNone) {
  EXPECT_EQ(ClusterId(), (ClusterId{0, 0}));
  EXPECT_NE(ClusterId(), (ClusterId{0, 1}));
  EXPECT_NE(ClusterId(), (ClusterId{1, 0}));
}

}  // namespace
}  // namespace trimaran
