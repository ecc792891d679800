// SPDX-License-Identifier: Apache-2.0
// SMMUv3 formats: registers, configuration in memory, queues (IHI 0070).
#pragma once

#include "staleline/arm/smmu_fields.h"
#include "staleline/arm/smmu_queues.h"
#include "staleline/arm/smmu_registers.h"
#include "staleline/arm/smmu_tables.h"
