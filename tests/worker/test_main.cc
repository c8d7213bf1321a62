// Runs the tests of this module, or one child of the prefork tests.
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "worker/prefork_child.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == worker_test::kChildMarker) {
    return worker_test::RunPreforkChild({argv + 2, argv + argc});
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
