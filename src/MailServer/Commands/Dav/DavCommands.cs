using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Domain.Collections;
using MailServer.Hosting;
using MailServer.Protocol.Dav;
using MailServer.Storage.SafeFiles;

namespace MailServer.Commands.Dav;

/// <summary><c>dav list|export|import|share|unshare|link|unlink</c>: asked of the running server, else done on the disk.</summary>
internal static class DavCommands
{
    private const int BatchOctets = 4 * 1024 * 1024;

    // Without --json.
    private const int MostReasons = 10;

    private static readonly Argument<string> s_account = new("ACCOUNT") { Description = "The account's address." };
    private static readonly Argument<string> s_collection = new("COLLECTION") { Description = "A calendar or address book, as 'dav list' names it." };
    private static readonly Option<string> s_with = new("--with") { Description = "The other account's address.", HelpName = "ACCOUNT", Required = true };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "dav", "Calendars and address books.",
        List(factory), Export(factory), Import(factory), Share(factory), Unshare(factory), Link(factory), Unlink(factory));

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "Lists an account's calendars and address books.", ["dav list ann@example.org", "dav list ann@example.org --json"], [s_account, factory.Json], async (context, cancel) =>
        {
            using var store = await OpenAsync(context, cancel);
            var listing = new Listing("name", "kind", "title", "items", "octets", "shared_with", "shared_by", "links");
            foreach (var row in await store.ListAsync(context.Get(s_account), cancel))
                listing.Add(row.Name, row.Kind, row.Title, row.Items, row.Octets, row.SharedWith, row.SharedBy, row.Links.Select(path => UrlOf(context, path)).ToArray());
            return context.Print(listing);
        });

    private static Command Export(CommandFactory factory)
    {
        var output = new Option<string?>("--output") { Description = "Where to; standard output otherwise.", HelpName = "FILE" };
        return factory.Action(
            "export", "Writes a calendar as one .ics file, or an address book as one .vcf file.",
            ["dav export ann@example.org calendar --output calendar.ics", "dav export ann@example.org contacts > contacts.vcf"],
            [s_account, s_collection, output], async (context, cancel) =>
            {
                using var store = await OpenAsync(context, cancel);
                if (context.Get(output) is not { } path)
                {
                    await context.Shell.Terminal.SayFileAsync(standard => store.ExportAsync(context.Get(s_account), context.Get(s_collection), standard, cancel), context.Shell.OpenOut);
                    return ExitCodes.Done;
                }

                if (BackupLayout.PlacesOf(context.Options, null).Owns(path)) throw new CommandFailure($"{path} is where the server keeps its data: export to another place");
                // What was there stays until the whole is written.
                var unfinished = path + ".part";
                await using (var file = OwnFile.ReplaceStream(unfinished)) await store.ExportAsync(context.Get(s_account), context.Get(s_collection), file, cancel);
                File.Move(unfinished, path, overwrite: true);
                return ExitCodes.Done;
            });
    }

    private static Command Import(CommandFactory factory)
    {
        var files = new Argument<string[]>("FILE") { Description = "Files of any number of events, tasks or contacts.", Arity = ArgumentArity.OneOrMore };
        return factory.Action(
            "import", "Stores what .ics or .vcf files hold; what has the UID of something there takes its place.",
            ["dav import ann@example.org calendar old.ics", "dav import ann@example.org contacts a.vcf b.vcf --json"],
            [s_account, s_collection, files, factory.Json], async (context, cancel) =>
            {
                using var store = await OpenAsync(context, cancel);
                var listing = new Listing("file", "found", "stored", "refused", "reasons");
                var failed = false;
                foreach (var file in context.Get(files))
                {
                    var (stored, refused) = await ImportAsync(context, store, file, cancel);
                    failed |= refused.Count > 0;
                    listing.Add(file, stored + refused.Count, stored, refused.Count, refused.Take(context.WantsJson ? refused.Count : MostReasons).ToArray());
                }

                context.Print(listing);
                return failed ? ExitCodes.Failed : ExitCodes.Done;
            });
    }

    private static async Task<(int Stored, List<string> Refused)> ImportAsync(CommandContext context, IDavStore store, string file, CancellationToken cancel)
    {
        var text = ForeignFile.ReadAll(file);
        var space = LooksLikeCalendar(text) ? CollectionSpace.Calendars : CollectionSpace.AddressBooks;
        if (!ImportedObjects.TrySplit(space, text, out var objects, out var fault)) throw new CommandFailure($"{file}: {fault}");
        var refused = new List<string>();
        var (stored, sent) = (0, 0);
        using var batch = new MemoryStream();
        foreach (var part in objects)
        {
            batch.Write(part.Span);
            if (!part.Span.EndsWith("\n"u8)) batch.Write("\r\n"u8);
            sent++;
            if (batch.Length >= BatchOctets) await FlushAsync();
        }

        await FlushAsync();
        return (stored, refused);

        async Task FlushAsync()
        {
            if (batch.Length == 0) return;
            var done = await store.ImportAsync(context.Get(s_account), context.Get(s_collection), batch.ToArray(), cancel);
            batch.SetLength(0);
            stored += done.Stored;
            refused.AddRange(done.Refused);
            if (context.Shell.OutIsTerminal && !context.WantsJson) context.Shell.Terminal.SayProgress(string.Create(CultureInfo.InvariantCulture, $"{file}: {sent} sent, {stored} stored"));
        }
    }

    private static bool LooksLikeCalendar(ReadOnlySpan<byte> text)
    {
        var start = text.TrimStart("\uFEFF \r\n\t"u8);
        return start.Length < 15 || !start[..11].SequenceEqual("BEGIN:VCARD"u8);
    }

    private static Command Share(CommandFactory factory)
    {
        var write = new Option<bool>("--read-write") { Description = "The other account may change it, too." };
        return factory.Action(
            "share", "Shares a calendar or address book with another account, in whose programs it appears.",
            ["dav share ann@example.org calendar --with ben@example.org --read-write"], [s_account, s_collection, s_with, write],
            (context, cancel) => SetAccessAsync(context, context.Get(write) ? CollectionAccess.ReadWrite : CollectionAccess.Read, cancel));
    }

    private static Command Unshare(CommandFactory factory) => factory.Action(
        "unshare", "Takes a shared calendar or address book back from another account.", ["dav unshare ann@example.org calendar --with ben@example.org"],
        [s_account, s_collection, s_with], (context, cancel) => SetAccessAsync(context, CollectionAccess.None, cancel));

    private static async Task<int> SetAccessAsync(CommandContext context, CollectionAccess access, CancellationToken cancel)
    {
        using var store = await OpenAsync(context, cancel);
        await store.ShareAsync(context.Get(s_account), context.Get(s_collection), context.Get(s_with)!, access, cancel);
        return ExitCodes.Done;
    }

    private static Command Link(CommandFactory factory) => factory.Action(
        "link", "Makes a secret link by which anyone may read a calendar, and prints it. 'dav list' shows it again, 'dav unlink' revokes it.",
        ["dav link ann@example.org calendar"], [s_account, s_collection], async (context, cancel) =>
        {
            using var store = await OpenAsync(context, cancel);
            context.Say(UrlOf(context, await store.LinkAsync(context.Get(s_account), context.Get(s_collection), cancel)));
            return ExitCodes.Done;
        });

    private static Command Unlink(CommandFactory factory) => factory.Action(
        "unlink", "Revokes all secret links of a calendar.", ["dav unlink ann@example.org calendar"], [s_account, s_collection], async (context, cancel) =>
        {
            using var store = await OpenAsync(context, cancel);
            await store.UnlinkAsync(context.Get(s_account), context.Get(s_collection), cancel);
            return ExitCodes.Done;
        });

    private static string UrlOf(CommandContext context, string path) =>
        string.Create(CultureInfo.InvariantCulture, $"https://{context.Options.Server.Hostname}:{context.Options.Server.DavPort}{path}");

    private static async Task<IDavStore> OpenAsync(CommandContext context, CancellationToken cancel)
    {
        var server = new SocketDavStore(context.Options.Storage.AdminSocketPath);
        if (await server.AnswersAsync(cancel)) return server;
        server.Dispose();
        return new LocalDavStore(context);
    }
}
