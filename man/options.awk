# SPDX-License-Identifier: MIT
# Replaces a line "@OPTIONS NAME@" of a manual page with the options of a block,
# or the keys of an object of alerts.json: the rows of FOLDER/NAME.options.
# -v folder=FOLDER -v sysconfdir=DIR

BEGIN { FS = "\t" }

!/^@OPTIONS [a-z]+@$/ {
	print
	next
}

{
	split($0, word, /[ @]/)
	table = folder "/" word[3] ".options"
	count = 0
	print ".Bl -tag -width Ds"
	while ((getline <table) > 0) {
		sub(/^SYSCONFDIR/, sysconfdir, $4)
		describe($1, $2, $3, $4, $5)
		count++
	}
	print ".El"
	if (count == 0) {
		print table ": no options" >"/dev/stderr"
		exit 1
	}
}

function describe(key, type, range, fallback, help) {
	print ".It Cm " key " " argument(type, range)
	gsub(/\. /, ".\n", help)
	print help
	range = range == "-" || type == "choice" ? "" : range
	if (range != "" && (type == "seconds" || type == "bytes"))
		range = range " " type
	if (fallback == "required")
		print (range == "" ? "" : "From " range ", ") "required."
	else if (fallback == "-")
		print range == "" ? "No default." : "From " range "; no default."
	else
		print (range == "" ? "" : "From " range "; ") (range == "" ? "Default: " : "default: ") fallback "."
}

function argument(type, range) {
	if (type == "choice")
		gsub(/\|/, " | ", range)
	if (type == "boolean")
		range = "true | false"
	if (type == "choice" || type == "boolean")
		return "Cm " range
	return "Ar " (type == "block" ? "name" : type == "list" ? "string" : type)
}
