#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The values of a hub the classic way, as operators' scripts get them: four requests, jq for each figure.
set -euo pipefail
url=$1

get() { curl -s --max-time 5 "$url$1"; }

# Is it up?
echo "state $(get /api/health | jq -r .state)"

# Servers and clients
health=$(get /api/health)
for status in connected disconnected; do
  echo "$status $(jq "[.servers[] | select(.status == \"$status\")] | length" <<<"$health")"
done
echo "clients $(jq .mcpEndpoint.activeClients <<<"$health")"
jq -r '.servers[] | "\(.name) \(.status) \(.uptime) \(.capabilities.tools | length)"' <<<"$health"

# LLM and cache
stats=$(get /api/filtering/stats)
for figure in .llm.successRate .llm.averageLatency .llm.p95Latency .llm.p99Latency .llmCache.hitRate .llmCache.size; do
  echo "$figure $(jq -r "$figure" <<<"$stats")"
done

# Queue and circuit breaker
stats=$(get /api/filtering/stats)
for figure in .llm.queueDepth .llm.circuitBreakerState .llm.circuitBreakerFailures; do
  echo "$figure $(jq -r "$figure" <<<"$stats")"
done
