/* SPDX-License-Identifier: LGPL-2.1-or-later */

// Uploads FILE to ADDRESS in an engine, and says how it ended.

int main (string[] args)
{
    try {
        Galileo.address_parse ("ftp://example.org/");
        assert_not_reached ();
    } catch (Galileo.Error.ADDRESS error) {
        assert (Galileo.Error.is_about_site (error));
    } catch (GLib.Error error) {
        assert_not_reached ();
    }

    try {
        var ready = new Galileo.Signal.parse ("{\"ready\":1}".data);
        assert (ready.get_kind () == Galileo.SignalKind.READY);
        uint64 offset;
        ready = ((owned) ready).add_size ("offset", 5);
        assert (ready.get_size ("offset", out offset) && offset == 5);
        unowned string type, value;
        var finished = new Galileo.Signal.finished ("sha1", "ab");
        assert (finished.get_hash (out type, out value) && type == "sha1" && value == "ab");
    } catch (GLib.Error error) {
        assert_not_reached ();
    }

    GLib.Uri address;
    try {
        address = Galileo.address_parse (args[1]);
    } catch (GLib.Error error) {
        assert_not_reached ();
    }

    var loop = new GLib.MainLoop ();
    var engine = new Galileo.Engine ();
    engine.set_group_rate_limit ("a site", 50000000);
    engine.invoke (() => {
        var upload = new Galileo.Upload (engine.get_session (), address, GLib.File.new_for_path (args[2]));
        upload.hash_type = Galileo.HashType.SHA512;
        upload.rate_group = "a site";
        upload.failed.connect ((signals) => stdout.printf ("%s\n", signals[0].dup_message ()));
        upload.succeeded.connect (() => stdout.printf ("%s\n", upload.get_hash ()));
        upload.closed.connect (() => GLib.Idle.add (() => {
            loop.quit ();
            return GLib.Source.REMOVE;
        }));
        engine.start_upload (upload);
        return GLib.Source.REMOVE;
    });
    loop.run ();

    return 0;
}
