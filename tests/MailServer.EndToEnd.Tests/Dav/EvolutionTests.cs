using System.Globalization;
using MailServer.EndToEnd.Tests.ExternalClients;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>Evolution's engine (evolution-data-server) without its user interface: a calendar and an address book are added, listed, and changed from both sides.</summary>
public sealed class EvolutionTests(SharedServer shared) : ExternalClientTest(shared)
{
    private const string Script = """
        import sys, threading, time, gi
        for name, version in (('EDataServer', '1.2'), ('ECal', '2.0'), ('EBook', '1.2'), ('EBookContacts', '1.2'), ('ICalGLib', '3.0')): gi.require_version(name, version)
        from gi.repository import EDataServer, ECal, EBook, EBookContacts, ICalGLib, Gio, GLib
        port, user, password, certificate = sys.argv[1:]
        host, certificate, registry = '127.0.0.1', Gio.TlsCertificate.new_from_file(certificate), EDataServer.SourceRegistry.new_sync(None)

        def add(extension, backend, path):
            source = EDataServer.Source.new(None, None)
            source.set_display_name(backend)
            source.set_parent(backend + '-stub')
            source.get_extension(extension).set_backend_name(backend)
            login = source.get_extension(EDataServer.SOURCE_EXTENSION_AUTHENTICATION)
            login.set_host(host); login.set_port(int(port)); login.set_user(user); login.set_method('plain/password')
            source.get_extension(EDataServer.SOURCE_EXTENSION_SECURITY).set_method('tls')
            dav = source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND)
            dav.set_resource_path(path)
            dav.update_ssl_trust(host, certificate, EDataServer.TrustPromptResponse.ACCEPT)
            registry.commit_source_sync(source, None)
            for _ in range(200):
                if found := registry.ref_source(source.get_uid()):
                    found.connect('credentials-required', sign_in)
                    return found
                GLib.MainContext.default().iteration(False)
                time.sleep(0.05)
            raise SystemExit('the source never came')

        def sign_in(source, *why):
            credentials = EDataServer.NamedParameters.new()
            credentials.set(EDataServer.SOURCE_CREDENTIAL_USERNAME, user)
            credentials.set(EDataServer.SOURCE_CREDENTIAL_PASSWORD, password)
            source.invoke_authenticate(credentials, None, None, None)

        def titles():
            client.refresh_sync(None)
            return sorted(event.get_summary() for event in client.get_object_list_sync('#t', None)[1])

        def work():
            global client
            try:
                client = ECal.Client.connect_sync(calendar, ECal.ClientSourceType.EVENTS, 30, None)
                print('shown', titles())
                event = ICalGLib.Component.new_from_string('BEGIN:VEVENT\r\nUID:evo\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20270111T100000Z\r\nDTEND:20270111T110000Z\r\nSUMMARY:Made\r\nEND:VEVENT\r\n')
                client.create_object_sync(event, ECal.OperationFlags.NONE, None)
                print('made', titles())
                event = client.get_object_sync('evo', None, None)[1]
                event.set_summary('Changed')
                client.modify_object_sync(event, ECal.ObjModType.ALL, ECal.OperationFlags.NONE, None)
                client.remove_object_sync('here', None, ECal.ObjModType.ALL, ECal.OperationFlags.NONE, None)
                print('changed', titles())
                book = EBook.BookClient.connect_sync(contacts, 30, None)
                person = EBookContacts.Contact.new_from_vcard('BEGIN:VCARD\r\nVERSION:3.0\r\nUID:eve\r\nFN:Eve Olution\r\nN:Olution;Eve;;;\r\nEND:VCARD\r\n')
                book.add_contact_sync(person, 0, None)
                book.refresh_sync(None)
                print('people', sorted(p.get_property('full-name') for p in book.get_contacts_sync('(contains "x-evolution-any-field" "")', None)[1]))
            except GLib.Error as error: print('failed', error.message)
            finally: loop.quit()

        calendar = add(EDataServer.SOURCE_EXTENSION_CALENDAR, 'caldav', f'/dav/calendars/{user}/calendar/')
        contacts = add(EDataServer.SOURCE_EXTENSION_ADDRESS_BOOK, 'carddav', f'/dav/addressbooks/{user}/contacts/')
        loop = GLib.MainLoop()
        threading.Thread(target=work).start()
        loop.run()
        """;

    [ClientFact("dbus-run-session", "/usr/libexec/evolution-source-registry", "/usr/lib/python3/dist-packages/gi/__init__.py")]
    public async Task Events_and_contacts_are_listed_created_changed_and_removed()
    {
        using var client = new DavClient(Server, User);
        (await client.PutAsync(client.Calendar + "here.ics", DavClient.Event("here"))).Is(201);
        (await client.PutAsync(client.Contacts + "a.vcf", DavClient.Card("a"))).Is(201);
        Directory.CreateDirectory(Path.Combine(Home, "run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var script = Configure("evolution.py", Script);
        string[] command = ["/usr/bin/python3", script, Server.Ports.Dav.ToString(CultureInfo.InvariantCulture), User, ServerProcess.Password, Path.Combine(Server.Folder, "acme", "self-signed.crt")];
        var run = await RunAsync("env", ["-u", "DBUS_SESSION_BUS_ADDRESS", "-u", "DISPLAY", $"XDG_RUNTIME_DIR={Home}/run", $"XDG_CONFIG_HOME={Home}/config", $"XDG_DATA_HOME={Home}/data", $"XDG_CACHE_HOME={Home}/cache", "dbus-run-session", "--", .. command]);
        string[] expected =
        [
            "shown ['Event here']",
            "made ['Event here', 'Made']",
            "changed ['Changed']",
            "people ['Eve Olution', 'Person a']",
        ];
        Assert.Equal(expected, run.Output.Split('\n').Where(line => line.Contains('[', StringComparison.Ordinal) || line.StartsWith("failed", StringComparison.Ordinal)).Where(line => !line.StartsWith("dbus-daemon", StringComparison.Ordinal)));

        (await client.GetAsync(client.Calendar + "here.ics")).Is(404);
        Assert.Contains("SUMMARY:Changed", (await client.GetAsync(client.Calendar)).Is(200).Body, StringComparison.Ordinal);
        Assert.Contains((await client.PropFindAsync(client.Contacts, 1, "D:getetag")).Hrefs, href => href.Contains("eve", StringComparison.Ordinal));
    }
}
