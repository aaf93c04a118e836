# SPDX-License-Identifier: GPL-2.0-or-later
import sys

print('printed')
sys.exit('a message as status')
