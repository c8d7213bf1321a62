#include "metrics/exposition.h"

#include <gtest/gtest.h>

namespace {

using metrics::Buckets;
using metrics::Exposition;

TEST(Exposition, WritesFamiliesAsPrometheusReadsThem) {
  Exposition out;
  out.Family("a_total", "counter", "All of them.");
  out.Sample({{"route", "/a\"\\\n"}, {"status", "2xx"}}, 7);
  out.Sample(8);
  out.Seconds(1'500'000);
  out.Seconds(3'000'000);
  out.Seconds(0);
  EXPECT_EQ(out.text(),
            "# HELP a_total All of them.\n# TYPE a_total counter\n"
            "a_total{route=\"/a\\\"\\\\\\n\",status=\"2xx\"} 7\na_total 8\na_total 1.5\na_total 3\n"
            "a_total 0\n");
}

TEST(Exposition, BucketsOfAHistogramCountAllBelow) {
  Exposition out;
  Buckets buckets{};
  buckets[0] = 2;
  buckets[3] = 1;
  buckets.back() = 4;
  out.Family("t", "histogram", "x");
  out.Histogram({{"route", "/"}}, buckets, 2'000'001);
  const std::string& text = out.text();
  EXPECT_NE(text.find("t_bucket{route=\"/\",le=\"0.00005\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("t_bucket{route=\"/\",le=\"0.0005\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("t_bucket{route=\"/\",le=\"5\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("t_bucket{route=\"/\",le=\"+Inf\"} 7\n"), std::string::npos);
  EXPECT_NE(text.find("t_sum{route=\"/\"} 2.000001\nt_count{route=\"/\"} 7\n"), std::string::npos);
}

TEST(Histogram, ABoundBelongsToItsBucket) {
  EXPECT_EQ(metrics::BucketOf(0), 0U);
  EXPECT_EQ(metrics::BucketOf(50), 0U);
  EXPECT_EQ(metrics::BucketOf(51), 1U);
  EXPECT_EQ(metrics::BucketOf(5'000'000), metrics::kBuckets - 2);
  EXPECT_EQ(metrics::BucketOf(5'000'001), metrics::kBuckets - 1);
}

TEST(Histogram, QuantilesAreSpreadWithinABucket) {
  Buckets buckets{};
  EXPECT_EQ(metrics::QuantileMicros(buckets, 0.5), 0U);
  buckets[1] = 100;  // 50 to 100 us
  EXPECT_EQ(metrics::QuantileMicros(buckets, 0.5), 75U);
  EXPECT_EQ(metrics::QuantileMicros(buckets, 1), 100U);
  buckets[4] = 100;  // 500 to 1000
  EXPECT_EQ(metrics::QuantileMicros(buckets, 0.5), 100U);
  EXPECT_EQ(metrics::QuantileMicros(buckets, 0.75), 750U);
  buckets.back() = 1000;
  EXPECT_EQ(metrics::QuantileMicros(buckets, 0.99), metrics::kBucketMicros.back());
}

}  // namespace
