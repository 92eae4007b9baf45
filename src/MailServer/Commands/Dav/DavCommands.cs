using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Domain.Collections;
using MailServer.Domain.Formatting;
using MailServer.Hosting;
using MailServer.Protocol.Dav.Import;
using MailServer.Storage.SafeFiles;
using MailServer.Web.Admin;
using MailServer.Web.Autoconfig;

namespace MailServer.Commands.Dav;

/// <summary><c>dav list|export|import|share|unshare|link|unlink</c>, through the running server or, if none runs, directly on the files.</summary>
internal static class DavCommands
{
    private const int BatchOctets = 4 * 1024 * 1024;
    private const int BatchEntries = 1_000;

    // A file is read as a whole, because events refer to time zones anywhere in it.
    private const long LargestFile = 256L * 1024 * 1024;

    // With --json all of them are printed.
    private const int MostReasons = 10;

    private static readonly Argument<string> Account = new("ACCOUNT") { Description = "The user's address." };
    private static readonly Argument<string> Collection = new("COLLECTION") { Description = "The name of a calendar or address book, as shown by 'dav list'." };
    private static readonly Option<string> With = new("--with") { Description = "The address of the user to share with.", HelpName = "ADDRESS", Required = true };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "dav", "List, export, import and share calendars and address books.",
        List(factory), Export(factory), Import(factory), Share(factory), Unshare(factory), Link(factory), Unlink(factory));

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List a user's calendars and address books.", ["dav list ann@example.org", "dav list ann@example.org --json"], [Account, factory.Json], async (context, cancel) =>
        {
            using var store = await OpenAsync(context, cancel);
            var listing = new Listing("name", "kind", "title", "items", "octets", "shared_with", "shared_by", "links");
            foreach (var row in await store.ListAsync(context.Get(Account), cancel))
                listing.Add(row.Name, row.Kind, row.Title, row.Items, row.Octets, row.SharedWith, row.SharedBy, row.Links.Select(path => UrlOf(context, path)).ToArray());
            return context.Print(listing);
        });

    private static Command Export(CommandFactory factory)
    {
        var output = new Option<string?>("--output") { Description = "The file to write. Default: standard output.", HelpName = "FILE" };
        return factory.Action(
            "export", "Export a calendar as one .ics file, or an address book as one .vcf file.",
            ["dav export ann@example.org calendar --output calendar.ics", "dav export ann@example.org contacts > contacts.vcf"],
            [Account, Collection, output], async (context, cancel) =>
            {
                using var store = await OpenAsync(context, cancel);
                if (context.Get(output) is not { } path)
                {
                    await context.Shell.Terminal.WriteFileAsync(standard => store.ExportAsync(context.Get(Account), context.Get(Collection), standard, cancel), context.Shell.OpenOut);
                    return ExitCodes.Success;
                }

                path = RealPath.Of(path);
                if (BackupLayout.PlacesOf(context.Options, null).Owns(path)) throw new CommandFailure($"{path} is inside the server's data directory: export to another place");
                // An existing file is replaced only when the export is complete.
                var unfinished = path + ".part";
                await using (var file = PrivateFile.ReplaceStream(unfinished)) await store.ExportAsync(context.Get(Account), context.Get(Collection), file, cancel);
                File.Move(unfinished, path, overwrite: true);
                return ExitCodes.Success;
            });
    }

    private static Command Import(CommandFactory factory)
    {
        var files = new Argument<string[]>("FILE") { Description = "Files with events, tasks or contacts.", Arity = ArgumentArity.OneOrMore };
        return factory.Action(
            "import", "Import events or contacts from .ics or .vcf files. Entries with the same UID are replaced; entries without one get a UID from their content.",
            ["dav import ann@example.org calendar old.ics", "dav import ann@example.org contacts a.vcf b.vcf --json"],
            [Account, Collection, files, factory.Json], async (context, cancel) =>
            {
                using var store = await OpenAsync(context, cancel);
                var listing = new Listing("file", "found", "stored", "duplicates", "refused", "reasons");
                var failed = false;
                foreach (var file in context.Get(files))
                {
                    var done = await ImportAsync(context, store, file, cancel);
                    failed |= done.Refused.Count > 0;
                    listing.Add(file, done.Found, done.Stored, done.Duplicates, done.Refused.Count, done.Refused.Take(context.WantsJson ? done.Refused.Count : MostReasons).ToArray());
                }

                context.Print(listing);
                return failed ? ExitCodes.Failed : ExitCodes.Success;
            });
    }

    private static async Task<DavImportDocument> ImportAsync(CommandContext context, IDavStore store, string file, CancellationToken cancel)
    {
        var done = DavImportDocument.Nothing;
        var batch = new List<ImportEntry>();
        var octets = 0L;
        foreach (var entry in ImportFile.Read(ReadBounded(file)))
        {
            batch.Add(entry);
            octets += entry.Text.Length;
            if (octets >= BatchOctets || batch.Count == BatchEntries) await FlushAsync();
        }

        await FlushAsync();
        return done.Found > 0 ? done : throw new CommandFailure($"{file} contains no events, tasks or contacts");

        async Task FlushAsync()
        {
            if (batch.Count == 0) return;
            done = done.Add(await store.ImportAsync(context.Get(Account), context.Get(Collection), batch, cancel));
            batch.Clear();
            octets = 0;
            if (context.Shell.OutIsTerminal && !context.WantsJson) context.Shell.Terminal.WriteProgress(string.Create(CultureInfo.InvariantCulture, $"{file}: {done.Found} read, {done.Stored} stored"));
        }
    }

    private static byte[] ReadBounded(string file)
    {
        using var handle = SafeFileReader.OpenNamed(file);
        return RandomAccess.GetLength(handle) is var length && length > LargestFile
            ? throw new CommandFailure(string.Create(CultureInfo.InvariantCulture, $"{file} has {Quantity.Of(length, "octet")}; at most {LargestFile} can be imported at once: split it into several files"))
            : SafeFileReader.ReadAll(handle);
    }

    private static Command Share(CommandFactory factory)
    {
        var write = new Option<bool>("--read-write") { Description = "Allow the other user to make changes." };
        return factory.Action(
            "share", "Share a calendar or address book with another user, whose clients then show it.",
            ["dav share ann@example.org calendar --with ben@example.org --read-write"], [Account, Collection, With, write],
            (context, cancel) => SetAccessAsync(context, context.Get(write) ? CollectionAccess.ReadWrite : CollectionAccess.Read, cancel));
    }

    private static Command Unshare(CommandFactory factory) => factory.Action(
        "unshare", "Stop sharing a calendar or address book with another user.", ["dav unshare ann@example.org calendar --with ben@example.org"],
        [Account, Collection, With], (context, cancel) => SetAccessAsync(context, CollectionAccess.None, cancel));

    private static async Task<int> SetAccessAsync(CommandContext context, CollectionAccess access, CancellationToken cancel)
    {
        using var store = await OpenAsync(context, cancel);
        var (name, guest) = (context.Get(Collection), context.Get(With)!);
        var isChanged = await store.ShareAsync(context.Get(Account), name, guest, access, cancel);
        var rights = access == CollectionAccess.ReadWrite ? "read and change" : "read";
        context.WriteLine(access == CollectionAccess.None ? $"{name} is no longer shared with {guest}"
            : isChanged ? $"{guest} can {rights} {name}"
            : $"nothing changed: {guest} can {rights} {name} already");
        return ExitCodes.Success;
    }

    private static Command Link(CommandFactory factory) => factory.Action(
        "link", "Create and print a secret link with which anyone can read a calendar. 'dav list' shows it again, 'dav unlink' deletes it.",
        ["dav link ann@example.org calendar"], [Account, Collection], async (context, cancel) =>
        {
            using var store = await OpenAsync(context, cancel);
            context.WriteLine(UrlOf(context, await store.LinkAsync(context.Get(Account), context.Get(Collection), cancel)));
            return ExitCodes.Success;
        });

    private static Command Unlink(CommandFactory factory) => factory.Action(
        "unlink", "Delete all secret links of a calendar.", ["dav unlink ann@example.org calendar"], [Account, Collection], async (context, cancel) =>
        {
            using var store = await OpenAsync(context, cancel);
            await store.UnlinkAsync(context.Get(Account), context.Get(Collection), cancel);
            context.WriteLine($"deleted the secret links of {context.Get(Collection)}");
            return ExitCodes.Success;
        });

    private static string UrlOf(CommandContext context, string path) => ClientSettings.RootOf(context.Options.Server.Hostname, context.Options.Server.WebPort) + path;

    private static async Task<IDavStore> OpenAsync(CommandContext context, CancellationToken cancel)
    {
        var server = new SocketDavStore(context.Options.Storage.AdminSocketPath);
        if (await server.AnswersAsync(cancel)) return server;
        server.Dispose();
        return new LocalDavStore(context);
    }
}
