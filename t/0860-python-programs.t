#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Real python programs as Debian ships them: recorded in a machine, their inputs deleted, replayed:
# the same.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my %shop = (
    'shop.py' => <<'END',
"""A shop."""
import random

def basket(count, names=('apple', 'pear', 'plum')):
    """So many things."""
    return [random.choice(names) for _ in range(count)]

class Till:
    def __init__(self):
        self.sum = 0

    def add(self, price):
        self.sum += price
        return self
END
    'test_shop.py' => <<'END',
import shop
import unittest

class ShopTest(unittest.TestCase):
    def test_basket(self):
        self.assertEqual(len(shop.basket(3)), 3)

    def test_till(self):
        self.assertEqual(shop.Till().add(2).add(3).sum, 5)

    @unittest.skip('not today')
    def test_closed(self):
        pass

    def test_wrong(self):
        self.assertIn(object(), [object()])
END
    'untidy.py' => "import os, sys\ndef f(x) :\n  return x+ 1\nl = lambda: 0\nprint(undefined)\n",
    'text.md' =>
        "# Shopping\n\n1. apples, **red**\n2. `plums`\n\n> [a shop](http://shop.example/)\n",
    'good.yaml' => "---\nlist:\n  - one\n  - two\n",
    'bad.yaml' => "list: [one,two]\nkey:   1\nkey: 2\n",
    'data.json' => '{"b": [1, 2.5, null, "caf\u00e9"], "a": {"x": true}}',
    'app.py' => <<'END',
import os
import sys
import time
import urllib.request

from flask import Flask, jsonify, render_template_string, request
from werkzeug.serving import make_server

sys.stdout.reconfigure(line_buffering=True)
app = Flask(__name__)

@app.route('/')
def index():
    return render_template_string('<p>{{ now }} {% for i in range(3) %}{{ i }},{% endfor %}</p>', now=time.time())

@app.route('/add', methods=['POST'])
def add():
    return jsonify(sum=sum(request.get_json()), by=os.getpid())

server = make_server('127.0.0.1', 0, app)
base = f'http://127.0.0.1:{server.server_port}'
pid = os.fork()
if pid:
    for _ in range(3):
        server.handle_request()
    print(os.waitpid(pid, 0)[1], app, app.url_map)
else:
    def get(path, data=None):
        headers = {'Content-Type': 'application/json'}
        try:
            with urllib.request.urlopen(urllib.request.Request(base + path, data, headers)) as response:
                print('child', os.getpid(), response.status, response.read())
        except OSError as error:
            print('child', os.getpid(), error)
    get('/')
    get('/add', b'[1, 2, 3]')
    get('/nowhere')
    os._exit(0)
END
);

my @programs = (
    {title => 'python3 -m json.tool', interpreter => [qw(-m json.tool --sort-keys data.json)]},
    {
        title => '... on standard input', interpreter => [qw(-m json.tool --compact)],
        stdin => $shop{'data.json'}
    },
    {title => 'python3 -m unittest', interpreter => [qw(-m unittest -v test_shop)], status => 1},
    {
        title => 'markdown_py', package => 'python3-markdown',
        interpreter => [qw(-m markdown -x toc text.md)]
    },
    {
        title => 'pygmentize',
        package => 'python3-pygments',
        interpreter => [qw(/usr/bin/pygmentize -f html -O), 'full,style=default', 'shop.py']
    },
    {
        title => 'yamllint accepts', package => 'yamllint',
        interpreter => [qw(/usr/bin/yamllint good.yaml)]
    },
    {
        title => 'yamllint complains',
        package => 'yamllint',
        interpreter => [qw(/usr/bin/yamllint -f parsable bad.yaml)],
        status => 1
    },
    {
        title => 'flake8', package => 'flake8',
        interpreter => [qw(/usr/bin/flake8 --max-line-length 90 .)], status => 1
    },
    {
        title => 'a Flask application', package => 'python3-flask', interpreter => ['app.py'],
        children => 1
    },
);

my @rows = grep { !$_->{package} || get($_->{package}) } @programs;
note "$_->{package} is not installed and cannot be"
    for grep { $_->{package} && !get($_->{package}) } @programs;
vm_group(
    'programs',
    map {
        +{%{$_}, name => $_->{interpreter}[-1], group => 1, language => 'python', files => \%shop}
    } @rows
);

subtest 'python3 -m http.server answers requests' => sub {
    my $script = <<'END';
python3 -m http.server --bind 127.0.0.1 7655 2>&1 &
while ! grep -q ':1DE7 ' /proc/net/tcp; do sleep 0.05; done
python3 fetch.py
kill $!
wait
END
    my $fetch = <<'END';
import urllib.error, urllib.request
for path in ('', 'page.html', 'missing'):
    try:
        with urllib.request.urlopen('http://127.0.0.1:7655/' + path) as response:
            print('got', response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        print('got', error, error.headers)
END
    my $run = vm_record(
        'server', ['sh', '-c', $script],
        files => {'fetch.py' => $fetch, 'page.html' => "<p>A page</p>\n"});
    like($run->{stdout}, qr/GET .page\.html .*200/, 'it runs in the machine')
        or return diag($run->{stderr});
    my %by = map { ($_->{argv}[1] => $_) } grep { $_->{runtime} } vm_slices($run->{log});
    my ($client, $server) = @by{'fetch.py', '-m'};
    my $fetched = replay($client->{slice});
    is($fetched->{status}, 0, 'the client replays') or diag($fetched->{stderr});
    my $served = replay($server->{slice});
    is($served->{status}, 128 + 15, 'the server replays, up to the signal that stopped it')
        or diag($served->{stderr});
    is(
        (join '', sort split /^/, $fetched->{stdout} . $served->{stdout}),
        (join '', sort split /^/, $run->{stdout}),
        'together they print what was printed'
    );
};

done_testing;
