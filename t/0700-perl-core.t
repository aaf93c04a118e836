#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Perl's own tests, from Debian's source package, recorded natively and replayed: the same results.
# The source comes from the APT sources of this machine and stays in the cache.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Config;
use Crosscut::Test;
use File::Path qw(make_path);
use Test::More;

# What each exercises is in its name.
my @tests = qw(
    base/lex.t base/num.t cmd/elsif.t cmd/for.t cmd/subval.t io/argv.t io/crlf.t io/data.t
    io/fs.t io/inplace.t io/layers.t io/nargv.t io/perlio.t io/print.t io/read.t io/say.t
    io/tell.t io/through.t io/utf8.t op/bop.t op/chop.t op/chr.t op/closure.t op/die_exit.t
    op/each.t op/filetest.t op/getppid.t op/glob.t op/goto.t op/grent.t op/hash.t
    op/hash-rt85026.t op/inccode.t op/local.t op/lex_assign.t op/method.t op/numconvert.t
    op/oct.t op/pack.t op/pwent.t op/quotemeta.t op/rand.t op/ref.t op/require_errors.t
    op/select.t op/sleep.t op/sort.t op/split.t op/sprintf.t op/sprintf2.t op/srand.t
    op/stat.t op/state.t op/substr.t op/tie_fetch_count.t op/tiehandle.t op/time.t
    op/utf8decode.t op/vec.t op/wantarray.t op/write.t re/pat.t re/regexp.t re/subst.t
    uni/lower.t uni/sprintf.t
);

my $version = sprintf '%vd', $^V;
my $cache = ($ENV{XDG_CACHE_HOME} // "$ENV{HOME}/.cache") . '/crosscut';
my $tree = "$cache/perl-$version";

# The source package of the running perl's release, by apt-get with sources of our own: those of the
# machine, asked for sources.
sub download {
    my $dir = scratch('apt');
    make_path(map {"$dir/$_"} qw(parts lists/partial cache/archives/partial));
    for my $file (
        glob
        '/etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list') {
        next if !-r $file;
        my $text = slurp($file);
        $text =~ s/^Types:.*/Types: deb-src/mg;
        $text =~ s/^deb(?:-src)?(?=\s)/deb-src/mg;
        spew("$dir/parts/" . $file =~ s{.*/}{}r, $text);
    }
    my @apt = (
        'apt-get', '-q',
        map { ('-o', $_) } 'Dir::Etc::sourcelist=/dev/null', "Dir::Etc::sourceparts=$dir/parts",
        "Dir::State::lists=$dir/lists", "Dir::Cache=$dir/cache",
        'APT::Sandbox::User=root'
    );
    run({timeout => 300}, @apt, 'update');
    run({dir => $dir, timeout => 300}, @apt, qw(source --download-only), "perl=$_")
        for source_versions($dir, @apt);
    return glob "$dir/perl_$version.orig.tar.*";
}

sub source_versions {
    my ($dir, @apt) = @_;
    my $shown = run({}, 'apt-cache', @apt[2 .. $#apt], 'showsrc', 'perl');
    return grep {/^\Q$version\E-/} $shown->{stdout} =~ /^Version: (\S+)/mg;
}

# The tests with the modules of the installed perl where they look for them.
sub unpack_tests {
    my ($archive) = @_;
    my $new = "$tree.new-$$";
    make_path($new);
    my $done = run(
        {dir => $new, timeout => 120},
        qw(tar xf), $archive, '--wildcards', '--strip-components=1', '*/t/*'
    );
    return if $done->{status} ne 0;
    run({dir => $new}, qw(rm -rf lib));
    make_path("$new/lib");
    run({dir => $new, timeout => 60}, qw(cp -rsf), "$_/.", 'lib/')
        for @Config{qw(privlibexp archlibexp)};
    symlink $^X, "$new/t/perl" or die "$new/t/perl: $!";
    return rename $new, $tree;
}

if (!-d "$tree/t") {
    my ($archive) = download();
    plan(skip_all => "the source of perl $version is not in this machine's APT sources")
        if !$archive;
    plan(
        skip_all => "the source of perl $version cannot be unpacked in $cache (is xz-utils there?)")
        if !unpack_tests($archive);
}

my $slices = scratch('slices');
for my $test (grep { chosen($_) } @tests) {
    my $slice = "$slices/" . $test =~ s{/}{-}gr . '.plog';
    my $run = record_natively(
        $slice,
        {dir => "$tree/t", only_env => {PATH => '/usr/bin:/bin', HOME => '/root'}}, $test
    );
    # Some leave themselves out: op/hash-rt85026.t for hash seeds that it can do nothing with.
    like($run->{stdout}, qr/^ok 1\b|^1[.][.]0 *#/m, "$test runs") or diag($run->{stderr});
    same(
        replay($slice), $run,
        "$test is replayed: the same " . (() = $run->{stdout} =~ /^ok/mg) . ' results'
    );
}

done_testing;
