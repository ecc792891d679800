// SPDX-License-Identifier: Apache-2.0
// Changes of permissions alone: an older descriptor is a hazard for accesses that it decides otherwise, and for no
// others (DDI 0487 D8.4, D8.16.1).
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;

/// The page is used as it was, changes, and is used again; what the variant leaves out is the TLB maintenance.
std::vector<std::string> found(const std::string& before, const std::string& after, const std::string& use,
                               const std::string& order) {
  const std::string text = R"(
schema: 1
scenario: test/permissions
memory:
  page:   { base: 0x4000_0000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  kernel:
    tables: { at: tables }
    stage1: { page: { attr: normal-wb)" +
                           before + R"( } }
agents:
  cpu: { core: 0 }
program:
  cpu: |2
      ldr x0, [page]
)" + after + R"(
      str x1, [pte(page)]
)" + order + "      " + use +
                           R"(
variants:
  a: {}
)";
  std::vector<std::string> all;
  for (const auto& one : run::run(test::parse(text).variant("a"), {}).hazards)
    all.push_back(judge::spelled(one.hazard.id) + " " + std::string(judge::spelled(one.hazard.verdict)));
  return all;
}

// What x1 becomes.
std::string as(const std::string& flags) { return "      ldr x1, =desc(page" + flags + ")"; }
std::string privileged(const std::string& flags = "") { return as(flags) + "\n      and x1, x1, #0xffffffffffffffbf"; }

constexpr const char* kOrdered = "      dsb ishst\n      isb\n";
constexpr const char* kMaintained = "      dsb ishst\n      tlbi vaae1is, page[..]\n      dsb ish\n      isb\n";
using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("an older descriptor that permits an access as the newest does is no hazard for it") {
  for (const char* order : {kOrdered, ""}) {
    INFO(order);
    CHECK(found("", as(", ro"), "ldr x0, [page]", order).empty());
    CHECK(found("", as(", ro"), "dc cvac, page[..64]", order).empty());
    CHECK(found("", as(", xn"), "ldr x0, [page]", order).empty());
    CHECK(found("", as(", xn"), "str x0, [page]", order).empty());
    CHECK(found(", ap: ro", as(", rw"), "ldr x0, [page]", order).empty());
    CHECK(found(", user: on", privileged(), "str x0, [page]", order).empty());
    CHECK(found("", as(", ng"), "str x0, [page]", order).empty());
  }
}

TEST_CASE("an older descriptor that decides otherwise is one, observed or latent, until it is gone") {
  const Found observed{"SL104 observed"};
  for (const char* order : {kOrdered, ""}) {
    INFO(order);
    CHECK(found("", as(", ro"), "str x0, [page]", order) == observed);
    CHECK(found("", as(", ro"), "dc ivac, page[..64]", order) == observed);
    CHECK(found("", as(", ro"), "ldadd x0, x2, [page]", order) == observed);
    CHECK(found("", as(", xn"), ".fetch x0, [page]", order) == observed);
    CHECK(found(", user: on", privileged(), "ldtr x0, [page]", order) == observed);
    CHECK(found(", user: on", as(", user, ro"), "sttr x0, [page]", order) == observed);
  }
  CHECK(found(", ap: ro", as(", rw"), "str x0, [page]", kOrdered) == observed);  // the older one refuses
  CHECK(found(", ap: ro", as(", rw"), "str x0, [page]", kMaintained).empty());
  CHECK(found("", as(", ro"), "str x0, [page]", kMaintained) == Found{"SL605 observed"});
}

TEST_CASE("what was read-only in between may still be so for a store, and is no hazard for a load") {
  const std::string back = std::string(kOrdered) + "      ldr x1, =desc(page)\n      str x1, [pte(page)]\n" + kOrdered;
  CHECK(found("", as(", ro"), "ldr x0, [page]", back).empty());
  CHECK(found("", as(", ro"), "str x0, [page]", back) == Found{"SL104 latent"});
}
