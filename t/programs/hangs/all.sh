# SPDX-License-Identifier: GPL-2.0-or-later
# All of them at once; none comes to an end.
for program in deadlock busy server pool stuck; do python3 $program.py & done
for program in spin handler; do perl $program.pl & done
wait
