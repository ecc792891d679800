// SPDX-License-Identifier: Apache-2.0
// Names and one-sentence meanings of the seven rules.
#include "staleline/report/rules.h"

namespace staleline::report {

RuleText rule_text(judge::Rule rule) {
  switch (rule) {
    case judge::Rule::P1:
      return {"may-stale", "An observer can get a version older than the newest write that intent orders before it."};
    case judge::Rule::P2:
      return {"may-lost", "The newest write can be gone: overwritten by an older dirty line, or discarded."};
    case judge::Rule::P3:
      return {"order", "A reader or an endpoint sees two accesses in the wrong order, torn, or too early."};
    case judge::Rule::P4:
      return {"transactions",
              "A target with side effects sees an access that is spurious, missing, merged or repeated."};
    case judge::Rule::P5:
      return {"routing", "The access reaches another object than the one that was meant."};
    case judge::Rule::P6:
      return {"faults", "The access or operation faults, or the system stops making progress."};
    case judge::Rule::P7:
      return {"entitlement", "A value is used after its revocation, or shown to an agent that was never granted it."};
  }
  return {"unknown", ""};
}

}  // namespace staleline::report
