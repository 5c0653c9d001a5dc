#!/bin/sh
# SPDX-License-Identifier: MIT
# notify.sh [ADDRESS] - writes a notification of collectd's exec plugin to syslog and mails it to ADDRESS.
#
# Input on stdin: headers ("Severity: FAILURE", "Host: hub-1", meta data as "rule: hub_down"), an
# empty line, the message. Install the script where the user in exec.conf may run it.
set -eu

severity='' host='' rule='' status='' runbook=''
while IFS= read -r line && [ -n "$line" ]; do
  case $line in
  'Severity: '*) severity=${line#*: } ;;
  'Host: '*) host=${line#*: } ;;
  'rule: '*) rule=${line#*: } ;;
  'status: '*) status=${line#*: } ;;
  'runbook: '*) runbook=${line#*: } ;;
  esac
done
message=$(cat)

case $severity in
FAILURE) priority=user.crit ;;
WARNING) priority=user.warning ;;
*) priority=user.notice ;;
esac
logger -t mcp-hub -p "$priority" -- "$severity: $message"

[ $# -gt 0 ] || exit 0
# A line that begins with "~" or "." may be a command of the mail program.
printf '%s\n\n%s\n' "$message" "$runbook" | sed 's/^[~.]/ &/' |
  mail -s "$severity on $host${rule:+: $rule $status}" "$1"
