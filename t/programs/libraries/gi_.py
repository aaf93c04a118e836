import gi
from gi.repository import GLib, Gio
l = GLib.MainLoop(); n = []
def tick():
    n.append(1); print('tick', len(n))
    if len(n) == 3: l.quit()
    return len(n) < 3
GLib.timeout_add(5, tick); l.run()
f = Gio.File.new_for_path('gi_.py'); print(f.load_contents(None)[0], GLib.get_user_name(), GLib.DateTime.new_now_utc().get_year() > 2000)
