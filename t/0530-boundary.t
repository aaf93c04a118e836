#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What the stage reads out of a guest, against the truth: the same script recorded natively by the
# preloaded recorder; and what must not get through: system calls that pass the C library by.
use strict;
use warnings;

use Config;
use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $script = <<'PERL';
use strict; use warnings; use POSIX (); use List::Util 'sum';
my @s = stat '/etc/passwd'; open my $f, '<', '/etc/passwd' or die; my @l = <$f>; close $f;
print @l > 0, sum(1 .. 4), "\n"; opendir my $d, '/'; readdir $d for 1 .. 3;
print -e '/nonexistent/file' ? 1 : 0, "\n"; eval { die 'x' }; print scalar localtime 0, "\n";
sub inner { return getppid } print inner() > 0, "\n";
PERL

# prove -I says it to every perl.
delete @ENV{qw(PERL5LIB PERL5OPT)};

lines_up(
    'perl', $script,
    'a run sliced out of a machine and the same run recorded natively make the same calls'
);

subtest 'a module that makes system calls itself is named when the run is sliced' => sub {
    my $run = vm_record(
        'bypass', ['sh', '-c', 'perl -I. -e "require Bypass; print Bypass::pid() > 0, qq(\n)"'],
        prepare => sub {
            my ($work) = @_;
            spew("$work/Bypass.c", <<'C');
#include <EXTERN.h>
#include <perl.h>
#include <XSUB.h>
XS(bypass_pid);
XS(bypass_pid)
{
	dXSARGS;
	long pid;

	PERL_UNUSED_VAR(items);
	__asm__ volatile("syscall" : "=a"(pid) : "a"(39L) : "rcx", "r11", "memory");
	ST(0) = sv_2mortal(newSViv(pid));
	XSRETURN(1);
}
XS(boot_Bypass);
XS(boot_Bypass)
{
	dXSARGS;

	PERL_UNUSED_VAR(items);
	newXS("Bypass::pid", bypass_pid, __FILE__);
	XSRETURN_YES;
}
C
            spew(
                "$work/Bypass.pm",
                "package Bypass;\nrequire XSLoader;\nXSLoader::load('Bypass');\n1;\n"
            );
            mkdir $_ for "$work/auto", "$work/auto/Bypass";
            my $built = run(
                {}, 'cc', split(' ', $Config{ccflags}), "-I$Config{archlibexp}/CORE",
                qw(-shared -fPIC -o),
                "$work/auto/Bypass/Bypass.so", "$work/Bypass.c"
            );
            is($built->{status}, 0, 'a module is built') or diag($built->{stderr});
        });
    is($run->{status}, 0, 'it runs in the machine') or return diag($run->{stderr});
    my ($result) = sliced($run, 'perl');
    is($result->{status}, 125, 'cc-slice refuses');
    like(
        $result->{stderr}, qr/-e:1: system call 39 outside of any host call/,
        'and says which call, and where'
    );
};

done_testing;
